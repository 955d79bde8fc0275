import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { DEFAULT_SECRET_KEY, DEFAULT_WEBHOOK_SECRET, startStripeSandbox } from 'payments-sandbox/stripe';
import { compare, report } from './compare.js';
import { startServer } from './server.process.js';

const HOT = 150;
const OTHERS = 50;
const PROVIDER_MS = 2_000;
const PAIRS = 5;

/**
 * What 50 orders lose when 150 requests at once are for one more: all at a provider that answers in 2 s. Once on a quiet
 * machine, once while something else keeps every core busy.
 */
export async function hotOrderBench(databaseUrl: string, natsUrl: string): Promise<void> {
  const stripe = await startStripeSandbox({});
  const path = '/v1/checkout/sessions';
  stripe.faults.add({ kind: 'delay', method: 'POST', path, delayMs: PROVIDER_MS, count: 0 });
  const ours = await startServer(fileURLToPath(new URL('../../../dist/main.js', import.meta.url)), {
    NATS_SERVERS: natsUrl,
    DATABASE_URL: databaseUrl,
    STRIPE_SECRET: DEFAULT_SECRET_KEY,
    STRIPE_ENDPOINT_SECRET: DEFAULT_WEBHOOK_SECRET,
    STRIPE_API_BASE: stripe.url,
    RATE_LIMIT: '0',
    LOG_LEVEL: 'warn',
  });
  const names: [string, string] = ['beside a hot order', 'alone'];
  const measure = async (title: string): Promise<void> => {
    const result = await compare(
      { name: names[0], run: () => othersPerSecond(ours.url, HOT) },
      { name: names[1], run: () => othersPerSecond(ours.url, 0) },
      PAIRS,
    );
    report(`${OTHERS} orders ${title}, ${HOT} requests for one more`, 'sessions/s', names, result);
  };
  try {
    await measure('on a quiet machine');
    const busy = Array.from({ length: availableParallelism() }, keepBusy);
    await measure('with every core busy').finally(() => busy.forEach((one) => one.kill('SIGKILL')));
  } finally {
    await ours.stop();
    await stripe.close();
  }
}

function keepBusy(): ChildProcess {
  return spawn(process.execPath, [fileURLToPath(new URL('./busy.js', import.meta.url))], { stdio: 'ignore' });
}

/** @throws when anybody gets no session, the hot order more than one, or readiness fails. */
async function othersPerSecond(url: string, hot: number): Promise<number> {
  const started = performance.now();
  let goesOn = true;
  const ready = (async () => {
    for (; goesOn; await new Promise((resolve) => setTimeout(resolve, 100)))
      if (!(await fetch(`${url}/health/ready`)).ok) throw new Error('readiness failed');
  })();
  const orderId = randomUUID();
  const same = Promise.all(Array.from({ length: hot }, () => open(url, orderId)));
  const others = Promise.all(Array.from({ length: OTHERS }, () => open(url, randomUUID())));
  await others;
  const seconds = (performance.now() - started) / 1_000;
  if (new Set(await same).size > 1) throw new Error('the hot order has several sessions');
  goesOn = false;
  await ready;
  return OTHERS / seconds;
}

async function open(url: string, orderId: string): Promise<string> {
  const items = [{ name: 'Keyboard', price: 19.99, quantity: 1 }];
  const answer = await fetch(`${url}/payments/create-session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ orderId, currency: 'usd', items }),
  });
  if (answer.status !== 201)
    throw new Error(`create-session answered ${answer.status}: ${await answer.text()}`);
  const { paymentId }: { paymentId: string } = JSON.parse(await answer.text());
  return paymentId;
}
