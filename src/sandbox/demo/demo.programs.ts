import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '../servers/free-port.js';
import type { NodeProgram } from './node.process.js';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const HOST = '127.0.0.1';
const SECRET_KEY = 'sk_test_demo';
const WEBHOOK_SECRET = 'whsec_demo_on_this_machine';

export interface DemoProgram extends NodeProgram {
  readonly title: string;
  readonly url: string;
}

export interface DemoPrograms {
  readonly provider: DemoProgram;
  readonly payments: DemoProgram;
  readonly orders: DemoProgram;
}

/**
 * The three Node programs, on free ports and knowing of each other as they would in production: by URL.
 * @param folder where they keep and log everything
 */
export async function demoPrograms(folder: string, natsUrl: string): Promise<DemoPrograms> {
  const [provider, payments, orders] = [await newAddress(), await newAddress(), await newAddress()];
  return {
    provider: {
      name: 'stand-in-stripe',
      title: 'a stand-in for Stripe',
      url: provider.url,
      readyUrl: `${provider.url}/_sandbox/health`,
      script: join(ROOT, 'dist/sandbox/main.js'),
      args: [
        ...['--port', provider.port, '--host', HOST, '--secret-key', SECRET_KEY],
        ...['--webhook-url', `${payments.url}/webhooks/stripe`, '--webhook-secret', WEBHOOK_SECRET],
      ],
      env: { NODE_ENV: 'development' },
      folder,
    },
    payments: {
      name: 'payments',
      title: 'this service, embedded database',
      url: payments.url,
      readyUrl: `${payments.url}/health/ready`,
      script: join(ROOT, 'dist/main.js'),
      env: {
        NODE_ENV: 'development',
        HOST,
        PORT: payments.port,
        PUBLIC_URL: payments.url,
        DATA_DIR: join(folder, 'database'),
        NATS_SERVERS: natsUrl,
        STRIPE_API_BASE: provider.url,
        STRIPE_SECRET: SECRET_KEY,
        STRIPE_ENDPOINT_SECRET: WEBHOOK_SECRET,
      },
      folder,
    },
    orders: {
      name: 'orders',
      title: 'an orders service, the example',
      url: orders.url,
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
      folder,
    },
  };
}

async function newAddress(): Promise<{ port: string; url: string }> {
  const port = String(await freePort());
  return { port, url: `http://${HOST}:${port}` };
}
