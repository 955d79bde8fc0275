import { describe, expect, it } from '@jest/globals';
import { ServiceError } from '../../../kernel/errors.js';
import { totalOf } from '../../../kernel/money.js';
import type { SessionInput, SessionItem } from '../../payment.ports.js';
import { sessionRequest } from './conekta.session.request.js';

const NOW = new Date('2026-10-01T12:00:00.400Z');
const NOW_SECONDS = Math.floor(NOW.getTime() / 1000);
const CUSTOMER = { name: 'Ada Lovelace', email: 'ada@example.com', phone: '+52 55 5555 5555' };

function input(changes: Partial<SessionInput> = {}, currency = 'MXN'): SessionInput {
  const items = changes.items ?? [{ name: 'Teclado', unitAmount: 39_900n, quantity: 2 }];
  return {
    paymentId: 'pay-1',
    orderId: 'order-1',
    items,
    money: { amount: totalOf(items, 'items'), currency },
    taxes: [],
    shipping: [],
    discounts: [],
    ui: 'hosted',
    successUrl: 'https://shop.example/ok',
    cancelUrl: 'https://shop.example/cancel',
    payUrl: 'https://payments.example/pay/pay-1',
    customer: CUSTOMER,
    capture: 'automatic',
    installments: [],
    onDemand: false,
    metadata: { channel: 'web' },
    now: NOW,
    ...changes,
  };
}

function one(unitAmount: bigint, name = 'Teclado'): readonly SessionItem[] {
  return [{ name, unitAmount, quantity: 1 }];
}

const requestOf = (changes: Partial<SessionInput> = {}, currency?: string) =>
  sessionRequest(input(changes, currency), true);
const methodsOf = (changes: Partial<SessionInput> = {}, currency?: string) =>
  requestOf(changes, currency).order.checkout.allowed_payment_methods;

function refusal(changes: Partial<SessionInput>, currency?: string): { code: string; fields: string[] } {
  try {
    requestOf(changes, currency);
  } catch (error) {
    if (!(error instanceof ServiceError) || !Array.isArray(error.details)) throw error;
    return { code: error.code, fields: error.details.map(({ field }) => field) };
  }
  throw new Error('nothing was refused');
}

