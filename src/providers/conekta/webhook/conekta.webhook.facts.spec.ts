import { describe, expect, it } from '@jest/globals';
import {
  conektaEvent,
  conektaObject,
  conektaOrder,
} from '../../../../test/fixtures/conekta/conekta.fixtures.js';
import type { Fact } from '../../facts.js';
import { type Json, jsonOf, metadataOf } from '../../json.read.js';
import type { WebhookEvent } from '../../webhook.ports.js';
import { pageOf } from '../conekta.client.js';
import { EVENT_NAMES, readEvent } from './conekta.event.js';
import { type ConektaEvidence, translate } from './conekta.webhook.facts.js';

const METADATA = metadataOf(conektaObject('order.paid').metadata);
const REF = {
  provider: 'conekta',
  paymentId: METADATA.paymentId,
  orderId: METADATA.orderId,
  sessionId: '7d1c0b52-4a0e-4c6b-9f55-2f8f6c1e0011',
  providerPaymentId: 'ord_3KeyboardMx0001',
};
const PAID_BY = '6a5e10c0d3b7f20001a9c002';
const CASH = '6a5e10c0d3b7f20001a9c003';
const MXN = { amount: 39_800n, currency: 'MXN' };
const CARD = { type: 'card', brand: 'visa', last4: '4242', installments: 6 };

function at(seconds: number): Date {
  return new Date((1_790_000_000 + seconds) * 1000);
}

function told(event: WebhookEvent, evidence: ConektaEvidence): readonly Fact[] {
  const read = readEvent(event);
  return read === undefined ? [] : translate(read, evidence);
}

/** Of an order as it is when it is read, whichever event led to it. */
function factsOf(order: Json, { event = 'order.updated', ...evidence }: Reading = {}): readonly Fact[] {
  return told(conektaEvent(event), { order, ...evidence });
}

interface Reading {
  event?: string;
  payingChargeId?: string;
}

/** Of the order that an event came with, read unchanged. */
function facts(name: string, changes: Json = {}): readonly Fact[] {
  return factsOf(conektaObject(name, changes), { event: name });
}

const DECLINED = {
  kind: 'payment',
  name: 'attempt_failed',
  ref: REF,
  livemode: false,
  occurredAt: at(20),
  money: MXN,
  method: { type: 'card', brand: 'visa', last4: '0002' },
  metadata: METADATA,
  attemptId: '6a5e10c0d3b7f20001a9c001',
  reason: 'insufficient_funds',
};
const SUCCESS = {
  kind: 'payment',
  name: 'succeeded',
  ref: { ...REF, chargeId: PAID_BY },
  livemode: false,
  occurredAt: at(52),
  money: MXN,
  method: CARD,
  metadata: METADATA,
};
const REFUND = {
  kind: 'refund',
  ref: { ...REF, chargeId: PAID_BY },
  livemode: false,
  occurredAt: at(900),
  refundId: '6a5e10c0d3b7f20001b9c001',
  status: 'succeeded',
  money: { amount: 10_000n, currency: 'MXN' },
};

