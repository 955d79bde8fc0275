/** The voucher's page: it prints, and leaves when there is news. */
(() => {
  const ASK_EVERY_MS = 15_000;

  const print = document.getElementById('print');
  print.addEventListener('click', () => window.print());
  print.hidden = false;

  // The page's address leads elsewhere as soon as nothing is left to pay. Until then the page stays as it is,
  // under the eyes and hands of its reader.
  async function ask() {
    if (document.hidden) return;
    const answer = await fetch(location.href, { redirect: 'manual', cache: 'no-store' }).catch(() => null);
    if (answer?.type === 'opaqueredirect') location.reload();
  }
  setInterval(ask, ASK_EVERY_MS);
  document.addEventListener('visibilitychange', ask);
})();
