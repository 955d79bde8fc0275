import type {
  PeriodFailure,
  SubscriptionFact,
  SubscriptionPeriod,
  SubscriptionStatus,
} from '../../providers/billing.facts.js';
import { changedOnly } from '../../kernel/applied.js';
import { type Cycle, declinedAttempts } from '../cycle/cycle.js';
import {
  type SubscriptionEvent,
  type SubscriptionReading,
  type SubscriptionStep,
  statusOncePaid,
  statusVerdict,
} from '../subscription/subscription.js';
import { agreedBy, type FactReferences, trialNoticeAt } from './subscription.reading.js';
import { ACTIVATED } from './subscription.state.js';
import type { SubscriptionRow } from '../subscription/subscription.tables.js';

/** All that decides what a reading changes. */
export interface Standing {
  row: SubscriptionRow;
  reading: SubscriptionReading;
  references: FactReferences;
  /** Those of the reading, oldest first. */
  cycles: readonly Cycle[];
  /** What happened already, of all that happens once. */
  happened: ReadonlySet<string>;
}

const attemptKey = (attemptId: string): string => `attempt:${attemptId}`;
const paidKey = (periodId: string): string => `paid:${periodId}`;
const closedKey = (periodId: string): string => `closed:${periodId}`;
const pastDueKey = (periodId: string): string => `past_due:${periodId}`;
const trialKey = (trialEnd: Date): string => `trial_ending:${trialEnd.toISOString()}`;

/** It was activated by a later cycle than the first, of which nothing was heard. */
const WITHOUT_FIRST = 'activated:later';

