import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Global, type INestApplicationContext, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { migratedDatabase, type MigratedDatabase } from '../../test/support/outbox/migrated.database.js';
import { SERVICE } from '../../test/support/domain/domain.bed.js';
import { event, natsSettings, ordersSettings } from '../../test/support/outbox/outbox.bed.js';
import { until } from '../../test/support/outbox/until.js';
import { NatsSettings, OrdersSettings, ServiceSettings } from '../config/settings.js';
import { Database } from '../database/database.js';
import { ServiceFacts } from '../database/service.store.js';
import { NatsConnection } from '../nats/nats.connection.js';
import { Metrics } from '../ops/metrics.js';
import { OperatorLog } from '../ops/operator.log.store.js';
import { ReadinessRegistry } from '../ops/readiness.js';
import { freePort } from '../../sandbox/servers/free-port.js';
import { startNatsServer } from '../../sandbox/servers/nats.server.js';
import { OutboxModule } from './outbox.module.js';
import { OutboxSignal } from './outbox.signal.js';
import { OutboxStore } from './outbox.store.js';

describe('the outbox module', () => {
  let fresh: MigratedDatabase;

  beforeEach(async () => {
    fresh = await migratedDatabase();
  });

  afterEach(() => fresh.drop());

  async function start(url: string): Promise<INestApplicationContext> {
    const providers = [
      { provide: Database, useValue: fresh.database },
      { provide: NatsSettings, useValue: natsSettings(url) },
      { provide: OrdersSettings, useValue: ordersSettings() },
      { provide: ServiceSettings, useValue: SERVICE },
      ServiceFacts,
      Metrics,
      OperatorLog,
      ReadinessRegistry,
    ];
    @Global()
    @Module({ providers, exports: providers })
    class SurroundingsModule {}
    @Module({ imports: [SurroundingsModule, OutboxModule] })
    class TestModule {}
    return NestFactory.createApplicationContext(TestModule, { logger: false, abortOnError: false });
  }

  it('publishes from its start, as soon as it is told of a commit', async () => {
    const server = await startNatsServer();
    const application = await start(server.url);
    const store = application.get(OutboxStore);
    await until(() => application.get(NatsConnection).isConnected());
    await fresh.database.transaction((tx) => store.append(tx, [event()]));
    application.get(OutboxSignal).wake();
    await until(async () => (await store.backlog()).length === 0);
    await application.close();
    await server.stop();
  });

  it('starts and ends without a broker, and leaves the messages to the next process', async () => {
    const application = await start(`nats://127.0.0.1:${await freePort()}`);
    const store = application.get(OutboxStore);
    await fresh.database.transaction((tx) => store.append(tx, [event()]));
    await application.close();
    expect(await store.backlog()).toMatchObject([{ channel: 'stream', state: 'pending', count: 1 }]);
  });
});
