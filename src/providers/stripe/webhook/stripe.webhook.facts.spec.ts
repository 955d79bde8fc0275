import { describe, expect, it } from '@jest/globals';
import { stripeEvent, stripeObject } from '../../../../test/fixtures/stripe/stripe.fixtures.js';
import type { Fact } from '../../facts.js';
import { type Json, metadataOf } from '../../json.read.js';
import type { WebhookEvent } from '../../webhook.ports.js';
import type { StripeEvidence } from './stripe.confirm.js';
import { readEvent } from './stripe.event.js';
import { subjectOf } from './stripe.subject.js';
import { translate } from './stripe.webhook.facts.js';

const METADATA = metadataOf(stripeObject('charge.succeeded').metadata);
const OURS = { provider: 'stripe', ...METADATA };
const PAID_REF = { ...OURS, providerPaymentId: 'pi_keyboard1', chargeId: 'ch_keyboard1' };
const CHARGED_AT = new Date(1_790_000_050_000);
const EVENT_AT = new Date(1_790_000_100_000);
const CARD = { type: 'card', brand: 'visa', last4: '4242', installments: undefined };
const NOBODY = { metadata: {}, client_reference_id: null };

function told(event: WebhookEvent, evidence: StripeEvidence): readonly Fact[] {
  const read = readEvent(event);
  return read === undefined ? [] : translate(read, evidence);
}

function facts(name: string, evidence: StripeEvidence = {}, changes: Json = {}): readonly Fact[] {
  return told(stripeEvent(name, changes), evidence);
}

/** A payment intent as the API answers it, with its charge. */
function intentNow(changes: Json = {}, charge: Json = {}): Json {
  return stripeObject('payment_intent.succeeded', {
    latest_charge: stripeObject('charge.succeeded', charge),
    ...changes,
  });
}

const SUCCESS = {
  kind: 'payment',
  name: 'succeeded',
  livemode: false,
  occurredAt: CHARGED_AT,
  money: { amount: 3998n, currency: 'USD' },
  method: CARD,
  receiptUrl: 'https://pay.stripe.com/receipts/keyboard1',
  metadata: METADATA,
};

