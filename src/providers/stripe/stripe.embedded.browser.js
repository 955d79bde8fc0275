/**
 * Shows Stripe's embedded checkout inside a page of ours. When the customer is done, Stripe itself takes the
 * whole window to the session's return_url, so that `finished` has nobody to call it.
 */
(() => {
  const { config, target, ready, failed } = window.checkoutPage;

  async function show() {
    if (typeof window.Stripe !== 'function') throw new Error('Stripe.js did not load');
    const stripe = window.Stripe(config.publishableKey, { locale: config.locale });
    // Releases that know the new name throw at the old one.
    const create = stripe.createEmbeddedCheckoutPage ?? stripe.initEmbeddedCheckout;
    const checkout = await create.call(stripe, { fetchClientSecret: async () => config.clientSecret });
    checkout.mount(document.getElementById(target));
    ready();
  }

  show().catch((error) => failed(error instanceof Error ? error.message : String(error)));
})();
