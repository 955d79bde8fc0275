import { html, safeHref, type Html } from '../../page.html.js';
import { formatMoney } from '../stripe.money.js';
import type { SessionRecord } from '../stripe.types.js';

/** What is being paid for, and the way back without paying. */
export function orderSummary(record: SessionRecord): Html {
  const { session, lines } = record;
  const currency = session.currency ?? 'usd';
  const rows = lines.map(
    (line) =>
      html`<li>
        <span
          ><bdi>${line.description}</bdi
          >${line.quantity === 1 ? '' : html`<small>Quantity ${line.quantity}</small>`}</span
        ><span class="money">${formatMoney(line.amount_total, currency)}</span>
      </li>`,
  );
  return html`<section aria-label="Your order">
    ${
      session.cancel_url &&
      html`<a class="back" id="abandon" href="${safeHref(session.cancel_url)}"
        >&larr; Leave without paying</a
      >`
    }
    <h1>To pay</h1>
    <p class="total">${formatMoney(session.amount_total ?? 0, currency)}</p>
    <ul class="lines">
      ${rows}
    </ul>
  </section>`;
}

/** Where the customer goes after paying, with the session's id filled in. */
export function returnUrl(record: SessionRecord): string | null {
  const { session } = record;
  const address = session.success_url ?? session.return_url ?? null;
  return address === null ? null : address.replaceAll('{CHECKOUT_SESSION_ID}', session.id);
}
