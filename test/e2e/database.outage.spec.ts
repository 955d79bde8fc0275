import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { call, type ErrorAnswer, openAtProvider, purchase, readPayment } from '../support/harness/calls.js';
import { eventually } from '../support/harness/eventually.js';
import { expectNoWebhookLost, expectOneSuccessEach } from '../support/harness/invariants.js';
import { startWorld, type World } from '../support/harness/world.js';
import { type PostgresServer, startPostgres } from '../support/servers/postgres.server.js';

describe('while Postgres is away', () => {
  let postgres: PostgresServer;
  let world: World;

  beforeAll(async () => {
    postgres = await startPostgres();
    world = await startWorld({ database: { url: await postgres.createDatabase() } });
  }, 120_000);
  afterAll(async () => {
    await world?.stop();
    await postgres?.stop();
  });

  it('no webhook is acknowledged, and all goes on without a restart when it is back', async () => {
    const { service, stripe } = world;
    const request = purchase();
    const { sessionId, paymentId } = await openAtProvider(service, request);
    const orders = await world.startOrders();
    const stream = await world.openStream();
    const { pid } = postgres;

    await postgres.kill();
    await stripe.payWithCard(sessionId);
    await eventually(() =>
      expect(stripe.delivery.log.filter(({ status }) => status === 503).length).toBeGreaterThan(3),
    );
    const answered = stripe.delivery.log.map(({ status }) => status);
    expect(new Set(answered)).toEqual(new Set([503]));
    const refused = await call<ErrorAnswer>(service, '/payments/create-session', purchase());
    expect(refused).toMatchObject({ status: 503, body: { code: 'database_unavailable' } });
    expect(JSON.stringify(refused.body)).not.toMatch(/127\.0\.0\.1|ECONN|select|insert/i);
    const reason = 'the database does not answer';
    const database = { what: 'database', since: expect.any(String), reason };
    // A check's answer is kept for a quarter of a second, so the last good one may still stand.
    await eventually(async () => {
      const ready = await call(service, '/health/ready');
      expect(ready).toMatchObject({
        status: 503,
        body: { status: 'unavailable', degraded: expect.arrayContaining([database]) },
      });
    });
    expect(await call(service, '/health/live')).toMatchObject({ status: 200 });

    await postgres.restart();
    expect(postgres.pid).not.toBe(pid);
    await stripe.delivery.settled();
    await eventually(async () => {
      expect(await readPayment(service, paymentId)).toMatchObject({ status: 'succeeded' });
      expect(await stream.typesOf(request.orderId)).toEqual(['payment.created', 'payment.succeeded']);
      expect(orders.of(request.orderId)).toHaveLength(1);
    });
    await service.ready();
    expect(service.isRunning()).toBe(true);
    await expectNoWebhookLost(world);
    await expectOneSuccessEach(world);
  }, 90_000);
});
