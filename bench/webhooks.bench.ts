import autocannon from 'autocannon';
import { type ChildProcess, spawn } from 'node:child_process';
import { createHmac, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { freePort } from '../sandbox/servers/free-port.js';
import { compare, report } from './compare.js';

const SECRET = 'whsec_bench_bench_bench';
const SECONDS = 5;
const CONNECTIONS = 64;
const PAIRS = 3;

interface Server {
  url: string;
  stop: () => Promise<void>;
}

/** Acknowledged webhooks a second: durable and exactly once, beside verify-and-forget. */
export async function webhooksBench(databaseUrl: string, natsUrl: string): Promise<void> {
  const root = new URL('../../../', import.meta.url);
  const env = { NATS_SERVERS: natsUrl, STRIPE_ENDPOINT_SECRET: SECRET };
  const ours = await start(fileURLToPath(new URL('dist/main.js', root)), {
    ...env,
    DATABASE_URL: databaseUrl,
    STRIPE_SECRET: 'sk_test_bench',
    LOG_LEVEL: 'warn',
  });
  const bare = await start(fileURLToPath(new URL('./bare.server.js', import.meta.url)), env);
  const names: [string, string] = ['this service (stored, then 200)', 'verify, publish, forget'];
  const result = await compare(
    { name: names[0], run: () => acknowledged(ours.url) },
    { name: names[1], run: () => acknowledged(bare.url) },
    PAIRS,
  );
  report(`Webhooks over HTTP, ${CONNECTIONS} connections`, 'acknowledged/s', names, result);
  await Promise.all([ours.stop(), bare.stop()]);
}

async function acknowledged(url: string): Promise<number> {
  const result = await autocannon({
    url: `${url}/webhooks/stripe`,
    method: 'POST',
    connections: CONNECTIONS,
    duration: SECONDS,
    setupClient: (client) => {
      client.setHeadersAndBody(...signedEvent());
      client.on('response', () => client.setHeadersAndBody(...signedEvent()));
    },
  });
  if (result.non2xx > 0) throw new Error(`${result.non2xx} webhooks were refused`);
  return result['2xx'] / result.duration;
}

/** An event about nothing of ours: what is measured is taking it in. */
function signedEvent(): [Record<string, string>, string] {
  const body = JSON.stringify({
    id: `evt_${randomUUID().replaceAll('-', '')}`,
    object: 'event',
    type: 'payout.paid',
    livemode: false,
    data: { object: { object: 'payout', filler: 'x'.repeat(2_000) } },
  });
  const at = Math.floor(Date.now() / 1_000);
  const signature = createHmac('sha256', SECRET).update(`${at}.${body}`).digest('hex');
  return [{ 'content-type': 'application/json', 'stripe-signature': `t=${at},v1=${signature}` }, body];
}

async function start(script: string, env: Record<string, string>): Promise<Server> {
  const port = await freePort();
  const child: ChildProcess = spawn(process.execPath, [script], {
    env: { ...process.env, ...env, PORT: String(port) },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const url = `http://127.0.0.1:${port}`;
  while (!(await isUp(url))) {
    if (child.exitCode !== null) throw new Error(`${script} ended with ${child.exitCode}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return {
    url,
    stop: async () => {
      child.kill('SIGTERM');
      if (child.exitCode === null) await once(child, 'exit');
    },
  };
}

async function isUp(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/health/live`)).ok;
  } catch {
    return false;
  }
}
