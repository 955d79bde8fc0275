import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  call,
  type ErrorAnswer,
  openAtProvider,
  purchase,
  type ReadinessAnswer,
  readPayment,
} from '../support/harness/calls.js';
import { runCliProcess } from '../support/harness/cli.process.js';
import { eventually } from '../support/harness/eventually.js';
import { expectNoWebhookLost, expectOneSuccessEach } from '../support/harness/invariants.js';
import { serviceEnvironment } from '../support/harness/service.environment.js';
import { startWorld, type World } from '../support/harness/world.js';
import { migratedDatabase, type MigratedDatabase } from '../support/outbox/migrated.database.js';
import { type Pgbouncer, pgbouncerMissing, startPgbouncer } from '../support/servers/pgbouncer.js';
import { createDatabase } from '../support/servers/database.js';
import { type PostgresServer, startPostgres } from '../support/servers/postgres.server.js';

describe('while Postgres is away', () => {
  let postgres: PostgresServer;
  let world: World;

  beforeAll(async () => {
    postgres = await startPostgres();
    world = await startWorld({ database: { url: await createDatabase(postgres.adminUrl, 'payments') } });
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

const missing = await pgbouncerMissing();
/** A developer without it does without these; nobody else does. */
const mayBeSkipped = missing !== undefined && process.env.CI === undefined;
const describePooled = mayBeSkipped ? describe.skip : describe;

describePooled(`behind a pooler in transaction mode${mayBeSkipped ? ` (${missing})` : ''}`, () => {
  let database: MigratedDatabase;
  let pooler: Pgbouncer;
  let world: World;

  beforeAll(async () => {
    database = await migratedDatabase();
    // As on a database that has grown before the release that brings the index.
    await database.database.pool.query('drop index if exists webhook_inbox_prunable');
    await database.database.pool.query(
      `insert into webhook_inbox (provider, event_id, type, livemode, body_hash, state, outcome)
       select 'stripe', 'evt_' || n, 'product.created', false, repeat('x', 900), 'ignored', 'old'
       from generate_series(1, 12000) as n`,
    );
    pooler = await startPgbouncer({ default_pool_size: 3 });
    world = await startWorld({ database: { url: pooler.urlOf(database.url) } });
  }, 120_000);
  afterAll(async () => {
    await world?.stop();
    await pooler?.stop();
    await database?.drop();
  });

  it('S14o the service starts, takes a payment from session to event, and keeps nothing of its sessions', async () => {
    const { service, stripe } = world;
    const request = purchase();
    const { sessionId, paymentId } = await openAtProvider(service, request);
    const stream = await world.openStream();
    await stripe.payWithCard(sessionId);
    await eventually(async () => {
      expect(await readPayment(service, paymentId)).toMatchObject({ status: 'succeeded' });
      expect(await stream.typesOf(request.orderId)).toEqual(['payment.created', 'payment.succeeded']);
    });
    const settings = await world.sql(
      `select name from pg_settings where source = 'session' and name like '%timeout%'`,
    );
    expect(settings).toEqual([]);
  }, 60_000);

  it('S14p it is ready without an index of a large table, says so, and the command builds it', async () => {
    const { service } = world;
    const ready = () => call<ReadinessAnswer>(service, '/health/ready');
    const note = expect.stringMatching(/webhook_inbox_prunable.*npm run cli -- migrate --indexes/);
    expect(await ready()).toMatchObject({ status: 200, body: { notes: [note] } });
    const around = { port: service.port, natsUrl: world.nats.url, stripeUrl: world.stripe.url };
    const env = serviceEnvironment(
      { ...around, database: { url: pooler.urlOf(database.url) } },
      { MIGRATION_DATABASE_URL: database.url },
    );
    const built = await runCliProcess(['migrate', '--indexes', '--json'], env);
    expect(built).toMatchObject({
      code: 0,
      stderr: 'webhook_inbox_prunable on webhook_inbox: being built\n',
    });
    expect(JSON.parse(built.stdout)).toMatchObject({ built: ['webhook_inbox_prunable'], missing: [] });
    await eventually(async () => expect((await ready()).body.notes).toEqual([]));
  }, 90_000);

  it('S14q a start that the pooler refuses for good tells it at once, and ends with 1', async () => {
    const url = `${pooler.urlOf(database.url)}?options=-c%20geqo%3Doff`;
    const failing = await world.newService({ DATABASE_URL: url });
    await failing.start({ awaitLive: false });
    expect(await failing.exited).toEqual({ code: 1, signal: null });
    expect(failing.lines).toContain('The service could not start: unsupported startup parameter: options');
    expect(failing.lines.join()).not.toContain('does not answer');
  }, 90_000);

  it('S14v a start that waits for the database tells why', async () => {
    const waiting = await world.newService({ DATABASE_URL: pooler.urlOf('postgres://x@127.0.0.1/nowhere') });
    await waiting.start({ awaitLive: false });
    const reason = /the database does not answer yet: .*nowhere/;
    await eventually(() => expect(waiting.lines.some((line) => reason.test(line))).toBe(true), 60_000);
  }, 90_000);

  it('S14r a start that fails tells what Postgres said, not what it was asked', async () => {
    const url = new URL(database.url);
    await world.sql('create role newcomer login');
    url.username = 'newcomer';
    try {
      const failing = await world.newService({ DATABASE_URL: url.href });
      await failing.start({ awaitLive: false });
      expect(await failing.exited).toEqual({ code: 1, signal: null });
      expect(failing.lines.at(-1)).toMatch(/^The service could not start: permission denied for/);
    } finally {
      await world.sql('drop role newcomer');
    }
  }, 60_000);
});
