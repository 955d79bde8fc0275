/**
 * Shows Stripe's embedded checkout inside a page of ours. When a payment is done, Stripe itself takes the whole
 * window to the session's return_url, so that `finished` has nobody to call it; of a session that leaves the page
 * only if it must (`tellsTheEnd`), Stripe says when it is done.
 */
(() => {
  const { config, target, ready, finished, failed } = window.checkoutPage;
  const host = document.getElementById(target);

  /** Stripe.js tells nobody when its frame is there; the frame itself does, by whatever it says first. */
  function hear({ source }) {
    if (![...host.querySelectorAll('iframe')].some(({ contentWindow }) => contentWindow === source)) return;
    window.removeEventListener('message', hear);
    ready();
  }

  async function show() {
    if (typeof window.Stripe !== 'function') throw new Error('Stripe.js did not load');
    const stripe = window.Stripe(config.publishableKey, { locale: config.locale });
    // Releases that know the new name throw at the old one.
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
