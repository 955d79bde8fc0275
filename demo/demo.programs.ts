import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from 'payments-sandbox/servers/free-port.js';
import type { NodeProgram } from './node.process.js';
import pg from 'pg';
import { newStandIns } from './stand.ins.js';
import { until } from './until.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const HOST = '127.0.0.1';

export interface DemoProgram extends NodeProgram {
  /** Variables that are known only when another program runs. */
  readonly lateEnv?: () => Promise<Record<string, string>>;
  /** What it serves, and where. */
  readonly serves: readonly { readonly title: string; readonly url: string }[];
}

export interface DemoPrograms {
  readonly all: readonly DemoProgram[];
  readonly urls: Readonly<Record<'stripe' | 'conekta' | 'payments' | 'orders', string>>;
}

/**
 * The three Node programs, on free ports and knowing of each other as they would in production: by URL.
 * @param folder where they keep and log everything
 */
export async function demoPrograms(folder: string, natsUrl: string): Promise<DemoPrograms> {
  const [stripe, conekta] = [await newAddress(), await newAddress()];
  const [payments, orders] = [await newAddress(), await newAddress()];
  const standIns = await newStandIns({ folder, stripe, conekta, paymentsUrl: payments.url });
  const database = join(folder, 'database');
  const all: DemoProgram[] = [
    {
      name: 'stand-ins',
      serves: [
        { title: 'a stand-in for Stripe', url: stripe.url },
        { title: 'a stand-in for Conekta', url: conekta.url },
      ],
      // The second one that it starts.
      readyUrl: `${conekta.url}/_sandbox/health`,
      script: join(ROOT, 'sandbox/dist/main.js'),
      args: ['--host', HOST, ...standIns.args],
      env: { NODE_ENV: 'development' },
      folder,
    },
    {
      name: 'payments',
      serves: [{ title: 'this service, embedded database', url: payments.url }],
      readyUrl: `${payments.url}/health/ready`,
      script: join(ROOT, 'dist/main.js'),
      env: {
        NODE_ENV: 'development',
        HOST,
        PORT: payments.port,
        PUBLIC_URL: payments.url,
        DATA_DIR: database,
        NATS_SERVERS: natsUrl,
        ...standIns.env,
      },
      folder,
    },
    {
      name: 'orders',
      serves: [{ title: 'an orders service, the example', url: orders.url }],
      readyUrl: `${orders.url}/orders`,
      script: join(ROOT, 'examples/orders/dist/main.js'),
      env: {
        NODE_ENV: 'development',
        NO_COLOR: '1',
        HOST,
        PORT: orders.port,
        NATS_SERVERS: natsUrl,
        ORDERS_LISTENER: 'both',
      },
      // A database of its own, on the Postgres that the payments service brings.
      lateEnv: async () => ({ ORDERS_DATABASE_URL: await newDatabase(database, 'orders') }),
      folder,
    },
  ];
  const urls = { stripe: stripe.url, conekta: conekta.url, payments: payments.url, orders: orders.url };
  return { all, urls };
}

/** @returns its URL, as soon as the Postgres in that folder is up */
async function newDatabase(dataDir: string, name: string): Promise<string> {
  const url = await until({
    what: 'the embedded Postgres',
    read: async () => JSON.parse(await readFile(join(dataDir, 'postgres.json'), 'utf8')).url,
    holds: (found) => typeof found === 'string',
    withinMs: 120_000,
  });
  const client = new pg.Client(url);
  await client.connect();
  await client.query(`create database ${pg.escapeIdentifier(name)}`);
  await client.end();
  return url.replace(/[^/]*$/, name);
}

async function newAddress(): Promise<{ port: string; url: string }> {
  const port = String(await freePort());
  return { port, url: `http://${HOST}:${port}` };
}
