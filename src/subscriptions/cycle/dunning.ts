import type { PeriodFailure, SubscriptionFact, SubscriptionPeriod } from '../../providers/billing.facts.js';
import type { PlanRow } from '../plan/plan.tables.js';

/** A declined attempt, the how-manieth of how many. */
export interface DeclinedAttempt {
  failure: PeriodFailure;
  /** 1 for the first. */
  attempt: number;
  /** With the first one; null where the plan leaves it to the provider. */
  maxAttempts: number | null;
  /** Null: there is no other, or nobody knows when. */
  nextAttemptAt: Date | null;
}

type DunningTerms = Pick<PlanRow, 'maxRetries' | 'retryDelayHours'>;

const HOUR_MS = 3_600_000;

/**
 * The declined attempts of one cycle, oldest first.
 * @param isTold what was told before came before: of attempts without a charge nobody says when they were
 */
export function declinedAttempts(
  period: SubscriptionPeriod,
  terms: DunningTerms,
  isTold: (failure: PeriodFailure) => boolean = () => true,
): DeclinedAttempt[] {
  const maxAttempts = terms.maxRetries === null ? null : terms.maxRetries + 1;
  const news = period.failures.filter((failure) => !isTold(failure));
  const failures = [...period.failures.filter(isTold), ...news];
  return failures.map((failure, index) => {
    const attempt = index + 1;
    // Once the next one was made, it is known when it was.
    const nextAttemptAt =
      failures[attempt]?.at ??
      (isCollected(period) ? (period.nextAttemptAt ?? plannedAfter(failure, attempt, terms)) : null);
    return { failure, attempt, maxAttempts, nextAttemptAt };
  });
}

/** How the cycle that is being collected stands. Undefined: the reading tells of no cycle. */
export function collectionOf(
  { status, periods }: SubscriptionFact,
  terms: DunningTerms,
): { failedAttempts: number; nextAttemptAt: Date | null } | undefined {
  const latest = periods.findLast(({ offCycle }) => offCycle !== true);
  if (latest === undefined) return undefined;
  if (!isCollected(latest)) return { failedAttempts: 0, nextAttemptAt: null };
  const last = declinedAttempts(latest, terms).at(-1);
  const goesOn = status !== 'canceled' && status !== 'paused';
  return {
    failedAttempts: last?.attempt ?? 0,
    nextAttemptAt: goesOn ? ((last === undefined ? latest.nextAttemptAt : last.nextAttemptAt) ?? null) : null,
  };
}

/** Somebody still asks for its money. */
function isCollected({ paidAt, closed }: SubscriptionPeriod): boolean {
  return paidAt === undefined && closed === undefined;
}

/** By the plan, for a provider that does not say. */
function plannedAfter(
  { at }: PeriodFailure,
  attempt: number,
  { maxRetries, retryDelayHours }: DunningTerms,
): Date | null {
  if (maxRetries === null || retryDelayHours === null || attempt > maxRetries) return null;
  return new Date(at.getTime() + retryDelayHours * HOUR_MS);
}
