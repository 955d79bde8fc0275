import { describe, expect, it } from '@jest/globals';
import { stripeEvent, stripeObject } from '../../../../test/fixtures/stripe/stripe.fixtures.js';
import { thinTwin } from '../../../../test/support/stripe/thin.events.js';
import type { Fact } from '../../facts.js';
import { type Json, jsonOf } from '../../json.read.js';
import { ProviderError } from '../../provider.errors.js';
import type { KnownPayment, WebhookEvent } from '../../webhook.ports.js';
import type { StripeReads } from '../stripe.client.js';
import { mayNeedRead, subjectOf } from './stripe.subject.js';
import { complete } from './stripe.thin.js';
import { factsOf, TRANSLATED_EVENTS } from './stripe.webhook.facts.js';

const CHARGE = stripeObject('charge.succeeded');
const INTENT = stripeObject('payment_intent.succeeded', { latest_charge: CHARGE });
const REFUND = stripeObject('refund.created');
const DISPUTE = stripeObject('charge.dispute.created');

/** Whose object the event has, where no fixture has its name. */
const FIXTURES: Readonly<Record<string, string>> = {
  'payment_intent.requires_action': 'payment_intent.requires_action.oxxo',
  'refund.updated': 'refund.created',
  'charge.refund.updated': 'refund.created',
  'charge.dispute.updated': 'charge.dispute.created',
  'charge.dispute.funds_withdrawn': 'charge.dispute.created',
  'charge.dispute.funds_reinstated': 'charge.dispute.closed',
};

/** A Stripe where the object of one event is as that event tells it, and everything else is paid. */
class Books implements StripeReads {
  readonly asked: string[] = [];

  constructor(private readonly object: Json) {}

  get(path: string, query: Json = {}): Promise<unknown> {
    if (!path.endsWith(`/${String(this.object.id)}`)) {
      return Promise.reject(new ProviderError('not_found', 'not found', { provider: 'stripe' }));
    }
    const { 'expand[]': expand } = query;
    const expanded = {
      ...(expand === 'latest_charge' && { latest_charge: CHARGE }),
      ...(expand === 'payment_intent.latest_charge' && { payment_intent: INTENT }),
    };
    return this.answer(path, { ...this.object, ...expanded });
  }

  session(id: string): Promise<unknown> {
    return this.answer(id, undefined);
  }

  paymentIntent(id: string): Promise<unknown> {
    return this.answer(id, INTENT);
  }

  charge(id: string): Promise<unknown> {
    return this.answer(id, this.object.object === 'charge' ? this.object : CHARGE);
  }

  refunds(charge: string): Promise<unknown[]> {
    return this.answer(`refunds of ${charge}`, [REFUND]);
  }

  disputes(charge: string): Promise<unknown[]> {
    return this.answer(`disputes of ${charge}`, [this.object.object === 'dispute' ? this.object : DISPUTE]);
  }

  private answer<T>(question: string, answer: T): Promise<T> {
    this.asked.push(question);
    return Promise.resolve(answer);
  }
}

interface Told {
  asked: readonly string[];
  subject: unknown;
  facts: readonly Fact[];
}

async function told(event: WebhookEvent, object: Json, known: KnownPayment | undefined): Promise<Told> {
  const books = new Books(object);
  const whole = subjectOf(event)?.kind === 'unread' ? await complete(books, event) : event;
  const facts = await factsOf(books, whole, known);
  return { asked: books.asked, subject: subjectOf(whole), facts };
}

function snapshotOf(type: string, changes: Json = {}): { event: WebhookEvent; object: Json } {
  const event = { ...stripeEvent(FIXTURES[type] ?? type, changes), type };
  return { event, object: jsonOf(jsonOf(jsonOf(event.payload).data).object) };
}

const PAID = { paid: true, closed: false, providerPaymentId: 'pi_keyboard1', chargeId: 'ch_keyboard1' };
const UNPAID = { paid: false, closed: false };
const KNOWN: readonly (KnownPayment | undefined)[] = [
  undefined,
  UNPAID,
  { paid: false, closed: true },
  { ...PAID, providerPaymentId: 'pi_first', chargeId: 'ch_first' },
];

