import { describe, expect, it } from '@jest/globals';
import { ServiceError } from '../../../kernel/errors.js';
import { totalOf } from '../../../kernel/money.js';
import type { SessionAdjustment, SessionInput, SessionItem } from '../../payment.ports.js';
import { sessionRequest, type StripeSessionRequest } from './stripe.session.request.js';

const NOW = new Date('2026-10-01T12:00:00.400Z');
const NOW_SECONDS = Math.floor(NOW.getTime() / 1000);

function input(changes: Partial<SessionInput> = {}, currency = 'USD'): SessionInput {
  const items = changes.items ?? [{ name: 'Keyboard', unitAmount: 1999n, quantity: 2 }];
  return {
    paymentId: 'pay-1',
    orderId: 'order-1',
    items,
    money: { amount: totalOf(items, 'items'), currency },
    taxes: [],
    shipping: [],
    discounts: [],
    ui: 'hosted',
    payUrl: 'https://pay.shop.example/pay/pay-1',
    onDemand: false,
    successUrl: 'https://shop.example/ok?session={CHECKOUT_SESSION_ID}',
    cancelUrl: 'https://shop.example/cancel',
    capture: 'automatic',
    installments: [],
    metadata: { channel: 'web' },
    now: NOW,
    ...changes,
  };
}

function one(unitAmount: bigint): readonly SessionItem[] {
  return [{ name: 'Keyboard', unitAmount, quantity: 1 }];
}

function refusal(changes: Partial<SessionInput>, currency?: string): { code: string; field: string } {
  try {
    sessionRequest(input(changes, currency));
  } catch (error) {
    if (!(error instanceof ServiceError) || !Array.isArray(error.details)) throw error;
    return { code: error.code, field: error.details[0]?.field ?? '' };
  }
  throw new Error('nothing was refused');
}

