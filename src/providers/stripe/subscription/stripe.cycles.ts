import { countOf, STRIPE_INTERVALS } from '../plan/stripe.plan.js';
import type { PlanInterval, PlanTerms } from '../../billing.facts.js';
import { integerOf, isJson } from '../../json.read.js';

/** How many cycles a plan has, and how long each is. */
export interface Cycles {
  interval: PlanInterval;
  /** Intervals that make one cycle. */
  frequency: number;
  count: number;
}

const WEEK_MS = 7 * 86_400_000;

/** Undefined for a plan without end. */
export function cyclesOf({ interval, frequency, expiryCount }: PlanTerms): Cycles | undefined {
  return expiryCount === undefined ? undefined : { interval, frequency, count: expiryCount };
}

/** Cycles as they were recorded. */
export function readCycles(value: unknown): Cycles | undefined {
  if (!isJson(value)) return undefined;
  const interval = STRIPE_INTERVALS.get(value.interval);
  const [frequency, count] = [integerOf(value.frequency), countOf(String(value.count))];
  return interval === undefined || frequency === undefined || count === undefined
    ? undefined
    : { interval, frequency, count };
}

/**
 * The end of the last of so many cycles, the first of which begins at `from`. Stripe counts from the anchor, in UTC:
 * a month that lacks the anchor's day is charged on its last day, and the next one on the anchor's day again.
 * @param from the anchor or the end of one of its cycles.
 */
export function endOfCycles(anchor: Date, from: Date, { interval, frequency, count }: Cycles): Date {
  let passed = 0;
  while (boundary(anchor, interval, frequency * passed) < from) passed += 1;
  return boundary(anchor, interval, frequency * (passed + count));
}

function boundary(anchor: Date, interval: PlanInterval, intervals: number): Date {
  if (interval === 'week') return new Date(anchor.getTime() + intervals * WEEK_MS);
  return monthsAfter(anchor, interval === 'year' ? intervals * 12 : intervals);
}

function monthsAfter(anchor: Date, months: number): Date {
  const [year, month] = [anchor.getUTCFullYear(), anchor.getUTCMonth() + months];
  const lastDay = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
  const end = new Date(anchor);
  end.setUTCFullYear(year, month, Math.min(anchor.getUTCDate(), lastDay));
  return end;
}
