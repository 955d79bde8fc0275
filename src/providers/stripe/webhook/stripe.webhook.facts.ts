import { type Fact, isOfAnOrder, joinRefs, type PaymentFact, type PaymentRef } from '../../facts.js';
import { isJson } from '../../json.read.js';
import type { KnownPayment, WebhookEvent } from '../../webhook.ports.js';
import { chargedFacts, chargeFact, chargeFailedFacts } from '../payment/stripe.charge.facts.js';
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
import { forEvents, readEvent, type StripeEvent } from './stripe.event.js';

type Translate = (event: StripeEvent, evidence: StripeEvidence) => readonly Fact[];

/** Other types concern no payment, or repeat another. */
const TRANSLATIONS: ReadonlyMap<string, Translate> = new Map([
  ...forEvents('checkout.session', 'completed async_payment_succeeded', of(readSession, completed)),
  ...forEvents('checkout.session', 'async_payment_failed', of(readSession, sessionFailed)),
  ...forEvents('checkout.session', 'expired', of(readSession, sessionExpiredFact)),
  ...forEvents('payment_intent', 'succeeded', of(readIntent, intentSucceeded)),
  ...forEvents('payment_intent', 'amount_capturable_updated', of(readIntent, inState('requires_capture'))),
  ...forEvents('payment_intent', 'requires_action', of(readIntent, inState('requires_action'))),
  ...forEvents('payment_intent', 'partially_funded', of(readIntent, byRef(pendingFact))),
  ...forEvents('payment_intent', 'payment_failed', of(readIntent, byRef(attemptFailedFacts))),
  ...forEvents('payment_intent', 'canceled', of(readIntent, byRef(canceledFacts))),
  ...forEvents('charge', 'succeeded captured', of(readCharge, charged)),
  ...forEvents('charge', 'failed', of(readCharge, byRef(chargeFailedFacts))),
  ...forEvents('charge', 'expired', of(readCharge, chargeExpired)),
  ...forEvents('charge', 'refunded', refundsOfCharge),
  ...forEvents('refund', 'created updated failed', ofRefund),
  ...forEvents('charge', 'refund.updated', ofRefund),
  ...forEvents('charge.dispute', 'created updated closed funds_withdrawn funds_reinstated', ofDispute),
]);

export const TRANSLATED_EVENTS: readonly string[] = [...TRANSLATIONS.keys()];

/** @throws ProviderError as `confirm`. */
export function factsOf(
  client: StripeReads,
  event: WebhookEvent,
  known: KnownPayment | undefined,
): readonly Fact[] | Promise<readonly Fact[]> {
  const read = readEvent(event);
  if (read === undefined) return [];
  const evidence = confirm(client, read, known);
  if (!(evidence instanceof Promise)) return translate(read, evidence);
  return evidence.then((told) => translate(read, told));
}

/** Pure. */
export function translate(event: StripeEvent, evidence: StripeEvidence): readonly Fact[] {
  return TRANSLATIONS.get(event.type)?.(event, evidence) ?? [];
}

/** Only for objects of an order. */
function of<T extends { ref: PaymentRef }>(
  read: (object: unknown) => T | undefined,
  facts: (one: T, source: FactSource, evidence: StripeEvidence) => PaymentFact | PaymentFact[],
): Translate {
  return ({ object, source }, evidence) => {
    const one = read(object);
    return one !== undefined && isOfAnOrder(one.ref) ? [facts(one, source, evidence)].flat() : [];
  };
}

function byRef<T extends { ref: PaymentRef }, F>(facts: (one: T, ref: PaymentRef, source: FactSource) => F) {
  return (one: T, source: FactSource): F => facts(one, one.ref, source);
}

function sessionFailed(session: StripeSession, source: FactSource): PaymentFact {
  return sessionFact('failed', session, source);
}

/** A hold that was not captured in time. */
function chargeExpired(charge: StripeCharge, source: FactSource): PaymentFact {
  return chargeFact('expired', charge, charge.ref, source);
}

function completed(session: StripeSession, source: FactSource, evidence: StripeEvidence): PaymentFact[] {
  if (evidence.knownPaid === true)
    return session.paymentStatus === 'paid' ? [sessionFact('succeeded', session, source)] : [];
  return completedFacts(session, readIntent(evidence.intent), source);
}

/** The event claims the money; the API's answer, which has the charge, must agree. */
function intentSucceeded(intent: StripeIntent, source: FactSource, evidence: StripeEvidence): PaymentFact[] {
  if (evidence.knownPaid === true) return [succeededFact(intent, intent.ref, source)];
  const now = readIntent(evidence.intent);
  if (now === undefined || now.id !== intent.id || now.status !== 'succeeded') return [];
  return [succeededFact(now, joinRefs(now.ref, intent.ref), source)];
}

/** What Stripe answered counts more than the event. */
function charged(charge: StripeCharge, source: FactSource, evidence: StripeEvidence): PaymentFact[] {
  const now = evidence.charge === undefined ? charge : readCharge(evidence.charge);
  return now?.id === charge.id ? chargedFacts(now, charge.ref, source) : [];
}

/** The body's own state must be the one that the type names. */
function inState(status: string) {
  return (intent: StripeIntent, source: FactSource): PaymentFact[] =>
    intent.status === status ? intentFacts(intent, intent.ref, source) : [];
}

/** The uncaptured rest of a hold is listed as a refund, and is none. */
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
  const object = isJson(evidence.dispute) ? evidence.dispute : event.object;
  return moneyBack({ ...event, object }, evidence, disputeFact);
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

/** Money of an unknown payment came in before; perhaps no other event tells of it. Empty for a known payment. */
function cameBefore(evidence: StripeEvidence, source: FactSource): readonly Fact[] {
  const charge = chargeOf(evidence);
  return charge?.captured === true && isOfAnOrder(charge.ref) ? chargedFacts(charge, charge.ref, source) : [];
}

/** Undefined: nothing was read, the payment is known by Stripe's ids. */
function ownerOf(evidence: StripeEvidence): PaymentRef | undefined | 'not of an order' {
  const read = evidence.charge ?? evidence.intent;
  if (read === undefined) return undefined;
  const ref = (readCharge(read) ?? readIntent(read))?.ref;
  return isOfAnOrder(ref) ? ref : 'not of an order';
}

function chargeOf(evidence: StripeEvidence): StripeCharge | undefined {
  return readCharge(evidence.charge) ?? readIntent(evidence.intent)?.charge;
}
