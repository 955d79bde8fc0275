import { ProviderError } from '../../provider.errors.js';
import type { Outcome, ProviderCall } from '../../provider.port.js';
import { readSession, type StripeSession } from './stripe.checkout.session.js';
import { SESSIONS_PATH, type StripeCheckoutCalls } from '../stripe.client.js';
import { unusableAnswer } from '../stripe.errors.js';

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
    const path = `${SESSIONS_PATH}/${encodeURIComponent(sessionId)}/expire`;
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
