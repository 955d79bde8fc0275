import { Html } from '../../page.html.js';

/** What these pages need beyond the look of every sandbox page. */
export const PAYMENT_STYLE = new Html(`
h2, .card h1 { font-size: 1.125rem; margin: 0 0 .9rem; }
h3, .or h2 { font-size: 1rem; font-weight: 600; margin: 0 0 .75rem; }
.way { display: block; font-weight: 400; text-align: left; }
.way strong { display: block; font-weight: 600; }
.way .hint { display: block; }
.or { border-top: 1px solid var(--line); margin-top: 1.25rem; padding-top: 1.25rem; }
.wrong { color: var(--bad); font-size: .875rem; margin: 0; }
.field input[aria-invalid] { border-color: var(--bad); }
.field input, .field select { background: var(--paper); color: var(--ink); }
.barcode { background: #fff; border-radius: 6px; display: block; height: 5.5rem; margin: 0 auto 1rem;
  max-width: 100%; object-fit: contain; padding: .5rem; width: 24rem; }
.framed { background: var(--paper); }
.framed .banner { padding: .35rem .75rem; }
.framed main { max-width: 36rem; padding: 1.1rem 1rem 1.4rem; }
.framed .note { background: none; border: 1px solid var(--line); }
.framed .card { background: none; border: 0; border-radius: 0; box-shadow: none; padding: 0; }
@media (max-width: 17rem) { .pair { grid-template-columns: 1fr; } }
`);
