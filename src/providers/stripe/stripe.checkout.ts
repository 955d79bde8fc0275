import type { OpenedSession, Outcome, ProviderCall } from '../provider.port.js';
import { ProviderError } from '../provider.errors.js';
import { openedSessionOf, readSession, type StripeSession } from './stripe.checkout.session.js';
import type { StripeCheckoutCalls } from './stripe.client.js';
import { unusableAnswer } from './stripe.errors.js';
import { idOf, isJson, jsonOf, textOf } from './stripe.read.js';

const SESSIONS = '/v1/checkout/sessions';
/** Stripe's clock may be behind ours. */
const CLOCK_SLACK_SECONDS = 600;
/** Ten thousand sessions. */
const MAX_PAGES = 100;

/**
 * Sends a planned session, or sends it again: the same idempotency keys make Stripe act once.
 * @throws ProviderError for a definite refusal.
 */
export async function createSession(
  client: StripeCheckoutCalls,
  call: ProviderCall,
): Promise<Outcome<OpenedSession>> {
  const { session, customer } = call.request;
  if (!isJson(session)) throw new Error(`operation ${call.operationId} holds no planned session`);
  const made = isJson(customer) ? await createCustomer(client, customer, call.operationId) : undefined;
  if (made?.known === false) return made;
  const params = made === undefined ? session : { ...session, customer: made.value };
  const answer = await client.post(SESSIONS, params, call.operationId);
  if (!answer.known) return answer;
  const created = readSession(answer.value);
  const opened = created === undefined ? undefined : openedSessionOf(created);
  const isOurs = opened !== undefined && created?.ref.paymentId === jsonOf(session.metadata).paymentId;
  return isOurs ? { known: true, value: opened } : { known: false, error: unusableAnswer('not_our_session') };
}

async function createCustomer(
  client: StripeCheckoutCalls,
  params: Readonly<Record<string, unknown>>,
  operationId: string,
): Promise<Outcome<string>> {
  const answer = await client.post('/v1/customers', params, `${operationId}:customer`);
  if (!answer.known) return answer;
  const id = isJson(answer.value) && answer.value.object === 'customer' ? textOf(answer.value.id) : undefined;
  return id === undefined
    ? { known: false, error: unusableAnswer('not_a_customer') }
    : { known: true, value: id };
}

/**
 * Closes an open session; of the call, only the id is used. Stripe refuses that for one that is closed
 * already, which is then looked at.
 * @throws ProviderError when Stripe refuses although the session is open, and when it does not know it.
 */
export async function expireSession(
  client: StripeCheckoutCalls,
  call: ProviderCall,
  sessionId: string,
): Promise<Outcome<{ paid: boolean }>> {
  try {
    const path = `${SESSIONS}/${encodeURIComponent(sessionId)}/expire`;
    const answer = await client.post(path, {}, call.operationId);
    if (!answer.known) return answer;
    return closing(readSession(answer.value), unusableAnswer('not_a_closed_session'));
  } catch (error) {
    if (!(error instanceof ProviderError) || error.kind !== 'invalid_request') throw error;
    return lookAtClosed(client, sessionId, error);
  }
}

async function lookAtClosed(
  client: StripeCheckoutCalls,
  sessionId: string,
  refusal: ProviderError,
): Promise<Outcome<{ paid: boolean }>> {
  try {
    const session = readSession(await client.session(sessionId));
    if (session?.status === 'open') throw refusal;
    return closing(session, unusableAnswer('not_a_closed_session'));
  } catch (error) {
    if (error instanceof ProviderError && error.kind === 'unavailable') return { known: false, error };
    throw error;
  }
}

function closing(session: StripeSession | undefined, otherwise: ProviderError): Outcome<{ paid: boolean }> {
  if (session?.status === 'expired') return { known: true, value: { paid: false } };
  if (session?.status === 'complete') return { known: true, value: { paid: isPaidOrBeingPaid(session) } };
  return { known: false, error: otherwise };
}

/** A complete session that is unpaid waits for a voucher, unless that has run out. */
function isPaidOrBeingPaid({ paymentStatus, intent }: StripeSession): boolean {
  if (paymentStatus !== 'unpaid') return true;
  return intent?.status !== 'canceled' && intent?.status !== 'requires_payment_method';
}

/** Sessions cannot be searched: they are listed and matched by the payment id in their metadata. */
export async function findSession(
  client: StripeCheckoutCalls,
  paymentId: string,
  createdAfter: Date,
): Promise<OpenedSession | undefined> {
  const createdFrom = Math.floor(createdAfter.getTime() / 1000) - CLOCK_SLACK_SECONDS;
  let startingAfter: string | undefined;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const { data, has_more: hasMore } = jsonOf(await client.sessions(createdFrom, startingAfter));
    if (!Array.isArray(data)) throw unusableAnswer('not_a_list');
    const found = data.map(readSession).find((session) => session?.ref.paymentId === paymentId);
    if (found !== undefined) return openedSessionOf(found);
    startingAfter = idOf(data.at(-1));
    if (hasMore !== true || startingAfter === undefined) return undefined;
  }
  // Not having looked everywhere is no proof that it is not there.
  throw unusableAnswer('too_many_sessions');
}
