import { Html } from './page.html.js';

/** The look of every sandbox page. Inline, because the pages load nothing. */
export const STYLE = new Html(`
:root { --ink: #17203a; --soft: #59617a; --line: #d9deea; --paper: #fff; --ground: #f3f5fa;
  --accent: #2746d8; --accent-ink: #fff; --good: #0a7a4b; --bad: #b3202a; --warn: #fff3cd; }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
.banner { background: var(--warn); border-bottom: 1px solid #e8d48a; color: #5c4700;
  font-size: .875rem; padding: .5rem 1rem; text-align: center; }
main { display: grid; gap: 1.5rem; margin: 0 auto; max-width: 60rem; padding: 1.5rem 1rem 3rem; }
main.narrow { max-width: 32rem; }
@media (min-width: 52rem) { main.two { grid-template-columns: 5fr 6fr; gap: 3rem; padding-top: 3rem; } }
h1 { font-size: 1.125rem; font-weight: 600; margin: 0 0 .25rem; }
h2 { font-size: 1.0625rem; margin: 0 0 1rem; }
.card h1 { font-size: 1.25rem; line-height: 1.3; margin-bottom: .75rem; }
p { margin: 0 0 1rem; }
.total { font-size: 2.25rem; font-weight: 650; letter-spacing: -.02em; line-height: 1.2; margin: 0 0 1.5rem; }
.lines { border-top: 1px solid var(--line); list-style: none; margin: 0; padding: 0; }
.lines li { border-bottom: 1px solid var(--line); display: flex; gap: 1rem; justify-content: space-between;
  padding: .75rem 0; overflow-wrap: anywhere; }
.lines small, .hint { color: var(--soft); font-size: .875rem; }
.lines small { display: block; }
.money { font-variant-numeric: tabular-nums; white-space: nowrap; }
.card { background: var(--paper); border: 1px solid var(--line); border-radius: 12px; padding: 1.5rem;
  box-shadow: 0 1px 2px rgb(23 32 58 / 6%), 0 8px 24px rgb(23 32 58 / 6%); }
fieldset { border: 0; margin: 0; min-width: 0; padding: 0; }
legend { font-size: 1.0625rem; font-weight: 650; margin-bottom: .75rem; padding: 0; }
.method { border: 1px solid var(--line); border-bottom-width: 0; }
.method:first-of-type { border-radius: 10px 10px 0 0; }
.method:last-of-type { border-bottom-width: 1px; border-radius: 0 0 10px 10px; }
.method:only-of-type { border-radius: 10px; }
.method > input { accent-color: var(--accent); height: 1.1rem; margin: 0 0 0 1rem; vertical-align: middle; width: 1.1rem; }
.method > label { cursor: pointer; display: inline-block; font-weight: 550; padding: .9rem .5rem;
  width: calc(100% - 2.5rem); vertical-align: middle; }
.method form { display: none; padding: .25rem 1rem 1.25rem; }
.method:has(> input:checked) form { display: grid; gap: .9rem; }
.field { display: grid; gap: .25rem; }
.field label { font-size: .875rem; font-weight: 550; }
.pair { display: grid; gap: .9rem; grid-template-columns: 1fr 1fr; }
.field input, .field select { background: var(--paper); border: 1px solid #b9c1d4; border-radius: 8px; color: inherit;
  font: inherit; min-width: 0; padding: .6rem .75rem; width: 100%; }
:focus-visible { outline: 3px solid #8fa3ff; outline-offset: 1px; }
button, .button { background: var(--accent); border: 1px solid var(--accent); border-radius: 8px;
  color: var(--accent-ink); cursor: pointer; display: block; font: inherit; font-weight: 600; padding: .7rem 1rem;
  text-align: center; text-decoration: none; width: 100%; }
button:hover, .button:hover { filter: brightness(1.08); }
.quiet { background: transparent; border-color: var(--line); color: var(--ink); }
.stack { display: grid; gap: .75rem; }
.problem { background: #fdecee; border: 1px solid #f3b9bf; border-radius: 8px; color: var(--bad); margin: 0 0 1rem;
  padding: .7rem .9rem; }
.note { background: #eef2ff; border-radius: 8px; font-size: .875rem; padding: .7rem .9rem; }
.note code { white-space: nowrap; }
.note ul { margin: .25rem 0 0; padding-left: 1.1rem; }
.mark { align-items: center; border-radius: 50%; color: #fff; display: inline-flex; font-size: 1.5rem; height: 3rem;
  justify-content: center; margin-bottom: .75rem; width: 3rem; }
.mark.good { background: var(--good); } .mark.wait { background: #b7791f; } .mark.bad { background: var(--bad); }
dl { display: grid; gap: .5rem 1rem; grid-template-columns: max-content 1fr; margin: 0 0 1.25rem; }
dt { color: var(--soft); } dd { font-weight: 550; margin: 0; overflow-wrap: anywhere; text-align: right; }
.reference { background: var(--ground); border: 1px dashed #b9c1d4; border-radius: 10px;
  font: 650 1.125rem/1.6 ui-monospace, "SF Mono", Menlo, Consolas, monospace; letter-spacing: .06em;
  margin: 0 0 1.25rem; overflow-wrap: anywhere; padding: .9rem; text-align: center; }
.bars { display: block; height: 64px; margin: 0 auto 1rem; max-width: 100%; width: 100%; }
.label { margin: 0 0 .25rem; }
@media (max-width: 30rem) { .card { padding: 1.1rem; } .method form { padding-left: .8rem; padding-right: .8rem; } }
.foot { color: var(--soft); font-size: .8125rem; margin: 1rem 0 0; text-align: center; }
.back { color: var(--soft); display: inline-block; font-size: .9375rem; margin-bottom: 1.25rem; }
`);
