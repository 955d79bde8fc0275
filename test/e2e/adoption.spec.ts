import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, it } from '@jest/globals';
import { paymentsOf } from '../support/harness/calls.js';
import { eventually } from '../support/harness/eventually.js';
import type { LegacyOrders } from '../support/harness/legacy.orders.js';
import type { StreamReader } from '../support/harness/stream.reader.js';
import { startWorld, type World } from '../support/harness/world.js';

const IN_A_DAY = new Date(Date.now() + 86_400_000).toISOString();

describe('a payment that the replaced service opened', () => {
  let world: World;
  let orders: LegacyOrders;
  let stream: StreamReader;

  async function begin(env: Record<string, string>): Promise<void> {
    world = await startWorld({ env });
    orders = await world.startOrders();
    stream = await world.openStream();
  }
  afterEach(() => world?.stop());

  async function payLegacy(): Promise<{ orderId: string; chargeId: string }> {
    const orderId = randomUUID();
    const session = await world.stripe.legacySession({ orderId });
    const { charge } = await world.stripe.payWithCard(session.id);
    await world.stripe.delivery.settled();
    return { orderId, chargeId: charge?.id ?? '' };
  }

  async function recorded(orderId: string): Promise<void> {
    await eventually(async () => {
      expect(await world.waitingEvents()).toEqual([]);
      expect(await paymentsOf(world.service, orderId)).toMatchObject([
        { orderId, status: 'succeeded', adopted: true, amount: 3998, amountCaptured: 3998, currency: 'USD' },
      ]);
    });
  }

  it('is adopted and announced on both ways', async () => {
    await begin({});
    const { orderId, chargeId } = await payLegacy();
    await recorded(orderId);
    await eventually(() =>
      expect(orders.of(orderId)).toMatchObject([{ data: { stripePaymentId: chargeId } }]),
    );
    await eventually(async () => {
      expect(await stream.of(orderId)).toMatchObject([
        { type: 'payment.succeeded', data: { adopted: true } },
      ]);
    });
  }, 90_000);

  it('is recorded and announced to nobody, when it was paid before ADOPT_SINCE', async () => {
    await begin({ ADOPT_SINCE: IN_A_DAY });
    const { orderId } = await payLegacy();
    await recorded(orderId);
    expect(await world.sql('select id from outbox where order_id = $1', [orderId])).toEqual([]);
    expect(orders.of(orderId)).toEqual([]);
    expect(await stream.of(orderId)).toEqual([]);
  }, 90_000);
});
