import { createSign, type KeyObject, randomBytes } from 'node:crypto';
import { alternate, type Bench, figure, type Scenario } from '../bench.js';
import type { Running } from '../contenders.js';
import { adoptedCharge, chargeBody, EventSupply, httpRequest, signedRequest } from '../events.js';
import { type HttpLine, openLines, openLoop } from '../load.js';
import { median, ratios } from '../measure.js';
import { control, type StandIn, startStandIn } from '../standin.js';
import { through } from './sustained.js';

const READ_MS = 9_000;
const READS = 20;
const PARKED = 10_000;
/** The refunds are of so many payments, each more than came in. */
const REFUNDED = 100;
const RATE = 2;
const WATCH_S = 10;

/** What stands in the way of the events that need no read. */
type Obstacle = (
  bench: Bench,
  running: Running,
  lines: readonly HttpLine[],
  standIn: StandIn,
) => Promise<void>;

const OBSTACLES: Readonly<Record<string, Obstacle>> = {
  nothing: () => Promise.resolve(),
  '20 whose reads take 9 s': async (_bench, _running, lines, { stripeUrl }) => {
    const path = '/v1/payment_intents';
    await control(stripeUrl, 'faults', { kind: 'delay', method: 'GET', path, delayMs: READ_MS, count: 0 });
    await post(
      lines,
      Array.from({ length: READS }, () => unreadIntent(newName())),
    );
  },
  '10,000 parked': async ({ pace }, running, lines) => {
    const paid = new EventSupply();
    const charges = Array.from({ length: REFUNDED }, () => paid.next());
    const heard = Promise.all(charges.map(async ({ orderId }) => running.consumer?.hears(orderId)));
    await post(
      lines,
      charges.map(({ request }) => request),
    );
    await heard;
    const names = charges.map(({ orderId }) => orderId.replace('order-', ''));
    await post(
      lines,
      names.map((name) => refund(name, newName())),
    );
    const parked = Math.round(PARKED * pace ** 2);
    await post(
      lines,
      Array.from({ length: parked }, (_, at) => refund(names[at % REFUNDED] ?? '', newName())),
    );
  },
  'the other provider hanging': async (_bench, _running, lines, { conektaUrl, conektaKey }) => {
    await control(conektaUrl, 'faults', { kind: 'hang_after_acting', path: '/orders', count: 0 });
    await post(
      lines,
      Array.from({ length: READS }, () => conektaOrder(newName(), conektaKey)),
    );
  },
};

/** The median from POST to the consumer of charges that come twice a second, behind an obstacle. */
async function behind(bench: Bench, obstacle: Obstacle): Promise<number> {
  const standIn = await startStandIn(bench.stage);
  const running = await bench.contenders.start('ours', { env: standIn.env });
  const lines = await openLines(running.urls);
  const supply = new EventSupply(adoptedCharge);
  try {
    await openLoop(lines, RATE * 10, 2, (line) => through(line, supply, running));
    await obstacle(bench, running, lines, standIn);
    return median(
      await openLoop(lines, RATE, WATCH_S * bench.pace, (line) => through(line, supply, running)),
    );
  } finally {
    lines.forEach((line) => line.close());
    await running.stop();
    await standIn.program.kill();
  }
}

export const lanes: Scenario = {
  name: 'lanes',
  what: 'events that need no read, twice a second, from POST to the consumer behind events that wait for something else',
  async run(bench) {
    const results = await alternate(
      { ...bench, rounds: 1 },
      Object.entries(OBSTACLES).map(([name, obstacle]) => [name, () => behind(bench, obstacle)] as const),
      { warmsUp: false },
    );
    const names = Object.keys(OBSTACLES);
    return {
      figures: [
        ...names.map((name) => figure(`p50 behind ${name}`, 'ms', results(name))),
        ...names
          .filter((name) => name !== 'nothing')
          .map((name) =>
            figure(`behind ${name} / nothing`, '×', ratios(results(name), results('nothing')), { atMost: 2 }),
          ),
      ],
      note: `Parked are refunds that exceed what was captured: ${Math.round(PARKED * bench.pace ** 2)} of them.`,
    };
  },
};

async function post(lines: readonly HttpLine[], requests: readonly Buffer[]): Promise<void> {
  let next = 0;
  await Promise.all(
    lines.map(async (line) => {
      for (let request = requests[next++]; request !== undefined; request = requests[next++]) {
        const { status } = await line.send(request);
        if (status !== 200) throw new Error(`a webhook was answered ${status}`);
      }
    }),
  );
}

function newName(): string {
  return randomBytes(8).toString('hex');
}

/** Only a read tells its charge. */
function unreadIntent(name: string): Buffer {
  const intent = { id: `pi_${name}`, object: 'payment_intent', amount: 3998, amount_received: 3998 };
  const more = { latest_charge: `ch_${name}`, capture_method: 'automatic_async', next_action: null };
  return event(name, 'payment_intent.succeeded', { ...intent, ...more });
}

/** The first of a charge pays all of it back; those after it are parked. */
function refund(charge: string, name: string): Buffer {
  const back = { id: `re_${name}`, object: 'refund', charge: `ch_${charge}`, payment_intent: `pi_${charge}` };
  return event(name, 'refund.created', { ...back, metadata: {}, reason: 'requested_by_customer' });
}

function event(name: string, type: string, object: object): Buffer {
  const whole: object = JSON.parse(chargeBody(name, { ...object }));
  return signedRequest(JSON.stringify({ ...whole, type }));
}

function conektaOrder(name: string, key: KeyObject): Buffer {
  const order = {
    id: `ord_${name}`,
    object: 'order',
    livemode: false,
    amount: 39_800,
    amount_refunded: 0,
    currency: 'MXN',
    payment_status: 'paid',
    metadata: { orderId: `order-${name}` },
    created_at: Math.floor(Date.now() / 1000),
  };
  const body = JSON.stringify({
    id: name,
    object: 'event',
    type: 'order.paid',
    livemode: false,
    created_at: order.created_at,
    data: { object: order, previous_attributes: {} },
  });
  const digest = createSign('sha256').update(body).sign(key, 'base64');
  return httpRequest('POST', '/webhooks/conekta', body, `Digest: ${digest}\r\n`);
}
