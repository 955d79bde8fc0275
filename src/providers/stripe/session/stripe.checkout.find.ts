import { readSession, type StripeSession } from './stripe.checkout.session.js';
import type { StripeCheckoutCalls } from '../stripe.client.js';
import { findListed } from '../stripe.listing.js';

/**
 * Sessions cannot be searched: they are listed and matched by the payment id in their metadata.
 * @throws ProviderError when Stripe does not answer, and when not all sessions could be looked at.
 */
export function findSession(
  client: StripeCheckoutCalls,
  paymentId: string,
  createdAfter: Date,
): Promise<StripeSession | undefined> {
  const isIt = (one: unknown): StripeSession | undefined => {
    const session = readSession(one);
    return session?.ref.paymentId === paymentId ? session : undefined;
  };
  return findListed((from, after) => client.sessions(from, after), isIt, createdAfter);
}
