import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Global, Module } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { until } from '../../test/support/outbox/until.js';
import { migratedDatabase, type MigratedDatabase } from '../../test/support/outbox/migrated.database.js';
import { type FreshDatabase, freshDatabase } from '../../test/support/servers/database.js';
import { Database } from '../database/database.js';
import { migrationCount } from '../database/migrate.js';
import { ErrorFilter } from '../http/filters/error.filter.js';
import { PinoLogger } from '../http/logging/pino.logger.js';
import { OpsModule } from './ops.module.js';
import { Metrics } from './metrics.js';
import { type Readiness, type ReadinessCheck, ReadinessRegistry, type ReadinessReport } from './readiness.js';

class Answering implements ReadinessCheck {
  constructor(
    readonly name: string,
    readonly check: () => Promise<Readiness>,
  ) {}
}

const ok = new Answering('nats', () => Promise.resolve({ ok: true }));

const open = (url: string): Database => Database.open({ url, onError: () => undefined });

let migrated: MigratedDatabase;
let app: NestFastifyApplication;

beforeAll(async () => {
  migrated = await migratedDatabase();
});
afterAll(() => migrated.drop());
afterEach(() => app.close());

async function start(checks: ReadinessCheck[], database = migrated.database): Promise<void> {
  @Global()
  @Module({
    providers: [
      { provide: Database, useValue: database },
      { provide: PinoLogger, useValue: new PinoLogger({ logLevel: 'silent' }) },
      { provide: APP_FILTER, useClass: ErrorFilter },
    ],
    exports: [Database, PinoLogger],
  })
  class Surroundings {}

  const module = await Test.createTestingModule({ imports: [Surroundings, OpsModule] }).compile();
  app = module.createNestApplication<NestFastifyApplication>(new FastifyAdapter());
  for (const check of checks) app.get(ReadinessRegistry).register(check);
  await app.init();
  await app.getHttpAdapter().getInstance().ready();
}

const ready = async () => {
  const { statusCode, body } = await app.inject('/health/ready');
  return { statusCode, body: JSON.parse(body) };
};

/** An answer is kept for a quarter of a second. */
const differing = (holds: (body: ReadinessReport) => boolean): Promise<ReadinessReport> =>
  until(async () => {
    const { body } = await ready();
    return holds(body) && body;
  });

describe('readiness', () => {
  it('is 200 when everything that was registered is there', async () => {
    await start([ok]);
    expect(await ready()).toEqual({ statusCode: 200, body: { status: 'ok', degraded: [], notes: [] } });
  });

  it('T23a is 200 while what can be worked around is away, and says what, why and since when', async () => {
    const since = new Date('2026-11-30T12:00:00.000Z');
    const stream = new Answering('stream', () =>
      Promise.resolve({ ok: false, reason: 'the stream drops events' }),
    );
    const away = new Answering('orders', () => Promise.resolve({ ok: false, reason: 'nobody', since }));
    await start([ok, stream, away]);
    const { statusCode, body } = await ready();
    expect(statusCode).toBe(200);
    expect(body).toEqual({
      status: 'degraded',
      degraded: [
        { what: 'stream', since: expect.stringMatching(/^2\d{3}-.*Z$/), reason: 'the stream drops events' },
        { what: 'orders', since: since.toISOString(), reason: 'nobody' },
      ],
      notes: [],
    });
    const metrics = await app.get(Metrics).text();
    expect(metrics).toMatch(/^degraded 2$/m);
  });

  it('T23g tells what an operator should know though nothing is away', async () => {
    const note = 'set ORDERS_FIND_SUBJECT';
    await start([ok, new Answering('orders_lookup', () => Promise.resolve({ ok: true, note }))]);
    expect((await ready()).body).toEqual({ status: 'ok', degraded: [], notes: [note] });
  });

  it('T23b keeps the moment since when something is away, and forgets it when it is back', async () => {
    let answer: Readiness = { ok: false, reason: 'gone' };
    await start([new Answering('nats', () => Promise.resolve(answer))]);
    const first = (await ready()).body.degraded;
    const again = await differing((body) => body.status === 'degraded');
    expect(again.degraded).toEqual(first);
    answer = { ok: true };
    await differing((body) => body.status === 'ok');
    answer = { ok: false, reason: 'gone' };
    const later = await differing((body) => body.status === 'degraded');
    expect(later.degraded[0]?.since > first[0].since).toBe(true);
  });

  it('is 503 until the migrations are done', async () => {
    const fresh: FreshDatabase = await freshDatabase();
    const database = open(fresh.url);
    await start([], database);
    const { statusCode, body } = await ready();
    await database.close();
    await fresh.drop();
    expect(statusCode).toBe(503);
    expect(body).toMatchObject({
      status: 'unavailable',
      degraded: [{ what: 'migrations', reason: `0 of ${migrationCount()} migrations are applied` }],
    });
  });

  it('is 503 while the database is away; the process lives all the same', async () => {
    await start([], open('postgres://nobody@127.0.0.1:1/none'));
    const { statusCode, body } = await ready();
    expect(statusCode).toBe(503);
    expect(body).toMatchObject({
      status: 'unavailable',
      degraded: [
        { what: 'database', reason: 'the database does not answer' },
        { what: 'migrations', reason: 'the schema cannot be read' },
      ],
    });
    expect((await app.inject('/health/live')).statusCode).toBe(200);
  });

  it('names no host that a failed check knows', async () => {
    const leaky = new Answering('nats', () => Promise.reject(new Error('connect 10.0.0.7:4222')));
    await start([leaky]);
    expect((await ready()).body.degraded).toMatchObject([{ what: 'nats', reason: 'the check failed' }]);
  });

  it('answers although a check never does', async () => {
    await start([new Answering('nats', () => new Promise(() => undefined))]);
    expect((await ready()).body.degraded).toMatchObject([
      { what: 'nats', reason: 'the check does not answer within 2000 ms' },
    ]);
  });

  it('is 503 once the process is on its way out', async () => {
    await start([ok]);
    expect((await ready()).statusCode).toBe(200);
    app.get(ReadinessRegistry).beginShutdown();
    const { statusCode, body } = await ready();
    expect(statusCode).toBe(503);
    expect(body.degraded).toMatchObject([{ what: 'process', reason: 'shutting down' }]);
  });

  it('refuses two checks of one name', async () => {
    await start([ok]);
    expect(() => app.get(ReadinessRegistry).register(ok)).toThrow('readiness check nats is registered twice');
  });

  it('ends when the application closes', async () => {
    await start([]);
    const registry = app.get(ReadinessRegistry);
    expect(registry.shuttingDown).toBe(false);
    await app.close();
    expect(registry.shuttingDown).toBe(true);
  });
});
