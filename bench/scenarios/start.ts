import { alternate, type Bench, figure, type Scenario } from '../bench.js';
import type { Kind } from '../contenders.js';
import { ratios } from '../measure.js';

async function readyAfter({ contenders }: Bench, kind: Kind): Promise<number> {
  const running = await contenders.start(kind);
  await running.stop();
  return (running.programs[0]?.readyAfterMs ?? Number.NaN) / 1000;
}

export const start: Scenario = {
  name: 'start',
  what: 'from the start of the process to the first 200 of /health/ready, on a migrated Postgres',
  async run(bench) {
    const kinds = (['ours', 'release'] as const).filter((kind) => bench.contenders.has(kind));
    const results = await alternate(
      bench,
      kinds.map((kind) => [kind, () => readyAfter(bench, kind)] as const),
    );
    const release = bench.contenders.has('release')
      ? [
          figure('last release', 's', results('release')),
          figure('ours / last release', '×', ratios(results('ours'), results('release')), { atMost: 0.5 }),
        ]
      : [];
    return { figures: [figure('ours', 's', results('ours')), ...release] };
  },
};
