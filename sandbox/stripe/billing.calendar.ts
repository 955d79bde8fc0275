const DAY = 24 * 60 * 60;

export const INTERVALS = ['day', 'week', 'month', 'year'] as const;

/** How often something is billed: every `count` intervals. */
export interface Rhythm {
  interval: (typeof INTERVALS)[number];
  count: number;
}

/** The first end of a period after a moment. Periods are counted from the anchor; all are seconds. */
export function periodEnd(anchor: number, rhythm: Rhythm, moment: number): number {
  return boundary(anchor, rhythm, boundariesUntil(anchor, rhythm, moment) + 1);
}

/** The start of the period that a moment is in. */
export function periodStart(anchor: number, rhythm: Rhythm, moment: number): number {
  return boundary(anchor, rhythm, boundariesUntil(anchor, rhythm, moment));
}

/** The number of the last boundary that is not after the moment. */
function boundariesUntil(anchor: number, rhythm: Rhythm, moment: number): number {
  const longest = { day: DAY, week: 7 * DAY, month: 31 * DAY, year: 366 * DAY }[rhythm.interval];
  let number = Math.floor((moment - anchor) / (longest * rhythm.count));
  while (boundary(anchor, rhythm, number) > moment) number -= 1;
  while (boundary(anchor, rhythm, number + 1) <= moment) number += 1;
  return number;
}

function boundary(anchor: number, { interval, count }: Rhythm, number: number): number {
  if (interval === 'day') return anchor + number * count * DAY;
  if (interval === 'week') return anchor + number * count * 7 * DAY;
  return monthsAfter(anchor, number * count * (interval === 'year' ? 12 : 1));
}

/** The same day and time in another month; its last day where the month is shorter. */
function monthsAfter(anchor: number, months: number): number {
  const date = new Date(anchor * 1000);
  const day = date.getUTCDate();
  date.setUTCDate(1);
  date.setUTCMonth(date.getUTCMonth() + months);
  const lastDay = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  date.setUTCDate(Math.min(day, lastDay));
  return Math.floor(date.getTime() / 1000);
}
