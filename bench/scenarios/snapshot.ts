import { alternate, type Bench, column, figure, type Scenario } from '../bench.js';
import type { Running } from '../contenders.js';
import { EventSupply } from '../events.js';
import { closedLoop, openLines } from '../load.js';
import { ratios } from '../measure.js';
import { through } from './sustained.js';

const EVENTS = 20_000;
/** Whatever does not get so far by then is measured where it is. */
const PATIENCE_S = 120;
const CLAIMS_S = 5;

interface Claims {
  readonly calls: number;
  readonly ms: number;
}

/** The statements that take events off the inbox, so far. */
async function claimsOf({ database }: Running): Promise<Claims> {
  const { rows } = await database.query<{ calls: string; ms: number }>(`
    select coalesce(sum(calls), 0) as calls, coalesce(sum(total_exec_time), 0) as ms from pg_stat_statements
     where dbid = (select oid from pg_database where datname = current_database())
       and query ilike '%skip locked%' and query ilike '%webhook%' and query not ilike '%owner_check%asc%'`);
  return { calls: Number(rows[0]?.calls), ms: Number(rows[0]?.ms) };
}

/** The mean claim after so many events were worked off, with an open snapshot such as a dump's or without. */
async function claimMs(
  { contenders, pace }: Bench,
  held: boolean,
): Promise<{ claimMs: number; events: number }> {
  const running = await contenders.start('ours');
  const lines = await openLines(running.urls);
  const supply = new EventSupply();
  const dump = await running.database.connect();
  const step = (line: (typeof lines)[number]): Promise<void> => through(line, supply, running);
  try {
    if (held) await dump.query('begin isolation level repeatable read; select count(*) from payments');
    const until = performance.now() + PATIENCE_S * pace * 1000;
    while ((running.consumer?.heard ?? 0) < EVENTS * pace && performance.now() < until)
      await closedLoop(lines, 2, step);
    const before = await claimsOf(running);
    await closedLoop(lines, CLAIMS_S, step);
    const after = await claimsOf(running);
    return {
      claimMs: (after.ms - before.ms) / (after.calls - before.calls),
      events: running.consumer?.heard ?? 0,
    };
  } finally {
    dump.release(true);
    lines.forEach((line) => line.close());
    await running.stop();
  }
}

export const snapshot: Scenario = {
  name: 'snapshot',
  what: `claims of the inbox while a snapshot is held over ${EVENTS.toLocaleString('en')} events worked off, as a dump holds one`,
  async run(bench) {
    const results = await alternate({ ...bench, rounds: Math.min(bench.rounds, 2) }, [
      ['with', () => claimMs(bench, true)],
      ['without', () => claimMs(bench, false)],
    ]);
    const [held, free] = [column(results('with'), 'claimMs'), column(results('without'), 'claimMs')];
    return {
      figures: [
        figure('events worked off before', '', column(results('with'), 'events')),
        figure('a claim with a snapshot held', 'ms', held),
        figure('a claim without', 'ms', free),
        figure('with / without', '×', ratios(held, free), { atMost: 1.5 }),
      ],
    };
  },
};