describe('a payment that succeeded', () => {
  it('is the same whichever event leads to its order', () => {
    const order = conektaObject('order.paid');
    expect(factsOf(order, { event: 'order.paid' })).toEqual([DECLINED, SUCCESS]);
    for (const event of ['charge.paid', 'charge.created', 'charge.declined', 'order.pending_payment']) {
      expect(factsOf(order, { event })).toEqual([DECLINED, SUCCESS]);
    }
  });

  it('is not one because an event says so, when the order says otherwise', () => {
    for (const event of ['order.paid', 'charge.paid']) {
      expect(factsOf(conektaObject('order.declined'), { event })).toEqual([DECLINED]);
      expect(factsOf(conektaObject('order.created'), { event })).toEqual([]);
    }
  });

  it('was paid at a shop, against its reference', () => {
    expect(facts('order.paid.cash')).toEqual([
      {
        ...SUCCESS,
        ref: { ...REF, chargeId: CASH },
        occurredAt: at(90_000),
        method: {
          type: 'cash',
          reference: '9900112233445566',
          barcodeUrl: 'https://barcodes.example/9900112233445566.png',
        },
      },
    ]);
  });

  it.each(['javascript:alert(1)', 'data:image/png,x', 'http://barcodes.example/1.png'])(
    'T24i has no picture of its reference where Conekta gives %j',
    (barcode_url) => {
      const [charge] = pageOf(conektaObject('order.paid.cash').charges).map(jsonOf);
      const paid = { ...charge, payment_method: { ...jsonOf(charge?.payment_method), barcode_url } };
      const [fact] = factsOf(conektaOrder('order.paid', [paid]));
      expect(fact).toMatchObject({ method: { type: 'cash', barcodeUrl: undefined } });
    },
  );

  it('is told although no charge of the order shows it', () => {
    const order = conektaOrder('order.paid', []);
    expect(factsOf(order)).toMatchObject([{ name: 'succeeded', ref: REF, money: MXN }]);
    expect(factsOf(order)[0]?.ref.chargeId).toBeUndefined();
  });

  it('T5l is of the charge that was paid, by whatever word that stands, once the order is called paid', () => {
    const order = conektaOrder('order.paid', [conektaObject('charge.paid', { status: 'settled' })]);
    expect(factsOf(order)).toMatchObject([{ name: 'succeeded', ref: { ...REF, chargeId: PAID_BY } }]);
    expect(factsOf({ ...order, payment_status: 'pending_payment' })).toEqual([]);
  });

  it('is dated by its charge where that tells no time of payment', () => {
    const order = conektaOrder('order.paid', [conektaObject('charge.paid', { paid_at: null })]);
    expect(factsOf(order)).toMatchObject([{ name: 'succeeded', occurredAt: at(50) }]);
  });

  it('is announced for an order of the service that was replaced', () => {
    const { paymentId: _, ...theirs } = METADATA;
    const [, fact] = facts('order.paid', { metadata: theirs });
    expect(fact).toMatchObject({ name: 'succeeded', ref: { orderId: METADATA.orderId, chargeId: PAID_BY } });
    expect(fact?.ref.paymentId).toBeUndefined();
  });

  it('is announced where that service counted its orders: Conekta keeps numbers, too', () => {
    const metadata = { orderId: 4711, table: true };
    expect(facts('order.paid', { metadata }).at(-1)).toMatchObject({
      name: 'succeeded',
      ref: { orderId: '4711' },
      metadata: { orderId: '4711', table: 'true' },
    });
  });

  it('is read in the shapes of older API versions too', () => {
    const charge = conektaObject('charge.paid', {
      refunds: [],
      monthly_installments: null,
      payment_method: {
        object: 'bank_transfer_payment',
        receiving_account_number: '646180000000000019',
        receiving_account_bank: 'STP',
      },
    });
    const order = conektaObject('order.paid', { charges: [charge], checkout: undefined });
    expect(factsOf(order)).toEqual([
      { ...SUCCESS, method: { type: 'bank_transfer', clabe: '646180000000000019', bank: 'STP' } },
    ]);
  });

  it('has no session where its page is a link for many', () => {
    const link = { checkout_request_id: 'shared', checkout_request_type: 'PaymentLink' };
    const checkout = { id: 'shared', type: 'PaymentLink', status: 'Issued' };
    for (const changes of [{ channel: link, checkout: undefined }, { checkout }]) {
      expect(facts('order.paid', changes)[1]?.ref.sessionId).toBeUndefined();
    }
  });
});

