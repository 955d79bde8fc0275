import 'reflect-metadata';
import { startNatsServer } from '../sandbox/servers/nats.server.js';
import { createDatabase } from '../test/support/servers/database.js';
import { startPostgres } from '../test/support/servers/postgres.server.js';
import { hotOrderBench } from './hot.order.bench.js';
import { inboxBench } from './inbox.bench.js';
import { webhooksBench } from './webhooks.bench.js';

const BENCHMARKS: Readonly<Record<string, (databaseUrl: string, natsUrl: string) => Promise<void>>> = {
  inbox: inboxBench,
  'hot-order': hotOrderBench,
  webhooks: webhooksBench,
};

/** Runs the benchmarks that the command line names, or every one, each side by side with something, on private servers. */
async function main(named: string[]): Promise<void> {
  const unknown = named.filter((name) => BENCHMARKS[name] === undefined);
  if (unknown.length > 0)
    throw new Error(
      `no benchmark is called ${unknown.join(', ')}: there are ${Object.keys(BENCHMARKS).join(', ')}`,
    );
  const say = (line: string): boolean => process.stdout.write(`${line}\n`);
  const postgres = await startPostgres({ durable: true });
  const nats = await startNatsServer({ jetstream: true, say });
  try {
    for (const [name, bench] of Object.entries(BENCHMARKS))
      if (named.length === 0 || named.includes(name))
        await bench(await createDatabase(postgres.adminUrl, name), nats.url);
  } finally {
    await nats.stop();
    await postgres.stop();
  }
}

await main(process.argv.slice(2));