describe('the request of an order', () => {
  it('holds the lines, the customer, our ids and a hosted page that leads back', () => {
    expect(requestOf()).toEqual({
      order: {
        currency: 'MXN',
        customer_info: { name: 'Ada Lovelace', email: 'ada@example.com', phone: '+525555555555' },
        line_items: [{ name: 'Teclado', unit_price: 39_900, quantity: 2 }],
        checkout: {
          type: 'HostedPayment',
          name: 'Teclado',
          success_url: 'https://shop.example/ok',
          failure_url: 'https://shop.example/cancel',
          allowed_payment_methods: ['card', 'cash', 'bank_transfer'],
        },
        metadata: { channel: 'web', orderId: 'order-1', paymentId: 'pay-1' },
      },
    });
  });

  it('leads to our own page when it is embedded, and names no page of the shop', () => {
    const request = requestOf({ ui: 'embedded' });
    expect(request.payUrl).toBe('https://payments.example/pay/pay-1');
    expect(request.order.checkout).toEqual({
      type: 'Integration',
      name: 'Teclado',
      allowed_payment_methods: ['card', 'cash', 'bank_transfer'],
    });
  });

  it('is not embedded without the public key, which is named', () => {
    const embedded = input({ ui: 'embedded' });
    expect(() => sessionRequest(embedded, false)).toThrow('CONEKTA_PUBLIC_KEY');
    expect(() => sessionRequest(embedded, false)).toThrow(ServiceError);
  });

  it('is the same after it was stored as JSON', () => {
    const request = requestOf({
      ui: 'embedded',
      locale: 'en-US',
      expiresIn: 3600,
      installments: [3],
      threeDs: 'smart',
    });
    expect(JSON.parse(JSON.stringify(request))).toStrictEqual(request);
  });

  it("cannot be told another order by the caller's metadata", () => {
    const { order } = requestOf({ metadata: { orderId: 'stolen', paymentId: 'stolen' } });
    expect(order.metadata).toEqual({ orderId: 'order-1', paymentId: 'pay-1' });
  });

  it('has taxes, shipping and discounts as lines of their own', () => {
    const line = (name: string, amount: bigint) => [{ name, amount }];
    const { order } = requestOf({
      taxes: line('IVA', 1_600n),
      shipping: line('Estafeta', 9_900n),
      discounts: line('VERANO', 500n),
    });
    expect(order.tax_lines).toEqual([{ description: 'IVA', amount: 1_600 }]);
    expect(order.shipping_lines).toEqual([{ method: 'Estafeta', amount: 9_900 }]);
    expect(order.discount_lines).toEqual([{ code: 'VERANO', type: 'coupon', amount: 500 }]);
  });

  it('says what is paid for by its first line, while there is room, and by the order otherwise', () => {
    const items = [...one(100n, 'Mouse'), ...one(200n), ...one(300n)];
    expect(requestOf({ items }).order.checkout.name).toBe('Mouse + 2');
    const long = [...one(100n, 'x'.repeat(249)), ...one(200n)];
    expect(requestOf({ items: long }).order.checkout.name).toBe('order-1');
  });

  it('carries what only some purchases want', () => {
    const { order } = requestOf({ capture: 'manual', threeDs: 'strict', onDemand: true });
    expect(order.pre_authorize).toBe(true);
    expect(order.three_ds_mode).toBe('strict');
    expect(order.checkout.on_demand_enabled).toBe(true);
    expect(requestOf().order).not.toHaveProperty('pre_authorize');
  });

  it('expires within what Conekta allows, with room for the way there', () => {
    const at = (expiresIn: number): number =>
      (requestOf({ expiresIn }).order.checkout.expires_at ?? 0) - NOW_SECONDS;
    expect(at(3600)).toBe(3600);
    expect(at(300)).toBe(420);
    expect(at(31_536_000)).toBe(31_535_880);
    expect(requestOf().order.checkout).not.toHaveProperty('expires_at');
    expect(refusal({ expiresIn: 299 })).toEqual({ code: 'invalid_request', fields: ['expiresIn'] });
    expect(refusal({ expiresIn: 31_536_001 })).toEqual({ code: 'invalid_request', fields: ['expiresIn'] });
  });

  it.each([
    ['es-MX', 'es'],
    ['ES', 'es'],
    ['en_GB', 'en'],
  ])('asks Conekta in %s to speak %s', (locale, language) => {
    expect(requestOf({ locale }).language).toBe(language);
  });

  it('is refused in a language or a currency that Conekta does not take', () => {
    expect(refusal({ locale: 'fr' })).toEqual({ code: 'invalid_request', fields: ['locale'] });
    expect(refusal({}, 'EUR')).toEqual({ code: 'currency_not_supported', fields: ['currency'] });
  });

  it("refuses metadata beyond Conekta's limits, by name", () => {
    expect(refusal({ metadata: { note: 'x'.repeat(250) } }).fields).toEqual(['metadata.note']);
    const many = Object.fromEntries(Array.from({ length: 98 }, (_, at) => [`k${at}`, 'x']));
    expect(refusal({ metadata: many }).fields).toEqual(['metadata']);
  });
});

describe('the customer of an order', () => {
  it('is named in full, or known to Conekta', () => {
    const { order } = requestOf({ customer: undefined, customerId: 'cus_1' });
    expect(order.customer_info).toEqual({ customer_id: 'cus_1' });
  });

  it.each([
    ['nothing', undefined, ['customer.name', 'customer.email', 'customer.phone']],
    ['a name', { name: 'Ada' }, ['customer.email', 'customer.phone']],
    ['no phone', { ...CUSTOMER, phone: undefined }, ['customer.phone']],
    ['S9i a long name', { ...CUSTOMER, name: 'x'.repeat(250) }, ['customer.name']],
    [
      'S9i a long name and a long address',
      { ...CUSTOMER, name: 'x'.repeat(250), email: `${'x'.repeat(238)}@example.com` },
      ['customer.name', 'customer.email'],
    ],
    ['a short phone', { ...CUSTOMER, phone: '555-5555' }, ['customer.phone']],
    ['a long phone', { ...CUSTOMER, phone: '1234567890123456' }, ['customer.phone']],
  ])('is refused with %s, by the names of all that is missing', (_, customer, fields) => {
    expect(refusal({ customer })).toEqual({ code: 'invalid_request', fields });
  });
});

describe('the lines of an order', () => {
  it.each([
    ['items[0].name', { items: one(100n, 'TV') }],
    ['items[0].name', { items: one(100n, 'x'.repeat(250)) }],
    ['items[0].name', { items: one(100n, '🙂🙂') }],
    ['taxes[0].name', { taxes: [{ name: 'IV', amount: 1n }] }],
    ['shipping[0].name', { shipping: [{ name: 'DH', amount: 1n }] }],
  ])('have names that Conekta takes: %s', (field, changes) => {
    expect(refusal(changes)).toEqual({ code: 'invalid_request', fields: [field] });
  });

  it('have prices that Conekta can count', () => {
    expect(requestOf({ items: one(2_147_483_647n) }).order.line_items[0]?.unit_price).toBe(2_147_483_647);
    expect(refusal({ items: [...one(1n), ...one(2_147_483_648n)] })).toEqual({
      code: 'amount_out_of_bounds',
      fields: ['items[1]'],
    });
  });

  it('are as many as the caller has', () => {
    const items = Array.from({ length: 300 }, (_, at) => ({
      name: `Item ${at}`,
      unitAmount: 1n,
      quantity: 1,
    }));
    expect(requestOf({ items }).order.line_items).toHaveLength(300);
  });
});