describe('an amount', () => {
  const moneyOf = (charge: Json, changes: Json = {}): unknown => {
    const order = conektaOrder('order.paid', [conektaObject('charge.paid', charge)], changes);
    const fact = factsOf(order).find((one) => one.kind === 'payment' && one.name === 'succeeded');
    return fact?.kind === 'payment' ? fact.money : 'no success';
  };

  it('is what the charge took, not what the order asked for', () => {
    expect(moneyOf({ amount: 20_000 })).toEqual({ amount: 20_000n, currency: 'MXN' });
    expect(moneyOf({ amount: 1_999, currency: 'usd' })).toEqual({ amount: 1_999n, currency: 'USD' });
  });

  it.each([
    ['another currency', { currency: 'JPY' }],
    ['no currency', { currency: null }],
    ['a fraction', { amount: 398.5 }],
    ['text', { amount: '39800' }],
    ['nothing', { amount: undefined }],
  ])('is left out rather than guessed for %s', (_, charge) => {
    expect(moneyOf(charge)).toBeUndefined();
  });
});

describe('a payment that waits', () => {
  const VOUCHER = {
    name: 'pending',
    ref: REF,
    occurredAt: at(30),
    money: MXN,
    method: {
      type: 'cash',
      reference: '9900112233445566',
      barcodeUrl: 'https://barcodes.example/9900112233445566.png',
    },
    expiresAt: at(259_200),
  };

  it('shows the reference for shops, not the one that is good with an agreement only', () => {
    expect(facts('order.pending_payment')).toMatchObject([VOUCHER]);
    const [shop, bank] = [
      conektaObject('charge.created'),
      conektaObject('charge.created', {
        id: 'zz',
        payment_method: { object: 'cash_payment', agreement: '1' },
      }),
    ];
    for (const charges of [
      [shop, bank],
      [bank, shop],
    ]) {
      expect(factsOf(conektaOrder('order.pending_payment', charges))).toMatchObject([VOUCHER]);
    }
    expect(factsOf(conektaOrder('order.pending_payment', [bank]))).toMatchObject([{ name: 'pending' }]);
  });

  it('has a CLABE', () => {
    expect(facts('order.pending_payment.spei')).toMatchObject([
      {
        name: 'pending',
        method: { type: 'bank_transfer', clabe: '646180000000000019', bank: 'STP' },
        expiresAt: at(86_400),
      },
    ]);
  });

  it.each([
    ['bnpl_payment', { type: 'bnpl' }],
    ['pay_by_bank_payment', { type: 'pay_by_bank', reference: '17' }],
  ])('was sent on by %s', (object, method) => {
    const charge = conektaObject('charge.created', {
      payment_method: { object, reference: '17', expires_at: 0 },
    });
    const [fact] = factsOf(conektaOrder('order.pending_payment', [charge]));
    expect(fact).toMatchObject({ name: 'pending', method });
    expect(fact).toMatchObject({ expiresAt: undefined });
  });

  it('is looked into by the fraud check', () => {
    expect(facts('order.under_fraud_review')).toMatchObject([{ name: 'pending', method: CARD }]);
  });

  it('does not wait yet when its card is at 3-D Secure', () => {
    const card = conektaObject('charge.pending_confirmation');
    expect(factsOf(conektaOrder('order.updated', [card]))).toEqual([]);
    const asking = { ...card, status: 'pending_payment' };
    expect(factsOf(conektaOrder('order.updated', [asking]))).toEqual([]);
  });

  it('waits no longer when it is paid', () => {
    const charges = [conektaObject('charge.created'), conektaObject('charge.paid')];
    expect(factsOf(conektaOrder('order.paid', charges))).toEqual([SUCCESS]);
  });
});

describe('money that is held only', () => {
  it('is an authorization, not a success, until it is captured', () => {
    expect(facts('order.pre_authorized')).toEqual([{ ...SUCCESS, name: 'authorized', occurredAt: at(50) }]);
    const captured = conektaObject('charge.paid', { amount: 30_000 });
    expect(factsOf(conektaOrder('order.paid', [captured]))).toMatchObject([
      { name: 'succeeded', money: { amount: 30_000n } },
    ]);
  });

  it('is captured when the order says so', () => {
    const order = conektaOrder('order.paid', [conektaObject('charge.preauthorized')]);
    expect(factsOf(order)).toMatchObject([{ name: 'succeeded', ref: { chargeId: PAID_BY } }]);
  });

  it('is let go of', () => {
    expect(facts('order.voided')).toMatchObject([{ name: 'canceled', occurredAt: at(400_000) }]);
    const held = conektaOrder('order.voided', [conektaObject('charge.preauthorized')]);
    expect(factsOf(held)).toMatchObject([{ name: 'authorized' }, { name: 'canceled' }]);
  });
});

