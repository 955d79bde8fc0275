import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import type { Cast } from './demo.house.js';
import { expectThat } from './demo.failure.js';
import type { Order } from './orders.client.js';

const STREAM = 'PAYMENTS';
const PREFIX = 'payments.events.';

/**
 * Counts at both ends: what the orders service received for each order, and what the stream holds.
 * @returns how often each event type is in the stream
 * @throws DemoFailure unless every order was paid exactly once
 */
export async function expectPaidOnce(
  { orders, nats }: Cast,
  purchases: number,
): Promise<Map<string, number>> {
  const all = await orders.list();
  expectThat(all.length === purchases, `there are ${all.length} orders, not ${purchases}`);
  for (const order of all) {
    expectThat(isPaidOnce(order), `this order was not paid exactly once: ${JSON.stringify(order)}`);
  }
  const events = await eventsInStream(nats.url);
  const announced = events.get('payment.succeeded');
  expectThat(
    announced === purchases,
    `the stream holds ${announced} payment.succeeded for ${purchases} orders`,
  );
  return events;
}

function isPaidOnce(order: Order): boolean {
  const [payment, ...otherPayments] = order.payments;
  const heardOnce = order.legacyEvents === 1 && order.durableEvents === 1 && order.duplicatesIgnored === 0;
  return (
    heardOnce && order.status === 'PAID' && payment?.status === 'succeeded' && otherPayments.length === 0
  );
}

async function eventsInStream(natsUrl: string): Promise<Map<string, number>> {
  const connection = await connect({ servers: natsUrl });
  try {
    const manager = await jetstreamManager(connection);
    const { state } = await manager.streams.info(STREAM, { subjects_filter: `${PREFIX}>` });
    const counts = Object.entries(state.subjects ?? {});
    return new Map(counts.map(([subject, count]) => [subject.slice(PREFIX.length), count]));
  } finally {
    await connection.close();
  }
}