describe('a planned session', () => {
  it('holds our ids everywhere that Stripe keeps some', () => {
    const metadata = { channel: 'web', orderId: 'order-1', paymentId: 'pay-1' };
    expect(sessionRequest(input())).toEqual({
      session: {
        mode: 'payment',
        ui_mode: 'hosted_page',
        client_reference_id: 'order-1',
        line_items: [
          {
            price_data: { currency: 'usd', unit_amount: 1999, product_data: { name: 'Keyboard' } },
            quantity: 2,
          },
        ],
        metadata,
        payment_intent_data: { metadata },
        success_url: 'https://shop.example/ok?session={CHECKOUT_SESSION_ID}',
        cancel_url: 'https://shop.example/cancel',
      },
    });
  });

  it('is the same after it was stored as JSON', () => {
    const request = sessionRequest(
      input({ customer: { email: undefined }, locale: 'es-MX', expiresIn: 3600 }),
    );
    expect(JSON.parse(JSON.stringify(request))).toStrictEqual(request);
  });

  it("cannot be told another order by the caller's metadata", () => {
    const { session } = sessionRequest(input({ metadata: { orderId: 'stolen', paymentId: 'stolen' } }));
    expect(session.metadata).toEqual({ orderId: 'order-1', paymentId: 'pay-1' });
  });

  it('keeps 100 lines, and folds what is more into one of the same sum', () => {
    const items = Array.from({ length: 250 }, (_, at) => ({
      name: `Item ${at}`,
      unitAmount: BigInt(at + 50),
      quantity: 3,
    }));
    expect(sessionRequest(input({ items: items.slice(0, 100) })).session.line_items).toHaveLength(100);
    const lines = sessionRequest(input({ items })).session.line_items ?? [];
    expect(lines).toHaveLength(100);
    expect(lines.at(-1)?.price_data?.product_data?.name).toBe('151 more items');
    const sum = lines.reduce(
      (total, line) => total + (line.price_data?.unit_amount ?? 0) * (line.quantity ?? 0),
      0,
    );
    expect(BigInt(sum)).toBe(totalOf(items, 'items'));
  });

  it('shortens a name that is too long, without cutting a character in two', () => {
    const items = [{ name: '⌨️🧡'.repeat(200), unitAmount: 1999n, quantity: 1 }];
    const name =
      sessionRequest(input({ items })).session.line_items?.[0]?.price_data?.product_data?.name ?? '';
    expect(Array.from(name)).toHaveLength(250);
    expect(name).toMatch(/…$/);
    expect(() => encodeURIComponent(name)).not.toThrow();
  });

  it("counts in Stripe's decimals", () => {
    const unit = (amount: bigint, currency: string): number | undefined =>
      sessionRequest(input({ items: one(amount) }, currency)).session.line_items?.[0]?.price_data
        ?.unit_amount;
    expect(unit(500n, 'ISK')).toBe(50000);
    expect(unit(500000n, 'MGA')).toBe(5000);
    expect(unit(500n, 'JPY')).toBe(500);
    expect(refusal({ items: one(500050n) }, 'MGA')).toEqual({ code: 'invalid_request', field: 'items[0]' });
    expect(refusal({ items: one(10001n) }, 'KWD')).toEqual({ code: 'invalid_request', field: 'items[0]' });
  });

  it.each([
    [49n, 'USD'],
    [29n, 'GBP'],
    [999n, 'MXN'],
    [49n, 'JPY'],
  ])('%d minor units of %s are too few', (amount, currency) => {
    expect(refusal({ items: one(amount) }, currency)).toEqual({
      code: 'amount_out_of_bounds',
      field: 'items',
    });
    expect(sessionRequest(input({ items: one(amount + 1n) }, currency)).session.mode).toBe('payment');
  });

  it('has at most twelve digits', () => {
    expect(refusal({ items: one(1_000_000_000_000n) })).toEqual({
      code: 'amount_out_of_bounds',
      field: 'items',
    });
    expect(sessionRequest(input({ items: one(999_999_999_999n) })).session.mode).toBe('payment');
  });

  it('is refused in a currency that Stripe does not take', () => {
    expect(refusal({}, 'IRR')).toEqual({ code: 'currency_not_supported', field: 'currency' });
  });

  it('S17i is in XCG at Stripe, and no more in ANG or BGN', () => {
    expect(sessionRequest(input({}, 'XCG')).session.mode).toBe('payment');
    for (const currency of ['ANG', 'BGN'])
      expect(refusal({}, currency)).toEqual({ code: 'currency_not_supported', field: 'currency' });
  });

  it('expires within what Stripe allows, with room for the way there', () => {
    const at = (expiresIn: number): number =>
      (sessionRequest(input({ expiresIn })).session.expires_at ?? 0) - NOW_SECONDS;
    expect(at(3600)).toBe(3600);
    expect(at(1800)).toBe(1920);
    expect(at(86_400)).toBe(86_280);
    expect(sessionRequest(input()).session).not.toHaveProperty('expires_at');
    expect(refusal({ expiresIn: 1799 })).toEqual({ code: 'invalid_request', field: 'expiresIn' });
    expect(refusal({ expiresIn: 86_401 })).toEqual({ code: 'invalid_request', field: 'expiresIn' });
  });

  it('holds the money only, when it is to be captured by hand', () => {
    expect(sessionRequest(input({ capture: 'manual' })).session.payment_intent_data?.capture_method).toBe(
      'manual',
    );
  });

  it.each([
    ['es-MX', 'es-419'],
    ['es-ES', 'es'],
    ['es', 'es'],
    ['pt_BR', 'pt-BR'],
    ['EN-us', 'en'],
    ['en-gb', 'en-GB'],
    ['zh-CN', 'zh'],
    ['no', 'nb'],
  ])('speaks %s as %s', (locale, expected) => {
    expect(sessionRequest(input({ locale })).session.locale).toBe(expected);
  });

  it('refuses a language that Stripe does not speak', () => {
    expect(refusal({ locale: 'tlh' })).toEqual({ code: 'invalid_request', field: 'locale' });
  });

  it("refuses metadata beyond Stripe's limits, by name", () => {
    expect(refusal({ metadata: { note: 'x'.repeat(501) } }).field).toBe('metadata.note');
    expect(refusal({ metadata: { ['k'.repeat(41)]: 'x' } }).field).toBe('metadata');
    expect(refusal({ metadata: { 'a[b]': 'x' } }).field).toBe('metadata');
    const many = Object.fromEntries(Array.from({ length: 49 }, (_, at) => [`k${at}`, 'x']));
    expect(refusal({ metadata: many }).field).toBe('metadata');
  });
});

