import { idOf, jsonOf } from '../json.read.js';
import { readSession, type StripeSession } from './stripe.checkout.session.js';
import type { StripeCheckoutCalls } from './stripe.client.js';
import { unusableAnswer } from './stripe.errors.js';

/** Stripe's clock may be behind ours. */
const CLOCK_SLACK_SECONDS = 600;
/** Ten thousand sessions. */
const MAX_PAGES = 100;

/**
 * Sessions cannot be searched: they are listed and matched by the payment id in their metadata.
 * @throws ProviderError when Stripe does not answer, and when not all sessions could be looked at.
 */
export async function findSession(
  client: StripeCheckoutCalls,
  paymentId: string,
  createdAfter: Date,
): Promise<StripeSession | undefined> {
  const createdFrom = Math.floor(createdAfter.getTime() / 1000) - CLOCK_SLACK_SECONDS;
  let startingAfter: string | undefined;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const { data, has_more: hasMore } = jsonOf(await client.sessions(createdFrom, startingAfter));
    if (!Array.isArray(data)) throw unusableAnswer('not_a_list');
    const found = data.map(readSession).find((session) => session?.ref.paymentId === paymentId);
    if (found !== undefined) return found;
    startingAfter = idOf(data.at(-1));
    if (hasMore !== true || startingAfter === undefined) return undefined;
  }
  // Not having looked everywhere is no proof that it is not there.
  throw unusableAnswer('too_many_sessions');
}