describe('a payment that succeeded', () => {
  it('is the same fact whichever event tells of it', () => {
    const fromCharge = facts('charge.succeeded');
    const fromIntent = facts('payment_intent.succeeded', { intent: intentNow() });
    const fromSession = facts('checkout.session.completed', { intent: intentNow() });
    expect(fromCharge).toEqual([{ ...SUCCESS, ref: PAID_REF }]);
    expect(fromIntent).toEqual([{ ...SUCCESS, ref: PAID_REF }]);
    expect(fromSession).toEqual([{ ...SUCCESS, ref: { ...PAID_REF, sessionId: 'cs_test_keyboard1' } }]);
    expect(facts('checkout.session.async_payment_succeeded', { intent: intentNow() })).toEqual(fromSession);
  });

  it.each([
    'javascript:alert(1)',
    'data:text/html,x',
    'https://localhost/r',
    'https://127.0.0.1/r',
    'https://intranet/r',
    'https://pay.stripe.com/r\r\nX: y',
    'https://a:b@pay.stripe.com/r',
    'http://pay.stripe.com/r',
  ])('T24e has no receipt of Stripe where Stripe gives %j', (receipt_url) => {
    const told = [
      ...facts('charge.succeeded', { charge: stripeObject('charge.succeeded', { receipt_url }) }),
      ...facts('payment_intent.succeeded', { intent: intentNow({}, { receipt_url }) }),
    ];
    expect(told.map((fact) => 'receiptUrl' in fact && fact.receiptUrl)).toEqual([undefined, undefined]);
  });

  it('is not one because an event says so, when the API says otherwise', () => {
    const unpaid = { intent: intentNow({ status: 'requires_payment_method', latest_charge: null }) };
    expect(facts('payment_intent.succeeded', unpaid)).toEqual([]);
    expect(facts('checkout.session.completed', unpaid)).toEqual([]);
    expect(facts('payment_intent.succeeded', { intent: intentNow({ id: 'pi_other' }) })).toEqual([]);
    expect(facts('payment_intent.succeeded')).toEqual([]);
  });

  it('is what Stripe says of the charge now, where it was asked again', () => {
    const charge = stripeObject('charge.succeeded');
    expect(facts('charge.succeeded', { charge })).toEqual(facts('charge.succeeded'));
    expect(facts('charge.succeeded', { charge: { ...charge, status: 'failed' } })).toEqual([]);
  });

  it('is still one when it was refunded since', () => {
    const refunded = { intent: intentNow({}, { refunded: true, amount_refunded: 3998 }) };
    expect(facts('payment_intent.succeeded', refunded)).toMatchObject([
      { name: 'succeeded', money: { amount: 3998n } },
    ]);
  });

  it('tells installments, cash and bank transfers in our words', () => {
    const method = (details: Json): unknown => {
      const [fact] = facts('charge.succeeded', {}, { payment_method_details: details });
      return fact?.kind === 'payment' ? fact.method : undefined;
    };
    const card = {
      brand: 'visa',
      last4: '4242',
      installments: { plan: { count: 6 } },
      wallet: { type: 'apple_pay' },
    };
    expect(method({ type: 'card', card })).toEqual({ ...CARD, installments: 6 });
    expect(method({ type: 'oxxo', oxxo: { number: '930002' } })).toEqual({
      type: 'cash',
      reference: '930002',
    });
    expect(method({ type: 'customer_balance', customer_balance: {} })).toEqual({ type: 'bank_transfer' });
    expect(method({ type: 'link', link: {} })).toEqual({ type: 'link' });
  });

  it("is counted in ISO 4217's decimals", () => {
    const isk = facts('charge.succeeded', {}, { currency: 'isk', amount: 50000, amount_captured: 50000 });
    expect(isk).toMatchObject([{ money: { amount: 500n, currency: 'ISK' } }]);
  });

  it.each(['bgn', 'ang', 'xcg'])('S17g is read in %s, whether that went out since or came in', (currency) => {
    const told = facts('charge.succeeded', {}, { currency, amount: 1950, amount_captured: 1950 });
    expect(told).toMatchObject([{ money: { amount: 1950n, currency: currency.toUpperCase() } }]);
  });

  it('is told without its charge when both are known already', () => {
    const [fact] = facts('checkout.session.completed', { knownPaid: true });
    expect(fact).toMatchObject({ name: 'succeeded', ref: { providerPaymentId: 'pi_keyboard1' } });
    expect(fact?.ref.chargeId).toBeUndefined();
  });

  it('is announced for an order of the service that was replaced', () => {
    const legacy = { metadata: { orderId: 'order-9' } };
    expect(facts('charge.succeeded', {}, legacy)).toMatchObject([
      { name: 'succeeded', ref: { orderId: 'order-9' } },
    ]);
    const ofSession = { metadata: { orderId: 'order-9' }, client_reference_id: null };
    expect(
      facts('checkout.session.completed', { intent: intentNow({ metadata: {} }) }, ofSession),
    ).toMatchObject([{ name: 'succeeded', ref: { orderId: 'order-9', chargeId: 'ch_keyboard1' } }]);
  });

  it('T7c is told with nothing to pay and no intent, when the session asks for nothing', () => {
    const free = { amount_total: 0, payment_status: 'no_payment_required', payment_intent: null };
    expect(facts('checkout.session.completed', {}, free)).toMatchObject([
      { name: 'succeeded', money: { amount: 0n }, ref: { sessionId: expect.stringMatching(/^cs_/) } },
    ]);
  });
});

describe('money that is held only', () => {
  it('is an authorization, not a success, until it is captured', () => {
    expect(facts('charge.succeeded.uncaptured')).toMatchObject([
      { name: 'authorized', money: { amount: 3998n }, ref: PAID_REF },
    ]);
    expect(facts('payment_intent.amount_capturable_updated')).toMatchObject([
      { name: 'authorized', money: { amount: 3998n }, ref: PAID_REF },
    ]);
    const held = {
      intent: intentNow({ status: 'requires_capture', amount_received: 0 }, { captured: false }),
    };
    expect(facts('checkout.session.completed', held, { payment_status: 'unpaid' })).toMatchObject([
      { name: 'authorized', method: CARD },
    ]);
    expect(facts('charge.captured')).toMatchObject([{ name: 'succeeded', money: { amount: 3000n } }]);
  });

  it('expires when nobody captures it', () => {
    expect(facts('charge.expired')).toMatchObject([{ name: 'expired', ref: PAID_REF }]);
    const automatic = { cancellation_reason: 'automatic' };
    expect(facts('payment_intent.canceled', {}, automatic)).toMatchObject([{ name: 'expired' }]);
  });
});

