import { type Fact, isOfAnOrder, joinRefs, type PaymentFact, type PaymentRef } from '../../facts.js';
import { isJson } from '../../json.read.js';
import type { KnownPayment, WebhookEvent } from '../../webhook.ports.js';
import { chargedFacts, chargeExpiredFacts, chargeFailedFacts } from '../payment/stripe.charge.facts.js';
import { readCharge, type StripeCharge } from '../payment/stripe.charge.read.js';
import { disputeFact } from '../payment/stripe.dispute.facts.js';
import {
  attemptFailedFacts,
  canceledFacts,
  intentFacts,
  pendingFact,
  succeededFact,
} from '../payment/stripe.intent.facts.js';
import { readIntent, type StripeIntent } from '../payment/stripe.intent.read.js';
import { isRelease, refundFact } from '../payment/stripe.refund.facts.js';
import { completedFacts, sessionExpiredFact, sessionFact } from '../session/stripe.session.facts.js';
import { readSession, type StripeSession } from '../session/stripe.session.read.js';
import type { FactSource } from '../stripe.account.js';
import type { StripeReads } from '../stripe.client.js';
import { confirm, type StripeEvidence } from './stripe.confirm.js';
import { readEvent, type StripeEvent } from './stripe.event.js';

type Translate = (event: StripeEvent, evidence: StripeEvidence) => readonly Fact[];

/**
 * One line per event type; a type that is not here concerns no payment, or says nothing that another does
 * not.
 */
const TRANSLATIONS: ReadonlyMap<string, Translate> = new Map([
  ['checkout.session.completed', of(readSession, completed)],
  ['checkout.session.async_payment_succeeded', of(readSession, completed)],
  [
    'checkout.session.async_payment_failed',
    of(readSession, (session, source) => [sessionFact('failed', session, source)]),
  ],
  ['checkout.session.expired', of(readSession, (session, source) => [sessionExpiredFact(session, source)])],
  ['payment_intent.succeeded', of(readIntent, intentSucceeded)],
  ['payment_intent.amount_capturable_updated', of(readIntent, inState('requires_capture'))],
  ['payment_intent.requires_action', of(readIntent, inState('requires_action'))],
  [
    'payment_intent.partially_funded',
    of(readIntent, (intent, source) => [pendingFact(intent, intent.ref, source)]),
  ],
  [
    'payment_intent.payment_failed',
    of(readIntent, (intent, source) => attemptFailedFacts(intent, intent.ref, source)),
  ],
  ['payment_intent.canceled', of(readIntent, (intent, source) => canceledFacts(intent, intent.ref, source))],
  ['charge.succeeded', of(readCharge, charged)],
  ['charge.captured', of(readCharge, charged)],
  ['charge.failed', of(readCharge, (charge, source) => chargeFailedFacts(charge, charge.ref, source))],
  ['charge.expired', of(readCharge, (charge, source) => chargeExpiredFacts(charge, charge.ref, source))],
  ['charge.refunded', refundsOfCharge],
  ['refund.created', ofRefund],
  ['refund.updated', ofRefund],
  ['refund.failed', ofRefund],
  ['charge.refund.updated', ofRefund],
  ['charge.dispute.created', ofDispute],
  ['charge.dispute.updated', ofDispute],
  ['charge.dispute.closed', ofDispute],
  ['charge.dispute.funds_withdrawn', ofDispute],
  ['charge.dispute.funds_reinstated', ofDispute],
]);

export const TRANSLATED_EVENTS: readonly string[] = [...TRANSLATIONS.keys()];

/**
 * What an event tells, after what it only claims or leaves out was read.
 * @throws ProviderError as `confirm`.
 */
export async function factsOf(
  client: StripeReads,
  event: WebhookEvent,
  known: KnownPayment | undefined,
): Promise<readonly Fact[]> {
  const read = readEvent(event);
  return read === undefined ? [] : translate(read, await confirm(client, read, known));
}

/** Pure. */
export function translate(event: StripeEvent, evidence: StripeEvidence): readonly Fact[] {
  return TRANSLATIONS.get(event.type)?.(event, evidence) ?? [];
}

