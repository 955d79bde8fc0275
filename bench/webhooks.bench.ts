import autocannon from 'autocannon';
import { createHmac, randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { compare, report } from './compare.js';
import { startServer } from './server.process.js';

const SECRET = 'whsec_bench_bench_bench';
const SECONDS = 5;
const CONNECTIONS = 64;
const PAIRS = 3;

/** Acknowledged webhooks a second: durable and exactly once, beside verify-and-forget. */
export async function webhooksBench(databaseUrl: string, natsUrl: string): Promise<void> {
  const root = new URL('../../../', import.meta.url);
  const env = { NATS_SERVERS: natsUrl, STRIPE_ENDPOINT_SECRET: SECRET };
  const ours = await startServer(fileURLToPath(new URL('dist/main.js', root)), {
    ...env,
    DATABASE_URL: databaseUrl,
    STRIPE_SECRET: 'sk_test_bench',
    LOG_LEVEL: 'warn',
  });
  const bare = await startServer(fileURLToPath(new URL('./bare.server.js', import.meta.url)), env);
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
