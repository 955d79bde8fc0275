import { readFile } from 'node:fs/promises';
import pg from 'pg';

/** Linux counts CPU in hundredths of a second. */
const TICK_MS = 10;

/** CPU of these processes since their start, all threads, user and system, in milliseconds. */
export async function cpuMs(pids: readonly number[]): Promise<number> {
  const all = await Promise.all(
    pids.map(async (pid) => {
      const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
      // The name in parentheses may hold spaces.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
    }),
  );
  return sum(all);
}

/** Memory of these processes in MB, with their share of what they share with others. */
export async function pssMb(pids: readonly number[]): Promise<number> {
  const all = await Promise.all(
    pids.map(async (pid) => {
      const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8');
      return Number(/^Pss:\s+(\d+)/m.exec(rollup)?.[1] ?? 0) / 1024;
    }),
  );
  return sum(all);
}

/** What Postgres did so far: of the whole server, but for the statements. */
export interface Work {
  /** Transactions that wrote or locked: each got an id, and waited for the disk if it wrote. A savepoint counts as one. */
  readonly commits: number;
  readonly walBytes: number;
  /** Of the one database, without begin, commit and the like. */
  readonly statements: number;
}

export async function workOf(database: pg.Pool): Promise<Work> {
  const { rows } = await database.query<{ commits: string; wal: string; statements: string }>(`
    select pg_snapshot_xmax(pg_current_snapshot())::text as commits,
           pg_current_wal_insert_lsn() - '0/0'::pg_lsn as wal,
           (select coalesce(sum(calls), 0) from pg_stat_statements
             where dbid = (select oid from pg_database where datname = current_database())
               and query !~* '^\\s*(begin|start|commit|rollback|savepoint|release|set|deallocate)\\M') as statements`);
  const [row] = rows;
  return { commits: Number(row?.commits), walBytes: Number(row?.wal), statements: Number(row?.statements) };
}

/** Until the database has written nothing for a second, a minute at most: what follows the last event is done then. */
export async function settled(database: pg.Pool): Promise<void> {
  const written = async (): Promise<string | undefined> => {
    const { rows } = await database.query<{ at: string }>(
      'select pg_snapshot_xmax(pg_current_snapshot())::text as at',
    );
    return rows[0]?.at;
  };
  for (let last = await written(), quiet = 0, looks = 0; quiet < 10 && looks < 600; looks += 1) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    const now = await written();
    quiet = now === last ? quiet + 1 : 0;
    last = now;
  }
}

export function workBetween(before: Work, after: Work, events: number): Work {
  const each = (name: keyof Work): number => (after[name] - before[name]) / Math.max(events, 1);
  return { commits: each('commits'), walBytes: each('walBytes'), statements: each('statements') };
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

export function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((left, right) => left - right);
  return sorted[Math.min(Math.floor(sorted.length * part), sorted.length - 1)] ?? Number.NaN;
}

/** Pairwise, round by round: what slows the machine slows both. */
export function ratios(first: readonly number[], second: readonly number[]): number[] {
  return first.map((value, round) => value / (second[round] ?? Number.NaN));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
