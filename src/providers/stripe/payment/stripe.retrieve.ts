import type { Fact, PaymentFact, PaymentRef } from '../../facts.js';
import { readCharge, type StripeCharge } from './stripe.charge.js';
import { chargedFacts, chargeFailedFacts } from './stripe.charge.facts.js';
import { readSession, type StripeSession } from '../session/stripe.checkout.session.js';
import type { StripeReads } from '../stripe.client.js';
import { disputeFact } from './stripe.dispute.js';
import { unusableAnswer } from '../stripe.errors.js';
import type { FactSource } from '../webhook/stripe.event.js';
import { readIntent, type StripeIntent } from './stripe.intent.js';
import { intentFacts, pendingFact } from './stripe.intent.facts.js';
import { isJson, timeOf } from '../../json.read.js';
import { joinRefs } from '../webhook/stripe.subject.js';
import { refundFactOf } from './stripe.refund.js';
import { completedFacts, openedFact, sessionExpiredFact } from '../session/stripe.session.facts.js';

/**
 * Everything that Stripe says of a payment now: the session, its payment intent, then refunds and disputes.
 * @throws ProviderError, also for an id that Stripe does not know.
 */
export async function retrieve(
  client: StripeReads,
  ref: PaymentRef,
  source: FactSource,
): Promise<readonly Fact[]> {
  const facts = await read(client, ref, source);
  // Stripe has none of our ids on sessions of the service that was replaced; whoever asks knows which payment it is.
  // Which order it is for only Stripe can say: that is how a claim without proof is seen.
  const ours = { provider: ref.provider, paymentId: ref.paymentId };
  return facts.map((fact) => ({ ...fact, ref: joinRefs(fact.ref, ours) }));
}

async function read(client: StripeReads, ref: PaymentRef, source: FactSource): Promise<readonly Fact[]> {
  if (ref.sessionId !== undefined) return retrieveSession(client, ref.sessionId, source);
  if (ref.providerPaymentId !== undefined) return retrieveIntent(client, ref.providerPaymentId, source);
  if (ref.chargeId !== undefined) return retrieveCharge(client, ref.chargeId, source);
  return [];
}

async function retrieveSession(
  client: StripeReads,
  id: string,
  source: FactSource,
): Promise<readonly Fact[]> {
  const session = readSession(await client.session(id));
  if (session?.id !== id) throw unusableAnswer('not_the_session');
  const { intent } = session;
  const opened = openedFact(session, source);
  if (intent === undefined) {
    if (session.status === 'expired') return [opened, sessionExpiredFact(session, source)];
    return session.status === 'complete' ? [opened, ...completedFacts(session, intent, source)] : [opened];
  }
  const ref = joinRefs(session.ref, intent.ref);
  const facts = sessionFacts(session, intent, ref, source);
  return [opened, ...facts, ...(await movementsOf(client, intent.charge, ref, source))];
}

function sessionFacts(
  session: StripeSession,
  intent: StripeIntent,
  ref: PaymentRef,
  source: FactSource,
): PaymentFact[] {
  const facts = intentFacts(intent, ref, source);
  if (session.status === 'expired') {
    const before = facts.filter((fact) => fact.name !== 'canceled' && fact.name !== 'expired');
    return [...before, sessionExpiredFact(session, source)];
  }
  const isBeingPaid = session.status === 'complete' && session.paymentStatus === 'unpaid';
  return isBeingPaid && intent.status === 'processing' ? [pendingFact(intent, ref, source)] : facts;
}

async function retrieveIntent(client: StripeReads, id: string, source: FactSource): Promise<readonly Fact[]> {
  const intent = readIntent(await client.paymentIntent(id));
  if (intent?.id !== id) throw unusableAnswer('not_the_payment_intent');
  const facts = intentFacts(intent, intent.ref, source);
  return [...facts, ...(await movementsOf(client, intent.charge, intent.ref, source))];
}

/** A charge's payment intent says more; there is none for charges made without one. */
async function retrieveCharge(client: StripeReads, id: string, source: FactSource): Promise<readonly Fact[]> {
  const charge = readCharge(await client.charge(id));
  if (charge?.id !== id) throw unusableAnswer('not_the_charge');
  if (charge.ref.providerPaymentId !== undefined) {
    return retrieveIntent(client, charge.ref.providerPaymentId, source);
  }
  const failed = charge.status === 'failed';
  const facts = (failed ? chargeFailedFacts : chargedFacts)(charge, charge.ref, source);
  return [...facts, ...(await movementsOf(client, charge, charge.ref, source))];
}

/** Refunds and disputes, oldest first. */
async function movementsOf(
  client: StripeReads,
  charge: StripeCharge | undefined,
  ref: PaymentRef,
  source: FactSource,
): Promise<Fact[]> {
  if (charge === undefined || !charge.captured) return [];
  const refunds = await client.refunds(charge.id);
  const disputes = charge.disputed ? await client.disputes(charge.id) : [];
  const facts = [
    ...refunds.map((refund) => refundFactOf(charge, refund, createdAt(refund, source), ref)),
    ...disputes.map((dispute) => disputeFact(dispute, createdAt(dispute, source), ref)),
  ].filter((fact) => fact !== undefined);
  return facts.sort((a, b) => a.occurredAt.getTime() - b.occurredAt.getTime());
}

function createdAt(value: unknown, source: FactSource): FactSource {
  return { ...source, at: (isJson(value) ? timeOf(value.created) : undefined) ?? source.at };
}
