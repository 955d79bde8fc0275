import { trialNoticeAt } from './subscription.steps.js';
import type { SubscriptionRow } from '../subscription/subscription.tables.js';

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
