import type { SubscriptionRow } from './subscription.tables.js';
import { trialNoticeAt } from './subscription.steps.js';

const MINUTE_MS = 60_000;
/** An event of the provider has this long to arrive before it is asked. */
const PATIENCE_MS = 10 * MINUTE_MS;

/**
 * When the provider is asked next, should no event arrive: after whatever is expected to happen next. Null: it has
 * ended. Where nothing is expected any more, the date that the last check set stays.
 */
export function nextCheckOf(row: SubscriptionRow, now: Date): Date | null {
  if (row.status === 'canceled') return null;
  const [next] = expected(row)
    .filter((date) => date > now)
    .sort((left, right) => left.getTime() - right.getTime());
  if (next !== undefined) return next;
  if (row.nextCheckAt !== null && row.nextCheckAt > now) return row.nextCheckAt;
  return new Date(now.getTime() + (row.status === 'incomplete' ? MINUTE_MS : PATIENCE_MS));
}

function expected({ status, trialEnd, periodEnd, nextAttemptAt }: SubscriptionRow): Date[] {
  if (status === 'incomplete') return [];
  const trial = status === 'in_trial' && trialEnd !== null ? [trialNoticeAt(trialEnd), late(trialEnd)] : [];
  return [...trial, ...[periodEnd, nextAttemptAt].flatMap((date) => (date === null ? [] : [late(date)]))];
}

function late(date: Date): Date {
  return new Date(date.getTime() + PATIENCE_MS);
}
