import { ACTS } from './acts.js';
import type { Order } from './clients.js';
import { expectThat, until } from './demo.failure.js';
import { type Cast, DemoHouse } from './demo.house.js';
import { keepOpen } from './open.house.js';
import { Scenes } from './scenes.js';
import type { Subscriber } from './subscriber.js';
import { MONTHS, subscriptionLives } from './subscription.acts.js';
import { duration, inLines, Terminal } from './terminal.js';

const LOG_LINES = 12;
/** What a shell answers for a program that Ctrl-C ended. */
const INTERRUPTED = 130;

const terminal = new Terminal(process.stdout);
const house = new DemoHouse(terminal);
const leaving = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, leave);

let isTold = false;

function leave(): void {
  if (leaving.signal.aborted) return;
  leaving.abort();
  terminal.line();
  terminal.hush();
  void house.close().finally(() => process.exit(isTold ? 0 : INTERRUPTED));
}

async function tellStory(cast: Cast): Promise<void> {
  const scenes = new Scenes(cast, terminal);
  for (const act of ACTS) await act(scenes);
  const subscriber = await subscriptionLives(scenes);

  terminal.heading('The count');
  await terminal.step(
    'counting orders',
    () => expectPaidOnce(cast, ACTS.length),
    () => ({ text: `${ACTS.length} orders, ${ACTS.length} PAID, each paid exactly once` }),
  );
  await terminal.step(
    'counting months',
    () => expectMonthsPaidOnce(subscriber, MONTHS),
    () => ({
      text: `1 subscription, ${MONTHS} months, ${MONTHS} payments, each paid exactly once; and 1 charge`,
    }),
  );
  await terminal.step(
    'counting events',
    () => expectAnnouncedOnce(cast, ACTS.length + MONTHS + 1),
    (events) => ({
      text: `${events.get('payment.succeeded')} payments, each announced exactly once. The stream holds`,
      details: inLines([...events].map(([type, count]) => `${count} ${type}`)),
    }),
  );
}

/**
 * Counts what the orders service received for each order.
 * @throws DemoFailure unless every order was paid exactly once
 */
async function expectPaidOnce({ orders, stream }: Cast, purchases: number): Promise<void> {
  await until({
    what: 'every event to be delivered',
    read: () => stream.undelivered('orders'),
    holds: (count) => count === 0,
  });
  const all = await orders.list();
  expectThat(all.length === purchases, `there are ${all.length} orders, not ${purchases}`);
  for (const order of all) {
    expectThat(isPaidOnce(order), `this order was not paid exactly once: ${JSON.stringify(order)}`);
  }
}

/**
 * Counts what the customer paid: here, and at the provider.
 * @param months of the subscription, each a payment; the saved card was charged once more
 * @throws DemoFailure unless every month and the charge were paid exactly once
 */
async function expectMonthsPaidOnce(subscriber: Subscriber, months: number): Promise<void> {
  await subscriber.hasPaid(months);
  await subscriber.hasPaidAtProvider(months + 1);
  await subscriber.hears([]);
}

/**
 * @returns how often each event type is in the stream
 * @throws DemoFailure unless every payment was announced once
 */
async function expectAnnouncedOnce({ stream }: Cast, payments: number): Promise<Map<string, number>> {
  const events = await stream.eventCounts();
  const announced = events.get('payment.succeeded');
  expectThat(
    announced === payments,
    `the stream holds ${announced} payment.succeeded for ${payments} payments`,
  );
  return events;
}

/** A broker that was killed may deliver again what had been acknowledged: the inbox knows it by its id. */
function isPaidOnce(order: Order): boolean {
  const [payment, ...otherPayments] = order.payments;
  const heardOnce = order.legacyEvents === 1 && order.durableEvents - order.duplicatesIgnored === 1;
  const settled = payment?.status === 'succeeded' && otherPayments.length === 0;
  return heardOnce && order.status === 'PAID' && settled;
}

async function main(): Promise<void> {
  const once = process.argv.includes('--once');
  const begin = performance.now();
  terminal.heading('A payment, from the order to the receipt');
  terminal.dim('Four programs on this machine talk over HTTP and NATS. No money moves.');
  terminal.dim('Times with a plus count from when the customer pays.\n');
  const cast = await house.open();
  await tellStory(cast);
  isTold = true;
  terminal.line(`\nEverything held, in ${duration(performance.now() - begin).trim()}.`);
  if (!once) await keepOpen(cast, terminal, leaving.signal);
  await house.close();
}

main().then(
  () => process.exit(0),
  async (error: unknown) => {
    if (leaving.signal.aborted) return;
    terminal.line(
      `\n${terminal.style('red', 'This went wrong:')} ${error instanceof Error ? error.message : String(error)}`,
    );
    const logs = house.logs(LOG_LINES);
    if (logs !== '') terminal.dim(`\n${logs}`);
    await house.close();
    process.exit(1);
  },
);