describe('a hold', () => {
  const refund = (id: string, amount: number, created_at: number): Json => ({
    object: 'refund',
    id,
    amount: -amount,
    created_at,
  });
  const NOT_PAID = { paid_at: null, payment_method: conektaObject('charge.paid').payment_method };
  /** Also where the payment is known by its charge, as one that was authorized is. */
  const bothWays = (order: Json): (readonly Fact[])[] => [
    factsOf(order),
    factsOf(order, { payingChargeId: PAID_BY }),
  ];

  it('T8p of which a part was captured has no refund but those that came after', () => {
    const refunds = [refund('rest', 9_800, 1_790_000_051), refund('true', 5_000, 1_790_000_900)];
    const charge = conektaObject('charge.paid', { amount: 30_000, refunds });
    expect(factsOf(conektaOrder('order.partially_refunded', [charge]))).toMatchObject([
      { name: 'succeeded', money: { amount: 30_000n } },
      { refundId: 'rest', status: 'failed', neverCaptured: true },
      { refundId: 'true', status: 'succeeded', money: { amount: 5_000n } },
    ]);
  });

  it('T8q is not given back as long as it is held, whatever is listed', () => {
    const charge = conektaObject('charge.preauthorized', { refunds: [refund('rest', 9_800, 1_790_000_900)] });
    for (const facts of bothWays(conektaOrder('order.pre_authorized', [charge])))
      expect(facts).toMatchObject([{ name: 'authorized' }]);
  });

  it.each(['refunded', 'reversed', 'voided'])(
    'T9p that was let go of is canceled, though its charge is %s',
    (status) => {
      const refunds = [refund('all', 39_800, 1_790_000_900)];
      const charge = conektaObject('charge.paid', { ...NOT_PAID, status, refunds });
      for (const word of ['order.refunded', 'order.voided', 'order.pre_authorized']) {
        for (const facts of bothWays(conektaOrder(word, [charge])))
          expect(facts).toMatchObject([{ kind: 'payment', name: 'canceled' }]);
      }
    },
  );

  it('T9q that is called refunded while its charge is held yet was never a success', () => {
    const charge = conektaObject('charge.preauthorized', { refunds: [refund('all', 39_800, 1_790_000_900)] });
    for (const facts of bothWays(conektaOrder('order.refunded', [charge])))
      expect(facts).toMatchObject([{ name: 'authorized' }, { name: 'canceled' }]);
  });

  it('that was captured and refunded in whole is a success and a refund', () => {
    const charge = conektaObject('charge.refunded', { refunds: [refund('all', 39_800, 1_790_000_900)] });
    expect(factsOf(conektaOrder('order.refunded', [charge]))).toMatchObject([
      { name: 'succeeded' },
      { refundId: 'all', status: 'succeeded' },
    ]);
  });
});

