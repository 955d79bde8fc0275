/**
 * The stand-in of Conekta's component script: `window.ConektaCheckoutComponents`. Each component is a
 * frame from the origin of this script; what the frame tells by postMessage becomes the shop's callbacks.
 */
(() => {
  const script = document.currentScript ?? document.querySelector('script[src*="conekta-checkout"]');
  const origin = new URL(script.src, location.href).origin;

  /** Today's form has config, options and callbacks; the older one has everything side by side. */
  function read(given = {}) {
    const { config = given, callbacks = given } = given;
    const options = { ...given.options, ...config.options };
    const language = options.language ?? options.languaje; // The older form's own spelling.
    return { config, options, callbacks, locale: config.locale ?? given.locale ?? language ?? 'es' };
  }

  function findTarget(target) {
    if (target instanceof Element) return target;
    const name = String(target ?? '');
    return document.getElementById(name.replace(/^#/, '')) ?? (name && document.querySelector(name));
  }

  function show(path, { config, options, locale }, hear, more = {}) {
    const target = findTarget(config.targetIFrame);
    if (!target) throw new Error(`targetIFrame: nothing on this page matches ${config.targetIFrame}`);
    const address = new URL(path, origin);
    address.searchParams.set('public_key', config.publicKey ?? '');
    address.searchParams.set('locale', locale);
    address.searchParams.set('parent', location.origin);
    address.searchParams.set('look', JSON.stringify(options));
    for (const [name, value] of Object.entries(more)) if (value) address.searchParams.set(name, value);

    const frame = document.createElement('iframe');
    frame.src = address.href;
    frame.title = locale.startsWith('en') ? 'Payment' : 'Pago';
    frame.style.cssText = 'border: 0; display: block; width: 100%; height: 30rem;';
    listen(frame, hear);
    target.replaceChildren(frame);
    return frame;
  }

  function listen(frame, hear) {
    const onMessage = ({ origin: from, source, data }) => {
      if (from !== origin || source !== frame.contentWindow || data?.sender !== 'conekta-component') return;
      if (data.kind === 'height') frame.style.height = `${data.height}px`;
      else hear[data.kind]?.(data.detail);
    };
    window.addEventListener('message', onMessage);
  }

  /** The shop hears once that the component can be used, however many forms follow. */
  function readiness(callbacks) {
    const startedAt = performance.now();
    let isReady = false;
    return () => {
      if (isReady) return;
      isReady = true;
      callbacks.onGetInfoSuccess?.({ initLoadTime: Math.round(performance.now() - startedAt) });
    };
  }

  function Integration(given) {
    const parts = read(given);
    const id = encodeURIComponent(parts.config.checkoutRequestId ?? '');
    show(`/component/checkouts/${id}`, parts, {
      ready: readiness(parts.callbacks),
      done: (order) => parts.callbacks.onFinalizePayment?.(order),
      failed: (error) => parts.callbacks.onErrorPayment?.(error),
    });
  }

  /** With `checkoutRequestId` the token that was made before gets the card; without it a new one is made. */
  function Card(given) {
    const parts = read(given);
    const { config, callbacks } = parts;
    const hear = {
      ready: readiness(callbacks),
      done: (token) => callbacks.onCreateTokenSucceeded?.(token),
      failed: (error) => callbacks.onCreateTokenError?.(error),
    };
    const external = config.useExternalSubmit ? 'external' : '';
    const frame = show('/component/card', parts, hear, {
      checkout: config.checkoutRequestId,
      submit: external,
    });
    if (!external) return;
    const submit = () => frame.contentWindow.postMessage({ sender: 'conekta-shop', kind: 'submit' }, origin);
    callbacks.onUpdateSubmitTrigger?.(submit);
  }

  window.ConektaCheckoutComponents = { Integration, Card };
})();
