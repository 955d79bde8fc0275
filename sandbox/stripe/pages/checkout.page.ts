import { html, type Html } from '../../page.html.js';
import { formatMoney } from '../stripe.money.js';
import type { SessionRecord } from '../stripe.types.js';
import { methodForms, type Typed } from './method.forms.js';
import { sessionPage } from './session.page.js';
import { orderSummary } from './summary.part.js';

/** The page where the customer pays. `problem` is shown after a refused attempt. */
export function checkoutPage(record: SessionRecord, problem: string | null, typed: Typed): Html {
  const content = html`${orderSummary(record)}
    <section class="card" aria-label="Payment">
      ${problem && html`<p class="problem" role="alert">${problem}</p>`} ${methodForms(record, typed)}
      <p class="foot">Session ${record.session.id.slice(0, 16)}&hellip;</p>
    </section>`;
  return sessionPage(record, { title: 'Pay (sandbox)', provider: 'Stripe', layout: 'two', content });
}

/** The bank's question, as 3-D Secure puts it. */
export function challengePage(record: SessionRecord): Html {
  const { session } = record;
  const amount = formatMoney(session.amount_total ?? 0, session.currency ?? 'usd');
  const content = html`<section class="card" aria-labelledby="question">
    <h1 id="question">Your bank asks: is this you?</h1>
    <p>A payment of <strong>${amount}</strong> was made with your card. This stands in for 3-D Secure.</p>
    <form method="post" action="/c/pay/${session.id}/challenge" class="stack">
      <button type="submit" name="answer" value="approve">Yes, confirm the payment</button>
      <button type="submit" name="answer" value="refuse" class="quiet">No, refuse it</button>
    </form>
  </section>`;
  return sessionPage(record, { title: 'Confirm (sandbox)', provider: 'the bank', layout: 'narrow', content });
}