describe('a session inside a page of ours', () => {
  it('returns to our result page, whatever page the shop would return to', () => {
    const request = sessionRequest(input({ ui: 'embedded' }), 'pk_test_1');
    expect(request).toMatchObject({
      session: { ui_mode: 'embedded_page', return_url: 'https://pay.shop.example/pay/pay-1/return' },
      payUrl: 'https://pay.shop.example/pay/pay-1',
      publishableKey: 'pk_test_1',
    });
    expect(request.session).not.toHaveProperty('success_url');
    expect(request.session).not.toHaveProperty('cancel_url');
  });

  it('is refused without a key for browsers, which is named', () => {
    expect(refusal({ ui: 'embedded' })).toEqual({ code: 'capability_not_supported', field: 'ui' });
    expect(() => sessionRequest(input({ ui: 'embedded' }))).toThrow('STRIPE_PUBLISHABLE_KEY');
  });
});

describe('what is added to a purchase, or taken off', () => {
  const fee = (name: string, amount: bigint): SessionAdjustment => ({ name, amount });
  const added = { taxes: [fee('IVA', 640n)], shipping: [fee('Express', 9900n), fee('Islands', 500n)] };

  /** What Stripe will charge for a plan. */
  function totalAt({ session, coupon }: StripeSessionRequest): number {
    const lines = session.line_items ?? [];
    const sum = lines.reduce(
      (all, line) => all + (line.price_data?.unit_amount ?? 0) * (line.quantity ?? 0),
      0,
    );
    return sum - (coupon?.amount_off ?? 0);
  }

  it('are lines, each by its name', () => {
    const request = sessionRequest(input({ ...added, money: { amount: 15_038n, currency: 'USD' } }));
    const names = request.session.line_items?.map((line) => line.price_data?.product_data?.name);
    expect(names).toEqual(['Keyboard', 'IVA', 'Express', 'Islands']);
    expect(totalAt(request)).toBe(15_038);
    expect(request).not.toHaveProperty('coupon');
  });

  it('are one coupon for all discounts, good once', () => {
    const discounts = [fee('Autumn', 1000n), fee('Welcome back to our shop, Ada', 38n), fee('Loyalty', 1n)];
    const request = sessionRequest(
      input({ ...added, discounts, money: { amount: 13_999n, currency: 'USD' } }),
    );
    expect(request.coupon).toEqual({
      amount_off: 1039,
      currency: 'usd',
      duration: 'once',
      max_redemptions: 1,
      name: 'Autumn, Welcome back to our shop, Ada, …',
      metadata: request.session.metadata,
    });
    expect(Array.from(request.coupon?.name ?? '')).toHaveLength(40);
    expect(totalAt(request)).toBe(13_999);
  });

  it('keep their sum where there are more lines than Stripe takes', () => {
    const many = Array.from({ length: 50 }, (_, at) => fee(`Fee ${at}`, BigInt(at + 1)));
    const items = Array.from({ length: 3 }, () => ({ name: 'Keyboard', unitAmount: 1000n, quantity: 2 }));
    const money = { amount: 6000n + 2n * 1275n, currency: 'USD' };
    const request = sessionRequest(input({ items, taxes: many, shipping: many, money }));
    expect(request.session.line_items).toHaveLength(100);
    expect(totalAt(request)).toBe(8550);
  });

  it("are counted in Stripe's decimals, and refused by name where it has none", () => {
    const isk = { items: one(500n), taxes: [fee('VSK', 120n)], discounts: [fee('Autumn', 20n)] };
    const request = sessionRequest(input({ ...isk, money: { amount: 600n, currency: 'ISK' } }));
    expect(totalAt(request)).toBe(60_000);
    const kwd = { items: one(10_000n), money: { amount: 10_001n, currency: 'KWD' } };
    expect(refusal({ ...kwd, taxes: [fee('VAT', 1n)] }).field).toBe('taxes[0]');
    expect(refusal({ ...kwd, shipping: [fee('Post', 10n), fee('Post', 1n)] }).field).toBe('shipping[1]');
    expect(refusal({ ...kwd, discounts: [fee('Autumn', 1n)] }).field).toBe('discounts');
  });
});

