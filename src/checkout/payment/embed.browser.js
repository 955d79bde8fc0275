/**
 * `window.checkoutPage`: what the provider's driver finds of our page, and how it tells what happens. Nothing
 * that it tells is a proof of payment: whoever has finished is sent to the page that asks our own records.
 */
(() => {
  const PATIENCE_MS = 15_000;
  /** A frame that has loaded and lives says so sooner. A browser's own error page in it loads too, and says nothing. */
  const PATIENCE_AFTER_LOAD_MS = 5_000;
  const find = (id) => document.getElementById(id);
  const { config, returnTo, texts } = JSON.parse(find('checkout-config').textContent);
  const loading = find('loading');
  const problem = find('problem');
  const retry = find('retry');
  const form = find('form');
  const checkout = find('checkout');
  let isReady = false;

  function say(message) {
    problem.textContent = message;
    if (message !== '') problem.scrollIntoView({ block: 'nearest' });
  }

  /** @param look `waiting`: room is kept for the frame, and what is awaited is said in it; `missing`: there is no frame. */
  function settle(look = '', wait = '') {
    form.className = look;
    loading.textContent = wait;
    loading.hidden = wait === '';
  }

  /** Nothing was tried yet, whoever reports it. A frame that comes later takes the place of the message. */
  function missing(look, message) {
    if (isReady) return;
    clearTimeout(patience);
    settle(look);
    retry.hidden = false;
    if (problem.textContent !== message) say(message);
  }
  const notLoaded = () => missing('missing', texts.notLoaded);

  window.checkoutPage = {
    config,
    target: 'checkout',
    /** For a page that has something of its own to do after the form: what the customer waits for. */
    busy(message) {
      isReady = true;
      clearTimeout(patience);
      say('');
      retry.hidden = true;
      settle('waiting', message);
    },
    ready() {
      if (isReady) return;
      isReady = true;
      clearTimeout(patience);
      settle();
      retry.hidden = true;
      say('');
    },
    finished() {
      clearTimeout(patience);
      location.assign(returnTo);
    },
    /** What is wrong, in words of ours. */
    tell(message) {
      isReady = true;
      clearTimeout(patience);
      settle();
      retry.hidden = true;
      say(message);
      problem.focus({ preventScroll: true });
    },
    /** @param reason a name among our texts' problems: what a provider writes may be in another language than the page. */
    failed(reason) {
      const known = texts.problems[reason];
      if (isReady || known !== undefined) this.tell(known ?? texts.failed);
      else notLoaded();
    },
  };

  settle('waiting', texts.loading);
  let patience = setTimeout(notLoaded, PATIENCE_MS);
  // While capturing, a frame that loads is heard of, and a script that does not, beside one that throws.
  checkout.addEventListener('load', onFrame, true);
  function onFrame() {
    if (isReady) return;
    clearTimeout(patience);
    settle();
    patience = setTimeout(() => missing('', texts.notSeen), PATIENCE_AFTER_LOAD_MS);
  }
  const onError = ({ target }) => (target === window || target instanceof HTMLScriptElement) && notLoaded();
  window.addEventListener('error', onError, true);
  document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) => {
    if (['frame-src', 'script-src-elem'].includes(effectiveDirective)) notLoaded();
  });
  // The focus goes from the message to the form when the customer tries again: then it is about the past.
  window.addEventListener('blur', () => {
    if (isReady && document.activeElement instanceof HTMLIFrameElement) say('');
  });
  // Somebody who steps back to this page may have paid meanwhile.
  window.addEventListener('pageshow', ({ persisted }) => persisted && location.reload());
})();
