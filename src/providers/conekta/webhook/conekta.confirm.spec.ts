import { describe, expect, it } from '@jest/globals';
import { conektaEvent, conektaObject } from '../../../../test/fixtures/conekta/conekta.fixtures.js';
import type { PaymentRef } from '../../facts.js';
import type { Json } from '../../json.read.js';
import { ProviderError } from '../../provider.errors.js';
import type { KnownPayment, WebhookEvent } from '../../webhook.ports.js';
import { confirm, type ConektaEvidence, factsOf } from './conekta.webhook.facts.js';
import { mayNeedRead, readEvent, subjectOf } from './conekta.event.js';
import type { ConektaReads } from '../conekta.client.js';
import { retrieve } from '../payment/conekta.orders.js';

const ORDER = 'ord_3KeyboardMx0001';
const PAID_BY = '6a5e10c0d3b7f20001a9c002';
const SECOND = '6a5e10c0d3b7f20001a9c003';
const SESSION = '7d1c0b52-4a0e-4c6b-9f55-2f8f6c1e0011';
const METADATA = conektaObject('order.paid').metadata;
const OURS = {
  provider: 'conekta',
  paymentId: '01996f00-0000-7000-8000-000000000011',
  orderId: '5a2f0a1e-7f0f-4c52-9b0e-7d6a3c1b0011',
};
const PAID: KnownPayment = { paid: true, closed: false, providerPaymentId: ORDER, chargeId: PAID_BY };
const UNPAID: KnownPayment = { paid: false, closed: false };
const CLOSED: KnownPayment = { paid: false, closed: true, providerPaymentId: ORDER };

/** The payment that an event is about. */
function refOfEvent(event: WebhookEvent): PaymentRef | undefined {
  const subject = subjectOf(event);
  return subject?.kind === 'payment' ? subject.ref : undefined;
}

/** Answers what it is given, and remembers what it was asked. */
class Reads implements ConektaReads {
  readonly asked: string[] = [];

  constructor(private readonly answer: unknown = conektaObject('order.paid')) {}

  order(id: string): Promise<unknown> {
    this.asked.push(id);
    return this.answer instanceof Error ? Promise.reject(this.answer) : Promise.resolve(this.answer);
  }
}

async function confirmed(
  name: string,
  known: KnownPayment | undefined,
  { changes = {}, reads = new Reads() }: { changes?: Json; reads?: Reads } = {},
): Promise<{ asked: readonly string[]; evidence: ConektaEvidence }> {
  const event = readEvent(conektaEvent(name, changes));
  if (event === undefined) throw new Error(`${name} cannot be read`);
  const evidence = await confirm(reads, event, known);
  return { asked: reads.asked, evidence };
}

