import type { SubscriptionFact } from '../../providers/billing.facts.js';
import type { PlanRow } from '../plan/plan.tables.js';
import { collectionOf } from '../cycle/dunning.js';
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