describe('an attempt that was declined', () => {
  it('is one attempt, however it is told, and does not end the payment', () => {
    expect(facts('order.declined')).toEqual([DECLINED]);
    expect(factsOf(conektaObject('order.declined'), { event: 'charge.declined' })).toEqual([DECLINED]);
  });

  it('is told for each charge, oldest first', () => {
    const again = conektaObject('charge.declined', { id: 'second', created_at: 1_790_000_040 });
    const charges = [again, conektaObject('charge.declined')];
    expect(factsOf(conektaOrder('order.declined', charges))).toMatchObject([
      { attemptId: DECLINED.attemptId, occurredAt: at(20) },
      { attemptId: 'second', occurredAt: at(40) },
    ]);
  });

  it('may be a fraud: the end, unless the customer can try again', () => {
    const attempt = { name: 'attempt_failed', attemptId: PAID_BY, reason: 'fraudulent' };
    const end = { name: 'failed', reason: 'fraudulent' };
    expect(facts('order.fraudulent')).toMatchObject([attempt, end]);
    expect(facts('order.fraudulent', { checkout: undefined })).toMatchObject([attempt, end]);
    const open = conektaObject('order.updated').checkout;
    expect(facts('order.fraudulent', { checkout: open })).toMatchObject([attempt]);
    expect(facts('order.fraudulent', { checkout: open })).toHaveLength(1);
  });

  it('is the end when it was the last that the checkout allows', () => {
    const checkout = { id: 'c', type: 'Integration', status: 'Failed' };
    expect(facts('order.declined', { checkout })).toMatchObject([
      { name: 'attempt_failed' },
      { name: 'failed', reason: 'insufficient_funds' },
    ]);
  });
});

describe('a payment that ends without money', () => {
  it('expires, or is canceled', () => {
    expect(facts('order.expired')).toMatchObject([{ name: 'expired', occurredAt: at(259_200) }]);
    expect(facts('order.canceled')).toMatchObject([{ name: 'canceled', occurredAt: at(300) }]);
  });

  it.each([
    ['Expired', 'expired'],
    ['Cancelled', 'canceled'],
    ['Canceled', 'canceled'],
  ])('ends with its checkout: %s', (status, name) => {
    const checkout = { id: 'c', type: 'HostedPayment', status };
    expect(facts('order.created', { checkout })).toMatchObject([{ name }]);
    const abandoned = conektaOrder('order.updated', [conektaObject('charge.pending_confirmation')], {
      checkout,
    });
    expect(factsOf(abandoned)).toMatchObject([{ name }]);
  });

  it('does not end with its checkout while a voucher is out or money is held', () => {
    const checkout = { id: 'c', type: 'HostedPayment', status: 'Expired' };
    expect(facts('order.pending_payment', { checkout })).toMatchObject([{ name: 'pending' }]);
    expect(facts('order.pre_authorized', { checkout })).toMatchObject([{ name: 'authorized' }]);
    expect(facts('order.pre_authorized', { checkout })).toHaveLength(1);
  });

  it('has not begun as long as nobody tried to pay', () => {
    expect(facts('order.created')).toEqual([]);
    expect(facts('order.updated')).toEqual([]);
  });
});

describe('money that went back', () => {
  it('is told by each refund, after the payment that it belongs to', () => {
    expect(facts('order.partially_refunded')).toEqual([SUCCESS, REFUND]);
    expect(facts('order.refunded')).toEqual([
      SUCCESS,
      REFUND,
      {
        ...REFUND,
        occurredAt: at(1_800),
        refundId: '6a5e10c0d3b7f20001b9c002',
        money: { amount: 29_800n, currency: 'MXN' },
      },
    ]);
  });

  it.each([
    [undefined, 'succeeded'],
    ['refunded', 'succeeded'],
    ['pending', 'pending'],
    ['expired', 'failed'],
    ['canceled', 'canceled'],
    ['a new word', 'pending'],
  ])('has the status %s, which is %s', (status, ours) => {
    const refund = { object: 'refund', id: 'r', amount: -10_000, created_at: 1_790_000_900, status };
    const charge = conektaObject('charge.paid', { status: 'partially_refunded', refunds: [refund] });
    expect(factsOf(conektaOrder('order.partially_refunded', [charge]))).toMatchObject([
      { name: 'succeeded' },
      { kind: 'refund', status: ours },
    ]);
  });

  it('is no refund without an id or an amount', () => {
    const refunds = [
      { object: 'refund', amount: -1 },
      { object: 'refund', id: 'r', amount: 0 },
      { id: 'r' },
      null,
    ];
    const charge = conektaObject('charge.refunded', { refunds });
    expect(factsOf(conektaOrder('order.refunded', [charge]))).toEqual([SUCCESS]);
  });

  it('was handed back over the counter, all that was not refunded', () => {
    const order = conektaOrder('order.updated', [conektaObject('charge.reversed')]);
    const reversal = { kind: 'refund', refundId: CASH, status: 'succeeded', reason: 'reversed', money: MXN };
    expect(factsOf(order, { event: 'charge.reversed' })).toMatchObject([{ name: 'succeeded' }, reversal]);
    const refund = { object: 'refund', id: 'r', amount: -9_800, created_at: 1_790_090_100 };
    const charge = conektaObject('charge.reversed', { refunds: [refund] });
    const later = { updated_at: 1_790_090_300 };
    expect(factsOf(conektaOrder('order.updated', [charge], later))).toMatchObject([
      { name: 'succeeded' },
      { refundId: 'r' },
      { ...reversal, money: { amount: 30_000n } },
    ]);
  });

  it('was handed back of a payment that is known only: the charge need not say that it was paid', () => {
    const order = conektaOrder('order.updated', [conektaObject('charge.reversed', { paid_at: null })]);
    expect(factsOf(order)).toEqual([]);
    expect(factsOf(order, { payingChargeId: CASH })).toMatchObject([
      { name: 'succeeded' },
      { kind: 'refund', reason: 'reversed' },
    ]);
  });
});

