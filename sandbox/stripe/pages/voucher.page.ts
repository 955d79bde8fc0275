import { html, Html } from '../../page.html.js';
import { exponent, formatMoney } from '../stripe.money.js';
import type { Intent, SessionRecord } from '../stripe.types.js';
import { linkOut, returnUrl, sessionPage } from './session.page.js';

/** The OXXO voucher, with a button that plays the customer at the shop. */
export function voucherPage(record: SessionRecord, intent: Intent): Html {
  const details = intent.next_action?.oxxo_display_details;
  if (!details) return afterwards(record, intent, 'voucher');
  const number = details.number ?? '';
  const content = html`<section class="card" aria-labelledby="voucher">
    <h1 id="voucher">Pay ${money(intent)} at any OXXO</h1>
    <p>Show this voucher at the till before <strong>${day(details.expires_after ?? 0)}</strong>.</p>
    ${bars(number)}
    <p class="hint label">Reference</p>
    <p class="reference">${number.replaceAll(/(\d{4})(?=\d)/g, '$1 ')}</p>
    <form method="post" action="/vouchers/${record.session.id}/pay" class="stack">
      <button type="submit">Simulate: the customer pays at the shop</button>
      ${backLink(record, 'Back to the shop, pay later')}
    </form>
  </section>`;
  return sessionPage(record, {
    title: 'OXXO voucher (sandbox)',
    provider: 'Stripe',
    layout: 'narrow',
    content,
  });
}

/** The CLABE to transfer to, with a button that plays the customer's bank. */
export function transferPage(record: SessionRecord, intent: Intent): Html {
  const details = intent.next_action?.display_bank_transfer_instructions;
  if (!details) return afterwards(record, intent, 'transfer');
  const remaining = details.amount_remaining ?? intent.amount;
  const spei = details.financial_addresses?.[0]?.spei;
  const typed = (remaining / 10 ** exponent(intent.currency)).toFixed(exponent(intent.currency));
  const content = html`<section class="card" aria-labelledby="transfer">
    <h1 id="transfer">Transfer ${formatMoney(remaining, intent.currency)} by SPEI</h1>
    ${
      remaining < intent.amount &&
      html`<p class="note">
        ${formatMoney(intent.amount - remaining, intent.currency)} of ${money(intent)} arrived.
      </p>`
    }
    <p class="hint label">CLABE</p>
    <p class="reference">${spei?.clabe}</p>
    <dl>
      <dt>Bank</dt>
      <dd>${spei?.bank_name}</dd>
      <dt>Holder</dt>
      <dd>${spei?.account_holder_name}</dd>
      <dt>Reference</dt>
      <dd>${details.reference}</dd>
    </dl>
    <form method="post" action="/transfers/${record.session.id}/receive" class="stack">
      <div class="field">
        <label for="amount">Amount that arrives (${intent.currency.toUpperCase()})</label>
        <input id="amount" name="amount" inputmode="decimal" required value="${typed}" />
      </div>
      <button type="submit">Simulate: the transfer arrives</button>
      ${backLink(record, 'Back to the shop, transfer later')}
    </form>
  </section>`;
  return sessionPage(record, {
    title: 'Bank transfer (sandbox)',
    provider: 'Stripe',
    layout: 'narrow',
    content,
  });
}

function afterwards(record: SessionRecord, intent: Intent, noun: string): Html {
  const paid = intent.status === 'succeeded';
  const content = html`<section class="card">
    <span class="mark ${paid ? 'good' : 'bad'}" aria-hidden="true">${paid ? '✓' : '✕'}</span>
    <h1>${paid ? `The ${noun} is paid` : `This ${noun} can no longer be paid`}</h1>
    <p>${money(intent)}</p>
    ${backLink(record, 'Back to the shop')}
  </section>`;
  return sessionPage(record, {
    title: `The ${noun} (sandbox)`,
    provider: 'Stripe',
    layout: 'narrow',
    content,
  });
}

export function backLink(record: SessionRecord, label: string): Html | null {
  const address = returnUrl(record);
  return address === null ? null : linkOut(record, address, label);
}

function money(intent: Intent): string {
  return formatMoney(intent.amount, intent.currency);
}

function day(seconds: number): string {
  const format = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'America/Mexico_City' });
  return format.format(seconds * 1000);
}

/** Bars that look like a barcode; no till reads them. */
function bars(digits: string): Html {
  let x = 0;
  const drawn = [...digits].map((digit) => {
    const width = 1 + (Number(digit) % 4);
    const bar = `<rect x="${x}" y="0" width="${width}" height="64"/>`;
    x += width + 1 + (Number(digit) % 3);
    return bar;
  });
  const view = `<svg class="bars" viewBox="0 0 ${x} 64" preserveAspectRatio="none" aria-hidden="true">`;
  return new Html(`${view}${drawn.join('')}</svg>`);
}
