import type { Contenders } from './contenders.js';
import type { Figure, Result } from './report.js';
import type { Stage } from './stage.js';

/** What a scenario is given. */
export interface Bench {
  readonly stage: Stage;
  readonly contenders: Contenders;
  /** Rounds that count; one more warms up. */
  readonly rounds: number;
  /** Scales the time of every load: 1, or less with --quick. */
  readonly pace: number;
  say(line: string): void;
}

export interface Scenario {
  readonly name: string;
  /** One sentence for the report. */
  readonly what: string;
  /** Runs only when it is asked for: `big` fills a disk, `long` takes a quarter of an hour. */
  readonly only?: 'big' | 'long';
  run(bench: Bench): Promise<Result>;
}

/**
 * Runs them in turn, A B C A B C …: a machine that slows down slows all of them. The first round warms up.
 * @returns what each gave, a round after the other
 */
export async function alternate<Name extends string, Value>(
  bench: Bench,
  runs: readonly (readonly [Name, () => Promise<Value>])[],
  { warmsUp = true } = {},
): Promise<(name: Name) => Value[]> {
  const results = new Map<Name, Value[]>(runs.map(([name]) => [name, []]));
  for (let round = warmsUp ? 0 : 1; round <= bench.rounds; round += 1)
    for (const [name, run] of runs) {
      const value = await run();
      bench.say(`  round ${round === 0 ? 'to warm up' : round}, ${name}: ${JSON.stringify(value)}`);
      if (round > 0) results.get(name)?.push(value);
    }
  return (name) => results.get(name) ?? [];
}

/** The named fields of each round's record, as figures' values. */
export function column<Row, Name extends keyof Row>(rows: readonly Row[], name: Name): Row[Name][] {
  return rows.map((row) => row[name]);
}

export function figure(
  name: string,
  unit: string,
  values: number | readonly number[],
  target?: Figure['target'],
): Figure {
  return {
    name,
    unit,
    values: typeof values === 'number' ? [values] : values,
    ...(target !== undefined && { target }),
  };
}