describe('a payment that waits', () => {
  const voucher = stripeObject('payment_intent.requires_action.oxxo');

  it('has its voucher, whichever event comes first', () => {
    const pending = {
      name: 'pending',
      money: { amount: 39800n, currency: 'MXN' },
      method: { type: 'cash', reference: '93000260010000000000000000001' },
      expiresAt: new Date(1_790_259_140_000),
      occurredAt: EVENT_AT,
    };
    expect(facts('payment_intent.requires_action.oxxo')).toMatchObject([pending]);
    expect(facts('checkout.session.completed.unpaid', { intent: voucher })).toMatchObject([pending]);
  });

  it('is told as paid too, when it was paid before we asked', () => {
    const paid = facts('checkout.session.completed.unpaid', { intent: intentNow() });
    expect(paid).toMatchObject([{ name: 'pending' }, { name: 'succeeded', receiptUrl: SUCCESS.receiptUrl }]);
  });

  it('has a CLABE, and is no success when only a part has come', () => {
    expect(facts('payment_intent.partially_funded')).toMatchObject([
      {
        name: 'pending',
        method: { type: 'bank_transfer', reference: '730007', clabe: '646180111812345678' },
      },
    ]);
  });

  it('says nothing new while the bank is asked, or works', () => {
    expect(facts('payment_intent.requires_action.three_d_secure')).toEqual([]);
    expect(facts('payment_intent.processing')).toEqual([]);
    expect(facts('charge.pending')).toEqual([]);
  });
});

describe('a payment that comes to nothing', () => {
  it('is a declined attempt first, the same one by both events', () => {
    const declined = {
      name: 'attempt_failed',
      attemptId: 'ch_declined1',
      reason: 'card_declined',
      money: { amount: 3998n, currency: 'USD' },
    };
    const told = [...facts('payment_intent.payment_failed'), ...facts('charge.failed')];
    expect(told).toMatchObject([declined, declined]);
    // The declined charge is not the payment's.
    expect(told.map((fact) => fact.ref.chargeId)).toEqual([undefined, undefined]);
  });

  it('is one attempt per event where nothing was charged', () => {
    const changes = { last_payment_error: { code: 'payment_intent_authentication_failure' } };
    expect(facts('payment_intent.payment_failed', {}, changes)).toMatchObject([
      { name: 'attempt_failed', attemptId: stripeEvent('payment_intent.payment_failed').eventId },
    ]);
  });

  it('has failed for good when a voucher ran out', () => {
    const error = { code: 'payment_intent_payment_attempt_expired', payment_method: { type: 'oxxo' } };
    expect(facts('payment_intent.payment_failed', {}, { last_payment_error: error })).toMatchObject([
      { name: 'failed', reason: 'payment_intent_payment_attempt_expired' },
    ]);
    const unnamed = { ...error, payment_method: null };
    expect(facts('payment_intent.payment_failed', {}, { last_payment_error: unnamed })).toMatchObject([
      { name: 'failed' },
    ]);
    const debit = { code: '', decline_code: 'generic_decline', payment_method: { type: 'sepa_debit' } };
    expect(facts('payment_intent.payment_failed', {}, { last_payment_error: debit })).toMatchObject([
      { name: 'failed', reason: 'generic_decline' },
    ]);
    expect(facts('charge.failed', {}, { payment_method_details: { type: 'oxxo' } })).toMatchObject([
      { name: 'failed' },
    ]);
    expect(facts('checkout.session.async_payment_failed')).toMatchObject([{ name: 'failed' }]);
  });

  it('was declined, when its one attempt was and it was closed for that: not so of a checkout', () => {
    const last_payment_error = { code: 'card_declined', charge: 'ch_declined1' };
    const ofCharge = { last_payment_error, metadata: { ...METADATA, operationId: 'op-1' } };
    expect(facts('payment_intent.canceled', {}, ofCharge)).toMatchObject([
      { name: 'attempt_failed', attemptId: 'ch_declined1', reason: 'card_declined' },
      { name: 'failed', reason: 'card_declined' },
    ]);
    expect(facts('payment_intent.canceled', {}, { last_payment_error })).toMatchObject([
      { name: 'canceled' },
    ]);
  });

  it('is canceled or expired, at the time that Stripe tells', () => {
    expect(facts('payment_intent.canceled')).toMatchObject([
      { name: 'canceled', occurredAt: new Date(1_790_000_080_000) },
    ]);
    expect(facts('checkout.session.expired')).toMatchObject([
      { name: 'expired', occurredAt: EVENT_AT, ref: { ...OURS, sessionId: 'cs_test_keyboard1' } },
    ]);
    const inTime = facts('checkout.session.expired', {}, { expires_at: 1_790_000_099 });
    expect(inTime).toMatchObject([{ occurredAt: new Date(1_790_000_099_000) }]);
  });
});