/** Of an object that is read so and is an order's. */
function of<T extends { ref: PaymentRef }>(
  read: (object: unknown) => T | undefined,
  facts: (one: T, source: FactSource, evidence: StripeEvidence) => PaymentFact[],
): Translate {
  return ({ object, source }, evidence) => {
    const one = read(object);
    return one !== undefined && isOfAnOrder(one.ref) ? facts(one, source, evidence) : [];
  };
}

function completed(session: StripeSession, source: FactSource, evidence: StripeEvidence): PaymentFact[] {
  if (evidence.knownPaid === true)
    return session.paymentStatus === 'paid' ? [sessionFact('succeeded', session, source)] : [];
  return completedFacts(session, readIntent(evidence.intent), source);
}

/** The event claims the money; the answer of the API, which has the charge, must say so too. */
function intentSucceeded(intent: StripeIntent, source: FactSource, evidence: StripeEvidence): PaymentFact[] {
  if (evidence.knownPaid === true) return [succeededFact(intent, intent.ref, source)];
  const now = readIntent(evidence.intent);
  if (now === undefined || now.id !== intent.id || now.status !== 'succeeded') return [];
  return [succeededFact(now, joinRefs(now.ref, intent.ref), source)];
}

/** Where Stripe was asked, what it says now counts. */
function charged(charge: StripeCharge, source: FactSource, evidence: StripeEvidence): PaymentFact[] {
  const now = evidence.charge === undefined ? charge : readCharge(evidence.charge);
  return now?.id === charge.id ? chargedFacts(now, charge.ref, source) : [];
}

/** The body's own state must be the one that the type names. */
function inState(status: string): (intent: StripeIntent, source: FactSource) => PaymentFact[] {
  return (intent, source) => (intent.status === status ? intentFacts(intent, intent.ref, source) : []);
}

/** The rest of a hold that was never captured is listed among its refunds, and is none. */
function refundsOfCharge(event: StripeEvent, evidence: StripeEvidence): readonly Fact[] {
  const charge = readCharge(event.object);
  const refunds = (evidence.refunds ?? []).filter((one) => !isRelease(one, charge));
  const facts = refunds.flatMap((one) => refundFact(one, event.source, charge?.ref) ?? []);
  return facts.length === 0 ? [] : [...cameBefore(evidence, event.source), ...facts];
}

function ofRefund(event: StripeEvent, evidence: StripeEvidence): readonly Fact[] {
  const charge = readCharge(evidence.knownCharge) ?? chargeOf(evidence);
  return isRelease(event.object, charge) ? [] : moneyBack(event, evidence, refundFact);
}

function ofDispute(event: StripeEvent, evidence: StripeEvidence): readonly Fact[] {
  return moneyBack(
    { ...event, object: isJson(evidence.dispute) ? evidence.dispute : event.object },
    evidence,
    disputeFact,
  );
}

function moneyBack(
  event: StripeEvent,
  evidence: StripeEvidence,
  factOf: typeof refundFact | typeof disputeFact,
): readonly Fact[] {
  const owner = ownerOf(evidence);
  const fact = owner === 'not of an order' ? undefined : factOf(event.object, event.source, owner);
  return fact === undefined ? [] : [...cameBefore(evidence, event.source), fact];
}

/**
 * Of a payment that nobody knew: what goes back came in before, and no event need tell of that any more. Empty where
 * the payment is known.
 */
function cameBefore(evidence: StripeEvidence, source: FactSource): readonly Fact[] {
  const charge = chargeOf(evidence);
  return charge?.captured === true && isOfAnOrder(charge.ref) ? chargedFacts(charge, charge.ref, source) : [];
}

/** Undefined: nobody had to ask, the payment is known by Stripe's ids. */
function ownerOf(evidence: StripeEvidence): PaymentRef | undefined | 'not of an order' {
  const read = evidence.charge ?? evidence.intent;
  if (read === undefined) return undefined;
  const ref = (readCharge(read) ?? readIntent(read))?.ref;
  return isOfAnOrder(ref) ? ref : 'not of an order';
}

function chargeOf(evidence: StripeEvidence): StripeCharge | undefined {
  return readCharge(evidence.charge) ?? readIntent(evidence.intent)?.charge;
}
