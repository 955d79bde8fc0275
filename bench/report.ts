import { median } from './measure.js';

export interface Target {
  readonly atLeast?: number;
  readonly atMost?: number;
}

/** One line of the table. */
export interface Figure {
  readonly name: string;
  readonly unit: string;
  /** One a round. */
  readonly values: readonly number[];
  readonly target?: Target;
}

export interface Result {
  readonly figures: readonly Figure[];
  /** What a reader must know about how it was measured. */
  readonly note?: string;
}

/** As it is kept in docs/performance: scenarios that were not run again keep what they had. */
export interface Kept {
  readonly scenario: string;
  readonly what: string;
  readonly command: string;
  readonly at: string;
  readonly commit: string;
  /** Of the last minute before the scenario, by /proc/loadavg: others may have used the machine. */
  readonly load: number;
  readonly note?: string | undefined;
  readonly figures: readonly (Figure & { median: number; met?: boolean | undefined })[];
}

export function judged(figure: Figure): Kept['figures'][number] {
  const value = median(figure.values);
  const { target } = figure;
  if (target === undefined) return { ...figure, median: value };
  const met = value >= (target.atLeast ?? -Infinity) && value <= (target.atMost ?? Infinity);
  return { ...figure, median: value, met };
}

/** For a terminal. */
export function tell({ scenario, what, note, figures }: Kept): void {
  const rows = figures.map((figure) => cells(figure));
  const widths = [0, 1, 2, 3].map((at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  const lines = rows.map((row) => `  ${row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join('  ')}`);
  process.stdout.write(
    `\n${scenario}: ${what}\n${lines.join('\n')}\n${note === undefined ? '' : `  ${note}\n`}`,
  );
}

export function cells({
  name,
  unit,
  values,
  median: middle,
  target,
  met,
}: Kept['figures'][number]): string[] {
  const spread = values.length < 2 ? '' : ` (${short(Math.min(...values))}–${short(Math.max(...values))})`;
  return [
    name,
    `${short(middle)}${unit === '×' ? ' ×' : ` ${unit}`}${spread}`,
    target === undefined ? '' : told(target),
    met === undefined ? '' : met ? 'met' : 'not met',
  ];
}

function told({ atLeast, atMost }: Target): string {
  return atLeast !== undefined ? `≥ ${short(atLeast)}` : `≤ ${short(atMost ?? 0)}`;
}

export function short(value: number): string {
  if (!Number.isFinite(value)) return '–';
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en');
  return String(Number(value.toPrecision(3)));
}
