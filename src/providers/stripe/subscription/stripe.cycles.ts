import type Stripe from 'stripe';
import type { PlanInterval, PlanTerms } from '../../billing.facts.js';
import type { PlanChangeTiming } from '../../billing.ports.js';
import { integerOf, isJson } from '../../json.read.js';
import { countOf, STRIPE_INTERVALS } from '../plan/stripe.plan.read.js';
import type { StripeSubscription } from './stripe.subscription.read.js';

/** A plan's number of cycles, and their length. */
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
  if (interval === undefined || frequency === undefined || count === undefined) return undefined;
  return { interval, frequency, count };
}

/**
 * When so many cycles from `from` are over. Stripe counts from the anchor, in UTC: a month without the anchor's day is
 * charged on its last day, and the next one on the anchor's day again.
 * @param from the anchor or the end of one of its cycles.
 */
export function endOfCycles(anchor: Date, from: Date, { interval, frequency, count }: Cycles): Date {
  let passed = 0;
  while (boundary(anchor, interval, frequency * passed) < from) passed += 1;
  return boundary(anchor, interval, frequency * (passed + count));
}

function boundary(anchor: Date, interval: PlanInterval, intervals: number): Date {
  if (interval === 'week') return new Date(anchor.getTime() + intervals * WEEK_MS);
  const months = interval === 'year' ? intervals * 12 : intervals;
  const [year, month] = [anchor.getUTCFullYear(), anchor.getUTCMonth() + months];
  const lastDay = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
  const end = new Date(anchor);
  end.setUTCFullYear(year, month, Math.min(anchor.getUTCDate(), lastDay));
  return end;
}

/**
 * Stripe has no number of cycles, only an end. It must be the very second at which the last cycle ends, or Stripe
 * charges a part of a cycle, or one too many: it is counted from Stripe's anchor, known once the subscription is made.
 * An end that we had to overwrite was kept, and is set again.
 * @param cycles undefined: the plan has no end.
 */
export function endOf(
  { cyclesEnd, anchor }: StripeSubscription,
  cycles: Cycles | undefined,
): Stripe.SubscriptionUpdateParams | undefined {
  const end = cyclesEnd ?? (cycles && endOfCycles(anchor, anchor, cycles));
  return end && ending(end);
}

/**
 * After a change of plan, counts the new plan's cycles from the next cycle, or with the present one. Undefined where
 * the end stays: there is none, or the subscription is to be canceled anyway.
 * @param cycles undefined: the new plan has no end.
 */
export function endOfChanged(
  subscription: StripeSubscription,
  cycles: Cycles | undefined,
  timing: PlanChangeTiming,
): Stripe.SubscriptionUpdateParams | undefined {
  const { anchor, fact, itemStart, itemEnd, trialEnd, expiryCount } = subscription;
  if (fact.cancelAtPeriodEnd) return undefined;
  if (cycles === undefined)
    return expiryCount === undefined ? undefined : { cancel_at: '', metadata: { expiryCount: '' } };
  const cycleStart = timing === 'immediately' ? itemStart : itemEnd;
  const from = (fact.status === 'in_trial' ? trialEnd : cycleStart) ?? anchor;
  const metadata = { expiryCount: String(cycles.count) };
  return { ...ending(endOfCycles(anchor, from, cycles)), metadata };
}

function ending(end: Date): Stripe.SubscriptionUpdateParams {
  return { cancel_at: Math.floor(end.getTime() / 1000), proration_behavior: 'none' };
}
