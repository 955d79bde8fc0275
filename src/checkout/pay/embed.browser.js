/**
 * `window.checkoutPage`: what the provider's driver finds of our page, and how it tells what happens. Nothing
 * that it tells is a proof of payment: whoever has finished is sent to the page that asks our own records.
 */
(() => {
  const PATIENCE_MS = 15_000;
  const find = (id) => document.getElementById(id);
  const { config, returnTo, texts } = JSON.parse(find('checkout-config').textContent);
  const loading = find('loading');
  const problem = find('problem');
  const retry = find('retry');
  let isReady = false;

  function say(message) {
    problem.textContent = message;
    if (message !== '') problem.scrollIntoView({ block: 'nearest' });
  }

  function settle() {
    clearTimeout(patience);
    loading.hidden = true;
  }

  function notLoaded() {
    if (isReady) return;
    settle();
    retry.hidden = false;
    say(texts.notLoaded);
  }

  window.checkoutPage = {
    config,
    target: 'checkout',
    /** For a page that has something of its own to do after the form: what the customer waits for. */
    busy(message) {
      settle();
      say('');
      retry.hidden = true;
      loading.textContent = message;
      loading.hidden = false;
    },
    ready() {
      isReady = true;
      settle();
      retry.hidden = true;
      say('');
    },
    finished() {
      clearTimeout(patience);
      location.assign(returnTo);
    },
    failed(message) {
      settle();
      retry.hidden = isReady;
      say(typeof message === 'string' && message.trim() !== '' ? message : texts.failed);
      if (isReady) problem.focus({ preventScroll: true });
    },
  };

  loading.hidden = false;
  const patience = setTimeout(notLoaded, PATIENCE_MS);
  // While capturing, a script that does not load is heard of too, beside one that throws.
  const onError = ({ target }) => (target === window || target instanceof HTMLScriptElement) && notLoaded();
  window.addEventListener('error', onError, true);
  // The focus goes from the message to the form when the customer tries again: then it is about the past.
  window.addEventListener('blur', () => {
    if (isReady && document.activeElement instanceof HTMLIFrameElement) say('');
  });
  // Somebody who steps back to this page may have paid meanwhile.
  window.addEventListener('pageshow', ({ persisted }) => persisted && location.reload());
})();
