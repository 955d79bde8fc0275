import { describe, expect, it } from '@jest/globals';
import { stripeEvent, stripeObject } from '../../../../test/fixtures/stripe/stripe.fixtures.js';
import type { Json } from '../../json.read.js';
import { ProviderError } from '../../provider.errors.js';
import type { KnownPayment } from '../../webhook.ports.js';
import type { StripeReads } from '../stripe.client.js';
import { confirm, type StripeEvidence } from './stripe.confirm.js';
import { readEvent } from './stripe.event.js';
import { mayNeedRead } from './stripe.subject.js';
import { factsOf } from './stripe.webhook.facts.js';

const INTENT = stripeObject('payment_intent.succeeded');
const CHARGE = stripeObject('charge.succeeded');
const REFUND = stripeObject('refund.created');
const DISPUTE = stripeObject('charge.dispute.created', { status: 'under_review' });
const PAID: KnownPayment = {
  paid: true,
  closed: false,
  providerPaymentId: 'pi_keyboard1',
  chargeId: 'ch_keyboard1',
};
const UNPAID: KnownPayment = { paid: false, closed: false };
const CLOSED: KnownPayment = { paid: false, closed: true };
const NOBODY = { metadata: {}, client_reference_id: null };

/** Answers what it is given, and remembers what it was asked. */
class Reads implements StripeReads {
  readonly asked: string[] = [];

  constructor(private readonly answers: { intent?: unknown; charge?: unknown } = {}) {}

  session(id: string): Promise<unknown> {
    return this.answer(id, undefined);
  }

  paymentIntent(id: string): Promise<unknown> {
    return this.answer(id, 'intent' in this.answers ? this.answers.intent : INTENT);
  }

  charge(id: string): Promise<unknown> {
    return this.answer(id, 'charge' in this.answers ? this.answers.charge : CHARGE);
  }

  refunds(charge: string): Promise<unknown[]> {
    return this.answer(`refunds of ${charge}`, [REFUND]);
  }

  disputes(charge: string): Promise<unknown[]> {
    return this.answer(`disputes of ${charge}`, [DISPUTE]);
  }

  private answer<T>(question: string, answer: T): Promise<T> {
    this.asked.push(question);
    return Promise.resolve(answer);
  }
}

async function confirmed(
  name: string,
  known: KnownPayment | undefined,
  changes: Json = {},
): Promise<{ asked: readonly string[]; evidence: StripeEvidence }> {
  const event = readEvent(stripeEvent(name, changes));
  if (event === undefined) throw new Error(`${name} cannot be read`);
  const reads = new Reads();
  const evidence = await confirm(reads, event, known);
  return { asked: reads.asked, evidence };
}

