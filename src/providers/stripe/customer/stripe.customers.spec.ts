import { describe, expect, it } from '@jest/globals';
import type { Json } from '../../json.read.js';
import { ProviderError } from '../../provider.errors.js';
import {
  ACCOUNT,
  LONG_AGO,
  refusalOf,
  ScriptedStripe,
} from '../../../../test/support/stripe/stripe.calls.js';
import { StripeCustomers } from './stripe.customers.js';

const ADA: Json = {
  object: 'customer',
  id: 'cus_1',
  name: 'Ada',
  email: 'ada@example.com',
  phone: null,
  metadata: { customerId: 'c-1', operationId: 'op-1' },
  invoice_settings: { default_payment_method: 'pm_2' },
};
const card = (id: string, created: number, changes: Json = {}): Json => ({
  object: 'payment_method',
  id,
  type: 'card',
  created,
  customer: 'cus_1',
  billing_details: { name: 'Ada L' },
  card: { brand: 'visa', last4: '4242', exp_month: 8, exp_year: 2030 },
  ...changes,
});
const STANDING = {
  'GET /v1/customers/cus_1': ADA,
  'GET /v1/customers/cus_1/payment_methods': [card('pm_2', 20), card('pm_1', 10)],
};
const CARD_CALL = {
  operationId: 'op-1',
  request: { providerCustomerId: 'cus_1', providerSourceId: 'pm_1' },
};

function stage(answers: Json = {}): { stripe: ScriptedStripe; customers: StripeCustomers } {
  const stripe = new ScriptedStripe({ ...STANDING, ...answers });
  return { stripe, customers: new StripeCustomers(stripe, ACCOUNT) };
}

describe('a customer at Stripe', () => {
  it('is told with every card, the oldest first, and the default one', async () => {
    expect(await stage().customers.retrieve('cus_1')).toEqual({
      kind: 'customer',
      provider: 'stripe',
      livemode: false,
      providerCustomerId: 'cus_1',
      customerId: 'c-1',
      deleted: false,
      name: 'Ada',
      email: 'ada@example.com',
      phone: undefined,
      cards: ['pm_1', 'pm_2'].map((providerSourceId) => ({
        providerSourceId,
        brand: 'visa',
        last4: '4242',
        expMonth: 8,
        expYear: 2030,
        holder: 'Ada L',
        blocked: false,
      })),
      defaultCardId: 'pm_2',
    });
  });

  it('is told as deleted, where Stripe keeps the id alone', async () => {
    const { customers } = stage({
      'GET /v1/customers/cus_1': { object: 'customer', id: 'cus_1', deleted: true },
    });
    expect(await customers.retrieve('cus_1')).toMatchObject({ deleted: true, cards: [] });
  });

  it('is made with its first card, our id, and the mark of the operation', async () => {
    const { stripe, customers } = stage({ 'POST /v1/customers': ADA });
    const request = customers.request({
      kind: 'create_customer',
      customerId: 'c-1',
      email: 'ada@example.com',
      metadata: { tier: 'gold', customerId: 'stolen' },
      token: 'pm_card_visa',
    });
    expect(JSON.parse(JSON.stringify(request))).toStrictEqual(request);
    const outcome = await customers.run('create_customer', { operationId: 'op-1', request });
    expect(outcome).toMatchObject({ value: { madeId: 'cus_1', facts: [{ customerId: 'c-1' }] } });
    expect(stripe.sent).toEqual([
      {
        path: 'POST /v1/customers',
        params: {
          email: 'ada@example.com',
          payment_method: 'pm_card_visa',
          invoice_settings: { default_payment_method: 'pm_card_visa' },
          metadata: { tier: 'gold', customerId: 'c-1', operationId: 'op-1' },
        },
        key: 'op-1',
      },
    ]);
  });

  it('is looked for, and not made again, once Stripe has forgotten the key', async () => {
    const stranger = { ...ADA, id: 'cus_0', metadata: { operationId: 'op-0' } };
    const { stripe, customers } = stage({
      'GET /v1/customers': { data: [stranger, ADA], has_more: false },
    });
    const call = { operationId: 'op-1', request: { customer: {} }, sentBefore: LONG_AGO };
    expect(await customers.run('create_customer', call)).toMatchObject({ value: { madeId: 'cus_1' } });
    expect(stripe.sent).toEqual([]);
  });

  it('is in doubt, and not refused, where it was made and cannot be read', async () => {
    const { customers } = stage({
      'POST /v1/customers': ADA,
      'GET /v1/customers/cus_1': new ProviderError('rate_limited', 'slow down', { provider: 'stripe' }),
    });
    const outcome = await customers.run('create_customer', {
      operationId: 'op-1',
      request: { customer: {} },
    });
    expect(outcome).toMatchObject({ known: false });
  });

  it('may have as much metadata as Stripe has room for, less what is ours', () => {
    const metadata = Object.fromEntries(Array.from({ length: 49 }, (_, at) => [`key${at}`, 'x']));
    const request = () => stage().customers.request({ kind: 'create_customer', customerId: 'c-1', metadata });
    expect(refusalOf(request)).toEqual({ code: 'invalid_request', field: 'metadata' });
  });

  it('S9k is refused by the field where a telephone number has more characters than Stripe keeps', () => {
    const phone = '+52 (55) 1234 - 5678 - 9';
    const { customers } = stage();
    for (const command of [
      { kind: 'create_customer', customerId: 'c-1', metadata: {}, phone },
      { kind: 'update_customer', providerCustomerId: 'cus_1', phone },
    ] as const) {
      expect(refusalOf(() => customers.request(command))).toEqual({
        code: 'invalid_request',
        field: 'phone',
      });
    }
  });

  it('is gone where it was gone already', async () => {
    const gone = new ProviderError('not_found', 'gone', { provider: 'stripe' });
    const { customers } = stage({ 'DELETE /v1/customers/cus_1': gone });
    const call = { operationId: 'op-1', request: { providerCustomerId: 'cus_1' } };
    expect(await customers.run('delete_customer', call)).toMatchObject({
      value: { facts: [{ providerCustomerId: 'cus_1', deleted: true }] },
    });
  });
});

