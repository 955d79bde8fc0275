import { describe, expect, it } from '@jest/globals';
import type { Json } from '../../json.read.js';
import type { ChargeInput } from '../../payment.ports.js';
import { ProviderError } from '../../provider.errors.js';
import { ACCOUNT, refusalOf, ScriptedStripe } from '../../../../test/support/stripe/stripe.calls.js';
import { StripeCharges } from './stripe.charges.js';
import { chargeJson, intentJson, PAID_CHARGE } from '../../../../test/support/stripe/stripe.objects.js';

const OURS = { paymentId: 'pay-1', orderId: 'order-1', operationId: 'op-1' };
const CREATE = 'POST /v1/payment_intents';
const CLOSE = 'POST /v1/payment_intents/pi_2/cancel';
const CALL = { operationId: 'op-1', request: { intent: { metadata: { paymentId: 'pay-1' } } } };

const DECLINED: Json = intentJson({
  status: 'requires_payment_method',
  amount_received: 0,
  metadata: OURS,
  latest_charge: chargeJson('ch_1', '2026-10-02T11:59:59Z'),
  last_payment_error: { code: 'card_declined', charge: 'ch_1', message: 'Your card was declined.' },
});

function input(changes: Partial<ChargeInput> = {}): ChargeInput {
  return {
    paymentId: 'pay-1',
    orderId: 'order-1',
    money: { amount: 39800n, currency: 'MXN' },
    items: [
      { name: 'Teclado', unitAmount: 19900n, quantity: 1 },
      { name: 'Ratón', unitAmount: 19900n, quantity: 1 },
    ],
    card: { kind: 'saved', providerSourceId: 'pm_1' },
    providerCustomerId: 'cus_1',
    capture: 'automatic',
    buyerPresent: true,
    returnUrl: 'https://pay.shop.example/pay/pay-1/return',
    metadata: { channel: 'app', paymentId: 'stolen' },
    ...changes,
  };
}

function stage(answers: Json): { stripe: ScriptedStripe; charges: StripeCharges } {
  const stripe = new ScriptedStripe(answers);
  return { stripe, charges: new StripeCharges(stripe, ACCOUNT) };
}

const requestOf = (changes?: Partial<ChargeInput>) => stage({}).charges.request(input(changes));

describe('the request of a charge', () => {
  it('is confirmed as it is made, and can come back from the bank', () => {
    const request = requestOf();
    expect(JSON.parse(JSON.stringify(request))).toStrictEqual(request);
    expect(request).toEqual({
      intent: {
        amount: 39800,
        currency: 'mxn',
        confirm: true,
        payment_method: 'pm_1',
        customer: 'cus_1',
        allowed_payment_method_types: ['card'],
        capture_method: 'automatic',
        description: 'Teclado, Ratón',
        metadata: { channel: 'app', paymentId: 'pay-1', orderId: 'order-1' },
        return_url: 'https://pay.shop.example/pay/pay-1/return',
      },
    });
  });

  it('of an absent buyer is not to ask anybody', () => {
    const { intent } = requestOf({ buyerPresent: false, card: { kind: 'token', token: 'pm_card_visa' } });
    expect(intent).toMatchObject({ off_session: true, payment_method: 'pm_card_visa' });
    expect(intent).not.toHaveProperty('return_url');
  });

  it('S9l says where physical goods go', () => {
    const { intent } = requestOf({
      shippingContact: {
        receiver: 'Grace',
        phone: '5512345678',
        address: { street1: 'Nuevo León 254', postalCode: '06100', country: 'MX' },
      },
    });
    expect(intent).toMatchObject({
      shipping: {
        name: 'Grace',
        phone: '5512345678',
        address: { line1: 'Nuevo León 254', postal_code: '06100', country: 'MX' },
      },
    });
  });

  it('has its installments and its 3-D Secure with the card', () => {
    expect(requestOf({ installments: 6, threeDs: 'strict' }).intent).toMatchObject({
      payment_method_options: {
        card: {
          installments: { plan: { type: 'fixed_count', interval: 'month', count: 6 } },
          request_three_d_secure: 'any',
        },
      },
    });
  });

  it.each<[Partial<ChargeInput>, string, string]>([
    [{ installments: 4 }, 'capability_not_supported', 'installments'],
    [
      { installments: 6, money: { amount: 39800n, currency: 'USD' } },
      'capability_not_supported',
      'installments',
    ],
    [{ threeDs: 'not_strict' }, 'capability_not_supported', 'threeDs'],
    [{ money: { amount: 999n, currency: 'MXN' } }, 'amount_out_of_bounds', 'items'],
    [{ money: { amount: 10001n, currency: 'KWD' } }, 'invalid_request', 'items'],
  ])('cannot have %o', (changes, code, field) => {
    expect(refusalOf(() => requestOf(changes))).toEqual({ code, field });
  });
});

