import { expect } from '@jest/globals';
import type { Failpoint } from '../../../src/kernel/failpoint.js';
import { openAtProvider, purchase, readPayment } from './calls.js';
import { eventually } from './eventually.js';
import { expectNoWebhookLost, expectOneSuccessEach } from './invariants.js';
import type { LegacyOrders } from './legacy.orders.js';
import type { StreamReader } from './stream.reader.js';
import type { World } from './world.js';

/** Where a process may die between a paid session and the orders service knowing of it. */
export const PAID_FAILPOINTS = [
  'webhook-verified',
  'inbox-inside-transaction',
  'inbox-committed',
  'apply-inside-transaction',
  'outbox-claimed',
  'event-published',
  'event-acknowledged',
  'orders-published',
] as const satisfies readonly Failpoint[];

export interface CrashStage {
  readonly world: World;
  readonly stream: StreamReader;
  readonly orders: LegacyOrders;
}

/**
 * A customer pays, the process dies at the failpoint, and is started again without it. In the end the success
 * was told once on the stream and once to an orders service that answers who has paid.
 */
export async function expectPaidOnceDespite(failpoint: Failpoint, stage: CrashStage): Promise<void> {
  const { world, stream, orders } = stage;
  const { service } = world;
  const request = purchase();
  const { sessionId, paymentId } = await openAtProvider(service, request);
  await eventually(async () => expect(await stream.typesOf(request.orderId)).toEqual(['payment.created']));

  await service.restart({ failpoint });
  await service.ready();
  await world.stripe.payWithCard(sessionId);
  expect(await service.exited).toEqual({ code: null, signal: 'SIGKILL' });

  await service.start();
  await world.stripe.delivery.settled();
  await eventually(async () => {
    expect(await readPayment(service, paymentId)).toMatchObject({ status: 'succeeded' });
    expect(await stream.typesOf(request.orderId)).toEqual(['payment.created', 'payment.succeeded']);
  }, 60_000);
  await expectOrdersToldOnce(stage, request.orderId);
  expect(await stream.typesOf(request.orderId)).toEqual(['payment.created', 'payment.succeeded']);
  await expectNoWebhookLost(world);
  await expectOneSuccessEach(world);
  expect(orders.of(request.orderId)).toHaveLength(1);
}

/** Waits until the service has made sure of it, by asking the orders service; the waits between are skipped. */
async function expectOrdersToldOnce({ world, orders }: CrashStage, orderId: string): Promise<void> {
  await eventually(async () => {
    await world.sql(
      `update outbox set next_attempt_at = payments_now()
       where order_id = $1 and channel = 'orders' and state = 'sent'`,
      [orderId],
    );
    const rows = await world.sql(`select state from outbox where order_id = $1 and channel = 'orders'`, [orderId]);
    expect(rows).toEqual([{ state: 'published' }]);
  }, 60_000);
  expect(orders.lookups).toContain(orderId);
}