describe('confirming an event', () => {
  it.each([
    'order.paid',
    'order.expired',
    'order.refunded',
    'charge.paid',
    'charge.declined',
    'cash_refund.refunded',
  ])('reads the order of %s, whatever is known', async (name) => {
    for (const known of [undefined, UNPAID, CLOSED, PAID]) {
      const { asked, evidence } = await confirmed(name, known);
      expect(asked).toEqual([ORDER]);
      expect(evidence.order).toEqual(conektaObject('order.paid'));
    }
  });

  it('reads the order of a chargeback, which names its charge only, when that is known', async () => {
    for (const name of ['charge.chargeback.created', 'charge.chargeback.lost']) {
      expect((await confirmed(name, PAID)).asked).toEqual([ORDER]);
      expect(await confirmed(name, undefined)).toEqual({ asked: [], evidence: {} });
    }
  });

  it('asks nothing for an order that carries none of our ids', async () => {
    const changes = { metadata: { cart: '7' } };
    expect(await confirmed('order.paid', undefined, { changes })).toEqual({ asked: [], evidence: {} });
    expect((await confirmed('order.paid', UNPAID, { changes })).asked).toEqual([ORDER]);
  });

  it('has to ask whose order a charge is of, and says nothing when it is not ours', async () => {
    const reads = new Reads(conektaObject('order.paid', { metadata: {} }));
    expect(await confirmed('charge.paid', undefined, { reads })).toEqual({ asked: [ORDER], evidence: {} });
  });

  it('asks nothing for a charge without an order, as older API versions had them', async () => {
    const changes = { order_id: undefined };
    expect((await confirmed('charge.paid', undefined, { changes })).asked).toEqual([]);
  });

  it('says which charge is known to pay, of the very order only', async () => {
    expect((await confirmed('order.paid', PAID)).evidence.payingChargeId).toBe(PAID_BY);
    expect((await confirmed('order.paid', UNPAID)).evidence.payingChargeId).toBeUndefined();
    const second = { ...PAID, providerPaymentId: `${ORDER}/${SECOND}`, chargeId: SECOND };
    const { asked, evidence } = await confirmed('charge.chargeback.created', second);
    expect(asked).toEqual([ORDER]);
    expect(evidence.payingChargeId).toBeUndefined();
  });

  it('takes an answer that is not the order for no answer', async () => {
    for (const answer of [null, {}, [], { ...conektaObject('order.paid'), id: 'ord_other' }]) {
      const doubtful = confirmed('order.paid', undefined, { reads: new Reads(answer) });
      await expect(doubtful).rejects.toThrow(ProviderError);
      await expect(doubtful).rejects.toMatchObject({ retryable: true });
    }
  });

  it('T5k asks again for an order that is paid by a charge that it does not show, unless the charge is known', async () => {
    const charges = { object: 'list', has_more: false, data: [] };
    const reads = (): Reads => new Reads(conektaObject('order.paid', { charges }));
    await expect(confirmed('order.paid', UNPAID, { reads: reads() })).rejects.toMatchObject({
      retryable: true,
      details: { providerCode: 'paid_charge_not_shown' },
    });
    expect((await confirmed('order.paid', PAID, { reads: reads() })).evidence.payingChargeId).toBe(PAID_BY);
    const asked = retrieve(reads(), { provider: 'conekta', providerPaymentId: ORDER });
    await expect(asked).rejects.toMatchObject({ retryable: true });
  });

  it('does not take an order that is gone for one without money', async () => {
    const gone = new ProviderError('not_found', 'Conekta does not know the object', { provider: 'conekta' });
    await expect(confirmed('order.paid', PAID, { reads: new Reads(gone) })).rejects.toBe(gone);
  });
});

describe('a read', () => {
  it.each([
    'order.paid',
    'order.refunded',
    'charge.paid',
    'charge.chargeback.created',
    'cash_refund.refunded',
  ])('of the order follows %s also where the payment is paid, and it says so beforehand', (name) => {
    const event = conektaEvent(name);
    expect(mayNeedRead(event)).toBe(true);
    expect(factsOf(new Reads(), event, PAID)).toBeInstanceOf(Promise);
  });

  it.each(['charge.score_updated', 'webhook_ping'])('is never needed for %s: it tells nothing', (name) => {
    const event = conektaEvent(name);
    expect(mayNeedRead(event)).toBe(false);
    expect(factsOf(new Reads(), event, PAID)).toEqual([]);
  });

  it('is spared at once for an order that carries none of our ids', () => {
    const event = conektaEvent('order.paid', { metadata: {} });
    expect(factsOf(new Reads(), event, undefined)).toEqual([]);
  });
});

