import type { Plan } from '../conekta.types.js';

const DAY = 24 * 60 * 60;
const DAYS = { week: 7, half_month: 15 };
const MONTHS = { month: 1, year: 12 };

/**
 * When the `count`-th cycle since the anchor ends, in seconds since the epoch. Months end on the anchor's
 * day, or on their last one where they have no such day; all by the UTC calendar.
 */
export function cycleEnd(
  anchor: number,
  { interval, frequency }: Pick<Plan, 'interval' | 'frequency'>,
  count: number,
): number {
  if (interval === 'week' || interval === 'half_month') {
    return anchor + DAYS[interval] * frequency * count * DAY;
  }
  return monthsLater(anchor, MONTHS[interval] * frequency * count);
}

function monthsLater(seconds: number, months: number): number {
  const from = new Date(seconds * 1000);
  const year = from.getUTCFullYear();
  const month = from.getUTCMonth() + months;
  const lastDay = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
  const later = new Date(from);
  later.setUTCFullYear(year, month, Math.min(from.getUTCDate(), lastDay));
  return later.getTime() / 1000;
}
