import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eq } from 'drizzle-orm';
import fc from 'fast-check';
import { conektaObject, conektaOrder } from '../../../../test/fixtures/conekta/conekta.fixtures.js';
import { DomainBed } from '../../../../test/support/domain/domain.bed.js';
import { FAKE } from '../../../../test/support/domain/fake.provider.js';
import { sessionRequest } from '../../../../test/support/domain/requests.js';
import {
  migratedDatabase,
  type MigratedDatabase,
} from '../../../../test/support/outbox/migrated.database.js';
import { disputes } from '../../../payments/payment/payment.tables.js';
import type { PaymentRow } from '../../../payments/payment/payment.tables.js';
import { refunds } from '../../../payments/payment/payment.tables.js';
import { isJson, type Json } from '../../json.read.js';
import { subjectOf } from './conekta.event.js';
import { factsOf } from './conekta.webhook.facts.js';

const DECLINED = conektaObject('charge.declined');
const VOUCHER = conektaObject('charge.created');
const PAID = conektaObject('charge.paid');
const CANCELED = conektaObject('charge.canceled');
const refunded = (name: string): Json => conektaObject(name);

/** The same order, as it is at one time after another. */
const PAID_AND_REFUNDED: readonly Json[] = [
  conektaObject('order.created'),
  conektaOrder('order.pending_payment', [VOUCHER]),
  conektaOrder('order.declined', [VOUCHER, DECLINED]),
  conektaOrder('order.paid', [CANCELED, DECLINED, PAID]),
  refunded('order.partially_refunded'),
  refunded('order.refunded'),
];
const CHARGED_BACK: readonly Json[] = [
  ...PAID_AND_REFUNDED.slice(0, 4),
  conektaOrder('order.charged_back', [conektaObject('charge.paid', { status: 'charged_back' })]),
  conektaObject('order.charged_back'),
  conektaOrder('order.charged_back', [
    conektaObject('charge.paid', { chargeback: conektaObject('charge.chargeback.lost') }),
  ]),
];
const EXPIRED: readonly Json[] = [...PAID_AND_REFUNDED.slice(0, 2), conektaObject('order.expired')];

