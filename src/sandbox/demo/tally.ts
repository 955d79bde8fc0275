import type { Cast } from './demo.house.js';
import { expectThat } from './demo.failure.js';
import type { Order } from './orders.client.js';
import { until } from './until.js';

/**
 * Counts at both ends: what the orders service received for each order, and what the stream holds.
 * @returns how often each event type is in the stream
 * @throws DemoFailure unless every order was paid exactly once
 */
export async function expectPaidOnce(
  { orders, stream }: Cast,
  purchases: number,
): Promise<Map<string, number>> {
  await until({
    what: 'every event to be delivered',
    read: () => stream.undelivered('orders'),
    holds: (count) => count === 0,
  });
  const all = await orders.list();
  expectThat(all.length === purchases, `there are ${all.length} orders, not ${purchases}`);
  for (const order of all) {
    expectThat(isPaidOnce(order), `this order was not paid exactly once: ${JSON.stringify(order)}`);
  }
  const events = await stream.eventCounts();
  const announced = events.get('payment.succeeded');
  expectThat(
    announced === purchases,
    `the stream holds ${announced} payment.succeeded for ${purchases} orders`,
  );
  return events;
}

/** A broker that was killed may deliver again what had been acknowledged: the inbox knows it by its id. */
function isPaidOnce(order: Order): boolean {
  const [payment, ...otherPayments] = order.payments;
  const heardOnce = order.legacyEvents === 1 && order.durableEvents - order.duplicatesIgnored === 1;
  const settled = payment?.status === 'succeeded' && otherPayments.length === 0;
  return heardOnce && order.status === 'PAID' && settled;
}