describe("a customer's card", () => {
  const adding = { ...CARD_CALL, request: { providerCustomerId: 'cus_1', token: 'pm_9', makeDefault: true } };

  it('is attached, then made the default under the id that it has now', async () => {
    const { stripe, customers } = stage({
      'POST /v1/payment_methods/pm_9/attach': card('pm_2', 20),
      'POST /v1/customers/cus_1': ADA,
    });
    expect(await customers.run('add_card', adding)).toMatchObject({ value: { madeId: 'pm_2' } });
    expect(stripe.sent.map(({ path, key }) => [path, key])).toEqual([
      ['POST /v1/payment_methods/pm_9/attach', 'op-1'],
      ['POST /v1/customers/cus_1', 'op-1:default'],
    ]);
    expect(stripe.sent[1]?.params).toEqual({ invoice_settings: { default_payment_method: 'pm_2' } });
  });

  const used = new ProviderError('card_unusable', 'used up', { provider: 'stripe' });

  it.each([
    ['is of another customer', card('pm_9', 30, { customer: 'cus_2' })],
    ['was used up', card('pm_9', 30, { customer: null })],
    ['is unknown', undefined],
  ])('cannot be attached where it %s', async (_, now) => {
    const { customers } = stage({
      'POST /v1/payment_methods/pm_9/attach': used,
      ...(now && { 'GET /v1/payment_methods/pm_9': now }),
    });
    await expect(customers.run('add_card', adding)).rejects.toMatchObject({ kind: 'card_unusable' });
  });

  it('is there already where the form has attached it', async () => {
    const { customers } = stage({
      'POST /v1/payment_methods/pm_9/attach': used,
      'GET /v1/payment_methods/pm_9': card('pm_9', 30),
      'POST /v1/customers/cus_1': ADA,
    });
    expect(await customers.run('add_card', adding)).toMatchObject({ value: { madeId: 'pm_9' } });
  });

  it.each(['remove_card', 'set_default_card'] as const)(
    'is left alone by %s where it is of another customer',
    async (kind) => {
      const { stripe, customers } = stage({
        'GET /v1/payment_methods/pm_1': card('pm_1', 10, { customer: 'cus_2' }),
      });
      await expect(customers.run(kind, CARD_CALL)).rejects.toMatchObject({ kind: 'card_unusable' });
      expect(stripe.sent).toEqual([]);
    },
  );

  it('is taken off once, however often that is said', async () => {
    const { stripe, customers } = stage({
      'GET /v1/payment_methods/pm_1': card('pm_1', 10),
      'POST /v1/payment_methods/pm_1/detach': card('pm_1', 10, { customer: null }),
    });
    expect(await customers.run('remove_card', CARD_CALL)).toMatchObject({ known: true });
    expect(stripe.sent.map(({ key }) => key)).toEqual(['op-1']);
    const again = stage({ 'GET /v1/payment_methods/pm_1': card('pm_1', 10, { customer: null }) });
    const repeat = { ...CARD_CALL, sentBefore: ACCOUNT.clock.now() };
    expect(await again.customers.run('remove_card', repeat)).toMatchObject({ known: true });
    expect(again.stripe.sent).toEqual([]);
  });
});
