import 'reflect-metadata';
import { startNatsServer } from '../sandbox/servers/nats.server.js';
import { createDatabase } from '../test/support/servers/database.js';
import { startPostgres } from '../test/support/servers/postgres.server.js';
import { inboxBench } from './inbox.bench.js';
import { webhooksBench } from './webhooks.bench.js';

/** Every benchmark, each side by side with something, on private servers. */
async function main(): Promise<void> {
  const say = (line: string): boolean => process.stdout.write(`${line}\n`);
  const postgres = await startPostgres({ durable: true });
  const nats = await startNatsServer({ jetstream: true, say });
  try {
    await inboxBench(await createDatabase(postgres.adminUrl, 'inbox'));
    await webhooksBench(await createDatabase(postgres.adminUrl, 'webhooks'), nats.url);
  } finally {
    await nats.stop();
    await postgres.stop();
  }
}

await main();