describe('whatever is delivered of an order at Conekta', () => {
  let home: MigratedDatabase;
  let bed: DomainBed;
  let count = 0;

  beforeAll(async () => {
    home = await migratedDatabase();
    bed = new DomainBed(home.database);
  });
  afterAll(() => home.drop());

  const newPayment = (): Promise<PaymentRow> =>
    bed.sessions.open(
      sessionRequest({
        money: { amount: 39_800n, currency: 'MXN' },
        items: [{ name: 'Keyboard', unitAmount: 39_800n, quantity: 1 }],
      }),
      'shop',
    );

  /** An object of the fixtures as one of this payment's: every payment has ids of its own. */
  const ofPayment = (object: Json, payment: PaymentRow, mark: string): Json => {
    const text = JSON.stringify(object)
      .replaceAll('01996f00-0000-7000-8000-000000000011', payment.id)
      .replaceAll('5a2f0a1e-7f0f-4c52-9b0e-7d6a3c1b0011', payment.orderId ?? '')
      .replaceAll('7d1c0b52-4a0e-4c6b-9f55-2f8f6c1e0011', payment.sessionId ?? '')
      .replaceAll('ord_3KeyboardMx0001', payment.providerPaymentId ?? `ord_${mark}`)
      .replaceAll('6a5e10c0d3b7f20001', `${mark}-`);
    const value: unknown = JSON.parse(text);
    if (!isJson(value)) throw new Error('no object');
    return value;
  };

  /** As the inbox does it; what is read is the order as it is just then. */
  const deliver = async (type: string, object: Json, orderNow: Json): Promise<void> => {
    const event = { provider: 'conekta', eventId: '1', type, livemode: false, payload: { data: { object } } };
    const subject = subjectOf(event);
    if (subject?.kind !== 'payment') throw new Error(`${type} is about nothing`);
    const [payment] = await bed.facts.known(home.database.db, [{ ...subject.ref, provider: FAKE }]);
    for (const fact of await factsOf({ order: () => Promise.resolve(orderNow) }, event, payment))
      await bed.apply({ ...fact, ref: { ...fact.ref, provider: FAKE } });
  };

  const standing = async ({ id, orderId }: PaymentRow) => {
    const { status, amountCaptured, amountRefunded, disputed } = await bed.payment(id);
    const backs = await home.database.db.select().from(refunds).where(eq(refunds.paymentId, id));
    const fights = await home.database.db.select().from(disputes).where(eq(disputes.paymentId, id));
    const told = (await bed.messages(orderId)).filter(({ type }) => type === 'payment.succeeded');
    return {
      status,
      amountCaptured,
      amountRefunded,
      disputed,
      refunds: backs.map(({ amount }) => amount).sort(),
      disputes: fights.map((one) => one.status),
      successes: told.map(({ channel }) => channel).sort(),
    };
  };
  const NOTHING = {
    amountCaptured: 0n,
    amountRefunded: 0n,
    disputed: false,
    refunds: [],
    disputes: [],
    successes: [],
  };
  const MONEY = { ...NOTHING, amountCaptured: 39_800n, successes: ['orders', 'stream'] };

  const EVENTS = ['order.paid', 'order.updated', 'order.declined', 'order.refunded', 'order.expired'];
  const CHARGE_EVENTS = ['charge.paid', 'charge.declined', 'charge.refunded'];

  /** Each delivery: which event it is, and how far the order has come when it is read. */
  const arrivals = (stages: readonly Json[]) =>
    fc
      .array(fc.tuple(fc.constantFrom(...EVENTS, ...CHARGE_EVENTS), fc.nat(stages.length - 1)), {
        maxLength: 6,
      })
      .chain((some) => {
        const last = fc.constantFrom(...EVENTS).map((event): [string, number] => [event, stages.length - 1]);
        return fc.tuple(fc.constant(some), last, fc.nat(some.length));
      })
      .map(([some, last, place]) => [...some.slice(0, place), last, ...some.slice(place)]);

  it.each([
    [
      'paid and refunded',
      PAID_AND_REFUNDED,
      { ...MONEY, status: 'refunded', amountRefunded: 39_800n, refunds: [10_000n, 29_800n] },
    ],
    ['charged back', CHARGED_BACK, { ...MONEY, status: 'succeeded', disputes: ['lost'] }],
    ['expired', EXPIRED, { ...NOTHING, status: 'expired' }],
  ])(
    'ends in one state, in any order and with any repetition: %s',
    async (_, stages, expected) => {
      await fc.assert(
        fc.asyncProperty(arrivals(stages), async (deliveries) => {
          const payment = await newPayment();
          const mark = `a${(count += 1)}`;
          const orders = stages.map((stage) => ofPayment(stage, payment, mark));
          const charge = ofPayment(PAID, payment, mark);
          for (const [type, stage] of deliveries) {
            const orderNow = orders[stage] ?? {};
            await deliver(type, type.startsWith('order.') ? orderNow : charge, orderNow);
          }
          expect(await standing(payment)).toEqual(expected);
        }),
        { numRuns: 12 },
      );
    },
    90_000,
  );

  it('is one success and one payment for a person to look at, when the order was paid twice', async () => {
    const payment = await newPayment();
    const mark = 'twice';
    const second = conektaObject('order.paid.cash').charges;
    const cash = isJson(second) && Array.isArray(second.data) ? second.data : [];
    const once = ofPayment(conektaOrder('order.paid', [PAID]), payment, mark);
    const twice = ofPayment(conektaOrder('order.paid', [PAID, ...cash]), payment, mark);
    for (const orderNow of [once, twice, once, twice, twice]) await deliver('order.paid', orderNow, orderNow);
    expect(await standing(payment)).toEqual({ ...MONEY, status: 'succeeded' });
    const [, review, ...more] = await bed.paymentsOf(payment.orderId);
    expect(more).toEqual([]);
    expect(review).toMatchObject({
      status: 'review',
      reviewReason: 'duplicate_payment',
      amountCaptured: 39_800n,
      chargeId: `${mark}-a9c003`,
    });
    const chargeback = { ...conektaObject('charge.chargeback.created'), charge_id: `${mark}-a9c003` };
    await deliver('charge.chargeback.created', chargeback, twice);
    expect(await bed.payment(review?.id ?? '')).toMatchObject({ status: 'review', disputed: true });
    expect(await bed.payment(payment.id)).toMatchObject({ status: 'succeeded', disputed: false });
  });
});
