import { html, type Html } from '../../page.html.js';
import { formatMoney } from '../stripe.money.js';
import { type PlayedMethod, type SessionRecord, PLAYED_METHODS } from '../stripe.types.js';

const MONTHS = [3, 6, 9, 12, 18, 24];

/** What the customer typed before, to show it again after a refusal. */
export interface Typed {
  number?: string;
  email?: string;
  name?: string;
}

const LABELS: Record<PlayedMethod, string> = {
  card: 'Card',
  oxxo: 'OXXO, cash at the shop',
  customer_balance: 'Bank transfer (SPEI)',
  us_bank_account: 'US bank account',
};

/** One radio per method that the session offers; its form opens when it is chosen. */
export function methodForms(record: SessionRecord, typed: Typed): Html {
  const offered = PLAYED_METHODS.filter((method) => record.session.payment_method_types.includes(method));
  const options = offered.map(
    (method, index) =>
      html`<div class="method">
        <input type="radio" name="method" id="method-${method}" ${index === 0 ? html`checked` : ''} />
        <label for="method-${method}">${LABELS[method]}</label>
        ${form(method, record, typed)}
      </div>`,
  );
  return html`<fieldset>
    <legend>Payment method</legend>
    ${options}
  </fieldset>`;
}

function form(method: PlayedMethod, record: SessionRecord, typed: Typed): Html {
  const { session } = record;
  const action = `/c/pay/${session.id}/${method}`;
  const amount = formatMoney(session.amount_total ?? 0, session.currency ?? 'usd');
  const person = personFields(method, record, typed);
  if (method === 'card') {
    return html`<form method="post" action="${action}">
      ${person} ${cardFields(typed)} ${record.installments && installments()} ${testNumbers()}
      <button type="submit">Pay ${amount}</button>
    </form>`;
  }
  const texts = {
    oxxo: { hint: 'You get a reference and pay it in cash at any OXXO shop.', button: 'Get the voucher' },
    customer_balance: {
      hint: 'You get a CLABE and transfer the amount from your bank.',
      button: 'Show the CLABE',
    },
    us_bank_account: { hint: 'The bank answers in a few days.', button: `Pay ${amount}` },
  }[method];
  return html`<form method="post" action="${action}">
    ${person}
    <p class="hint">${texts.hint}</p>
    <button type="submit">${texts.button}</button>
  </form>`;
}

function personFields(method: PlayedMethod, record: SessionRecord, typed: Typed): Html {
  const known = record.session.customer_details;
  const email = typed.email ?? known?.email ?? 'buyer@example.com';
  const name = typed.name ?? known?.name ?? 'Sandbox Buyer';
  return html`<div class="field">
      <label for="${method}-email">Email</label>
      <input id="${method}-email" name="email" type="email" autocomplete="email" required value="${email}" />
    </div>
    <div class="field">
      <label for="${method}-name">${method === 'card' ? 'Name on the card' : 'Full name'}</label>
      <input id="${method}-name" name="name" autocomplete="name" required maxlength="100" value="${name}" />
    </div>`;
}

function cardFields(typed: Typed): Html {
  return html`<div class="field">
      <label for="card-number">Card number</label>
      <input
        id="card-number"
        name="number"
        inputmode="numeric"
        autocomplete="off"
        required
        maxlength="24"
        aria-describedby="test-numbers"
        value="${typed.number ?? '4242 4242 4242 4242'}"
      />
    </div>
    <div class="pair">
      <div class="field">
        <label for="card-expiry">Expires</label>
        <input
          id="card-expiry"
          name="expiry"
          inputmode="numeric"
          autocomplete="off"
          placeholder="MM / YY"
          value="12 / 34"
        />
      </div>
      <div class="field">
        <label for="card-cvc">CVC</label>
        <input id="card-cvc" name="cvc" inputmode="numeric" autocomplete="off" maxlength="4" value="123" />
      </div>
    </div>`;
}

function installments(): Html {
  const options = MONTHS.map((count) => html`<option value="${count}">${count} months</option>`);
  return html`<div class="field">
    <label for="card-installments">Installments</label>
    <select id="card-installments" name="installments">
      <option value="">Pay all at once</option>
      ${options}
    </select>
  </div>`;
}

function testNumbers(): Html {
  return html`<div class="note" id="test-numbers">
    Test numbers
    <ul>
      <li><code>4242 4242 4242 4242</code> pays</li>
      <li><code>4000 0000 0000 0002</code> is declined</li>
      <li><code>4000 0000 0000 9995</code> has no funds</li>
      <li><code>4000 0025 0000 3155</code> asks for confirmation</li>
    </ul>
  </div>`;
}
