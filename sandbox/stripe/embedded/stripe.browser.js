/**
 * The stand-in of Stripe.js, as far as embedded Checkout goes: `window.Stripe(publishableKey)`. The payment page
 * is a frame from the origin of this script, and tells by postMessage how high it is and when it is done.
 */
(() => {
  const { origin } = new URL(document.currentScript.src);

  class IntegrationError extends Error {
    name = 'IntegrationError';
  }

  function hear(frame, onComplete) {
    const onMessage = ({ origin: from, source, data }) => {
      if (from !== origin || source !== frame.contentWindow || data?.sender !== 'stripe-stand-in') return;
      if (data.kind === 'height') frame.style.height = `${data.height}px`;
      if (data.kind !== 'complete') return;
      if (data.returnUrl) window.location.assign(data.returnUrl);
      else onComplete?.();
    };
    window.addEventListener('message', onMessage);
    return () => window.removeEventListener('message', onMessage);
  }

  function newFrame(publishableKey, secret) {
    const address = new URL(`/c/embed/${encodeURIComponent(secret.split('_secret_')[0])}`, origin);
    address.searchParams.set('secret', secret);
    address.searchParams.set('key', publishableKey);
    address.searchParams.set('parent', window.location.origin);
    const frame = document.createElement('iframe');
    frame.src = address.href;
    frame.title = 'Secure payment (sandbox)';
    frame.allow = 'payment';
    // By properties: the page that this runs in need not allow style attributes.
    Object.assign(frame.style, { border: '0', display: 'block', width: '100%', height: '40rem' });
    return frame;
  }

  async function embed(publishableKey, { fetchClientSecret, clientSecret, onComplete } = {}) {
    const secret = fetchClientSecret ? await fetchClientSecret() : clientSecret;
    if (typeof secret !== 'string' || !secret.includes('_secret_')) {
      throw new IntegrationError('fetchClientSecret did not give the client secret of a Checkout Session.');
    }
    const frame = newFrame(publishableKey, secret);
    const stop = hear(frame, onComplete);
    const unmount = () => frame.remove();
    return {
      mount(where) {
        const target = typeof where === 'string' ? document.querySelector(where) : where;
        if (!target) throw new IntegrationError(`The page has no element ${where} to mount to.`);
        target.replaceChildren(frame);
      },
      unmount,
      destroy() {
        stop();
        unmount();
      },
    };
  }

  window.Stripe = (publishableKey) => {
    if (!String(publishableKey).startsWith('pk_test_')) {
      throw new IntegrationError('The sandbox takes test keys for browsers only: pk_test_….');
    }
    const create = (options) => embed(publishableKey, options);
    return { createEmbeddedCheckoutPage: create, initEmbeddedCheckout: create };
  };
})();
