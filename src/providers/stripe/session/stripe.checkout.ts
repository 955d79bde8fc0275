import type { OpenedSession, Outcome, ProviderCall } from '../../provider.port.js';
import { isJson, type Json, jsonOf, textOf } from '../../json.read.js';
import { ProviderError } from '../../provider.errors.js';
import { findSession } from './stripe.checkout.find.js';
import { openedSessionOf, readSession } from './stripe.checkout.session.js';
import { SESSIONS_PATH, type StripeCheckoutCalls } from '../stripe.client.js';
import { unusableAnswer } from '../stripe.errors.js';
import { mustLookFirst } from '../stripe.repeat.js';

/** What a planned session is made of, and is made before it; each one under a key of its own. */
const PARTS = {
  customer: { path: '/v1/customers', paramsOf: (id: string): Json => ({ customer: id }) },
  coupon: { path: '/v1/coupons', paramsOf: (id: string): Json => ({ discounts: [{ coupon: id }] }) },
} as const;

/**
 * Sends a planned session, or sends it again: the same idempotency keys make Stripe act once.
 * @throws ProviderError for a definite refusal.
 */
export async function createSession(
  client: StripeCheckoutCalls,
  call: ProviderCall,
  now: Date,
): Promise<Outcome<OpenedSession>> {
  const { session } = call.request;
  if (!isJson(session)) throw new Error(`operation ${call.operationId} holds no planned session`);
  const paymentId = textOf(jsonOf(session.metadata).paymentId);
  const earlier = await openedBefore(client, call, paymentId, now);
  if (!earlier.known) return earlier;
  if (earlier.value !== undefined) return { known: true, value: earlier.value };
  const parts = await createParts(client, call);
  if (!parts.known) return parts;
  const answer = await client.post(SESSIONS_PATH, { ...session, ...parts.value }, call.operationId);
  if (!answer.known) return answer;
  const created = readSession(answer.value);
  const ours = created?.ref.paymentId === paymentId ? created : undefined;
  const value = ours && openedSessionOf(ours, call.request);
  return value === undefined
    ? { known: false, error: unusableAnswer('not_our_session') }
    : { known: true, value };
}

/** The session that a call which was sent too long ago has made, if it has; a refused look says nothing of that. */
async function openedBefore(
  client: StripeCheckoutCalls,
  call: ProviderCall,
  paymentId: string | undefined,
  now: Date,
): Promise<Outcome<OpenedSession | undefined>> {
  const nothing = { known: true, value: undefined } as const;
  if (paymentId === undefined || !mustLookFirst(call, now)) return nothing;
  try {
    const found = await findSession(client, paymentId, call.sentBefore);
    return { known: true, value: found && openedSessionOf(found, call.request) };
  } catch (error) {
    if (error instanceof ProviderError) return { known: false, error };
    throw error;
  }
}

/** @returns the parameters that name what was made. */
async function createParts(client: StripeCheckoutCalls, call: ProviderCall): Promise<Outcome<Json>> {
  let params: Json = {};
  for (const [kind, { path, paramsOf }] of Object.entries(PARTS)) {
    const planned = call.request[kind];
    if (!isJson(planned)) continue;
    const answer = await client.post(path, planned, `${call.operationId}:${kind}`);
    if (!answer.known) return answer;
    const made = jsonOf(answer.value);
    const id = made.object === kind ? textOf(made.id) : undefined;
    if (id === undefined) return { known: false, error: unusableAnswer(`not_a_${kind}`) };
    params = { ...params, ...paramsOf(id) };
  }
  return { known: true, value: params };
}