describe('a chargeback', () => {
  const DISPUTE = {
    kind: 'dispute',
    ref: { ...REF, chargeId: PAID_BY },
    livemode: false,
    occurredAt: at(600_000),
    disputeId: PAID_BY,
    status: 'open',
    stage: 'action_required',
    inquiry: false,
    money: MXN,
    reason: 'unrecognized',
  };
  const stages = ['created', 'updated', 'under_review', 'won', 'lost'].map(
    (one) => `charge.chargeback.${one}`,
  );

  it('is one dispute, whichever event tells of it', () => {
    expect(facts('order.charged_back')).toEqual([SUCCESS, DISPUTE]);
    for (const event of stages) {
      expect(factsOf(conektaObject('order.charged_back'), { event })).toEqual([SUCCESS, DISPUTE]);
    }
  });

  it.each([
    ['charge.chargeback.created', 'open', 'action_required'],
    ['charge.chargeback.updated', 'open', 'under_review'],
    ['charge.chargeback.under_review', 'open', 'under_review'],
    ['charge.chargeback.won', 'won', 'won'],
    ['charge.chargeback.lost', 'lost', 'lost'],
  ])('is told by %s alone, where the order does not show it', (event, status, stage) => {
    for (const word of ['paid', 'charged_back']) {
      const order = conektaOrder('order.charged_back', [conektaObject('charge.paid', { status: word })]);
      expect(factsOf(order, { event })).toEqual([SUCCESS, { ...DISPUTE, status, stage }]);
    }
  });

  it.each([
    ['rt', 'paid', true],
    ['rt_sent', 'paid', true],
    ['rt', 'charged_back', false],
    ['action_required', 'charged_back', false],
    ['pending_review', 'paid', false],
    ['represented', 'charged_back', false],
  ])('T10p at the stage %s of a charge that is %s is an inquiry: %s', (stage, status, inquiry) => {
    const chargeback = { object: 'chargeback', status: stage, charge_id: PAID_BY, created_at: 1_790_600_000 };
    const order = conektaOrder('order.updated', [conektaObject('charge.paid', { status, chargeback })]);
    expect(factsOf(order)).toMatchObject([
      { name: 'succeeded' },
      { kind: 'dispute', status: 'open', stage, inquiry },
    ]);
  });

  it('is open, at a stage that nobody knows, where only the charge says so', () => {
    const order = conektaOrder('order.charged_back', [
      conektaObject('charge.paid', { status: 'charged_back' }),
    ]);
    const dispute = { ...DISPUTE, stage: undefined, reason: undefined };
    expect(factsOf(order)).toEqual([SUCCESS, dispute]);
  });

  it.each([
    ['won', 'won'],
    ['lost', 'lost'],
    ['represented', 'open'],
    ['covered', 'open'],
    ['a new word', 'open'],
  ])('stands as the order shows it: %s', (stage, status) => {
    const chargeback = { ...conektaObject('charge.chargeback.created'), status: stage };
    const order = conektaOrder('order.charged_back', [conektaObject('charge.paid', { chargeback })]);
    for (const event of stages) {
      expect(factsOf(order, { event })).toMatchObject([{ name: 'succeeded' }, { status, stage }]);
    }
  });

  it('is of money that came in, by whatever word the charge stands', () => {
    const chargeback = conektaObject('charge.chargeback.created');
    const charge = conektaObject('charge.paid', { status: 'a new word', chargeback });
    expect(factsOf(conektaOrder('order.charged_back', [charge]))).toEqual([SUCCESS, DISPUTE]);
  });

  it('is not of another charge', () => {
    const charge = conektaObject('charge.paid', { id: 'other' });
    const order = conektaOrder('order.paid', [charge]);
    expect(factsOf(order, { event: 'charge.chargeback.lost' })).toMatchObject([{ name: 'succeeded' }]);
    expect(factsOf(order, { event: 'charge.chargeback.lost' })).toHaveLength(1);
  });
});

