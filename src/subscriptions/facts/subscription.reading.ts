import type { SubscriptionFact } from '../../providers/billing.facts.js';
import { collectionOf } from '../cycle/cycle.js';
import type { PlanRow } from '../plan/plan.tables.js';
import type { SubscriptionRow } from '../subscription/subscription.tables.js';

/** The rows that a fact's ids stand for. */
export interface FactReferences {
  plan: PlanRow;
  /** What the running cycle is charged by: the same one, or the one that was there when it began. */
  runningPlan: PlanRow;
  /** Our id of the card. */
  sourceId: string | null;
}

/** What people agreed upon: its changes are announced. */
export function agreedBy(fact: SubscriptionFact, { plan, runningPlan, sourceId }: FactReferences) {
  return {
    planUid: runningPlan.uid,
    nextPlanUid: runningPlan.uid === plan.uid ? null : plan.uid,
    sourceId,
    cancelAtPeriodEnd: fact.cancelAtPeriodEnd,
    trialEnd: fact.trialEnd ?? null,
  };
}

/** The cycle goes on that we know of: it is charged by the plan that it began with. In a trial there is none. */
export function isSameCycle({ periodStart }: SubscriptionRow, fact: SubscriptionFact): boolean {
  return periodStart !== null && periodStart.getTime() === fact.periodStart?.getTime();
}

/** What time alone changes: told with the next event. */
export function datesBy(row: SubscriptionRow, fact: SubscriptionFact, now: Date) {
  return {
    providerSubscriptionId: fact.providerSubscriptionId,
    periodStart: fact.periodStart ?? null,
    periodEnd: fact.periodEnd ?? null,
    pausedAt: fact.status === 'paused' ? (fact.pausedAt ?? row.pausedAt ?? now) : null,
    canceledAt: fact.status === 'canceled' ? (fact.canceledAt ?? row.canceledAt ?? now) : null,
    cancelComment: fact.cancelComment ?? (isCalledOff(row, fact) ? null : row.cancelComment),
  };
}

/** It was to end with its cycle, and goes on. */
function isCalledOff(row: SubscriptionRow, fact: SubscriptionFact): boolean {
  return row.cancelAtPeriodEnd && !fact.cancelAtPeriodEnd && fact.status !== 'canceled';
}

export function collectionBy(
  { failedAttempts, nextAttemptAt, hostedInvoiceUrl }: SubscriptionRow,
  fact: SubscriptionFact,
  { runningPlan }: FactReferences,
) {
  const told = collectionOf(fact, runningPlan);
  if (told !== undefined) return { ...told, hostedInvoiceUrl: oldestHostedUrl(fact) };
  if (fact.status !== 'past_due') return { failedAttempts: 0, nextAttemptAt: null, hostedInvoiceUrl: null };
  return { failedAttempts, nextAttemptAt, hostedInvoiceUrl };
}

/** Of the cycle that is paid first, by whoever pays. */
function oldestHostedUrl({ periods }: SubscriptionFact): string | null {
  return periods.find(({ hostedInvoiceUrl }) => hostedInvoiceUrl !== undefined)?.hostedInvoiceUrl ?? null;
}

const HOUR_MS = 3_600_000;
const TRIAL_NOTICE_MS = 72 * HOUR_MS;

/** From when on the end of a trial is announced. */
export function trialNoticeAt(trialEnd: Date): Date {
  return new Date(trialEnd.getTime() - TRIAL_NOTICE_MS);
}

const MINUTE_MS = 60_000;
/** An event of the provider has this long to arrive before it is asked. */
const PATIENCE_MS = 10 * MINUTE_MS;
/** What somebody does in the provider's panel nobody can expect: should its event be lost, it is found by then. */
const AT_LEAST_EVERY_MS = 24 * 60 * MINUTE_MS;

/**
 * When the provider is asked next, should no event arrive: after whatever is expected to happen next, and at least
 * once a day. Null: it has ended. While something is late, the date that the last check set stays.
 * @param isBilled money was asked for the cycle that runs: a bill can be written a while after its cycle has begun.
 */
export function nextCheckOf(row: SubscriptionRow, now: Date, isBilled: boolean): Date | null {
  if (row.status === 'canceled') return null;
  const due = dueDates(row);
  const isLate = (row.status === 'active' && !isBilled) || due.some((date) => date <= now);
  const ahead = [...due, ...notices(row)].filter((date) => date > now).map((date) => date.getTime());
  const next = Math.min(now.getTime() + AT_LEAST_EVERY_MS, ...ahead);
  if (row.status !== 'incomplete' && !isLate) return new Date(next);
  if (row.nextCheckAt !== null && row.nextCheckAt > now) return row.nextCheckAt;
  return new Date(now.getTime() + (row.status === 'incomplete' ? MINUTE_MS : PATIENCE_MS));
}

function dueDates({ status, trialEnd, periodEnd, nextAttemptAt }: SubscriptionRow): Date[] {
  const dates = [status === 'in_trial' ? trialEnd : null, periodEnd, nextAttemptAt];
  return dates.flatMap((date) => (date === null ? [] : [new Date(date.getTime() + PATIENCE_MS)]));
}

function notices({ status, trialEnd }: SubscriptionRow): Date[] {
  return status === 'in_trial' && trialEnd !== null ? [trialNoticeAt(trialEnd)] : [];
}
