import { expect } from '@jest/globals';
import type { World } from './world.js';

interface SuccessRow {
  payment_id: string;
  status: string;
  successes: number;
}

const PAID = ['succeeded', 'partially_refunded', 'refunded'];

/** I1: every webhook that was answered 200 is in the inbox. */
export async function expectNoWebhookLost(world: World): Promise<void> {
  const deliveries = [...world.stripe.delivery.log, ...world.conektaDeliveries];
  const taken = deliveries.filter(({ status }) => status === 200);
  const stored = await world.sql<{ event_id: string }>('select event_id from webhook_inbox');
  const known = new Set(stored.map((row) => row.event_id));
  expect(taken.map(({ messageId }) => messageId).filter((id) => !known.has(id))).toEqual([]);
}

/** I2: each paid payment has one success in the outbox for the stream, and where it pays an order one for its service. */
export async function expectOneSuccessEach(world: World): Promise<void> {
  for (const subject of ['payments.events.payment.succeeded', 'payment.succeeded']) {
    const rows = await world.sql<SuccessRow>(
      `select p.id as payment_id, p.status, count(o.id)::int as successes
       from payments p left join outbox o on o.key = p.id::text and o.subject = $1
       where p.order_id is not null or $1 like 'payments.events.%'
       group by p.id, p.status`,
      [subject],
    );
    const wrong = rows.filter(({ status, successes }) => successes !== (PAID.includes(status) ? 1 : 0));
    expect(wrong).toEqual([]);
  }
}