/** Everything in a reading that may have happened already. */
export function onceKeysOf({ trialEnd, periods }: SubscriptionFact): string[] {
  const attempts = periods.flatMap(({ failures }) => failures.map(({ attemptId }) => attemptKey(attemptId)));
  const ends = periods.flatMap(({ periodId: id }) => [paidKey(id), closedKey(id), pastDueKey(id)]);
  return [WITHOUT_FIRST, ...attempts, ...ends, ...(trialEnd === undefined ? [] : [trialKey(trialEnd)])];
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** What a reading announces, in the order in which it happened. Pure; the reading is not in conflict with the row. */
export function stepsOf(standing: Standing): SubscriptionStep[] {
  const { row, reading } = standing;
  const { fact } = reading;
  const cycles = standing.cycles.filter(({ period }) => period.offCycle !== true);
  const isAfterEnd = (cycle: Cycle): boolean => isPaidAfterEnd(standing, cycle);
  const steps: SubscriptionStep[] = [];
  const status = new StatusSteps(standing);
  if (row.version === 0) steps.push(created(standing, status));
  // What is charged after a pause is charged after it was resumed.
  if (status.now === 'paused' && fact.status === 'active') steps.push(...status.reach(fact.status));
  for (const cycle of cycles) {
    steps.push(...declines(standing, cycle));
    if (!isAfterEnd(cycle)) steps.push(...status.settled(cycle, false));
  }
  steps.push(...status.reach(fact.status));
  for (const cycle of cycles.filter(isAfterEnd)) steps.push(...status.settled(cycle, true));
  steps.push(...trialEnding(standing), ...updated(standing));
  return steps;
}

/** Somebody paid what was still open when the subscription had ended. */
function isPaidAfterEnd({ row, reading }: Standing, { period: { paidAt }, before }: Cycle): boolean {
  const { fact, readFrom } = reading;
  if (paidAt === undefined || fact.status !== 'canceled') return false;
  const end = fact.canceledAt ?? row.canceledAt ?? readFrom;
  // Providers tell whole seconds: within one, what was heard first came first.
  if (paidAt.getTime() === end.getTime()) return row.status === 'canceled' && before?.paidAt === null;
  return paidAt > end;
}

/** An earlier version has read it as paid, without a word: only what cost something was told then. */
function wasPassedOver({ row }: Standing, { money, start, paidAt }: SubscriptionPeriod): boolean {
  const { periodStart, confirmedAt } = row;
  if (money.amount > 0n || paidAt === undefined || periodStart === null || confirmedAt === null) return false;
  return (start ?? paidAt) <= periodStart && paidAt.getTime() < confirmedAt.getTime() - HOUR_MS;
}

function beganAt({ start, failures, paidAt }: SubscriptionPeriod): Date | undefined {
  return start ?? failures[0]?.at ?? paidAt;
}

/** By the books alone. Where nobody says when a cycle began, the first one that is heard of counts as the first. */
function isFirst({ createdAt, trialEnd }: SubscriptionFact, began: Date | undefined): boolean {
  if (began === undefined || began.getTime() <= createdAt.getTime() + DAY_MS) return true;
  return trialEnd !== undefined && Math.abs(began.getTime() - trialEnd.getTime()) <= DAY_MS;
}

/** Follows the status from step to step. */
class StatusSteps {
  now: SubscriptionStatus;
  private activated: boolean;

  constructor(private readonly standing: Standing) {
    this.now = standing.row.status;
    this.activated = standing.happened.has(ACTIVATED);
  }

  /** To what was read; nothing where it is there already. */
  reach(read: SubscriptionStatus): SubscriptionStep[] {
    const verdict = statusVerdict(this.now, read);
    if (verdict === 'stale' || verdict === 'conflict') return [];
    this.now = read;
    const event = verdict === 'subscription.activated' && this.activated ? 'subscription.updated' : verdict;
    if (event === 'subscription.activated') this.activated = true;
    const reason = read === 'canceled' ? this.cancelReason() : null;
    const isOnce = event === 'subscription.activated' || event === 'subscription.canceled';
    return [
      {
        event,
        patch: {
          status: read,
          cancelReason: reason,
          ...(read === 'canceled' || read === 'paused' ? { nextAttemptAt: null } : {}),
        },
        ...(reason === null ? {} : { extra: { reason }, detail: { reason } }),
        ...(isOnce && { eventKey: [] }),
        ...(event === 'subscription.past_due' && this.firstArrears()),
        occurredAt: this.dateOf(read),
      },
    ];
  }

  /**
   * What becomes of a cycle that was open: it is paid, or nobody asks for its money any more.
   * @param isAfterEnd it was paid after the subscription had ended; one paid before that may be heard of later
   */
  settled({ period, paymentId, before }: Cycle, isAfterEnd: boolean): SubscriptionStep[] {
    const { periodId, paidAt, closed } = period;
    const { happened, reading } = this.standing;
    // With the subscription's end it is told by that alone.
    const endsNow = reading.fact.status === 'canceled' && this.now !== 'canceled';
    const isPaid = paidAt !== undefined && (before?.paidAt ?? null) === null;
    const isClosed = closed !== undefined && (before?.closedAt ?? null) === null && !endsNow;
    const onceKey = isPaid ? paidKey(periodId) : closedKey(periodId);
    if (!(isPaid || isClosed) || happened.has(onceKey) || wasPassedOver(this.standing, period)) return [];
    if (this.now !== 'canceled') this.now = statusOncePaid(this.now, reading.fact.status, isPaid);
    const settledAt = (isPaid ? paidAt : closed?.at) ?? reading.readFrom;
    // What has ended does not renew, nor begin, by a payment that comes after it.
    const event = isPaid && !isAfterEnd ? this.begun(period) : 'subscription.updated';
    const settles: SubscriptionStep = {
      event,
      patch: { status: this.now, ...this.collectionAfter(period) },
      extra: { ...billOf(period, paymentId), ...(isPaid ? {} : { closed: closed?.as }) },
      onceKey,
      eventKey:
        event === 'subscription.updated' ? [onceKey] : event === 'subscription.renewed' ? [periodId] : [],
      ...(paymentId !== null && { detail: { paymentId } }),
      occurredAt: settledAt,
    };
    if (event !== 'subscription.renewed' || this.activated) return [settles];
    this.activated = true;
    const patch = { status: this.now };
    const begins = { onceKey: WITHOUT_FIRST, eventKey: [], occurredAt: settledAt };
    return [{ event: 'subscription.activated', patch, ...begins }, settles];
  }

  /** Of an older cycle that is let go, the one that is being collected hears nothing. */
  private collectionAfter({ periodId, paidAt }: SubscriptionPeriod): Partial<SubscriptionRow> {
    const latest = this.standing.reading.fact.periods.findLast(({ offCycle }) => offCycle !== true);
    const isOver = paidAt !== undefined || latest?.periodId === periodId;
    return isOver ? { failedAttempts: 0, nextAttemptAt: null } : {};
  }

  /** The first cycle activates and every other one renews, in whatever order they are heard of. */
  private begun(period: SubscriptionPeriod): SubscriptionEvent {
    const { row, reading, happened } = this.standing;
    const began = beganAt(period);
    if (!isFirst(reading.fact, began)) return 'subscription.renewed';
    const isLate = began !== undefined && row.periodStart !== null && began < row.periodStart;
    if (this.activated)
      return isLate && happened.has(WITHOUT_FIRST) ? 'subscription.updated' : 'subscription.renewed';
    this.activated = true;
    return 'subscription.activated';
  }

  /** Once for each bill; what is in arrears with it once more is told as what can happen twice. */
  private firstArrears(): Pick<SubscriptionStep, 'onceKey' | 'eventKey'> {
    const open = this.standing.reading.fact.periods.findLast(
      ({ offCycle, paidAt, closed }) => offCycle !== true && paidAt === undefined && closed === undefined,
    );
    if (open === undefined || this.standing.happened.has(pastDueKey(open.periodId))) return {};
    return { onceKey: pastDueKey(open.periodId), eventKey: [open.periodId] };
  }

  private cancelReason() {
    return this.standing.reading.fact.cancelReason ?? 'requested';
  }

  private dateOf(read: SubscriptionStatus): Date {
    const { fact, readFrom } = this.standing.reading;
    if (read === 'canceled') return fact.canceledAt ?? readFrom;
    if (read === 'paused') return fact.pausedAt ?? readFrom;
    if (read === 'past_due') return fact.periods.at(-1)?.failures.at(-1)?.at ?? readFrom;
    return readFrom;
  }
}

function created({ reading, references }: Standing, status: StatusSteps): SubscriptionStep {
  const { fact } = reading;
  // It begins in its trial, or with a first payment; what came of that is told by what follows.
  if (fact.status === 'in_trial') status.now = 'in_trial';
  return {
    event: 'subscription.created',
    patch: { ...agreedBy(fact, references), status: status.now },
    eventKey: [],
    occurredAt: fact.createdAt,
  };
}

function declines({ happened, references }: Standing, { period, paymentId }: Cycle): SubscriptionStep[] {
  const isTold = ({ attemptId }: PeriodFailure): boolean => happened.has(attemptKey(attemptId));
  return declinedAttempts(period, references.runningPlan, isTold)
    .filter(({ failure }) => !isTold(failure))
    .map(({ failure, attempt, maxAttempts, nextAttemptAt }) => {
      const reason = failure.reason ?? 'declined';
      return {
        event: 'subscription.payment_failed',
        patch: { failedAttempts: attempt, nextAttemptAt },
        extra: {
          ...billOf(period, paymentId),
          hostedInvoiceUrl: period.hostedInvoiceUrl ?? null,
          attempt,
          maxAttempts,
          reason,
        },
        onceKey: attemptKey(failure.attemptId),
        eventKey: [period.periodId, failure.attemptId],
        detail: { ...(paymentId !== null && { paymentId }), reason },
        occurredAt: failure.at,
      };
    });
}

function trialEnding({ reading, happened }: Standing): SubscriptionStep[] {
  const { fact, readFrom, trialEnding: announced } = reading;
  const { trialEnd } = fact;
  if (fact.status !== 'in_trial' || trialEnd === undefined || happened.has(trialKey(trialEnd))) return [];
  if (!announced && (readFrom < trialNoticeAt(trialEnd) || readFrom >= trialEnd)) return [];
  const keys = { onceKey: trialKey(trialEnd), eventKey: [trialEnd.toISOString()] };
  return [{ event: 'subscription.trial_ending', patch: {}, ...keys, occurredAt: readFrom }];
}

/** What ended is told by its end alone. */
function updated({ row, reading, references }: Standing): SubscriptionStep[] {
  const { fact, readFrom } = reading;
  if (row.version === 0 || fact.status === 'canceled') return [];
  const patch = changedOnly(row, agreedBy(fact, references));
  return Object.keys(patch).length === 0
    ? []
    : [{ event: 'subscription.updated', patch, occurredAt: readFrom }];
}

function billOf(
  { start, end, money }: SubscriptionPeriod,
  paymentId: string | null,
): Record<string, unknown> {
  return {
    ...(paymentId !== null && { paymentId }),
    amount: Number(money.amount),
    currency: money.currency,
    periodStart: start?.toISOString() ?? null,
    periodEnd: end?.toISOString() ?? null,
  };
}
