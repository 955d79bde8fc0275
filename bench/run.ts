import 'reflect-metadata';
import { startNatsServer } from '../sandbox/servers/nats.server.js';
import { startPostgres } from '../test/support/servers/postgres.server.js';
import { hotOrderBench } from './hot.order.bench.js';
import { inboxBench } from './inbox.bench.js';
import { webhooksBench } from './webhooks.bench.js';

/** Every benchmark, each side by side with something, on private servers. */
async function main(): Promise<void> {
  const say = (line: string): boolean => process.stdout.write(`${line}\n`);
  const postgres = await startPostgres({ say, durable: true });
  const nats = await startNatsServer({ jetstream: true, say });
  try {
    await inboxBench(await postgres.createDatabase());
    await hotOrderBench(await postgres.createDatabase(), nats.url);
    await webhooksBench(await postgres.createDatabase(), nats.url);
  } finally {
    await nats.stop();
    await postgres.stop();
  }
}

await main();
