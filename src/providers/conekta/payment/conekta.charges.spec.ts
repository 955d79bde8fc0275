import { describe, expect, it } from '@jest/globals';
import { ServiceError } from '../../../kernel/errors.js';
import { type Json, jsonOf } from '../../json.read.js';
import type { ChargeInput } from '../../payment.ports.js';
import type { ProviderCall } from '../../provider.calls.js';
import { list, refusal } from '../../../../test/support/conekta/answers.by.path.js';
import { OrdersInMemory } from '../../../../test/support/conekta/orders.in.memory.js';
import { ConektaCharges } from './conekta.charges.js';

const AT = 1_790_000_000;
const NOW = new Date(AT * 1000);
const INPUT: ChargeInput = {
  paymentId: 'pay-1',
  orderId: 'order-1',
  money: { amount: 39_900n, currency: 'MXN' },
  items: [{ name: 'Teclado', unitAmount: 39_900n, quantity: 1 }],
  card: { kind: 'saved', providerSourceId: 'src_1' },
  providerCustomerId: 'cus_1',
  capture: 'automatic',
  buyerPresent: true,
  returnUrl: 'https://pay.example/back',
  metadata: { channel: 'app' },
};
const TOKEN: Partial<ChargeInput> = { card: { kind: 'token', token: 'tok_1' } };
const ADA = { name: 'Ada Lovelace', email: 'ada@example.com', phone: '5555555555' };

const chargeJson = (changes: Json = {}): Json => ({
  object: 'charge',
  id: 'chg_1',
  order_id: 'ord_1',
  livemode: false,
  status: 'paid',
  amount: 39_900,
  currency: 'MXN',
  created_at: AT + 1,
  paid_at: AT + 2,
  payment_method: { object: 'card_payment', brand: 'visa', last4: '4242' },
  ...changes,
});
const DECLINED = chargeJson({
  status: 'declined',
  paid_at: null,
  failure_code: 'insufficient_funds',
  failure_message: 'La tarjeta no tiene fondos.',
});
const PAID: Json = { payment_status: 'paid', charges: list([chargeJson()]), checkout: undefined };
const LOST: Json = { payment_status: 'declined', charges: list([DECLINED]), checkout: undefined };

/** Orders whose card pays, declines, or is asked about by its bank. */
class Orders extends OrdersInMemory {
  makes: Json = PAID;
  refuses: Error | undefined;
  keeps = true;

  override async write(write: Parameters<OrdersInMemory['write']>[0]) {
    const body = { ...jsonOf(write.body), ...this.makes };
    if (this.refuses === undefined) return super.write({ ...write, body });
    if (this.keeps) await super.write({ ...write, body });
    throw this.refuses;
  }
}

function house(changes: Partial<ChargeInput> = {}) {
  const orders = new Orders();
  const charges = new ConektaCharges(orders, { livemode: false, clock: { now: () => NOW } });
  const call: ProviderCall = { operationId: 'op-1', request: charges.request({ ...INPUT, ...changes }) };
  return { orders, charges, call };
}

function refusedFields(changes: Partial<ChargeInput>): unknown[] {
  try {
    house(changes);
  } catch (error) {
    if (!(error instanceof ServiceError) || !Array.isArray(error.details)) throw error;
    return [error.code, ...error.details.map(({ field }) => field)];
  }
  throw new Error('nothing was refused');
}

