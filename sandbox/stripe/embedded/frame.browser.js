/**
 * Runs in the pages of an embedded session. Tells the page around them how high they are, and that the customer
 * is done; only the origin that opened the session may read it.
 */
(() => {
  const { reader, complete, returnUrl } = document.currentScript.dataset;
  if (window.parent === window || !reader) return;

  const tell = (news) => window.parent.postMessage({ sender: 'stripe-stand-in', ...news }, reader);
  const root = document.documentElement;
  const tellHeight = () => tell({ kind: 'height', height: Math.ceil(root.getBoundingClientRect().height) });

  new ResizeObserver(tellHeight).observe(root);
  tellHeight();
  if (complete) tell({ kind: 'complete', returnUrl });
})();
