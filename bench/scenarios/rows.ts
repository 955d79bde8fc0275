import type pg from 'pg';
import { alternate, type Bench, column, figure, type Scenario } from '../bench.js';
import { EventSupply } from '../events.js';
import { CALLERS, closedLoop, openLines } from '../load.js';
import { quantile, ratios } from '../measure.js';
import { through } from './sustained.js';

const SIZES = [10_000, 1_000_000, 5_000_000];
const BODIES = 100_000;
const LOAD_S = 10;

/** Columns that differ from row to row; the others are the first row's. `n` is the row's number. */
const OWN: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  payments: {
    id: 'gen_random_uuid()',
    order_id: `'order-filled-' || n`,
    session_id: 'null',
    provider_payment_id: `'pi_filled_' || n`,
    charge_id: `'ch_filled_' || n`,
    next_check_at: 'null',
  },
  webhook_inbox: {
    event_id: `'evt_filled_' || n`,
    body: `case when n <= ${BODIES} then first.body end`,
  },
};

/**
 * Multiplies the first row of payments and of the inbox set-wise. It asks the catalogue for the columns, so that it
 * follows the schema; what the database numbers itself, it numbers.
 */
async function fill(database: pg.Pool, rows: number): Promise<void> {
  for (const [table, own] of Object.entries(OWN)) {
    const { rows: columns } = await database.query<{ name: string }>(
      `select column_name as name from information_schema.columns
        where table_schema = 'public' and table_name = $1 and is_identity = 'NO'`,
      [table],
    );
    const names = columns.map(({ name }) => name);
    const values = names.map((name) => own[name] ?? `first.${name}`);
    await database.query(
      `insert into ${table} (${names.join(', ')})
       select ${values.join(', ')} from (select * from ${table} limit 1) first, generate_series(1, ${rows}) n`,
    );
    await database.query(`vacuum analyze ${table}`);
  }
}

interface Measured {
  readonly perSecond: number;
  readonly p99: number;
}

/** @param database one that was filled; it is used again in the next round. */
async function measure({ contenders, pace }: Bench, database: string): Promise<Measured> {
  const running = await contenders.start('ours', { database });
  const lines = await openLines(running.urls);
  const supply = new EventSupply();
  const times: number[] = [];
  try {
    await closedLoop(lines, LOAD_S * pace * 0.4, (line) => through(line, supply, running));
    const perSecond = await closedLoop(lines, LOAD_S * pace, async (line) => {
      const began = performance.now();
      await through(line, supply, running);
      times.push(performance.now() - began);
    });
    return { perSecond, p99: quantile(times, 0.99) };
  } finally {
    lines.forEach((line) => line.close());
    await running.stop();
  }
}

export const rows: Scenario = {
  name: 'rows',
  what: `the sustained load of ${CALLERS} callers on ${SIZES.map((size) => size.toLocaleString('en')).join(', ')} payments and inbox rows`,
  only: 'big',
  async run(bench) {
    const sizes = SIZES.map((size) => Math.round(size * bench.pace ** 4));
    const databases = new Map<number, string>();
    const disk: number[] = [];
    const took: number[] = [];
    for (const size of sizes) {
      const url = await bench.stage.newDatabase(await bench.contenders.template('ours'));
      databases.set(size, url);
      const running = await bench.contenders.start('ours', { database: url });
      const [line] = await openLines(running.urls, 1);
      if (line !== undefined) await through(line, new EventSupply(), running);
      const began = performance.now();
      await fill(running.database, size);
      took.push((performance.now() - began) / 1000);
      const { rows: sums } = await running.database.query<{ mb: number }>(
        `select (pg_database_size(current_database()) / 1048576)::int as mb`,
      );
      disk.push(sums[0]?.mb ?? 0);
      bench.say(`  ${size} rows: ${disk.at(-1)} MB, filled in ${took.at(-1)?.toFixed(0)} s`);
      line?.close();
      await running.stop();
    }
    const results = await alternate(
      bench,
      [...databases].map(([size, url]) => [size.toLocaleString('en'), () => measure(bench, url)] as const),
    );
    for (const url of databases.values()) await bench.stage.dropDatabase(url);
    const names = sizes.map((size) => size.toLocaleString('en'));
    const [least = '', most = ''] = [names[0], names.at(-1)];
    const rates = (name: string): number[] => column(results(name), 'perSecond');
    const p99 = (name: string): number[] => column(results(name), 'p99');
    return {
      figures: [
        ...names.flatMap((name, at) => [
          figure(`${name} rows`, '/s', rates(name)),
          figure(`${name} rows, p99 under this load`, 'ms', p99(name)),
          figure(`${name} rows, disk`, 'MB', disk[at] ?? 0),
          figure(`${name} rows, time to fill`, 's', took[at] ?? 0),
        ]),
        figure(`${most} / ${least} rows, throughput`, '×', ratios(rates(most), rates(least)), {
          atLeast: 0.9,
        }),
        figure(`${most} / ${least} rows, p99`, '×', ratios(p99(most), p99(least)), { atMost: 1.3 }),
      ],
      note: `The rows are made by SQL; the first ${BODIES.toLocaleString('en')} of the inbox carry bodies.`,
    };
  },
};
