import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { alternate, figure, type Scenario } from '../bench.js';
import { API_KEY, type Running } from '../contenders.js';
import { httpRequest } from '../events.js';
import { type HttpLine, openLines, openLoop } from '../load.js';
import { median, quantile } from '../measure.js';
import { startStandIn } from '../standin.js';

const RATE = 20;
const LOAD_S = 15;
const COMMITS = 200;
const STRIPE_PATH = '/v1/checkout/sessions';

/** What an orders service asks for. */
export function sessionRequest(orderId: string): Buffer {
  const items = [{ name: 'Keyboard', price: 19.99, quantity: 2 }];
  const body = JSON.stringify({ orderId, currency: 'usd', provider: 'stripe', items });
  return httpRequest('POST', '/payments/create-session', body, `Authorization: Bearer ${API_KEY}\r\n`);
}

/** As the SDK sends it, so far as the stand-in wants to know. */
function stripeRequest(): Buffer {
  const form = new URLSearchParams({
    mode: 'payment',
    success_url: 'https://shop.example/paid',
    'line_items[0][quantity]': '2',
    'line_items[0][price_data][currency]': 'usd',
    'line_items[0][price_data][unit_amount]': '1999',
    'line_items[0][price_data][product_data][name]': 'Keyboard',
  }).toString();
  return Buffer.from(
    `POST ${STRIPE_PATH} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer sk_test_sandbox\r\n` +
      `Content-Type: application/x-www-form-urlencoded\r\nIdempotency-Key: ${randomUUID()}\r\n` +
      `Content-Length: ${form.length}\r\n\r\n${form}`,
  );
}

async function latencies(urls: readonly string[], seconds: number, request: () => Buffer): Promise<number[]> {
  const lines = await openLines(urls);
  const step = async (line: HttpLine): Promise<void> => {
    const { status, body } = await line.send(request());
    if (status !== 200 && status !== 201) throw new Error(`a session was answered ${status}: ${body}`);
  };
  try {
    await openLoop(lines, RATE, seconds / 3, step);
    return await openLoop(lines, RATE, seconds, step);
  } finally {
    lines.forEach((line) => line.close());
  }
}

/** The median of one row committed, one after the other, on the same Postgres. */
async function durableCommit({ database }: Running): Promise<number[]> {
  const client: pg.PoolClient = await database.connect();
  const times: number[] = [];
  await client.query('create table if not exists commits (id integer)');
  for (let count = 0; count < COMMITS; count += 1) {
    const began = performance.now();
    await client.query('insert into commits values (1)');
    times.push(performance.now() - began);
  }
  client.release();
  return times;
}

export const sessions: Scenario = {
  name: 'sessions',
  what: `create-session at ${RATE} a second, beyond what the stand-in itself takes, beside one durable commit`,
  async run(bench) {
    const standIn = await startStandIn(bench.stage);
    const running = await bench.contenders.start('ours', { env: standIn.env });
    const seconds = LOAD_S * bench.pace;
    try {
      const results = await alternate(bench, [
        [
          'ours',
          async () => spread(await latencies(running.urls, seconds, () => sessionRequest(randomUUID()))),
        ],
        ['stand-in', async () => spread(await latencies([standIn.stripeUrl], seconds, stripeRequest))],
        ['commit', async () => spread(await durableCommit(running))],
      ]);
      const above = (part: 'p50' | 'p99'): number[] =>
        results('ours').map((ours, round) => ours[part] - (results('stand-in')[round]?.[part] ?? 0));
      const commit = results('commit').map(({ p50 }) => p50);
      const ratio = (part: 'p50' | 'p99'): number[] =>
        above(part).map((ms, round) => ms / (commit[round] ?? Number.NaN));
      return {
        figures: [
          figure('one durable commit, p50', 'ms', commit),
          figure('p50 above the stand-in', 'ms', above('p50')),
          figure('p99 above the stand-in', 'ms', above('p99')),
          figure('p50 above the stand-in / a commit', '×', ratio('p50'), { atMost: 4 }),
          figure('p99 above the stand-in / a commit', '×', ratio('p99'), { atMost: 20 }),
        ],
      };
    } finally {
      await running.stop();
      await standIn.program.kill();
    }
  },
};

function spread(times: readonly number[]): { p50: number; p99: number } {
  return { p50: median(times), p99: quantile(times, 0.99) };
}
