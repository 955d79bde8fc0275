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
import {
  findListed,
  madeIn,
  SESSIONS_PATH,
  type StripeCheckoutCalls,
  type StripeReads,
} from '../stripe.client.js';
import { unusableAnswer, withId } from '../stripe.errors.js';
import { keyOf, mustLookFirst, pathOf, recordedParams } from '../stripe.request.js';
import { completedFacts, openedFact, sessionExpiredFact } from './stripe.session.facts.js';
import { openedSessionOf, readSession, type StripeSession } from './stripe.session.read.js';

/** Made before the session, each under a key of its own. */
const PARTS = {
  customer: { path: '/v1/customers', paramsOf: (id: string): Json => ({ customer: id }) },
  coupon: { path: '/v1/coupons', paramsOf: (id: string): Json => ({ discounts: [{ coupon: id }] }) },
} as const;

/**
 * Sends a recorded session, perhaps again: the same idempotency keys make Stripe act once.
 * @throws ProviderError for a definite refusal.
 */
export async function createSession(
  client: StripeCheckoutCalls,
  call: ProviderCall,
  now: Date,
): Promise<Outcome<OpenedSession>> {
  const session = recordedParams(call.request, 'session');
  const paymentId = textOf(jsonOf(session.metadata).paymentId);
  const ours = (value: unknown): StripeSession | undefined => {
    const read = readSession(value);
    return read?.ref.paymentId === paymentId ? read : undefined;
  };
  const open = async (): Promise<Outcome<OpenedSession>> => {
    const answer = andThen(createParts(client, call), (parts) =>
      client.post(SESSIONS_PATH, { ...session, ...parts }, call.operationId),
    );
    return andThen(answer, (value) => {
      const created = ours(value);
      return knownOr(created && openedSessionOf(created, call.request), unusableAnswer('not_our_session'));
    });
  };
  if (paymentId === undefined || !mustLookFirst(call, now)) return open();
  // Sessions cannot be searched. A refused look does not prove that there is none.
  const { sentBefore } = call;
  const earlier = afterActing(async () => {
    const found = await findListed(client, SESSIONS_PATH, {}, sentBefore, ours);
    return known(found && openedSessionOf(found, call.request));
  });
  return andThen(earlier, (found) => (found === undefined ? open() : known(found)));
}

/** @returns the parameters that name what was made. */
async function createParts(client: StripeCheckoutCalls, call: ProviderCall): Promise<Outcome<Json>> {
  let params: Json = {};
  for (const [kind, { path, paramsOf }] of Object.entries(PARTS)) {
    const part = call.request[kind];
    if (!isJson(part)) continue;
    const made = await andThen(client.post(path, part, keyOf(call, kind)), (answer) => madeIn(answer, kind));
    if (!made.known) return made;
    params = { ...params, ...paramsOf(made.value.id) };
  }
  return known(params);
}

/**
 * Of the call, only the id is used. Stripe refuses to close a closed session, which is then looked at.
 * @throws ProviderError when Stripe refuses although the session is open, and when it does not know it.
 */
export function expireSession(
  client: StripeCheckoutCalls,
  call: ProviderCall,
  sessionId: string,
): Promise<Outcome<{ paid: boolean }>> {
  const path = pathOf(SESSIONS_PATH, sessionId, 'expire');
  const close = (): Promise<Outcome<{ paid: boolean }>> =>
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
  if (session?.status !== 'complete') return inDoubt(unusableAnswer('not_a_closed_session'));
  const { paymentStatus, intent } = session;
  // An unpaid one waits for its voucher, unless that has run out.
  const isOver = intent?.status === 'canceled' || intent?.status === 'requires_payment_method';
  return known({ paid: paymentStatus !== 'unpaid' || !isOver });
}

/**
 * The payment as Stripe has it now: session, payment intent, then refunds and disputes.
 * @throws ProviderError, also for an id that Stripe does not know.
 */
export async function retrieve(
  client: StripeReads,
  ref: PaymentRef,
  source: FactSource,
): Promise<readonly Fact[]> {
  const facts = await factsOf(client, ref, source);
  // Sessions of the replaced service carry no payment id; the caller knows it. The order only Stripe can tell: that is
  // how a claim without proof shows.
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
  const session = withId(readSession(await client.session(id)), id, 'not_the_session');
  const { intent, status } = session;
  const opened = openedFact(session, source);
  if (intent !== undefined) {
    const ref = joinRefs(session.ref, intent.ref);
    const facts = sessionFacts(session, intent, ref, source);
    return [opened, ...facts, ...(await moneyBackOf(client, intent.charge, ref, source))];
  }
  if (status === 'expired') return [opened, sessionExpiredFact(session, source)];
  return status === 'complete' ? [opened, ...completedFacts(session, intent, source)] : [opened];
}

function sessionFacts(
  session: StripeSession,
  intent: StripeIntent,
  ref: PaymentRef,
  source: FactSource,
): PaymentFact[] {
  const facts = intentFacts(intent, ref, source);
  if (session.status === 'expired') {
    const before = facts.filter(({ name }) => name !== 'canceled' && name !== 'expired');
    return [...before, sessionExpiredFact(session, source)];
  }
  const isBeingPaid = session.status === 'complete' && session.paymentStatus === 'unpaid';
  return isBeingPaid && intent.status === 'processing' ? [pendingFact(intent, ref, source)] : facts;
}
