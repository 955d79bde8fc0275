import { alternate, type Bench, column, figure, type Scenario } from '../bench.js';
import type { Kind, Running } from '../contenders.js';
import { EventSupply } from '../events.js';
import { CALLERS, closedLoop, type HttpLine, openLines } from '../load.js';
import { ratios, type Work, workBetween } from '../measure.js';
import type { Figure } from '../report.js';

const LOAD_S = 10;
const WARM_S = 4;
const PREPARED = 30_000;

export interface Sustained extends Work {
  readonly perSecond: number;
  readonly cpuMs: number;
  /** Messages to the orders service an event. */
  readonly told: number;
}

/** Posts the next event of the supply and, of ours, waits until the consumer heard of it. */
export async function through(line: HttpLine, supply: EventSupply, { consumer }: Running): Promise<void> {
  const { request, orderId } = supply.next();
  const heard = consumer?.hears(orderId);
  const { status } = await line.send(request);
  if (status !== 200) throw new Error(`a webhook was answered ${status}`);
  await heard;
}

/** As much as goes through to the consumer while each of 64 callers has one event under way. */
export async function sustain({ pace }: Bench, running: Running): Promise<Sustained> {
  const supply = new EventSupply().prepare(PREPARED * pace);
  const lines = await openLines(running.urls);
  let count = 0;
  const load = (seconds: number): Promise<number> =>
    closedLoop(lines, seconds * pace, async (line) => {
      await through(line, supply, running);
      count += 1;
    });
  try {
    await load(WARM_S);
    const [cpu, work] = [await running.cpu(), await running.work()];
    count = 0;
    const told = running.consumer?.told ?? 0;
    const perSecond = await load(LOAD_S);
    const spent = (await running.cpu()) - cpu;
    const toldNow = (running.consumer?.told ?? 0) - told;
    return {
      perSecond,
      cpuMs: spent / count,
      told: toldNow / count,
      ...workBetween(work, await running.work(), count),
    };
  } finally {
    lines.forEach((line) => line.close());
  }
}

export async function sustainAnew(bench: Bench, kind: Kind, processes = 1): Promise<Sustained> {
  const running = await bench.contenders.start(kind, { processes });
  return sustain(bench, running).finally(() => running.stop());
}

export const sustained: Scenario = {
  name: 'sustained',
  what: `adopted charges from POST to the stream's consumer, ${CALLERS} under way, one, two and four processes on one database`,
  async run(bench) {
    const runs = [
      ['ours', () => sustainAnew(bench, 'ours')],
      ['floor', () => sustainAnew(bench, 'floor')],
      ['two', () => sustainAnew(bench, 'ours', 2)],
      ['four', () => sustainAnew(bench, 'ours', 4)],
      ['release', () => sustainAnew(bench, 'release')],
    ] as const;
    const results = await alternate(
      bench,
      runs.filter(([name]) => name !== 'release' || bench.contenders.has('release')),
    );
    const rate = (name: (typeof runs)[number][0]): number[] => column(results(name), 'perSecond');
    const [ours, floor] = [results('ours'), results('floor')];
    const release: Figure[] = bench.contenders.has('release')
      ? [
          figure('last release', '/s', rate('release')),
          figure('ours / last release', '×', ratios(rate('ours'), rate('release'))),
          figure('last release, CPU of the process an event', 'ms', column(results('release'), 'cpuMs')),
        ]
      : [];
    return {
      figures: [
        figure('floor, requests', '/s', rate('floor')),
        figure('one process', '/s', rate('ours')),
        figure('two processes', '/s', rate('two')),
        figure('four processes', '/s', rate('four')),
        figure("one process / floor's intake", '×', ratios(rate('ours'), rate('floor')), { atLeast: 0.3 }),
        figure('two / one', '×', ratios(rate('two'), rate('ours')), { atLeast: 1.3 }),
        figure('four / one', '×', ratios(rate('four'), rate('ours'))),
        figure('CPU of the process an event', 'ms', column(ours, 'cpuMs')),
        figure(
          "CPU an event / floor's a request",
          '×',
          ratios(column(ours, 'cpuMs'), column(floor, 'cpuMs')),
          {
            atMost: 4,
          },
        ),
        figure('commits an event', '', column(ours, 'commits'), { atMost: 0.1 }),
        figure('statements an event', '', column(ours, 'statements')),
        figure('messages to the orders service an event', '', column(ours, 'told')),
        figure('WAL of all tables an event', 'B', column(ours, 'walBytes'), { atMost: 7_000 }),
        ...release,
      ],
    };
  },
};