describe('the request of a charge at Conekta', () => {
  it('is an order with one charge and our ids', () => {
    expect(house().call.request).toEqual({
      order: {
        currency: 'MXN',
        customer_info: { customer_id: 'cus_1' },
        line_items: [{ name: 'Teclado', unit_price: 39_900, quantity: 1 }],
        charges: [{ payment_method: { type: 'card', payment_source_id: 'src_1' } }],
        metadata: { channel: 'app', orderId: 'order-1', paymentId: 'pay-1' },
        return_url: 'https://pay.example/back',
      },
    });
  });

  it('takes a token of a stranger, holds money, offers months and asks the bank', () => {
    const { call } = house({
      ...TOKEN,
      providerCustomerId: undefined,
      customer: ADA,
      capture: 'manual',
      installments: 6,
      threeDs: 'strict',
      locale: 'en-US',
    });
    expect(call.request).toMatchObject({
      order: {
        customer_info: ADA,
        charges: [{ payment_method: { type: 'card', token_id: 'tok_1', monthly_installments: 6 } }],
        pre_authorize: true,
        three_ds_mode: 'strict',
      },
      language: 'en',
    });
  });

  it('S9m says where physical goods go', () => {
    const { call } = house({
      shippingContact: {
        receiver: 'Grace',
        phone: '5512345678',
        address: { street1: 'Nuevo León 254', postalCode: '06100', country: 'MX' },
      },
    });
    expect(jsonOf(call.request.order).shipping_contact).toEqual({
      receiver: 'Grace',
      phone: '5512345678',
      address: { street1: 'Nuevo León 254', postal_code: '06100', country: 'MX' },
    });
  });

  it('asks nothing of a bank when the buyer is not there', () => {
    const order = jsonOf(house({ buyerPresent: false, threeDs: 'smart' }).call.request.order);
    expect(order).not.toHaveProperty('return_url');
    expect(order).not.toHaveProperty('three_ds_mode');
  });

  it.each<[Partial<ChargeInput>, string, string[]]>([
    [{ providerCustomerId: undefined }, 'invalid_request', ['customerId']],
    [
      { ...TOKEN, providerCustomerId: undefined, customer: { name: 'Ada' } },
      'invalid_request',
      ['customer.email', 'customer.phone'],
    ],
    // S9n
    [
      { ...TOKEN, providerCustomerId: undefined, customer: { ...ADA, name: 'x'.repeat(250) } },
      'invalid_request',
      ['customer.name'],
    ],
    [{ installments: 5 }, 'capability_not_supported', ['installments']],
    [
      { money: { amount: 39_900n, currency: 'USD' }, installments: 3 },
      'capability_not_supported',
      ['installments'],
    ],
    [{ money: { amount: 39_900n, currency: 'EUR' } }, 'currency_not_supported', ['currency']],
  ])('names what Conekta refuses (%#)', (changes, code, fields) => {
    expect(refusedFields(changes)).toEqual([code, ...fields]);
  });
});

