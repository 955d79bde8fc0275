import type { Cast } from './demo.house.js';
import { expectThat } from './demo.failure.js';
import type { Order } from './orders.client.js';
import type { Subscriber } from './subscriber.js';
import { until } from './until.js';

/**
 * Counts what the orders service received for each order.
 * @throws DemoFailure unless every order was paid exactly once
 */
export async function expectPaidOnce({ orders, stream }: Cast, purchases: number): Promise<void> {
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
}

/**
 * Counts what the customer paid: here, and at the provider.
 * @param months of the subscription, each a payment; the saved card was charged once more
 * @throws DemoFailure unless every month and the charge were paid exactly once
 */
export async function expectMonthsPaidOnce(subscriber: Subscriber, months: number): Promise<void> {
  await subscriber.hasPaid(months);
  await subscriber.hasPaidAtProvider(months + 1);
  await subscriber.hears([]);
}

/**
 * @returns how often each event type is in the stream
 * @throws DemoFailure unless every payment was announced once
 */
export async function expectAnnouncedOnce({ stream }: Cast, payments: number): Promise<Map<string, number>> {
  const events = await stream.eventCounts();
  const announced = events.get('payment.succeeded');
  expectThat(
    announced === payments,
    `the stream holds ${announced} payment.succeeded for ${payments} payments`,
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
