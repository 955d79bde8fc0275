import { jsonOf } from '../../json.read.js';
import type { ConektaCheckoutCalls } from '../conekta.client.js';
import { pagesFrom, rowsOf } from '../conekta.listing.js';
import { isOfCall, type OfCall } from './conekta.opening.js';
import { type ConektaOrder, readOrder } from '../payment/conekta.order.js';
import { checked, isWhole } from '../payment/conekta.order.read.js';

/** Conekta's clock may be behind ours. */
const CLOCK_SLACK_SECONDS = 600;

/**
 * The orders that a call has made, whole. Their metadata cannot be searched: all since the call are listed and matched.
 * @throws ProviderError also when not all could be looked at: that would be no proof that there is none.
 */
export async function findOrders(
  client: ConektaCheckoutCalls,
  wanted: OfCall,
  createdAfter: Date,
  slackSeconds = CLOCK_SLACK_SECONDS,
): Promise<ConektaOrder[]> {
  const createdFrom = Math.floor(createdAfter.getTime() / 1000) - slackSeconds;
  const found: ConektaOrder[] = [];
  for await (const page of pagesFrom((next) => client.orders(createdFrom, next))) {
    for (const row of rowsOf(page).map(jsonOf)) {
      const order = readOrder(row);
      if (order === undefined || !isOfCall(order, wanted)) continue;
      found.push(isWhole(row) ? order : checked(await client.order(order.id), order.id));
    }
  }
  return found;
}
