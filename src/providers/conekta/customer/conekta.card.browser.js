/**
 * Shows Conekta's form for a card inside a page of ours, which has loaded Conekta's script before and says in
 * `window.checkoutPage` what to show, where, and whom to tell. A classic script: the page's policy knows its hash.
 */
(() => {
  const page = window.checkoutPage;
  const { checkoutId, publicKey, locale, look } = page.config;

  /** What Conekta has to say to the customer, if anything: errors come as text, or as objects of two shapes. */
  function textOf(error) {
    const text = typeof error === 'string' ? error : (error?.message ?? error?.details?.[0]?.message);
    return typeof text === 'string' ? text.slice(0, 300) : undefined;
  }

  if (!window.ConektaCheckoutComponents) {
    page.failed();
    return;
  }
  window.ConektaCheckoutComponents.Card({
    config: { targetIFrame: `#${page.target}`, publicKey, locale, checkoutRequestId: checkoutId },
    callbacks: {
      onGetInfoSuccess: () => page.ready(),
      onCreateTokenSucceeded: (token) => page.finished(token?.id),
      onCreateTokenError: (error) => page.failed(textOf(error)),
    },
    options: JSON.parse(look),
    allowTokenization: true,
  });
})();
