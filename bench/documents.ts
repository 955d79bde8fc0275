import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { chart } from './chart.js';
import { cells, type Kept, short } from './report.js';
import { ROOT } from './stage.js';

const RESULTS = join(ROOT, 'docs/performance/results.json');
const PERFORMANCE = join(ROOT, 'docs/performance.md');
const SCALING = join(ROOT, 'docs/scaling.md');
const PICTURE = join(ROOT, 'docs/performance/ratios.svg');
const DAY_S = 86_400;
/** What a day's busiest hour has more than its mean. */
const PEAK = 4;

export async function readKept(): Promise<Kept[]> {
  const text = await readFile(RESULTS, 'utf8').catch(() => '[]');
  return JSON.parse(text);
}

/** Puts these in the place of what the same scenarios had. */
export async function keep(results: readonly Kept[], order: readonly string[]): Promise<void> {
  const before = await readKept();
  const fresh = new Set(results.map(({ scenario }) => scenario));
  const all = [...before.filter(({ scenario }) => !fresh.has(scenario)), ...results];
  all.sort((left, right) => order.indexOf(left.scenario) - order.indexOf(right.scenario));
  await writeFormatted(RESULTS, JSON.stringify(all));
}

/** Fills what lies between the marks of the documents, and draws the picture, from what was measured last. */
export async function writeDocuments(all: readonly Kept[]): Promise<void> {
  await fill(PERFORMANCE, all.map(section).join('\n'));
  await fill(SCALING, arithmetic(all));
  await writeFile(PICTURE, chart(all));
}

async function fill(file: string, text: string): Promise<void> {
  const document = await readFile(file, 'utf8');
  const parts = /^(.*<!-- measured: begin -->).*(<!-- measured: end -->.*)$/s.exec(document);
  if (parts === null) throw new Error(`${file} has lost its marks`);
  await writeFormatted(file, `${parts[1]}\n\n${text}\n${parts[2]}`);
}

function section(kept: Kept): string {
  const head = ['figure', 'median (lowest–highest)', 'target', 'met?'];
  const rows = [head, ...kept.figures.map(cells)];
  const note = kept.note === undefined ? '' : `\n${kept.note}\n`;
  const at = kept.at.slice(0, 16).replace('T', ' ');
  const where = `\`${kept.command}\`, ${at} UTC, commit ${kept.commit}, load of the machine before it ${kept.load}.`;
  const quick = kept.command.includes('--quick')
    ? ' A quick run: one round, shorter loads and fewer events than named above.'
    : '';
  return `### ${kept.scenario}\n\nMeasured: ${kept.what}.\n\n${table(rows)}\n${note}\n${where}${quick}\n`;
}

/** What follows from the figures for a day. */
function arithmetic(all: readonly Kept[]): string {
  const value = (scenario: string, name: string): number =>
    all.find((kept) => kept.scenario === scenario)?.figures.find((figure) => figure.name === name)?.median ??
    Number.NaN;
  const load = all.find(({ scenario }) => scenario === 'sustained')?.load;
  const one = value('sustained', 'one process');
  const wal = value('sustained', 'WAL of all tables an event');
  const perDay = (one * DAY_S) / PEAK;
  const rows = [
    ['figure', 'value', 'from'],
    ['load of the machine before it was measured', String(load ?? '–'), 'sustained'],
    ['events a second, one process', short(one), 'sustained'],
    [
      'two processes, four',
      `${short(value('sustained', 'two processes'))}, ${short(value('sustained', 'four processes'))}`,
      'sustained',
    ],
    ['events a day at that rate', short(one * DAY_S), `× ${DAY_S}`],
    [`events a day, the busiest hour at ${PEAK} times the mean`, short(perDay), `÷ ${PEAK}`],
    ['purchases of three events a day', short(perDay / 3), '÷ 3'],
    ['WAL a day then', `${short((perDay * wal) / 1e9)} GB`, `× ${short(wal)} B an event`],
    ['taken in a second, in a burst', short(value('intake', 'ours, requests')), 'intake'],
  ];
  return `${table(rows)}\n`;
}

/** The first row is the head. */
function table([head = [], ...rows]: readonly (readonly string[])[]): string {
  const lines = [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`);
  return lines.join('\n');
}

/** As `npm run check` wants it. */
export async function writeFormatted(file: string, text: string): Promise<void> {
  const options = await resolveConfig(file);
  await writeFile(file, await format(text, { ...options, filepath: file }));
}