describe('a refund', () => {
  it('is told by its own events', () => {
    expect(facts('refund.created')).toEqual([
      {
        kind: 'refund',
        ref: { provider: 'stripe', providerPaymentId: 'pi_keyboard1', chargeId: 'ch_keyboard1' },
        livemode: false,
        occurredAt: EVENT_AT,
        refundId: 're_keyboard1',
        status: 'succeeded',
        money: { amount: 1000n, currency: 'USD' },
        reason: 'requested_by_customer',
      },
    ]);
    expect(facts('refund.failed')).toMatchObject([{ status: 'failed', reason: 'expired_or_canceled_card' }]);
    expect(facts('refund.created', {}, { status: 'requires_action' })).toMatchObject([{ status: 'pending' }]);
  });

  it('is told by those of its charge as they were read', () => {
    const refunds = [
      stripeObject('refund.created'),
      stripeObject('refund.created', { id: 're_2', amount: 500 }),
    ];
    expect(facts('charge.refunded', { refunds })).toMatchObject([
      { refundId: 're_keyboard1', money: { amount: 1000n }, ref: PAID_REF },
      { refundId: 're_2', money: { amount: 500n }, ref: PAID_REF },
    ]);
    expect(facts('charge.refunded')).toEqual([]);
  });

  it("finds an unknown payment by its charge's metadata, or is not ours", () => {
    expect(facts('refund.created', { charge: stripeObject('charge.succeeded') })).toMatchObject([
      { name: 'succeeded', ref: PAID_REF },
      { kind: 'refund', ref: PAID_REF },
    ]);
    expect(facts('refund.created', { charge: stripeObject('charge.succeeded', { metadata: {} }) })).toEqual(
      [],
    );
  });
});

describe('what was held and never captured', () => {
  const held = { captured: false, amount_captured: 0 };
  const part = { captured: true, amount_captured: 3000 };
  /** As Stripe lists it: a refund without a balance transaction. */
  const rest = (amount: number): Json =>
    stripeObject('refund.created', { id: 're_rest', amount, balance_transaction: null });
  const restEvent = (amount: number, charge: Json) =>
    facts(
      'refund.created',
      { knownCharge: stripeObject('charge.succeeded', charge) },
      { id: 're_rest', amount, balance_transaction: null },
    );

  it('T8a is no refund, whichever event tells of it: not the rest of 3,998 of which 3,000 or 1,000 were captured', () => {
    expect(facts('charge.refunded', { refunds: [rest(998)] }, part)).toEqual([]);
    expect(restEvent(998, part)).toEqual([]);
    const little = { captured: true, amount_captured: 1000 };
    expect(facts('charge.refunded', { refunds: [rest(2998)] }, little)).toEqual([]);
    expect(restEvent(2998, little)).toEqual([]);
  });

  it('T8b leaves the true refund of the same charge alone, though it has no balance transaction yet', () => {
    const refunds = [
      stripeObject('refund.created', { amount: 500, balance_transaction: 'txn_1' }),
      rest(998),
    ];
    expect(facts('charge.refunded', { refunds }, part)).toMatchObject([{ money: { amount: 500n } }]);
    expect(restEvent(500, {})).toMatchObject([{ status: 'succeeded', money: { amount: 500n } }]);
    expect(restEvent(1500, part)).toMatchObject([{ money: { amount: 1500n } }]);
  });

  it('T9a is nothing that came back, when all of the hold was released', () => {
    expect(facts('charge.refunded', { refunds: [rest(3998)] }, held)).toEqual([]);
    expect(restEvent(3998, held)).toEqual([]);
    const now = stripeObject('charge.succeeded', { ...held, refunded: true });
    expect(facts('charge.succeeded', { charge: now }, held)).toMatchObject([{ name: 'canceled' }]);
  });
});

