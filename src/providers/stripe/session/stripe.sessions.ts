import { type Fact, joinRefs, type PaymentFact, type PaymentRef } from '../../facts.js';
import { isJson, type Json, jsonOf, textOf } from '../../json.read.js';
import type { OpenedSession } from '../../payment.ports.js';
import {
  afterActing,
  andThen,
  inDoubt,
  known,
  knownOr,
  type Outcome,
  type ProviderCall,
  unlessRefused,
} from '../../provider.calls.js';
import { intentFacts, pendingFact } from '../payment/stripe.intent.facts.js';
import type { StripeIntent } from '../payment/stripe.intent.read.js';
import { moneyBackOf, retrieveCharge, retrieveIntent } from '../payment/stripe.intents.js';
import type { FactSource } from '../stripe.account.js';
import { findListed, SESSIONS_PATH, type StripeCheckoutCalls, type StripeReads } from '../stripe.client.js';
import { unusableAnswer } from '../stripe.errors.js';
import { keyOf, mustLookFirst, pathOf, recordedParams } from '../stripe.request.js';
import { completedFacts, openedFact, sessionExpiredFact } from './stripe.session.facts.js';
import { openedSessionOf, readSession, type StripeSession } from './stripe.session.read.js';

/** What a recorded session is made of, and is made before it; each one under a key of its own. */
const PARTS = {
  customer: { path: '/v1/customers', paramsOf: (id: string): Json => ({ customer: id }) },
  coupon: { path: '/v1/coupons', paramsOf: (id: string): Json => ({ discounts: [{ coupon: id }] }) },
} as const;

/**
 * Sends a recorded session, or sends it again: the same idempotency keys make Stripe act once.
 * @throws ProviderError for a definite refusal.
 */
export async function createSession(
  client: StripeCheckoutCalls,
  call: ProviderCall,
  now: Date,
): Promise<Outcome<OpenedSession>> {
  const session = recordedParams(call.request, 'session');
  const paymentId = textOf(jsonOf(session.metadata).paymentId);
  const earlier = await openedBefore(client, call, paymentId, now);
  if (!earlier.known) return earlier;
  if (earlier.value !== undefined) return known(earlier.value);
  const answer = andThen(createParts(client, call), (parts) =>
    client.post(SESSIONS_PATH, { ...session, ...parts }, call.operationId),
  );
  return andThen(answer, (value) => {
    const created = readSession(value);
    const ours = created?.ref.paymentId === paymentId ? created : undefined;
    return knownOr(ours && openedSessionOf(ours, call.request), unusableAnswer('not_our_session'));
  });
}

/**
 * The session that a call which was sent too long ago has made, if it has; a refused look says nothing of that. Sessions
 * cannot be searched: they are listed and matched by the payment id in their metadata.
 */
async function openedBefore(
  client: StripeCheckoutCalls,
  call: ProviderCall,
  paymentId: string | undefined,
  now: Date,
): Promise<Outcome<OpenedSession | undefined>> {
  if (paymentId === undefined || !mustLookFirst(call, now)) return known(undefined);
  const { sentBefore } = call;
  return afterActing(async () => {
    const found = await findListed(client, SESSIONS_PATH, {}, sentBefore, (one) => {
      const session = readSession(one);
      return session?.ref.paymentId === paymentId ? session : undefined;
    });
    return known(found && openedSessionOf(found, call.request));
  });
}

/** @returns the parameters that name what was made. */
async function createParts(client: StripeCheckoutCalls, call: ProviderCall): Promise<Outcome<Json>> {
  let params: Json = {};
  for (const [kind, { path, paramsOf }] of Object.entries(PARTS)) {
    const part = call.request[kind];
    if (!isJson(part)) continue;
    const made = await andThen(client.post(path, part, keyOf(call, kind)), (answer) => {
      const { object, id } = jsonOf(answer);
      return knownOr(object === kind ? textOf(id) : undefined, unusableAnswer(`not_a_${kind}`));
    });
    if (!made.known) return made;
    params = { ...params, ...paramsOf(made.value) };
  }
  return known(params);
}

/**
 * Closes an open session; of the call, only the id is used. Stripe refuses that for one that is closed
 * already, which is then looked at.
 * @throws ProviderError when Stripe refuses although the session is open, and when it does not know it.
 */
export function expireSession(
  client: StripeCheckoutCalls,
  call: ProviderCall,
  sessionId: string,
): Promise<Outcome<{ paid: boolean }>> {
  const path = pathOf(SESSIONS_PATH, sessionId, 'expire');
  const close = async (): Promise<Outcome<{ paid: boolean }>> =>
    andThen(client.post(path, {}, call.operationId), (answer) => closing(readSession(answer)));
  return unlessRefused(['invalid_request'], close, (refusal) =>
    unlessRefused(
      ['unavailable'],
      async () => {
        const session = readSession(await client.session(sessionId));
        if (session?.status === 'open') throw refusal;
        return closing(session);
      },
      inDoubt,
    ),
  );
}

function closing(session: StripeSession | undefined): Outcome<{ paid: boolean }> {
  if (session?.status === 'expired') return known({ paid: false });
  if (session?.status === 'complete') return known({ paid: isPaidOrBeingPaid(session) });
  return inDoubt(unusableAnswer('not_a_closed_session'));
}

/** A complete session that is unpaid waits for a voucher, unless that has run out. */
function isPaidOrBeingPaid({ paymentStatus, intent }: StripeSession): boolean {
  if (paymentStatus !== 'unpaid') return true;
  return intent?.status !== 'canceled' && intent?.status !== 'requires_payment_method';
}

/**
 * Everything that Stripe says of a payment now: the session, its payment intent, then refunds and disputes.
 * @throws ProviderError, also for an id that Stripe does not know.
 */
export async function retrieve(
  client: StripeReads,
  ref: PaymentRef,
  source: FactSource,
): Promise<readonly Fact[]> {
  const facts = await factsOf(client, ref, source);
  // Stripe has none of our ids on sessions of the service that was replaced; whoever asks knows which payment it is.
  // Which order it is for only Stripe can say: that is how a claim without proof is seen.
  const ours = { provider: ref.provider, paymentId: ref.paymentId };
  return facts.map((fact) => ({ ...fact, ref: joinRefs(fact.ref, ours) }));
}

async function factsOf(
  client: StripeReads,
  { sessionId, providerPaymentId, chargeId }: PaymentRef,
  source: FactSource,
): Promise<readonly Fact[]> {
  if (sessionId !== undefined) return retrieveSession(client, sessionId, source);
  if (providerPaymentId !== undefined) return retrieveIntent(client, providerPaymentId, source);
  return chargeId === undefined ? [] : retrieveCharge(client, chargeId, source);
}

async function retrieveSession(client: StripeReads, id: string, source: FactSource): Promise<Fact[]> {
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
  return [opened, ...facts, ...(await moneyBackOf(client, intent.charge, ref, source))];
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