describe('who pays', () => {
  const customer = { name: 'Ada', email: 'ada@example.com' };

  it('is a customer whom Stripe keeps already', () => {
    const request = sessionRequest(input({ customerId: 'cus_ada', onDemand: true }));
    expect(request.session.customer).toBe('cus_ada');
    expect(request.session).not.toHaveProperty('customer_email');
    expect(request.session).not.toHaveProperty('customer_creation');
    const transfer = sessionRequest(
      input({ customerId: 'cus_ada', paymentMethods: ['bank_transfer'], items: one(39_800n) }, 'MXN'),
    );
    expect(transfer).not.toHaveProperty('customer');
    expect(transfer.session.customer).toBe('cus_ada');
  });

  it('becomes a customer where the card is kept', () => {
    const { session } = sessionRequest(input({ customer, onDemand: true }));
    expect(session).toMatchObject({ customer_email: customer.email, customer_creation: 'always' });
    expect(session.payment_method_options).toEqual({ card: { setup_future_usage: 'off_session' } });
    expect(sessionRequest(input({ customer })).session).not.toHaveProperty('customer_creation');
  });
});

describe('the payment methods of a session', () => {
  const mxn = (changes: Partial<SessionInput>, amount = 39_800n): SessionInput =>
    input({ items: one(amount), ...changes }, 'MXN');

  it('are those of the account, unless some are named', () => {
    expect(sessionRequest(mxn({})).session).not.toHaveProperty('allowed_payment_method_types');
    const { session } = sessionRequest(mxn({ paymentMethods: ['card', 'apple', 'google', 'cash'] }));
    expect(session.allowed_payment_method_types).toEqual(['card', 'oxxo']);
  });

  it('leave OXXO out where the amount does not fit on a voucher, and refuse it by name', () => {
    expect(sessionRequest(mxn({}, 1_000_000n)).session).not.toHaveProperty('excluded_payment_method_types');
    expect(sessionRequest(mxn({}, 1_000_001n)).session.excluded_payment_method_types).toEqual(['oxxo']);
    const asked = { items: one(1_000_001n), paymentMethods: ['cash'] as const };
    expect(refusal(asked, 'MXN')).toEqual({ code: 'amount_out_of_bounds', field: 'items' });
  });

  it('give a bank transfer the customer that it needs', () => {
    const customer = { name: 'Ada', email: 'ada@example.com', phone: '+525555555555' };
    const request = sessionRequest(mxn({ paymentMethods: ['bank_transfer'], customer }));
    expect(request.customer).toEqual({
      ...customer,
      metadata: { channel: 'web', orderId: 'order-1', paymentId: 'pay-1' },
    });
    expect(request.session.allowed_payment_method_types).toEqual(['customer_balance']);
    expect(request.session.payment_method_options).toEqual({
      customer_balance: { funding_type: 'bank_transfer', bank_transfer: { type: 'mx_bank_transfer' } },
    });
    expect(request.session).not.toHaveProperty('customer_email');
    expect(sessionRequest(mxn({ customer })).session.customer_email).toBe('ada@example.com');
  });

  it('are refused by name where Stripe or the currency does not have them', () => {
    const refused = { code: 'capability_not_supported', field: 'paymentMethods' };
    expect(refusal({ paymentMethods: ['card', 'bnpl'] })).toEqual(refused);
    expect(refusal({ paymentMethods: ['pay_by_bank'] })).toEqual(refused);
    expect(refusal({ paymentMethods: ['cash'] }, 'USD')).toEqual(refused);
    expect(refusal({ paymentMethods: ['bank_transfer'] }, 'EUR')).toEqual(refused);
    const held = { paymentMethods: ['cash'] as const, capture: 'manual' as const };
    expect(refusal(held, 'MXN')).toEqual({ code: 'capability_not_supported', field: 'capture' });
  });

  it('offer installments on cards in MXN only', () => {
    const refused = { code: 'capability_not_supported', field: 'installments' };
    const options = sessionRequest(mxn({ installments: [3, 6] })).session.payment_method_options;
    expect(options).toEqual({ card: { installments: { enabled: true } } });
    expect(refusal({ installments: [3] }, 'USD')).toEqual(refused);
    expect(refusal({ installments: [5] }, 'MXN')).toEqual(refused);
    expect(refusal({ installments: [3], paymentMethods: ['cash'] }, 'MXN')).toEqual(refused);
  });

  it.each([
    ['smart', 'automatic'],
    ['strict', 'any'],
  ] as const)('ask for 3-D Secure %s', (threeDs, asked) => {
    const options = sessionRequest(mxn({ threeDs, installments: [3] })).session.payment_method_options;
    expect(options?.card).toEqual({ installments: { enabled: true }, request_three_d_secure: asked });
  });

  it('are refused by name where a card is needed and none is offered, or Stripe has no such mode', () => {
    const refused = (field: string) => ({ code: 'capability_not_supported', field });
    expect(refusal({ threeDs: 'not_strict' })).toEqual(refused('threeDs'));
    expect(refusal({ threeDs: 'strict', paymentMethods: ['cash'] }, 'MXN')).toEqual(refused('threeDs'));
    expect(refusal({ onDemand: true, paymentMethods: ['cash'] }, 'MXN')).toEqual(refused('onDemand'));
  });
});