describe('a charge at Conekta', () => {
  it('that is paid says so, by our ids', async () => {
    const { orders, charges, call } = house();
    expect(await charges.send(call)).toMatchObject({
      known: true,
      value: {
        livemode: false,
        continueAt: undefined,
        facts: [
          { name: 'succeeded', ref: { paymentId: 'pay-1', orderId: 'order-1', providerPaymentId: 'ord_1' } },
        ],
      },
    });
    expect(orders.writes).toEqual(['POST /orders']);
  });

  it('that the bank asks about is open, and says where to send the buyer', async () => {
    const { orders, charges, call } = house();
    orders.makes = {
      payment_status: 'pending_payment',
      charges: list([chargeJson({ status: 'pending_confirmation', paid_at: null })]),
      checkout: undefined,
      next_action: { type: 'redirect_to_url', redirect_to_url: { url: 'https://pay.conekta.test/3ds' } },
    };
    expect(await charges.send(call)).toMatchObject({
      value: {
        continueAt: 'https://pay.conekta.test/3ds',
        facts: [
          {
            name: 'opened',
            ref: { providerPaymentId: 'ord_1' },
            checkoutUrl: 'https://pay.conekta.test/3ds',
          },
        ],
      },
    });
  });

  it.each(['javascript:alert(1)', 'http://bank.example/3ds', 'https://bank.example/\r\nX: y'])(
    'T24g sends no buyer to %j',
    async (url) => {
      const { orders, charges, call } = house();
      orders.makes = {
        payment_status: 'pending_payment',
        charges: list([chargeJson({ status: 'pending_confirmation', paid_at: null })]),
        checkout: undefined,
        next_action: { type: 'redirect_to_url', redirect_to_url: { url } },
      };
      const outcome = await charges.send(call);
      expect(outcome.known && outcome.value).toMatchObject({
        continueAt: undefined,
        facts: [{ name: 'opened' }],
      });
    },
  );

  it.each(['of a refusal', 'of an answer'])(
    'that is declined ends in a failure: the order %s',
    async (how) => {
      const { orders, charges, call } = house();
      orders.makes = LOST;
      if (how === 'of a refusal') orders.refuses = refusal(402, { message: 'La tarjeta no tiene fondos.' });
      expect(await charges.send(call)).toMatchObject({
        known: true,
        value: {
          buyerMessage: 'La tarjeta no tiene fondos.',
          facts: [
            { name: 'attempt_failed', attemptId: 'chg_1', ref: { providerPaymentId: 'ord_1' } },
            { name: 'failed', reason: 'insufficient_funds' },
          ],
        },
      });
    },
  );

  it('T5i that is declined is found behind a page of newer orders', async () => {
    const { orders, charges, call } = house();
    orders.makes = LOST;
    orders.refuses = refusal(402, { message: 'La tarjeta no tiene fondos.' });
    const list = orders.orders.bind(orders);
    orders.orders = (createdFrom, next) => {
      if (next === undefined) for (const id of ['ord_8', 'ord_9']) orders.add(id, { metadata: {} });
      return list(createdFrom, next);
    };
    expect(await charges.send(call)).toMatchObject({
      value: { facts: [{ name: 'attempt_failed', attemptId: 'chg_1' }, { name: 'failed' }] },
    });
  });

  it('T5j that is paid by a charge that the order does not show yet is in doubt, not told without its charge', async () => {
    const { orders, charges, call } = house();
    orders.makes = { ...PAID, charges: list([]) };
    expect(await charges.send(call)).toMatchObject({
      known: false,
      error: { details: { providerCode: 'paid_charge_not_shown' } },
    });
  });

  it('that is declined without an order is told by our own ids', async () => {
    const { orders, charges, call } = house();
    orders.refuses = refusal(402, { code: 'bank.declined', message: 'Rechazada.' });
    orders.keeps = false;
    const ref = { provider: 'conekta', paymentId: 'pay-1', orderId: 'order-1' };
    expect(await charges.send(call)).toMatchObject({
      value: {
        buyerMessage: 'Rechazada.',
        facts: [
          { name: 'attempt_failed', ref },
          { name: 'failed', ref, reason: 'bank.declined', money: INPUT.money, occurredAt: NOW },
        ],
      },
    });
  });

  it('with a token that cannot be used is refused: nothing was charged', async () => {
    const { orders, charges, call } = house(TOKEN);
    orders.refuses = refusal(402, { code: 'conekta.errors.processing.tokenization.used' });
    await expect(charges.send(call)).rejects.toMatchObject({ kind: 'card_unusable' });
    orders.refuses = refusal(422, { param: 'payment_method.token_id' });
    await expect(charges.send(call)).rejects.toMatchObject({ kind: 'card_unusable' });
  });

  it.each(['limited', 'lost'] as const)('whose answer is %s is in doubt, and found later', async (turn) => {
    const { orders, charges, call } = house();
    orders.turns = [[/orders/, turn]];
    expect((await charges.send(call)).known).toBe(false);
    const found = await charges.find({ ...call, sentBefore: NOW });
    if (turn === 'limited') expect(found).toBeUndefined();
    else expect(found).toMatchObject({ facts: [{ name: 'succeeded' }] });
    expect(orders.writes).toEqual(['POST /orders']);
  });

  it('that is found declined has failed, with what the buyer is told', async () => {
    const { orders, charges, call } = house();
    orders.add('ord_1', { ...LOST, metadata: { paymentId: 'pay-1', operationId: 'op-1' } });
    orders.add('ord_2', { ...PAID, metadata: { paymentId: 'pay-1', operationId: 'op-2' } });
    expect(await charges.find({ ...call, sentBefore: NOW })).toMatchObject({
      buyerMessage: 'La tarjeta no tiene fondos.',
      facts: [{ name: 'attempt_failed' }, { name: 'failed' }],
    });
  });

  it('of the other mode is not believed', async () => {
    const { orders, charges, call } = house();
    orders.makes = { ...PAID, livemode: true };
    expect(await charges.send(call)).toMatchObject({
      known: false,
      error: { details: { providerCode: 'livemode_mismatch' } },
    });
  });
});
