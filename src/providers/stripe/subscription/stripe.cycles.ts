import type Stripe from 'stripe';
import type { PlanInterval, PlanTerms } from '../../billing.facts.js';
import type { PlanChangeTiming } from '../../billing.ports.js';
import { integerOf, isJson } from '../../json.read.js';
import { countOf, STRIPE_INTERVALS } from '../plan/stripe.plan.read.js';
import type { StripeSubscription } from './stripe.subscription.read.js';

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
  if (interval === undefined || frequency === undefined || count === undefined) return undefined;
  return { interval, frequency, count };
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
  const months = interval === 'year' ? intervals * 12 : intervals;
  const [year, month] = [anchor.getUTCFullYear(), anchor.getUTCMonth() + months];
  const lastDay = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
  const end = new Date(anchor);
  end.setUTCFullYear(year, month, Math.min(anchor.getUTCDate(), lastDay));
  return end;
}

/**
 * The end that a subscription of so many cycles has. Stripe has no number of cycles; the subscription is told when to
 * end. That must be the very second at which the last cycle ends, or Stripe asks for a part of a cycle, or one too many:
 * it is counted from Stripe's own anchor, which is known once there is a subscription. An end that we had to overwrite
 * is kept, and set again.
 * @param cycles undefined: of a plan without end.
 */
export function endOf(
  { cyclesEnd, anchor }: StripeSubscription,
  cycles: Cycles | undefined,
): Stripe.SubscriptionUpdateParams | undefined {
  const end = cyclesEnd ?? (cycles && endOfCycles(anchor, anchor, cycles));
  return end && ending(end);
}

/**
 * After a change of plan the new plan's cycles are counted: from the next cycle, or with the present one. Undefined
 * where the end stays as it is: there is none, or it is to be canceled anyway.
 * @param cycles of the new plan; undefined: it has no end.
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
  const inTrial = fact.status === 'in_trial';
  const from = inTrial ? trialEnd : timing === 'immediately' ? itemStart : itemEnd;
  return {
    ...ending(endOfCycles(anchor, from ?? anchor, cycles)),
    metadata: { expiryCount: String(cycles.count) },
  };
}

function ending(end: Date): Stripe.SubscriptionUpdateParams {
  return { cancel_at: Math.floor(end.getTime() / 1000), proration_behavior: 'none' };
}
