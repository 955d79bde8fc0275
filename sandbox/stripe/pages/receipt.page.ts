import { html, type Html } from '../../page.html.js';
import { page } from '../../page.layout.js';
import { formatMoney } from '../stripe.money.js';
import type { Charge, Invoice, SessionRecord } from '../stripe.types.js';
import { linkOut, sessionPage } from './session.page.js';
import { backLink } from './voucher.page.js';

/** The receipt behind `charge.receipt_url`. */
export function receiptPage(charge: Charge): Html {
  const card = charge.payment_method_details?.card;
  const method = card ? `${card.brand} ending in ${card.last4}` : charge.payment_method_details?.type;
  const when = new Date(charge.created * 1000).toISOString().slice(0, 16).replace('T', ' ');
  const content = html`<section class="card" aria-labelledby="receipt">
    <h1 id="receipt">Receipt</h1>
    <p class="total">${formatMoney(charge.amount, charge.currency)}</p>
    <dl>
      <dt>Paid</dt>
      <dd>${when} UTC</dd>
      <dt>Method</dt>
      <dd>${method}</dd>
      <dt>Charge</dt>
      <dd>${charge.id}</dd>
      ${
        charge.amount_refunded > 0 &&
        html`<dt>Refunded</dt>
          <dd>${formatMoney(charge.amount_refunded, charge.currency)}</dd>`
      }
    </dl>
    <p class="hint">This receipt is of the sandbox: nobody was charged.</p>
  </section>`;
  return page({ title: 'Receipt (sandbox)', provider: 'Stripe', layout: 'narrow', content });
}

/** The page behind `hosted_invoice_url`: the customer pays by another card, or answers the bank. */
export function invoicePage(
  { id, status, amount_due: due, currency }: Invoice,
  asks: boolean,
  problem = '',
): Html {
  const card = html`<label for="number">Card number</label>
    <input id="number" name="number" inputmode="numeric" value="4242424242424242" />
    <button type="submit">Pay</button>`;
  const question = html`<p class="note">The bank wants to know whether it is you.</p>
    <button name="answer" value="approve" type="submit">Approve</button>
    <button name="answer" value="refuse" type="submit">Refuse</button>`;
  const content = html`<section class="card" aria-labelledby="invoice">
    <h1 id="invoice">Invoice</h1>
    <p class="total">${formatMoney(due, currency)}</p>
    ${problem !== '' && html`<p class="note">${problem}</p>`}
    ${
      status === 'open'
        ? html`<form method="post" action="/i/${id}" class="stack">${asks ? question : card}</form>`
        : html`<p>This invoice is ${status}.</p>`
    }
    <p class="hint">This invoice is of the sandbox: nobody is charged.</p>
  </section>`;
  return page({ title: 'Invoice (sandbox)', provider: 'Stripe', layout: 'narrow', content });
}

/** What a session shows when there is nothing left to pay. */
export function closedPage(record: SessionRecord): Html {
  const complete = record.session.status === 'complete';
  const recovery = record.session.after_expiration?.recovery?.url;
  const content = html`<section class="card">
    <span class="mark ${complete ? 'good' : 'wait'}" aria-hidden="true">${complete ? '✓' : '!'}</span>
    <h1>${complete ? 'This order is complete' : 'This payment page has expired'}</h1>
    <p>${complete ? 'There is nothing left to do here.' : 'Go back to the shop to start again.'}</p>
    ${recovery && html`<a class="button" href="${recovery}">Start again</a>`}
    ${complete ? backLink(record, 'Back to the shop') : leaveLink(record)}
  </section>`;
  return sessionPage(
    record,
    { title: 'Closed (sandbox)', provider: 'Stripe', layout: 'narrow', content },
    complete,
  );
}

/** Nothing was paid: the shop's page for those who paid would tell them otherwise. */
function leaveLink(record: SessionRecord): Html | null {
  const { cancel_url: address } = record.session;
  return address ? linkOut(record, address, 'Back to the shop') : null;
}

export function lostPage(): Html {
  const content = html`<section class="card">
    <h1>There is nothing here</h1>
    <p>The sandbox keeps everything in memory: a restart forgets all sessions.</p>
  </section>`;
  return page({ title: 'Not found (sandbox)', provider: 'Stripe', layout: 'narrow', content });
}
