import { alternate, type Bench, column, figure, type Scenario } from '../bench.js';
import type { Kind } from '../contenders.js';
import { EventSupply } from '../events.js';
import { CALLERS, closedLoop, openLines } from '../load.js';
import { ratios } from '../measure.js';

const BURST_S = 10;
const WARM_S = 3;
const PREPARED = 40_000;

interface Burst {
  readonly perSecond: number;
  readonly cpuMs: number;
  readonly lag: number;
}

/** One burst at a contender that was just started and warmed up. */
export async function burst({ contenders, pace }: Bench, kind: Kind): Promise<Burst> {
  const supply = new EventSupply().prepare(PREPARED * pace);
  const running = await contenders.start(kind);
  const lines = await openLines(running.urls);
  let taken = 0;
  const load = (seconds: number): Promise<number> =>
    closedLoop(lines, seconds * pace, async (line) => {
      const { status } = await line.send(supply.next().request);
      if (status !== 200) throw new Error(`${kind} answered ${status}`);
      taken += 1;
    });
  try {
    await load(WARM_S);
    const [cpu, before] = [await running.cpu(), taken];
    const perSecond = await load(BURST_S);
    const spent = (await running.cpu()) - cpu;
    const lag = taken - (running.consumer?.heard ?? taken);
    return { perSecond, cpuMs: spent / (taken - before), lag };
  } finally {
    lines.forEach((line) => line.close());
    await running.stop();
  }
}

export const intake: Scenario = {
  name: 'intake',
  what: `webhooks acknowledged in a burst of ${BURST_S} s by ${CALLERS} callers, adopted charges of 1.5 kB, the worker beside it`,
  async run(bench) {
    const kinds = (['ours', 'floor', 'nest', 'sync', 'release'] as const).filter((kind) =>
      bench.contenders.has(kind),
    );
    const results = await alternate(
      bench,
      kinds.map((kind) => [kind, () => burst(bench, kind)] as const),
    );
    const rate = (kind: Kind): number[] => column(results(kind), 'perSecond');
    return {
      figures: [
        ...kinds.map((kind) => figure(`${kind}, requests`, '/s', rate(kind))),
        ...kinds.map((kind) =>
          figure(`${kind}, CPU of the process a request`, 'ms', column(results(kind), 'cpuMs')),
        ),
        figure('ours / floor', '×', ratios(rate('ours'), rate('floor')), { atLeast: 0.7 }),
        figure('ours / Nest that stores nothing', '×', ratios(rate('ours'), rate('nest')), { atLeast: 2 }),
        figure('ours / stripe-sync-engine', '×', ratios(rate('ours'), rate('sync')), { atLeast: 3 }),
        ...(kinds.includes('release')
          ? [figure('ours / last release', '×', ratios(rate('ours'), rate('release')))]
          : []),
        figure('ours, events not yet at the consumer as the burst ends', '', column(results('ours'), 'lag')),
      ],
    };
  },
};
