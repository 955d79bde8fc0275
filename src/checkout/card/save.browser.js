/**
 * What the page that saves a card adds to `window.checkoutPage`: what the provider's form made is given to our
 * service, which alone knows whether the card is saved; then the shop's own window is told, if there is one.
 */
(() => {
  const page = window.checkoutPage;
  const { setupId, saveAt, shop, texts } = JSON.parse(document.getElementById('checkout-config').textContent);
  const retry = document.getElementById('retry');
  const shopWindow = window.parent === window ? window.opener : window.parent;
  let unsaved;

  /** True for an answer after which the very same may succeed. */
  function passes(status, { code } = {}) {
    return [429, 500, 503].includes(status) || code === 'operation_in_doubt';
  }

  async function send(body) {
    const headers = { accept: 'application/json', 'content-type': 'application/json' };
    const answer = await fetch(saveAt, { method: 'POST', headers, body: JSON.stringify(body) });
    return { status: answer.status, told: await answer.json() };
  }

  /** The form has done its part, so the customer tries again without it. */
  function notYet(body) {
    page.tell(texts.notYet);
    unsaved = body;
    retry.hidden = false;
  }

  function refuse({ code }) {
    page.tell(texts[code] ?? texts.failed);
    // Loaded again, the page says what became of the form.
    retry.hidden = code !== 'transition_refused';
  }

  function goOn({ token, continueTo }) {
    const isHeard = shop !== undefined && shopWindow !== null;
    if (isHeard) shopWindow.postMessage({ type: 'card-saved', setupId, ...(token && { token }) }, shop);
    // A token that nobody was told is of no use to a customer: it is for the shop.
    if (token && continueTo && !isHeard) location.assign(continueTo);
    else location.reload();
  }

  async function save(body) {
    unsaved = undefined;
    page.busy(texts.saving);
    const { status, told } = await send(body).catch(() => ({ status: 503 }));
    if (status === 200) goOn(told);
    else if (passes(status, told)) notYet(body);
    else refuse(told);
  }

  page.finished = (token) => save(token === undefined ? {} : { token });
  retry.addEventListener('click', (event) => {
    if (unsaved === undefined) return;
    event.preventDefault();
    save(unsaved);
  });
})();
