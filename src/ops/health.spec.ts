import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Global, Module } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { Database, type Db } from '../database/database.js';
import { EmbeddedDatabase } from '../database/embedded.database.js';
import { migrate, migrationCount } from '../database/migrate.js';
import { ErrorFilter } from '../http/filters/error.filter.js';
import { PinoLogger } from '../http/logging/pino.logger.js';
import { OpsModule } from './ops.module.js';
import { type Readiness, ReadinessCheck, ReadinessRegistry } from './readiness.js';

class Answering extends ReadinessCheck {
  constructor(
    readonly name: string,
    readonly check: () => Promise<Readiness>,
  ) {
    super();
  }
}

class AwayDatabase extends Database {
  readonly embedded = false;

  get db(): Db {
    throw new Error('connect ECONNREFUSED 10.0.0.5:5432');
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

const ok = new Answering('nats', () => Promise.resolve({ ok: true }));

let migrated: EmbeddedDatabase;
let app: NestFastifyApplication;

beforeAll(async () => {
  migrated = await EmbeddedDatabase.open('memory://');
  await migrate(migrated);
});
afterAll(() => migrated.close());
afterEach(() => app.close());

async function start(checks: ReadinessCheck[], database: Database = migrated): Promise<void> {
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

describe('readiness', () => {
  it('is 200 when everything that was registered is there', async () => {
    await start([ok]);
    const { statusCode, body } = await ready();
    expect(statusCode).toBe(200);
    expect(body).toMatchObject({ status: 'ok', error: {} });
    expect(Object.keys(body.details).sort()).toEqual(['database', 'migrations', 'nats', 'process']);
  });

  it('is 503 with the reason of each thing that is missing, and only of those', async () => {
    const stream = new Answering('stream', () =>
      Promise.resolve({ ok: false, reason: 'the stream drops events' }),
    );
    await start([ok, stream]);
    const { statusCode, body } = await ready();
    expect(statusCode).toBe(503);
    expect(body.error).toEqual({
      stream: { status: 'down', message: 'the stream drops events', responseTime: expect.any(Number) },
    });
    expect(body.info).toMatchObject({ nats: { status: 'up' }, database: { status: 'up' } });
  });

  it('is 503 until the migrations are done', async () => {
    const fresh = await EmbeddedDatabase.open('memory://');
    await start([], fresh);
    const { statusCode, body } = await ready();
    await fresh.close();
    expect(statusCode).toBe(503);
    expect(body.error.migrations.message).toBe(`0 of ${migrationCount()} migrations are applied`);
  });

  it('is 503 while the database is away; the process lives all the same', async () => {
    await start([], new AwayDatabase());
    const { statusCode, body } = await ready();
    expect(statusCode).toBe(503);
    expect(body.error.database.message).toBe('the database does not answer');
    expect(body.error.migrations.message).toBe('the schema cannot be read');
    expect((await app.inject('/health/live')).statusCode).toBe(200);
  });

  it('names no host that a failed check knows', async () => {
    const leaky = new Answering('nats', () => Promise.reject(new Error('connect 10.0.0.7:4222')));
    await start([leaky]);
    const { statusCode, body } = await ready();
    expect(statusCode).toBe(503);
    expect(body.error.nats.message).toBe('the check failed');
  });

  it('answers although a check never does', async () => {
    await start([new Answering('nats', () => new Promise(() => undefined))]);
    const { statusCode, body } = await ready();
    expect(statusCode).toBe(503);
    expect(body.error.nats.message).toBe('timeout of 2000ms exceeded');
  });

  it('is 503 once the process is on its way out', async () => {
    await start([ok]);
    expect((await ready()).statusCode).toBe(200);
    app.get(ReadinessRegistry).beginShutdown();
    const { statusCode, body } = await ready();
    expect(statusCode).toBe(503);
    expect(body.error).toEqual({ process: { status: 'down', message: 'shutting down' } });
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