describe('a thin event', () => {
  it.each(TRANSLATED_EVENTS)('v1.%s tells what the snapshot of the same object tells', async (type) => {
    const { event, object } = snapshotOf(type);
    const thin = thinTwin(event);
    expect([subjectOf(thin), mayNeedRead(thin)]).toEqual([{ kind: 'unread' }, true]);
    for (const known of KNOWN) {
      const expected = await told(event, object, known);
      expect(expected.facts).not.toEqual([]);
      const { subject, facts } = await told(thin, object, known);
      expect(facts).toEqual(expected.facts);
      expect(subject).toEqual(expected.subject);
    }
    // It is read also where the snapshot would not be confirmed any more.
    expect(await told(thin, object, PAID)).toEqual(await told(thin, object, UNPAID));
  });

  it('is read once where that suffices: the payment intent with its charge, the dispute, the charge', async () => {
    const once = async (type: string, known?: KnownPayment): Promise<readonly string[]> => {
      const { event, object } = snapshotOf(type);
      return (await told(thinTwin(event), object, known)).asked;
    };
    expect(await once('payment_intent.succeeded')).toEqual(['/v1/payment_intents/pi_keyboard1']);
    expect(await once('checkout.session.completed')).toEqual(['/v1/checkout/sessions/cs_test_keyboard1']);
    expect(await once('charge.succeeded', { paid: false, closed: true })).toEqual([
      '/v1/charges/ch_keyboard1',
    ]);
    expect(await once('charge.dispute.created', PAID)).toEqual(['/v1/disputes/du_keyboard1']);
    expect(await once('charge.refunded')).toEqual(['/v1/charges/ch_keyboard1', 'refunds of ch_keyboard1']);
  });

  it('says how its object is now, not how it was then', async () => {
    const { event } = snapshotOf('charge.succeeded.uncaptured');
    const { object } = snapshotOf('charge.captured');
    const thin = thinTwin({ ...event, type: 'charge.succeeded' });
    expect((await told(thin, object, undefined)).facts).toMatchObject([
      { name: 'succeeded', money: { amount: 3000n } },
    ]);
  });

  it("counts an attempt without a charge under its snapshot's id, so that both are one", async () => {
    const changes = { last_payment_error: { code: 'payment_intent_authentication_failure' } };
    const { event, object } = snapshotOf('payment_intent.payment_failed', changes);
    const attempt = [{ name: 'attempt_failed', attemptId: event.eventId }];
    expect((await told(event, object, undefined)).facts).toMatchObject(attempt);
    expect((await told(thinTwin(event), object, undefined)).facts).toMatchObject(attempt);
    const alone = thinTwin(event, { snapshot_event: undefined });
    expect((await told(alone, object, undefined)).facts).toMatchObject([{ attemptId: alone.eventId }]);
  });

  it.each([
    ['is of a type that we do not know', { type: 'v1.charge.updated' }],
    ['is of an object of API v2', { type: 'v2.core.account.updated' }],
    ['has the name of a snapshot event', { type: 'charge.succeeded' }],
    ['names a kind of object that we never read', { related_object: { id: 'po_1', type: 'payout' } }],
    ['names no object', { related_object: null }],
    ['names an object without an id', { related_object: { type: 'charge', url: '/v1/charges' } }],
    ['has no time', { created: 1_790_000_100 }],
  ])('concerns nothing, and nothing is asked, where it %s', async (_case, changes) => {
    const { event, object } = snapshotOf('charge.succeeded');
    const thin = thinTwin(event, changes);
    expect([subjectOf(thin), mayNeedRead(thin)]).toEqual([undefined, false]);
    expect(await told(thin, object, undefined)).toEqual({ asked: [], subject: undefined, facts: [] });
  });

  it('waits while Stripe does not know its object, or answers with another, unless it says that it was deleted', async () => {
    const { event, object } = snapshotOf('charge.succeeded');
    const other = { ...object, id: 'ch_other' };
    await expect(told(thinTwin(event), other, undefined)).rejects.toMatchObject({ kind: 'not_found' });
    const product = { object: 'product', id: 'prod_1', metadata: { priceId: 'price_1' } };
    const created = jsonOf(event.payload).created;
    const deleted = { ...event, type: 'product.deleted', payload: { created, data: { object: product } } };
    expect((await told(thinTwin(deleted), product, undefined)).subject).toMatchObject({ kind: 'plan' });
    expect(await told(thinTwin(deleted), other, undefined)).toMatchObject({ subject: undefined, facts: [] });
  });
});
