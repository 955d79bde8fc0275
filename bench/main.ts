import { execFileSync } from 'node:child_process';
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import type { Bench, Scenario } from './bench.js';
import { Contenders } from './contenders.js';
import { releaseMain } from './release.js';
import { judged, type Kept, tell } from './report.js';
import { backlog } from './scenarios/backlog.js';
import { hotOrder } from './scenarios/hot.order.js';
import { keep, readKept, writeDocuments } from './documents.js';
import { intake } from './scenarios/intake.js';
import { lanes } from './scenarios/lanes.js';
import { latency } from './scenarios/latency.js';
import { memory } from './scenarios/memory.js';
import { mixed } from './scenarios/mixed.js';
import { purchase } from './scenarios/purchase.js';
import { rows } from './scenarios/rows.js';
import { sessions } from './scenarios/sessions.js';
import { snapshot } from './scenarios/snapshot.js';
import { start } from './scenarios/start.js';
import { sustained } from './scenarios/sustained.js';
import { ROOT, Stage } from './stage.js';

const SCENARIOS: readonly Scenario[] = [
  intake,
  sustained,
  latency,
  mixed,
  backlog,
  purchase,
  lanes,
  sessions,
  snapshot,
  start,
  rows,
  memory,
  hotOrder,
];

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    big: { type: 'boolean', default: false },
    long: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    // A folder with a build of the last release. `none`: without it.
    release: { type: 'string' },
    keep: { type: 'boolean', default: false },
    'write-docs': { type: 'boolean', default: false },
  },
});

async function main(): Promise<void> {
  const chosen = SCENARIOS.filter(({ name, only }) =>
    positionals.length > 0 ? positionals.includes(name) : only === undefined || flags[only],
  );
  const names = SCENARIOS.map(({ name }) => name);
  const unknown = positionals.filter((name) => !names.includes(name));
  if (unknown.length > 0)
    throw new Error(`no scenario is called ${unknown.join(', ')}: there are ${names.join(', ')}`);
  const say = (line: string): void => void process.stdout.write(`${line}\n`);
  const stage = await Stage.open();
  // What was started must not outlive an interrupted run.
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void stage.close().finally(() => process.exit(1)));
  try {
    const release = flags.release === 'none' ? undefined : await releaseMain(flags.release, say);
    const bench: Bench = {
      stage,
      contenders: new Contenders(stage, release),
      rounds: Number(flags.rounds ?? (flags.quick ? 1 : 3)),
      pace: flags.quick ? 0.3 : 1,
      say,
    };
    const results: Kept[] = [];
    for (const scenario of chosen)
      try {
        results.push(await measure(scenario, bench));
        // One that fails later does not take this one along.
        if (flags.keep || flags['write-docs']) await keep(results.slice(-1), names);
      } catch (error) {
        process.exitCode = 1;
        say(
          `${scenario.name} failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
        );
      }
    if (results.length > 1) results.forEach(tell);
    if (flags['write-docs']) await writeDocuments(await readKept());
  } finally {
    await stage.close();
  }
}

async function measure({ name, what, run }: Scenario, bench: Bench): Promise<Kept> {
  const load = Number(loadavg()[0]?.toFixed(2));
  bench.say(`${name} …`);
  const { figures, note } = await run(bench);
  const kept = {
    scenario: name,
    what,
    command: `npm run bench -- ${process.argv.slice(2).join(' ')}`.trim(),
    at: new Date().toISOString(),
    commit: execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: ROOT, encoding: 'utf8' }).trim(),
    load,
    note,
    figures: figures.map(judged),
  };
  tell(kept);
  return kept;
}

await main();