describe('an order that was paid twice', () => {
  const first = conektaObject('charge.paid');
  const second = conektaObject('charge.refunded', { id: CASH, paid_at: 1_790_000_060 });
  const secondRef = { providerPaymentId: `${REF.providerPaymentId}/${CASH}`, chargeId: CASH };

  it('is one success, and a second payment that nobody can overlook', () => {
    for (const charges of [
      [first, second],
      [second, first],
    ]) {
      const told = factsOf(conektaOrder('order.paid', charges));
      expect(told).toMatchObject([
        { name: 'succeeded', ref: { ...REF, chargeId: PAID_BY } },
        { name: 'succeeded', ref: { ...REF, sessionId: undefined, ...secondRef } },
        { kind: 'refund', ref: secondRef },
        { kind: 'refund', ref: secondRef },
      ]);
    }
  });

  it('keeps the payment that is known, should another turn out to be older', () => {
    const told = factsOf(conektaOrder('order.paid', [first, second]), { payingChargeId: CASH });
    expect(told[0]).toMatchObject({ name: 'succeeded', ref: { ...REF, chargeId: CASH } });
    expect(told.at(-1)).toMatchObject({
      name: 'succeeded',
      ref: { providerPaymentId: `${REF.providerPaymentId}/${PAID_BY}` },
    });
  });

  it('does not count what was handed back over the counter and paid again', () => {
    const handedBack = conektaObject('charge.reversed');
    expect(factsOf(conektaOrder('order.paid', [handedBack, first]))).toEqual([SUCCESS]);
  });
});

describe('the events of Conekta', () => {
  const concern = /^(order|charge|cash_refund)\.(?!score_updated)/;

  it('are all accepted, and those that concern a payment lead to its order', () => {
    const payload = { data: { object: { id: 'x', object: 'x' } } };
    const ofPayments = [...EVENT_NAMES].filter((type) => {
      const event = { provider: 'conekta', eventId: '1', livemode: false, type, payload };
      return told(event, { order: conektaObject('order.paid') }).length > 0;
    });
    expect(EVENT_NAMES.size).toBe(67);
    expect(ofPayments).toEqual([...EVENT_NAMES].filter((type) => concern.test(type)));
    expect(ofPayments).toHaveLength(34);
  });

  it('concern nothing without an object, or without an order', () => {
    expect(readEvent(conektaEvent('webhook_ping'))).toBeUndefined();
    for (const evidence of [{}, { order: { object: 'order' } }, { order: [] }]) {
      expect(told(conektaEvent('order.paid'), evidence)).toEqual([]);
    }
  });
});
