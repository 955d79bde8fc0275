import { randomUUID } from 'node:crypto';
import { alternate, figure, type Scenario } from '../bench.js';
import { openLines } from '../load.js';
import { ratios } from '../measure.js';
import { control, startStandIn } from '../standin.js';
import { sessionRequest } from './sessions.js';

const HOT = 150;
const OTHERS = 50;
const PROVIDER_MS = 2_000;

export const hotOrder: Scenario = {
  name: 'hot-order',
  what: `sessions of ${OTHERS} orders while ${HOT} requests are for one more, all at once, at a provider that takes ${PROVIDER_MS / 1000} s`,
  async run(bench) {
    const standIn = await startStandIn(bench.stage);
    const path = '/v1/checkout/sessions';
    const slow = { kind: 'delay', method: 'POST', path, delayMs: PROVIDER_MS, count: 0 };
    await control(standIn.stripeUrl, 'faults', slow);
    const running = await bench.contenders.start('ours', { env: standIn.env });
    try {
      const results = await alternate(bench, [
        ['beside', () => othersPerSecond(running.urls, HOT)],
        ['alone', () => othersPerSecond(running.urls, 0)],
      ]);
      return {
        figures: [
          figure('beside the hot order', '/s', results('beside')),
          figure('alone', '/s', results('alone')),
          figure('beside / alone', '×', ratios(results('beside'), results('alone'))),
        ],
      };
    } finally {
      await running.stop();
      await standIn.program.kill();
    }
  },
};

/** @throws Error when anybody gets no session, or the hot order more than one. */
async function othersPerSecond(urls: readonly string[], hot: number): Promise<number> {
  const orderId = randomUUID();
  const began = performance.now();
  const same = Promise.all(Array.from({ length: hot }, () => paymentOf(urls, orderId)));
  await Promise.all(Array.from({ length: OTHERS }, () => paymentOf(urls, randomUUID())));
  const seconds = (performance.now() - began) / 1000;
  if (new Set(await same).size > 1) throw new Error('the hot order has several sessions');
  return OTHERS / seconds;
}

async function paymentOf(urls: readonly string[], orderId: string): Promise<string> {
  const [line] = await openLines(urls, 1);
  if (line === undefined) throw new Error('nobody is there to be asked');
  const { status, body } = await line.send(sessionRequest(orderId));
  line.close();
  if (status !== 201) throw new Error(`create-session answered ${status}: ${body}`);
  const { paymentId }: { paymentId: string } = JSON.parse(body);
  return paymentId;
}
