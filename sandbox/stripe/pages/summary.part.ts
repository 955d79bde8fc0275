import { html, safeHref, type Html } from '../../page.html.js';
import { formatMoney } from '../stripe.money.js';
import type { SessionRecord } from '../stripe.types.js';

/** What is being paid for, and the way back without paying. */
export function orderSummary(record: SessionRecord): Html {
  const { session, lines, coupon } = record;
  const discount = session.total_details?.amount_discount ?? 0;
  const currency = session.currency ?? 'usd';
  const rows = lines.map(
    (line) =>
      html`<li>
        <span
          ><bdi>${line.description}</bdi
          >${line.quantity === 1 ? '' : html`<small>Quantity ${line.quantity}</small>`}</span
        ><span class="money">${formatMoney(line.amount_subtotal, currency)}</span>
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
      ${
        coupon &&
        html`<li>
          <bdi>${coupon.name ?? 'Discount'}</bdi
          ><span class="money">&minus;${formatMoney(discount, currency)}</span>
        </li>`
      }
    </ul>
  </section>`;
}
