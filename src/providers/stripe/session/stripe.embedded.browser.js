/**
 * Shows Stripe's embedded checkout inside a page of ours. When a payment is done, Stripe itself takes the whole
 * window to the session's return_url, so that `finished` has nobody to call it; of a session that leaves the page
 * only if it must (`tellsTheEnd`), Stripe says when it is done.
 */
(() => {
  const { config, target, ready, finished, failed } = window.checkoutPage;

  async function show() {
    if (typeof window.Stripe !== 'function') throw new Error('Stripe.js did not load');
    const stripe = window.Stripe(config.publishableKey, { locale: config.locale });
    // Releases that know the new name throw at the old one.
    const create = stripe.createEmbeddedCheckoutPage ?? stripe.initEmbeddedCheckout;
    const checkout = await create.call(stripe, {
      fetchClientSecret: async () => config.clientSecret,
      ...(config.tellsTheEnd && { onComplete: () => finished() }),
    });
    checkout.mount(document.getElementById(target));
    ready();
  }

  show().catch((error) => failed(error instanceof Error ? error.message : String(error)));
})();
