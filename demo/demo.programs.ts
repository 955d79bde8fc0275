import { generateKeyPair } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { freePort } from 'payments-sandbox/servers/free-port.js';
import pg from 'pg';
import { until } from './demo.failure.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const HOST = '127.0.0.1';

const STRIPE_SECRET_KEY = 'sk_test_demo';
/** The stand-in's own: it takes no other. */
const STRIPE_PUBLISHABLE_KEY = 'pk_test_sandbox';
const STRIPE_WEBHOOK_SECRET = 'whsec_demo_on_this_machine';
const CONEKTA_PRIVATE_KEY = 'key_demo_private';
const CONEKTA_PUBLIC_KEY = 'key_demo_public';

export interface DemoProgram {
  /** A short word: its log is `<name>.log`. */
  readonly name: string;
  /** What it serves, and where. */
  readonly serves: readonly { readonly title: string; readonly url: string }[];
  readonly script: string;
  readonly args?: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Variables that are known only when another program runs. */
  readonly lateEnv?: () => Promise<Record<string, string>>;
  /** Working directory and log, removed when the demo is killed. */
  readonly folder: string;
  /** Answers 200 once the program is ready; a body that says what it still lacks counts. */
  readonly readyUrl: string;
}

interface DemoPrograms {
  readonly all: readonly DemoProgram[];
  readonly urls: Readonly<Record<'stripe' | 'conekta' | 'payments' | 'orders', string>>;
}

interface Address {
  readonly port: string;
  readonly url: string;
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

async function newAddress(): Promise<Address> {
  const port = String(await freePort());
  return { port, url: `http://${HOST}:${port}` };
}

interface Place {
  /** Nobody else may read it. */
  readonly folder: string;
  readonly stripe: Address;
  readonly conekta: Address;
  /** Where their webhooks go. */
  readonly paymentsUrl: string;
}

interface StandIns {
  /** How the stand-ins are started. */
  readonly args: readonly string[];
  /** What the service is told of them. */
  readonly env: Readonly<Record<string, string>>;
}

/** Keys are made before anything runs: the stand-ins and the service start together. */
async function newStandIns({ folder, stripe, conekta, paymentsUrl }: Place): Promise<StandIns> {
  const webhookKey = await newWebhookKey(join(folder, 'conekta-webhook-key.pem'));
  const args = [
    ...['--port', stripe.port, '--secret-key', STRIPE_SECRET_KEY],
    ...['--webhook-url', `${paymentsUrl}/webhooks/stripe`, '--webhook-secret', STRIPE_WEBHOOK_SECRET],
    ...['--conekta-port', conekta.port, '--conekta-webhook-url', `${paymentsUrl}/webhooks/conekta`],
    ...['--conekta-private-key', CONEKTA_PRIVATE_KEY, '--conekta-public-key', CONEKTA_PUBLIC_KEY],
    ...['--conekta-webhook-key', webhookKey.file],
  ];
  const env = {
    STRIPE_API_BASE: stripe.url,
    STRIPE_SECRET: STRIPE_SECRET_KEY,
    STRIPE_ENDPOINT_SECRET: STRIPE_WEBHOOK_SECRET,
    STRIPE_PUBLISHABLE_KEY,
    STRIPE_JS_URL: `${stripe.url}/js/stripe.js`,
    CONEKTA_API_BASE: conekta.url,
    CONEKTA_PRIVATE_KEY,
    CONEKTA_PUBLIC_KEY,
    CONEKTA_WEBHOOK_PUBLIC_KEYS: webhookKey.publicPem,
    CONEKTA_COMPONENT_URL: `${conekta.url}/v1.0/js/conekta-checkout.min.js`,
  };
  return { args, env };
}

/** The private half is in the file, for the one who signs. */
async function newWebhookKey(file: string): Promise<{ file: string; publicPem: string }> {
  const { privateKey, publicKey } = await promisify(generateKeyPair)('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  await writeFile(file, privateKey, { mode: 0o600 });
  return { file, publicPem: publicKey };
}
