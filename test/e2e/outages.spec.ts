import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { call, openAtProvider, purchase, readPayment } from '../support/harness/calls.js';
import { eventually } from '../support/harness/eventually.js';
import type { LegacyOrders } from '../support/harness/legacy.orders.js';
import type { StreamReader } from '../support/harness/stream.reader.js';
import { startWorld, type World } from '../support/harness/world.js';

const PURCHASES = 5;

describe('while something is away', () => {
  let world: World;
  let stream: StreamReader;

  beforeAll(async () => {
    world = await startWorld();
    stream = await world.openStream();
  });
  afterAll(() => world?.stop());

  async function unanswered(): Promise<unknown[]> {
    await world.stripe.delivery.settled();
    return world.stripe.delivery.log.filter(({ status }) => status !== 200);
  }

  it('without NATS every webhook is taken, and every event arrives once when it is back', async () => {
    const orders = await world.startOrders();
    const requests = Array.from({ length: PURCHASES }, () => purchase());
    const sessions = await Promise.all(requests.map((request) => openAtProvider(world.service, request)));

    await world.nats.kill();
    for (const { sessionId } of sessions) await world.stripe.payWithCard(sessionId);
    expect(await unanswered()).toEqual([]);
    await eventually(async () => {
      for (const { paymentId } of sessions) {
        expect(await readPayment(world.service, paymentId)).toMatchObject({ status: 'succeeded' });
      }
    });
    // A check's answer is kept for a quarter of a second, so the last good one may still stand.
    await eventually(async () => {
      const ready = await call(world.service, '/health/ready');
      expect(ready).toMatchObject({ status: 503, body: { error: { nats: { status: 'down' } } } });
    });

    await world.nats.restart();
    await world.service.ready();
    await eventually(async () => {
      for (const { orderId } of requests) {
        expect(await stream.typesOf(orderId)).toEqual(['payment.created', 'payment.succeeded']);
        expect(orders.of(orderId)).toHaveLength(1);
      }
    });
    const ids = (await stream.all()).map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    await orders.stop();
  });

  it('the legacy event waits for the orders service, and arrives once when it returns', async () => {
    const request = purchase();
    const { sessionId } = await openAtProvider(world.service, request);
    await world.stripe.payWithCard(sessionId);
    await eventually(async () => {
      expect(await stream.typesOf(request.orderId)).toEqual(['payment.created', 'payment.succeeded']);
    });
    const held = (): Promise<{ state: string; last_error: string | null }[]> =>
      world.sql(`select state, last_error from outbox where channel = 'orders' and order_id = $1`, [
        request.orderId,
      ]);
    await eventually(async () => {
      expect(await held()).toEqual([{ state: 'pending', last_error: 'no orders service is subscribed' }]);
    });

    const orders: LegacyOrders = await world.startOrders();
    await eventually(() => expect(orders.of(request.orderId)).toHaveLength(1));
    // As if the minute until the orders service is asked had passed.
    await eventually(async () => expect(await held()).toMatchObject([{ state: 'sent' }]));
    await world.sql(`update outbox set next_attempt_at = payments_now() where order_id = $1`, [
      request.orderId,
    ]);
    await eventually(async () => expect(await held()).toMatchObject([{ state: 'published' }]));
    expect(orders.lookups).toEqual([request.orderId]);
    expect(orders.of(request.orderId)).toHaveLength(1);
  });
});

describe('with no NATS at the start', () => {
  let world: World;

  beforeAll(async () => {
    world = await startWorld({ nats: false });
  });
  afterAll(() => world?.stop());

  it('the service answers, says what is missing, and becomes ready when the broker comes', async () => {
    expect(await call(world.service, '/health/live')).toMatchObject({ status: 200 });
    expect(await call(world.service, '/health/ready')).toMatchObject({
      status: 503,
      body: { status: 'error', error: { nats: { status: 'down', message: expect.any(String) } } },
    });
    const request = purchase();
    const { sessionId, paymentId } = await openAtProvider(world.service, request);
    await world.stripe.payWithCard(sessionId);
    await eventually(async () => {
      expect(await readPayment(world.service, paymentId)).toMatchObject({ status: 'succeeded' });
    });

    await world.nats.restart();
    await world.service.ready();
    const orders = await world.startOrders();
    const stream = await world.openStream();
    await eventually(async () => {
      expect(await stream.typesOf(request.orderId)).toEqual(['payment.created', 'payment.succeeded']);
      expect(orders.of(request.orderId)).toHaveLength(1);
    });
  });
});