describe('a dispute', () => {
  const status = (stage: string, changes: Json = {}): unknown => {
    const [fact] = facts('charge.dispute.closed', {}, { status: stage, ...changes });
    return fact?.kind === 'dispute' ? fact.status : undefined;
  };

  it('is open until Stripe says how it ended', () => {
    expect(facts('charge.dispute.created')).toMatchObject([
      {
        kind: 'dispute',
        disputeId: 'du_keyboard1',
        status: 'open',
        stage: 'needs_response',
        reason: 'fraudulent',
      },
    ]);
    expect(status('lost')).toBe('lost');
    expect(status('won')).toBe('won');
    expect(status('warning_closed')).toBe('won');
    expect(status('appeal_under_review')).toBe('open');
    expect(status('a_stage_of_tomorrow')).toBe('open');
  });

  it('T10a is won when the money was reinstated, though the stage is not there yet', () => {
    const [taken, back] = [{ amount: -3998 }, { amount: 3998 }];
    expect(status('lost', { balance_transactions: [taken] })).toBe('lost');
    expect(status('lost', { balance_transactions: [taken, back] })).toBe('won');
    expect(status('lost', { balance_transactions: [taken, { amount: 1000 }] })).toBe('lost');
  });

  it('T10b is an inquiry as long as its stage says so', () => {
    const inquiry = (stage: string): unknown => {
      const [fact] = facts('charge.dispute.closed', {}, { status: stage });
      return fact?.kind === 'dispute' ? fact.inquiry : undefined;
    };
    for (const stage of ['warning_needs_response', 'warning_under_review', 'warning_closed'])
      expect(inquiry(stage)).toBe(true);
    for (const stage of ['needs_response', 'under_review', 'won', 'lost']) expect(inquiry(stage)).toBe(false);
  });

  it('T12a is told as it stands now, not as the event found it', () => {
    const dispute = stripeObject('charge.dispute.created', { status: 'won' });
    expect(facts('charge.dispute.created', { dispute })).toMatchObject([{ status: 'won', stage: 'won' }]);
  });

  it('that was prevented is lost only if it took the money', () => {
    expect(status('prevented')).toBe('won');
    expect(status('prevented', { balance_transactions: [{ amount: -3998 }] })).toBe('lost');
  });
});

describe('an order that only the buyer of a Payment Link has named', () => {
  const link = { metadata: {}, client_reference_id: '6f0d2d54-1c5b-4f0e-9c2c-5d1fa2b8e7a1' };

  it.each([
    'checkout.session.completed',
    'checkout.session.completed.unpaid',
    'checkout.session.async_payment_succeeded',
    'checkout.session.async_payment_failed',
    'checkout.session.expired',
  ])('T1a is none: nothing is told by %s', (name) => {
    expect(facts(name, { intent: intentNow({ metadata: {} }) }, link)).toEqual([]);
    expect(subjectOf(stripeEvent(name, link))).not.toHaveProperty('ref.orderId', expect.anything());
  });
});

describe('what concerns no payment', () => {
  it.each(['charge.updated', 'invoice.paid', 'customer.subscription.updated', 'v2.core.account.updated'])(
    'is %s',
    (name) => {
      expect(facts(name)).toEqual([]);
    },
  );

  it('is what happens on the account without an order', () => {
    expect(facts('charge.succeeded', {}, NOBODY)).toEqual([]);
    expect(facts('payment_intent.succeeded', { intent: intentNow(NOBODY) }, NOBODY)).toEqual([]);
    expect(facts('checkout.session.completed', { intent: intentNow() }, NOBODY)).toEqual([]);
  });

  it('is an invoice, a subscription and a setup', () => {
    expect(facts('charge.succeeded', {}, { invoice: 'in_1' })).toEqual([]);
    expect(facts('payment_intent.payment_failed', {}, { invoice: 'in_1' })).toEqual([]);
    expect(facts('checkout.session.completed', { intent: intentNow() }, { mode: 'subscription' })).toEqual(
      [],
    );
  });

  it('is a type that is the name of a property of every object', () => {
    const event = { ...stripeEvent('charge.succeeded'), type: 'constructor' };
    expect(told(event, {})).toEqual([]);
  });

  it('is a body that is not what its type says', () => {
    for (const payload of [
      null,
      [],
      7,
      {},
      { data: null },
      { data: { object: { object: 'charge' } }, created: 1 },
    ]) {
      expect(told({ ...stripeEvent('charge.succeeded'), payload }, {})).toEqual([]);
    }
  });
});
