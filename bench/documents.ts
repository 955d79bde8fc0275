import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { chart } from './chart.js';
import { cells, type Kept, short } from './report.js';
import { ROOT } from './stage.js';

const PERFORMANCE = join(ROOT, 'docs/performance.md');
const SCALING = join(ROOT, 'docs/scaling.md');
const PICTURE = join(ROOT, 'docs/performance/ratios.svg');
const SECONDS_A_DAY = 86_400;
/** What a day's busiest hour has more than its mean. */
const PEAK = 4;

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
  await writeFile(file, `${parts[1]}\n\n${text}\n${parts[2]}`);
}

function section(kept: Kept): string {
  const head = ['figure', 'median (lowest–highest)', 'target', 'met?'];
  const rows = [head, head.map(() => '---'), ...kept.figures.map(cells)];
  const note = kept.note === undefined ? '' : `\n${kept.note}\n`;
  const at = kept.at.slice(0, 16).replace('T', ' ');
  const where = `\`${kept.command}\`, ${at} UTC, commit ${kept.commit}, load of the machine before it ${kept.load}.`;
  return `### ${kept.scenario}\n\nMeasured: ${kept.what}.\n\n${table(rows)}\n${note}\n${where}\n`;
}

/** What follows from the figures for a day. */
function arithmetic(all: readonly Kept[]): string {
  const value = (scenario: string, name: string): number =>
    all.find((kept) => kept.scenario === scenario)?.figures.find((figure) => figure.name === name)?.median ??
    Number.NaN;
  const one = value('sustained', 'one process');
  const wal = value('sustained', 'WAL of all tables an event');
  const perDay = (one * SECONDS_A_DAY) / PEAK;
  const rows = [
    ['figure', 'value', 'from'],
    ['---', '---', '---'],
    ['events a second, one process', short(one), 'sustained'],
    [
      'two processes, four',
      `${short(value('sustained', 'two processes'))}, ${short(value('sustained', 'four processes'))}`,
      'sustained',
    ],
    ['events a day at that rate', short(one * SECONDS_A_DAY), `× ${SECONDS_A_DAY}`],
    [`events a day, the busiest hour at ${PEAK} times the mean`, short(perDay), `÷ ${PEAK}`],
    ['purchases of three events a day', short(perDay / 3), '÷ 3'],
    ['WAL a day then', `${short((perDay * wal) / 1e9)} GB`, `× ${short(wal)} B an event`],
    ['taken in a second, in a burst', short(value('intake', 'ours, requests')), 'intake'],
  ];
  return `${table(rows)}\n`;
}

/** As prettier writes it. */
function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, at) =>
    Math.max(...rows.map((row) => [...(row[at] ?? '')].length), 3),
  );
  const padded = (cell: string, width: number): string =>
    cell === '---' ? '-'.repeat(width) : cell + ' '.repeat(width - [...cell].length);
  return rows
    .map((row) => `| ${row.map((cell, at) => padded(cell, widths[at] ?? 0)).join(' | ')} |`)
    .join('\n');
}
