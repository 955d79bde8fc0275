import type { Cast } from './demo.house.js';
import { expectThat } from './demo.failure.js';
import type { Order } from './orders.client.js';

/**
 * Counts at both ends: what the orders service received for each order, and what the stream holds.
 * @returns how often each event type is in the stream
 * @throws DemoFailure unless every order was paid exactly once
 */
export async function expectPaidOnce(
  { orders, stream }: Cast,
  purchases: number,
): Promise<Map<string, number>> {
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
  const undelivered = await stream.undelivered('orders');
  expectThat(undelivered === 0, `${undelivered} events have not reached the orders service`);
  return events;
}

function isPaidOnce(order: Order): boolean {
  const [payment, ...otherPayments] = order.payments;
  const heardOnce = order.legacyEvents === 1 && order.durableEvents === 1 && order.duplicatesIgnored === 0;
  return (
    heardOnce && order.status === 'PAID' && payment?.status === 'succeeded' && otherPayments.length === 0
  );
}
