/** Tells times in the reader's own zone, and names it. Without it they stand as they were written, in UTC. */
(() => {
  const { lang } = document.documentElement;
  const format = new Intl.DateTimeFormat(
    navigator.languages.find((tag) => tag.split('-')[0] === lang) ?? lang,
    {
      day: 'numeric',
      month: 'long',
      year: 'numeric',
      hour: 'numeric',
      minute: '2-digit',
      timeZoneName: 'short',
    },
  );
  for (const time of document.querySelectorAll('time')) {
    time.textContent = format.format(new Date(time.dateTime));
  }
})();
