import { alternate, type Bench, figure, type Scenario } from '../bench.js';
import { adoptedCharge, EventSupply, forgedCharge } from '../events.js';
import { CALLERS, closedLoop, type HttpLine, openLines } from '../load.js';
import { ratios } from '../measure.js';

const LOAD_S = 10;
const WARM_S = 4;
const PREPARED = 20_000;

/** What each third or second request is; the others are adopted charges that are waited for at the consumer. */
type Mix = 'plain' | 'duplicates' | 'forged';

/** @returns good events a second: new ones heard of, and duplicates answered. */
async function goodPerSecond({ contenders, pace }: Bench, mix: Mix): Promise<number> {
  const running = await contenders.start('ours');
  const good = new EventSupply(adoptedCharge).prepare(PREPARED * pace);
  const forged = new EventSupply(forgedCharge).prepare(mix === 'forged' ? (PREPARED * pace) / 2 : 0);
  const lines = await openLines(running.urls);
  let turn = 0;
  let bad = 0;
  const step = async (line: HttpLine): Promise<void> => {
    turn += 1;
    if (mix === 'forged' && turn % 3 === 0) {
      const { status } = await line.send(forged.next().request);
      if (status < 400 || status >= 500) throw new Error(`a forged event was answered ${status}`);
      bad += 1;
      return;
    }
    const { request, orderId } = good.next();
    const heard = running.consumer?.hears(orderId);
    const statuses = [(await line.send(request)).status];
    if (mix === 'duplicates') statuses.push((await line.send(request)).status);
    if (statuses.some((status) => status !== 200)) throw new Error(`answered ${statuses.join(', ')}`);
    await heard;
  };
  try {
    await closedLoop(lines, WARM_S * pace, step);
    bad = 0;
    const steps = await closedLoop(lines, LOAD_S * pace, step);
    return mix === 'duplicates' ? steps * 2 : steps - bad / (LOAD_S * pace);
  } finally {
    lines.forEach((line) => line.close());
    await running.stop();
  }
}

export const mixed: Scenario = {
  name: 'mixed',
  what: `the sustained load of ${CALLERS} callers with each event sent twice, and with every third one forged`,
  async run(bench) {
    const results = await alternate(bench, [
      ['plain', () => goodPerSecond(bench, 'plain')],
      ['duplicates', () => goodPerSecond(bench, 'duplicates')],
      ['forged', () => goodPerSecond(bench, 'forged')],
    ]);
    const share = results('plain').map((rate) => (rate * 2) / 3);
    return {
      figures: [
        figure('without', '/s', results('plain')),
        figure('half duplicates, all of them', '/s', results('duplicates')),
        figure('a third forged, the good ones', '/s', results('forged')),
        figure('half duplicates / without', '×', ratios(results('duplicates'), results('plain')), {
          atLeast: 1,
        }),
        figure('a third forged, the good ones / their share', '×', ratios(results('forged'), share), {
          atLeast: 0.9,
        }),
      ],
    };
  },
};
