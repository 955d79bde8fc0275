import { figure, type Scenario } from '../bench.js';
import { EventSupply } from '../events.js';
import { closedLoop, openLines } from '../load.js';
import { median } from '../measure.js';
import { through } from './sustained.js';

const MINUTES = 10;
const SAMPLE_S = 10;

export const memory: Scenario = {
  name: 'memory',
  what: `memory of the process (PSS) over ${MINUTES} minutes of the sustained load`,
  only: 'long',
  async run({ contenders, pace, say }) {
    const running = await contenders.start('ours');
    const lines = await openLines(running.urls);
    const supply = new EventSupply();
    const samples: number[] = [];
    try {
      const seconds = MINUTES * 60 * pace;
      const timer = setInterval(() => {
        running.pss().then(
          (mb) => samples.push(mb),
          (error: unknown) => say(String(error)),
        );
      }, SAMPLE_S * 1000);
      const rate = await closedLoop(lines, seconds, (line) => through(line, supply, running));
      clearInterval(timer);
      const fifth = Math.ceil(samples.length / 5);
      const growth = median(samples.slice(-fifth)) / median(samples.slice(fifth, 2 * fifth));
      return {
        figures: [
          figure('events', '/s', rate),
          figure('memory', 'MB', samples),
          figure('at its most', 'MB', Math.max(...samples), { atMost: 250 }),
          figure('the last fifth of the time / the second', '×', growth, { atMost: 1.1 }),
        ],
      };
    } finally {
      lines.forEach((line) => line.close());
      await running.stop();
    }
  },
};
