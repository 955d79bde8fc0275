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
  'inbox-writing',
  'inbox-committed',
  'apply-inside-transaction',
  'outbox-claimed',
  'event-published',
  'event-acknowledged',
  'orders-published',
] as const satisfies readonly Failpoint[];

/** Leases of the dead process run out meanwhile: the relay's after 10 s, the inbox's after 60 s. */
const RECOVERED_WITHIN_MS = 90_000;

export interface CrashStage {
  readonly world: World;
  readonly stream: StreamReader;
  readonly orders: LegacyOrders;
}

/**
 * A customer pays; the process dies at the failpoint, at the next one after its restart, and so on, and is
 * started again without any. In the end the success was told once on the stream and once to an orders service
 * that answers who has paid.
 */
export async function expectPaidOnceDespite(
  failpoints: readonly Failpoint[],
  stage: CrashStage,
  leases: 'skipped' | 'waited for' = 'skipped',
): Promise<void> {
  const { world, stream, orders } = stage;
  const { service } = world;
  if (!service.isRunning()) await service.start();
  const request = purchase();
  const { sessionId, paymentId } = await openAtProvider(service, request);
  await eventually(async () => expect(await stream.typesOf(request.orderId)).toEqual(['payment.created']));

  const [first, ...others] = failpoints;
  await service.restart({ failpoint: first });
  await service.ready();
  await world.stripe.payWithCard(sessionId);
  expect(await service.exited).toEqual({ code: null, signal: 'SIGKILL' });
  for (const failpoint of others) {
    if (leases === 'skipped') await world.endLeases();
    await service.start({ failpoint, awaitLive: false });
    expect(await service.exited).toEqual({ code: null, signal: 'SIGKILL' });
  }

  if (leases === 'skipped') await world.endLeases();
  await service.start();
  await world.stripe.delivery.settled();
  await eventually(async () => {
    expect(await readPayment(service, paymentId)).toMatchObject({ status: 'succeeded' });
    expect(await stream.typesOf(request.orderId)).toEqual(['payment.created', 'payment.succeeded']);
    expect(await world.waitingEvents()).toEqual([]);
  }, RECOVERED_WITHIN_MS);
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
    const rows = await world.sql(`select state from outbox where order_id = $1 and channel = 'orders'`, [
      orderId,
    ]);
    expect(rows).toEqual([{ state: 'published' }]);
  }, RECOVERED_WITHIN_MS);
  expect(orders.lookups).toContain(orderId);
}
