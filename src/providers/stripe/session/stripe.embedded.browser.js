/**
 * Shows Stripe's embedded checkout inside a page of ours. After a payment Stripe takes the window to the session's
 * return_url, and nobody calls `finished`; a session that stays on the page (`tellsTheEnd`) says when it is done.
 */
(() => {
  const { config, target, ready, finished, failed } = window.checkoutPage;
  const host = document.getElementById(target);

  /** Stripe.js does not say when its frame is there; the frame's first message does. */
  function hear({ source }) {
    if (![...host.querySelectorAll('iframe')].some(({ contentWindow }) => contentWindow === source)) return;
    window.removeEventListener('message', hear);
    ready();
  }

  async function show() {
    if (typeof window.Stripe !== 'function') throw new Error('Stripe.js did not load');
    const stripe = window.Stripe(config.publishableKey, { locale: config.locale });
    // Releases with the new name throw at the old one.
    const create = stripe.createEmbeddedCheckoutPage ?? stripe.initEmbeddedCheckout;
    const checkout = await create.call(stripe, {
      fetchClientSecret: async () => config.clientSecret,
      ...(config.tellsTheEnd && { onComplete: () => finished() }),
    });
    window.addEventListener('message', hear);
    checkout.mount(host);
  }

  show().catch((error) => {
    // What Stripe.js throws is English, and for developers.
    window.console?.error(error);
    failed();
  });
})();
