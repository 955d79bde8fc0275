import { jsonOf, textOf } from '../../json.read.js';
import type { ConektaCheckoutCalls } from '../conekta.client.js';
import { unusableAnswer } from '../conekta.errors.js';
import { isOfCall, type OfCall } from './conekta.opening.js';
import { type ConektaOrder, readOrder } from '../payment/conekta.order.js';

/** Conekta's clock may be behind ours. */
const CLOCK_SLACK_SECONDS = 600;
/** Ten thousand orders. */
const MAX_PAGES = 100;

/**
 * The orders that a call has made. Their metadata cannot be searched: all since the call are listed and matched.
 * @throws ProviderError also when not all could be looked at: that would be no proof that there is none.
 */
export async function findOrders(
  client: ConektaCheckoutCalls,
  wanted: OfCall,
  createdAfter: Date,
): Promise<ConektaOrder[]> {
  const createdFrom = Math.floor(createdAfter.getTime() / 1000) - CLOCK_SLACK_SECONDS;
  const found: ConektaOrder[] = [];
  let next: string | undefined;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const answer = jsonOf(await client.orders(createdFrom, next));
    if (!Array.isArray(answer.data)) throw unusableAnswer('not_a_list');
    const orders = answer.data.flatMap((one) => readOrder(one) ?? []);
    found.push(...orders.filter((order) => isOfCall(order, wanted)));
    if (answer.has_more !== true) return found;
    next = nextOf(answer.next_page_url);
    if (next === undefined) throw unusableAnswer('no_next_page');
  }
  throw unusableAnswer('too_many_orders');
}

/** The cursor in the address of the next page. The address itself is not followed: the key goes to one host. */
export function nextOf(address: unknown): string | undefined {
  const url = textOf(address);
  if (url === undefined || !URL.canParse(url)) return undefined;
  return textOf(new URL(url).searchParams.get('next'));
}
