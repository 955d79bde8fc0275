import { alternate, type Bench, column, figure, type Scenario } from '../bench.js';
import type { Kind } from '../contenders.js';
import { EventSupply } from '../events.js';
import { openLines, openLoop } from '../load.js';
import { median, quantile } from '../measure.js';
import { sustainAnew, through } from './sustained.js';

const LOAD_S = 15;
const WARM_S = 5;
/** More than are ever under way: nobody waits for a connection but where the contender falls behind. */
const LINES = 256;

async function latencies(bench: Bench, kind: Kind, rate: number): Promise<{ p50: number; p99: number }> {
  const running = await bench.contenders.start(kind);
  const supply = new EventSupply().prepare(rate * (WARM_S + LOAD_S) * bench.pace);
  const lines = await openLines(running.urls, LINES);
  try {
    await openLoop(lines, rate, WARM_S * bench.pace, (line) => through(line, supply, running));
    const all = await openLoop(lines, rate, LOAD_S * bench.pace, (line) => through(line, supply, running));
    return { p50: median(all), p99: quantile(all, 0.99) };
  } finally {
    lines.forEach((line) => line.close());
    await running.stop();
  }
}

export const latency: Scenario = {
  name: 'latency',
  what: 'from POST to the consumer at a quarter of what one process sustains, sent at fixed times whatever becomes of them',
  async run(bench) {
    const { perSecond } = await sustainAnew(bench, 'ours');
    const rate = Math.max(perSecond / 4, 1);
    const results = await alternate(bench, [
      ['ours', () => latencies(bench, 'ours', rate)],
      ['floor', () => latencies(bench, 'floor', rate)],
    ]);
    const floor = column(results('floor'), 'p50');
    return {
      figures: [
        figure('rate', '/s', rate),
        figure('p50', 'ms', column(results('ours'), 'p50')),
        figure('p99', 'ms', column(results('ours'), 'p99'), { atMost: Math.max(60, 20 * median(floor)) }),
        figure("floor's p50, POST to answer", 'ms', floor),
      ],
    };
  },
};
