/**
 * Shows Conekta's component, or its form for a card, inside a page of ours, which has loaded Conekta's script before
 * and says in `window.checkoutPage` what to show, where, and whom to tell. A classic script: the page's policy knows
 * its hash.
 */
(() => {
  const page = window.checkoutPage;
  const { checkoutId, publicKey, locale, look } = page.config;

  /**
   * By the code of Conekta's error, what our page can say of it; the first that fits. Conekta's own text comes in its
   * API's language or the browser's, whatever the page was asked for in.
   */
  const REASONS = [
    ['insufficient_funds', /insufficient_funds/],
    ['expired_card', /expired_card|card_expired|card\.expired/],
    ['card_blocked', /card_blocked|stolen|lost_card/],
    ['not_authenticated', /three_ds|3ds|authentication_failed/],
    ['no_installments', /msi|installments/],
    ['invalid_card', /invalid_number|invalid_cvc|invalid_expiry|parameter_validation\.card/],
    ['card_declined', /declined|rejected|fraud|processing\.bank/],
  ];

  /** Errors come as text, as their own body, or as one detail of it. */
  function reasonOf(error) {
    const code = String(error?.details?.[0]?.code ?? error?.code ?? '');
    return REASONS.find(([, pattern]) => pattern.test(code))?.[0];
  }

  const Components = window.ConektaCheckoutComponents;
  if (!Components) {
    page.failed();
    return;
  }
  const config = { targetIFrame: `#${page.target}`, publicKey, locale, checkoutRequestId: checkoutId };
  const onGetInfoSuccess = () => page.ready();
  if (look === undefined) {
    Components.Integration({
      config,
      callbacks: {
        onGetInfoSuccess,
        onFinalizePayment: () => page.finished(),
        onErrorPayment: (error) => page.failed(reasonOf(error)),
      },
    });
    return;
  }
  Components.Card({
    config,
    callbacks: {
      onGetInfoSuccess,
      onCreateTokenSucceeded: (token) => page.finished(token?.id),
      onCreateTokenError: (error) => page.failed(reasonOf(error)),
    },
    options: JSON.parse(look),
    allowTokenization: true,
  });
})();
