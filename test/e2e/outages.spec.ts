import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  call,
  mexicanPurchase,
  openAtProvider,
  purchase,
  type ReadinessAnswer,
  readPayment,
} from '../support/harness/calls.js';
import { eventually } from '../support/harness/eventually.js';
import type { LegacyOrders } from '../support/harness/legacy.orders.js';
import type { StreamReader } from '../support/harness/stream.reader.js';
import { startWorld, type World } from '../support/harness/world.js';

const PURCHASES = 5;
/** A balancer goes on sending webhooks here. */
const WITHOUT_NATS = {
  status: 200,
  body: {
    status: 'degraded',
    degraded: expect.arrayContaining([
      { what: 'nats', since: expect.any(String), reason: 'not connected to NATS' },
      { what: 'stream', since: expect.any(String), reason: 'not connected to NATS' },
    ]),
    notes: [],
  },
};

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

  const readiness = () => call<ReadinessAnswer>(world.service, '/health/ready');

  it('T23c without NATS every webhook is taken, and every event arrives once when it is back', async () => {
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
    // An answer is kept for a quarter of a second, so the last good one may still stand.
    await eventually(async () => expect(await readiness()).toMatchObject(WITHOUT_NATS));

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

  it('T23e the legacy event waits for the orders service, which readiness says, and arrives once when it returns', async () => {
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

    // Its patience of a minute has passed.
    await world.sql(`update outbox set created_at = created_at - interval '2 minutes' where order_id = $1`, [
      request.orderId,
    ]);
    await eventually(async () =>
      expect(await readiness()).toMatchObject({
        status: 200,
        body: { degraded: [{ what: 'orders', reason: '1 messages wait for the orders service' }] },
      }),
    );

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

describe('while a provider is away', () => {
  let world: World;

  beforeAll(async () => {
    world = await startWorld({ conekta: true });
  });
  afterAll(() => world?.stop());

  it.each([
    ['stripe', () => purchase()],
    ['conekta', () => mexicanPurchase()],
  ] as const)('T23f readiness stays 200, and names %s', async (name, request) => {
    const readiness = () => call<ReadinessAnswer>(world.service, '/health/ready');
    const faults = name === 'stripe' ? world.stripe.faults : world.conekta.faults;
    faults.add({ kind: 'status', status: 503, count: 0 });
    await eventually(async () => {
      await call(world.service, '/payments/create-session', request());
      expect(await readiness()).toMatchObject({
        status: 200,
        body: {
          status: 'degraded',
          degraded: [{ what: name, reason: 'the provider does not answer', since: expect.any(String) }],
        },
      });
    });
    faults.clear();
    await eventually(async () => {
      await call(world.service, '/payments/create-session', request());
      expect((await readiness()).body).toMatchObject({ status: 'ok', degraded: [] });
    });
  });
});

describe('with no NATS at the start', () => {
  let world: World;

  beforeAll(async () => {
    world = await startWorld({ nats: false });
  });
  afterAll(() => world?.stop());

  it('T23d the service answers, is ready, says what is missing, and has it when the broker comes', async () => {
    expect(await call(world.service, '/health/live')).toMatchObject({ status: 200 });
    expect(await call(world.service, '/health/ready')).toMatchObject(WITHOUT_NATS);
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
