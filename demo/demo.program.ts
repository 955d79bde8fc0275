import { ACTS } from './acts.js';
import { type Cast, DemoHouse } from './demo.house.js';
import { keepOpen } from './open.house.js';
import { Scenes } from './scenes.js';
import { MONTHS, subscriptionLives } from './subscription.acts.js';
import { expectAnnouncedOnce, expectMonthsPaidOnce, expectPaidOnce } from './tally.js';
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