describe('the payment methods of an order', () => {
  it('leave cash out where the amount does not fit on a voucher, and refuse it by name', () => {
    expect(methodsOf({ items: one(1_000n) })).toEqual(['card', 'cash', 'bank_transfer']);
    expect(methodsOf({ items: one(1_000_000n) })).toEqual(['card', 'cash', 'bank_transfer']);
    expect(methodsOf({ items: one(999n) })).toEqual(['card', 'bank_transfer']);
    expect(methodsOf({ items: one(1_000_001n) })).toEqual(['card', 'bank_transfer']);
    const asked = { items: one(1_000_001n), paymentMethods: ['cash'] as const };
    expect(refusal(asked)).toEqual({ code: 'amount_out_of_bounds', fields: ['items'] });
  });

  it('are cards where nothing else works', () => {
    expect(methodsOf({}, 'USD')).toEqual(['card']);
    expect(methodsOf({ capture: 'manual' })).toEqual(['card']);
    expect(methodsOf({ paymentMethods: ['card', 'apple', 'google'] }, 'USD')).toEqual([
      'card',
      'apple',
      'google',
    ]);
  });

  it('are what the caller names, each once', () => {
    const paymentMethods = ['bnpl', 'pay_by_bank', 'cash', 'cash'] as const;
    expect(methodsOf({ paymentMethods })).toEqual(['bnpl', 'pay_by_bank', 'cash']);
  });

  it('are refused by name where the currency or the capture does not go with them', () => {
    expect(refusal({ paymentMethods: ['bank_transfer'] }, 'USD')).toEqual({
      code: 'capability_not_supported',
      fields: ['paymentMethods'],
    });
    expect(refusal({ paymentMethods: ['card', 'cash'], capture: 'manual' })).toEqual({
      code: 'capability_not_supported',
      fields: ['capture'],
    });
    expect(refusal({ paymentMethods: ['cash'], onDemand: true })).toEqual({
      code: 'capability_not_supported',
      fields: ['onDemand'],
    });
  });

  it('offer installments by card in MXN, in order and each once', () => {
    const { checkout } = requestOf({ installments: [12, 3, 3] }).order;
    expect(checkout.monthly_installments_enabled).toBe(true);
    expect(checkout.monthly_installments_options).toEqual([3, 12]);
    const refused = { code: 'capability_not_supported', fields: ['installments'] };
    expect(refusal({ installments: [3] }, 'USD')).toEqual(refused);
    expect(refusal({ installments: [24] })).toEqual(refused);
    expect(refusal({ installments: [3], paymentMethods: ['cash'] })).toEqual(refused);
  });
});

describe('where physical goods go', () => {
  const address = { street1: 'Nuevo León 254', postalCode: '06100', country: 'MX' };
  const contact = { receiver: 'Grace', phone: '55 1234 5678', address };
  const to = (changes: Partial<typeof address & { city: string }>) => ({
    shippingContact: { ...contact, address: { ...address, ...changes } },
  });

  it('S9f is part of the order, with what is known of it', () => {
    expect(requestOf({ shippingContact: contact }).order.shipping_contact).toStrictEqual({
      receiver: 'Grace',
      phone: '5512345678',
      address: { street1: 'Nuevo León 254', postal_code: '06100', country: 'MX' },
    });
  });

  it.each([
    ['shippingContact.address.postalCode', to({ postalCode: '6100' })],
    ['shippingContact.address.city', to({ city: '東京' })],
    ['shippingContact.phone', { shippingContact: { ...contact, phone: '555-5555' } }],
  ])('S9g is refused by the name of %s', (field, changes) => {
    expect(refusal(changes)).toEqual({ code: 'invalid_request', fields: [field] });
  });

  it('S9h may have any postal code elsewhere, and cost nothing', () => {
    const free = [{ name: 'Envío', amount: 0n }];
    const { order } = requestOf({ ...to({ country: 'US', postalCode: 'K1A' }), shipping: free, taxes: free });
    expect(order.shipping_contact?.address).toMatchObject({ postal_code: 'K1A', country: 'US' });
    expect(order.shipping_lines).toEqual([{ method: 'Envío', amount: 0 }]);
    expect(order.tax_lines).toEqual([{ description: 'Envío', amount: 0 }]);
  });
});