describe('a charge that is sent', () => {
  it('is marked with its operation, and told as paid', async () => {
    const { stripe, charges } = stage({ [CREATE]: intentJson({ metadata: OURS }) });
    expect(await charges.send({ operationId: 'op-1', request: requestOf() })).toMatchObject({
      known: true,
      value: {
        livemode: false,
        facts: [
          {
            name: 'succeeded',
            ref: { paymentId: 'pay-1', orderId: 'order-1', providerPaymentId: 'pi_2', chargeId: 'ch_3' },
            money: { amount: 19900n, currency: 'MXN' },
            receiptUrl: PAID_CHARGE.receipt_url,
          },
        ],
      },
    });
    expect(stripe.sent).toMatchObject([
      { path: CREATE, key: 'op-1', params: { metadata: { operationId: 'op-1' }, expand: ['latest_charge'] } },
    ]);
  });

  it('that is held only is authorized', async () => {
    const held = intentJson({ status: 'requires_capture', amount_received: 0, metadata: OURS });
    expect(await stage({ [CREATE]: held }).charges.send(CALL)).toMatchObject({
      value: { facts: [{ name: 'authorized' }] },
    });
  });

  it.each(['javascript:alert(1)', 'http://bank.example/3ds', 'https://bank.example/\r\nX: y'])(
    'T24f sends no buyer to %j',
    async (url) => {
      const next_action = { type: 'redirect_to_url', redirect_to_url: { url } };
      const asks = intentJson({ status: 'requires_action', next_action, metadata: OURS });
      const outcome = await stage({ [CREATE]: asks }).charges.send(CALL);
      expect(outcome.known && outcome.value).toMatchObject({
        continueAt: undefined,
        facts: [{ name: 'pending' }],
      });
    },
  );

  it('that the bank wants to see the buyer for says where', async () => {
    const next_action = { type: 'redirect_to_url', redirect_to_url: { url: 'https://bank.example/3ds' } };
    const asked = intentJson({ status: 'requires_action', next_action, metadata: OURS });
    const { stripe, charges } = stage({ [CREATE]: asked });
    expect(await charges.send(CALL)).toMatchObject({
      value: { continueAt: 'https://bank.example/3ds', facts: [{ name: 'pending' }] },
    });
    expect(stripe.sent).toHaveLength(1);
  });

  it.each([
    ['is closed', intentJson({ status: 'canceled' })],
    ['cannot be closed', new ProviderError('invalid_request', 'no', { provider: 'stripe' })],
    ['may be closed', undefined],
  ])(
    'that is declined has failed, with what the buyer is to read; its payment intent %s',
    async (_, close) => {
      const error = { type: 'card_error', code: 'card_declined', payment_intent: DECLINED };
      const { stripe, charges } = stage({ [CREATE]: error, ...(close && { [CLOSE]: close }) });
      expect(await charges.send(CALL)).toMatchObject({
        known: true,
        value: {
          buyerMessage: 'Your card was declined.',
          facts: [
            { name: 'attempt_failed', attemptId: 'ch_1', reason: 'card_declined' },
            { name: 'failed', reason: 'card_declined', ref: { paymentId: 'pay-1' } },
          ],
        },
      });
      expect(stripe.sent.map(({ path, key }) => [path, key])).toEqual([
        [CREATE, 'op-1'],
        [CLOSE, 'op-1:close'],
      ]);
    },
  );

  it.each([
    ['for its pace', new ProviderError('rate_limited', 'slow down', { provider: 'stripe' })],
    ['by nobody', undefined],
    ['by something else', { object: 'customer', id: 'cus_1' }],
  ])('and answered %s is in doubt', async (_, answer) => {
    expect(await stage(answer === undefined ? {} : { [CREATE]: answer }).charges.send(CALL)).toMatchObject({
      known: false,
    });
  });

  it('with a card that is used up is refused', async () => {
    const used = new ProviderError('card_unusable', 'used up', { provider: 'stripe' });
    await expect(stage({ [CREATE]: used }).charges.send(CALL)).rejects.toBe(used);
  });
});

describe('a charge that was sent', () => {
  const LIST = 'GET /v1/payment_intents';
  const sent = { ...CALL, sentBefore: new Date('2026-10-02T11:00:00Z') };
  const stranger = intentJson({ id: 'pi_0', metadata: { ...OURS, operationId: 'op-0' } });

  it('is found by the mark of its operation, and nothing is sent', async () => {
    const page = { data: [stranger, intentJson({ metadata: OURS })], has_more: false };
    const { stripe, charges } = stage({ [LIST]: page });
    expect(await charges.find(sent)).toMatchObject({ facts: [{ name: 'succeeded' }] });
    expect(stripe.sent).toEqual([]);
  });

  it('is found declined, and closed', async () => {
    const { stripe, charges } = stage({ [LIST]: { data: [DECLINED] } });
    expect(await charges.find(sent)).toMatchObject({
      facts: [{ name: 'attempt_failed' }, { name: 'failed' }],
      buyerMessage: 'Your card was declined.',
    });
    expect(stripe.sent.map(({ path }) => path)).toEqual([CLOSE]);
    const closed = stage({ [LIST]: { data: [{ ...DECLINED, status: 'canceled' }] } });
    expect(await closed.charges.find(sent)).toMatchObject({ facts: [{}, { name: 'failed' }] });
    expect(closed.stripe.sent).toEqual([]);
  });

  it('is not there, so far', async () => {
    expect(await stage({ [LIST]: { data: [stranger] } }).charges.find(sent)).toBeUndefined();
  });
});