describe('which payment an event is about', () => {
  it.each([
    ['order.created', { ...OURS, sessionId: SESSION, providerPaymentId: ORDER }],
    ['order.paid', { ...OURS, sessionId: SESSION, providerPaymentId: ORDER, chargeId: PAID_BY }],
    ['order.pre_authorized', { ...OURS, sessionId: SESSION, providerPaymentId: ORDER, chargeId: PAID_BY }],
    ['order.declined', { ...OURS, sessionId: SESSION, providerPaymentId: ORDER }],
    ['charge.paid', { provider: 'conekta', sessionId: SESSION, providerPaymentId: ORDER, chargeId: PAID_BY }],
    ['charge.chargeback.lost', { provider: 'conekta', chargeId: PAID_BY }],
    ['cash_refund.refunded', { provider: 'conekta', providerPaymentId: ORDER, chargeId: SECOND }],
    ['charge.score_updated', undefined],
    ['subscription.paid', undefined],
    ['webhook_ping', undefined],
  ])('is told by the body of %s', (name, ref) => {
    expect(refOfEvent(conektaEvent(name))).toEqual(ref);
  });

  it('is told by the channel of an order that shows no checkout', () => {
    expect(refOfEvent(conektaEvent('order.paid', { checkout: undefined }))?.sessionId).toBe(SESSION);
    expect(refOfEvent(conektaEvent('order.paid', { checkout: undefined, channel: null }))?.sessionId).toBe(
      undefined,
    );
  });

  it('is not told by what is no order, no charge, and no object', () => {
    expect(refOfEvent(conektaEvent('order.paid', { object: 'charge' }))).toBeUndefined();
    expect(refOfEvent(conektaEvent('charge.paid', { id: 7 }))).toBeUndefined();
    expect(
      refOfEvent(conektaEvent('cash_refund.refunded', { order_id: 1, charge_id: null })),
    ).toBeUndefined();
    for (const payload of [null, [], { data: null }, { data: { object: [] } }]) {
      expect(refOfEvent({ ...conektaEvent('order.paid'), payload })).toBeUndefined();
    }
  });

  it('is not misled by __proto__ in the metadata', () => {
    const metadata: unknown = JSON.parse('{"__proto__":{"paymentId":"x"},"orderId":"o"}');
    const ref = refOfEvent(conektaEvent('order.paid', { metadata }));
    expect(ref).toMatchObject({ orderId: 'o' });
    expect(ref?.paymentId).toBeUndefined();
  });
});

describe('asking for a payment', () => {
  const asked = { provider: 'conekta', paymentId: 'ours', orderId: 'order-9', providerPaymentId: ORDER };

  it('tells the session and all that came of its order', async () => {
    expect(await retrieve(new Reads(), { ...asked, chargeId: PAID_BY })).toMatchObject([
      { name: 'opened', expiresAt: new Date(1_790_086_400_000), occurredAt: new Date(1_790_000_000_000) },
      { name: 'attempt_failed' },
      {
        name: 'succeeded',
        ref: { ...OURS, sessionId: SESSION, providerPaymentId: ORDER, chargeId: PAID_BY },
      },
    ]);
  });

  it("tells the page of a hosted session, and of an embedded one nothing that hides our own page's address", async () => {
    const [embedded] = await retrieve(new Reads(), asked);
    expect(embedded).toMatchObject({ name: 'opened', checkoutUrl: undefined });
    expect(embedded).not.toHaveProperty('embed');
    const checkout = {
      id: SESSION,
      type: 'HostedPayment',
      status: 'Issued',
      url: 'https://pay.conekta.com/x',
    };
    const [hosted] = await retrieve(new Reads(conektaObject('order.created', { checkout })), asked);
    expect(hosted).toMatchObject({ name: 'opened', checkoutUrl: 'https://pay.conekta.com/x' });
  });

  it('knows whose payment it is where the order does not', async () => {
    const bare = conektaObject('order.paid', { metadata: {} });
    for (const { ref } of await retrieve(new Reads(bare), asked)) {
      expect(ref).toMatchObject({ paymentId: 'ours', orderId: undefined, providerPaymentId: ORDER });
    }
    for (const { ref } of await retrieve(new Reads(), asked)) expect(ref).toMatchObject(OURS);
    expect(METADATA).toMatchObject({ paymentId: OURS.paymentId });
  });

  it('asks for the order of a second payment', async () => {
    const reads = new Reads();
    await retrieve(reads, { ...asked, providerPaymentId: `${ORDER}/${SECOND}`, chargeId: SECOND });
    expect(reads.asked).toEqual([ORDER]);
  });

  it('knows nothing without the order', async () => {
    const reads = new Reads();
    const ref = { provider: 'conekta', paymentId: 'ours', sessionId: SESSION, chargeId: PAID_BY };
    expect(await retrieve(reads, ref)).toEqual([]);
    expect(reads.asked).toEqual([]);
  });

  it('takes an answer that is not the order for no answer', async () => {
    const other = conektaObject('order.paid', { id: 'ord_other' });
    await expect(retrieve(new Reads(other), asked)).rejects.toMatchObject({ retryable: true });
  });
});