describe('confirming an event', () => {
  it.each([
    'checkout.session.completed',
    'checkout.session.completed.unpaid',
    'checkout.session.async_payment_succeeded',
    'payment_intent.succeeded',
  ])('asks for the payment intent of %s, which has the charge', async (name) => {
    for (const known of [undefined, UNPAID, CLOSED, { ...PAID, chargeId: undefined }]) {
      const { asked, evidence } = await confirmed(name, known);
      expect(asked).toEqual(['pi_keyboard1']);
      expect(evidence).toEqual({ intent: INTENT });
    }
  });

  it('asks nothing when the payment is known to be paid by that charge', async () => {
    for (const name of ['checkout.session.completed', 'payment_intent.succeeded']) {
      expect(await confirmed(name, PAID)).toEqual({ asked: [], evidence: { knownPaid: true } });
    }
  });

  it('asks when another charge, or another session of the payment, has paid', async () => {
    const first = { ...PAID, providerPaymentId: 'pi_first', chargeId: 'ch_first' };
    for (const name of ['checkout.session.completed', 'payment_intent.succeeded']) {
      expect((await confirmed(name, first)).asked).toEqual(['pi_keyboard1']);
    }
  });

  it('asks when another intent has paid, though an old version of the API does not name its charge', async () => {
    const first = { ...PAID, providerPaymentId: 'pi_first', chargeId: 'ch_first' };
    const unnamed = { latest_charge: undefined };
    expect((await confirmed('payment_intent.succeeded', first, unnamed)).asked).toEqual(['pi_keyboard1']);
    expect((await confirmed('payment_intent.succeeded', PAID, unnamed)).asked).toEqual([]);
  });

  it('asks for a charge again only when the payment is believed to be over', async () => {
    for (const name of ['charge.succeeded', 'charge.captured']) {
      expect(await confirmed(name, CLOSED)).toEqual({
        asked: ['ch_keyboard1'],
        evidence: { charge: CHARGE },
      });
      expect((await confirmed(name, UNPAID)).asked).toEqual([]);
    }
  });

  it.each(['charge.succeeded', 'charge.failed', 'payment_intent.payment_failed', 'checkout.session.expired'])(
    'asks nothing for %s, which says it all',
    async (name) => {
      expect(await confirmed(name, undefined)).toEqual({ asked: [], evidence: {} });
    },
  );

  it('asks nothing for what is of no order', async () => {
    for (const name of ['checkout.session.completed', 'payment_intent.succeeded', 'charge.refunded']) {
      expect((await confirmed(name, undefined, NOBODY)).asked).toEqual([]);
    }
  });

  it('asks for the refunds of a refunded charge', async () => {
    const { asked, evidence } = await confirmed('charge.refunded', PAID);
    expect(asked).toEqual(['refunds of ch_keyboard1']);
    expect(evidence).toEqual({ refunds: [REFUND] });
  });

  it('asks whose refund or dispute it is, only when nobody knows the payment', async () => {
    for (const name of ['refund.created', 'refund.failed']) {
      expect((await confirmed(name, undefined)).evidence).toEqual({ charge: CHARGE });
      expect((await confirmed(name, PAID)).asked).toEqual([]);
    }
    for (const name of ['charge.dispute.created', 'charge.dispute.closed']) {
      expect((await confirmed(name, undefined)).evidence).toEqual({ charge: CHARGE, dispute: DISPUTE });
    }
    expect((await confirmed('refund.created', undefined, { charge: null })).evidence).toEqual({
      intent: INTENT,
    });
  });

  it('T12b asks how a dispute stands now, for events of one come in any order', async () => {
    for (const name of ['charge.dispute.created', 'charge.dispute.closed']) {
      const { asked, evidence } = await confirmed(name, PAID);
      expect(asked).toEqual(['disputes of ch_keyboard1']);
      expect(evidence).toEqual({ dispute: DISPUTE });
    }
  });

  it('T8c asks for the charge of a refund that moved no money, and of no other', async () => {
    const bare = { balance_transaction: null };
    expect(await confirmed('refund.created', PAID, bare)).toEqual({
      asked: ['ch_keyboard1'],
      evidence: { knownCharge: CHARGE },
    });
    expect((await confirmed('refund.created', PAID, { balance_transaction: 'txn_1' })).asked).toEqual([]);
    expect((await confirmed('refund.created', PAID, { ...bare, status: 'pending' })).asked).toEqual([]);
  });

  it('takes an answer that cannot be read for no answer', async () => {
    const event = readEvent(stripeEvent('payment_intent.succeeded'));
    if (event === undefined) throw new Error('unreadable');
    for (const intent of [undefined, {}, [], { ...INTENT, id: 'pi_other' }]) {
      const answer = confirm(new Reads({ intent }), event, undefined);
      await expect(answer).rejects.toThrow(ProviderError);
      await expect(answer).rejects.toMatchObject({ retryable: true });
    }
  });
});

describe('a read', () => {
  const KNOWN = [undefined, UNPAID, CLOSED, PAID];
  const isRead = (name: string, known: KnownPayment | undefined, changes: Json = {}): boolean => {
    const event = stripeEvent(name, changes);
    const facts = factsOf(new Reads(), event, known);
    if (!(facts instanceof Promise)) return false;
    // What the read finds is of no account here.
    facts.catch(() => undefined);
    expect(mayNeedRead(event)).toBe(true);
    return true;
  };

  it.each([
    'charge.failed',
    'charge.expired',
    'charge.updated',
    'checkout.session.async_payment_failed',
    'checkout.session.expired',
    'payment_intent.amount_capturable_updated',
    'payment_intent.canceled',
    'payment_intent.partially_funded',
    'payment_intent.payment_failed',
    'payment_intent.requires_action.oxxo',
  ])('is never needed for %s: its facts are there at once, and it says so', (name) => {
    expect(mayNeedRead(stripeEvent(name))).toBe(false);
    expect(KNOWN.map((known) => isRead(name, known))).toEqual([false, false, false, false]);
  });

  it.each([
    ['checkout.session.completed', [true, true, true, false]],
    ['checkout.session.async_payment_succeeded', [true, true, true, false]],
    ['payment_intent.succeeded', [true, true, true, false]],
    ['charge.succeeded', [false, false, true, false]],
    ['charge.captured', [false, false, true, false]],
    ['refund.created', [true, false, false, false]],
    ['charge.refunded', [true, true, true, true]],
    ['charge.dispute.created', [true, true, true, true]],
  ])('for %s of an unknown payment, an unpaid, a closed and a paid one: %j', (name, expected) => {
    expect(mayNeedRead(stripeEvent(name))).toBe(true);
    const changes = name.startsWith('refund') ? { balance_transaction: 'txn_1' } : {};
    expect(KNOWN.map((known) => isRead(name, known, changes))).toEqual(expected);
  });

  it('is needed all the same where a paid payment gets a second charge', () => {
    const second = { latest_charge: 'ch_second' };
    expect(isRead('payment_intent.succeeded', PAID, second)).toBe(true);
    expect(isRead('checkout.session.completed', PAID, { payment_intent: 'pi_second' })).toBe(true);
  });
});