describe('where physical goods go', () => {
  const contact = {
    receiver: 'Grace',
    phone: '+1 202 555 0100',
    address: { street1: 'Main St 1', postalCode: '20001', country: 'US' },
  };

  it('S9c is said to the payment, with what is known of it', () => {
    const { payment_intent_data: data } = sessionRequest(input({ shippingContact: contact })).session;
    expect(data?.shipping).toStrictEqual({
      name: 'Grace',
      phone: '+1 202 555 0100',
      address: { line1: 'Main St 1', postal_code: '20001', country: 'US' },
    });
  });

  it('S9d is refused by the field where a number has more characters than Stripe keeps', () => {
    const phone = '+1 (202) 555 - 010 - 0';
    expect(refusal({ shippingContact: { ...contact, phone } })).toEqual({
      code: 'invalid_request',
      field: 'shippingContact.phone',
    });
    const transfer = { paymentMethods: ['bank_transfer'], customer: { name: 'Ada', phone } } as const;
    expect(refusal({ ...transfer, items: one(50_000n) }, 'MXN')).toEqual({
      code: 'invalid_request',
      field: 'customer.phone',
    });
  });

  it('S9e costs nothing as a line of its own; what takes nothing off is no coupon', () => {
    const free = [{ name: 'Free', amount: 0n }];
    const { session, coupon } = sessionRequest(input({ shipping: free, discounts: free }));
    expect(session.line_items?.[1]?.price_data).toMatchObject({ unit_amount: 0 });
    expect(coupon).toBeUndefined();
  });
});
