import type {
  PeriodFailure,
  SubscriptionFact,
  SubscriptionPeriod,
  SubscriptionStatus,
} from '../../providers/billing.facts.js';
import { declinedAttempts } from '../cycle/dunning.js';
import { type SubscriptionEvent, statusOncePaid, statusVerdict } from '../subscription/subscription.js';
import { agreedBy, changed, type FactReferences, type SubscriptionReading } from './subscription.reading.js';
import type { SubscriptionRow } from '../subscription/subscription.tables.js';

/** One version of a subscription: a change, and the event that tells it. */
export interface SubscriptionStep {
  event: SubscriptionEvent;
  patch: Partial<SubscriptionRow>;
  /** Further fields of the event. */
  extra?: Record<string, unknown>;
  /** What happens once only. */
  onceKey?: string;
  detail?: Record<string, string>;
  occurredAt: Date;
}

/** A cycle with the payment that it is. */
export interface Cycle {
  period: SubscriptionPeriod;
  paymentId: string;
  /** Its payment was announced before. */
  wasPaid: boolean;
}

/** All that decides what a reading changes. */
export interface Standing {
  row: SubscriptionRow;
  reading: SubscriptionReading;
  references: FactReferences;
  /** Those of the reading, oldest first. */
  cycles: readonly Cycle[];
  /** What happened already, of all that happens once. */
  happened: ReadonlySet<string>;
  /** `subscription.activated` was announced. */
  activated: boolean;
}

export const attemptKey = (attemptId: string): string => `attempt:${attemptId}`;
export const paidKey = (periodId: string): string => `paid:${periodId}`;
export const trialKey = (trialEnd: Date): string => `trial_ending:${trialEnd.toISOString()}`;

/** Everything in a reading that may have happened already. */
export function onceKeysOf({ trialEnd, periods }: SubscriptionFact): string[] {
  const attempts = periods.flatMap(({ failures }) => failures.map(({ attemptId }) => attemptKey(attemptId)));
  return [...attempts, ...(trialEnd === undefined ? [] : [trialKey(trialEnd)])];
}

const TRIAL_NOTICE_MS = 3 * 86_400_000;

/** From when on the end of a trial is announced. */
export function trialNoticeAt(trialEnd: Date): Date {
  return new Date(trialEnd.getTime() - TRIAL_NOTICE_MS);
}

/** What a reading announces, in the order in which it happened. Pure; the reading is not in conflict with the row. */
export function stepsOf(standing: Standing): SubscriptionStep[] {
  const { row, reading, cycles } = standing;
  const { fact } = reading;
  const steps: SubscriptionStep[] = [];
  const status = new StatusSteps(standing);
  if (row.version === 0) steps.push(created(standing, status));
  // What is charged after a pause is charged after it was resumed.
  if (status.now === 'paused' && fact.status === 'active') steps.push(...status.reach(fact.status));
  for (const cycle of cycles) {
    steps.push(...declines(standing, cycle));
    if (cycle.period.paidAt !== undefined && !cycle.wasPaid)
      steps.push(status.paid(cycle, cycle.period.paidAt));
  }
  steps.push(...status.reach(fact.status), ...trialEnding(standing), ...updated(standing));
  return steps;
}

/** Follows the status from step to step. */
class StatusSteps {
  now: SubscriptionStatus;
  private activated: boolean;

  constructor(private readonly standing: Standing) {
    this.now = standing.row.status;
    this.activated = standing.activated;
  }

  /** To what was read; nothing where it is there already. */
  reach(read: SubscriptionStatus): SubscriptionStep[] {
    const verdict = statusVerdict(this.now, read);
    if (verdict === 'stale' || verdict === 'conflict') return [];
    this.now = read;
    const event = verdict === 'subscription.activated' ? this.activation('subscription.updated') : verdict;
    const reason = read === 'canceled' ? this.cancelReason() : null;
    return [
      {
        event,
        patch: {
          status: read,
          cancelReason: reason,
          ...(read === 'canceled' || read === 'paused' ? { nextAttemptAt: null } : {}),
        },
        ...(reason === null ? {} : { extra: { reason }, detail: { reason } }),
        occurredAt: this.dateOf(read),
      },
    ];
  }

  /** The first paid cycle begins the subscription; each later one goes on with it. */
  paid({ period, paymentId }: Cycle, paidAt: Date): SubscriptionStep {
    this.now = statusOncePaid(this.now, this.standing.reading.fact.status);
    return {
      event: this.activation('subscription.renewed'),
      patch: { status: this.now, failedAttempts: 0, nextAttemptAt: null },
      extra: paymentOf(period, paymentId),
      onceKey: paidKey(period.periodId),
      detail: { paymentId },
      occurredAt: paidAt,
    };
  }

  private activation(otherwise: SubscriptionEvent): SubscriptionEvent {
    if (this.activated) return otherwise;
    this.activated = true;
    return 'subscription.activated';
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
          ...paymentOf(period, paymentId),
          hostedInvoiceUrl: period.hostedInvoiceUrl ?? null,
          attempt,
          maxAttempts,
          reason,
        },
        onceKey: attemptKey(failure.attemptId),
        detail: { paymentId, reason },
        occurredAt: failure.at,
      };
    });
}

function trialEnding({ reading, happened }: Standing): SubscriptionStep[] {
  const { fact, readFrom, trialEnding: announced } = reading;
  const { trialEnd } = fact;
  if (fact.status !== 'in_trial' || trialEnd === undefined || happened.has(trialKey(trialEnd))) return [];
  if (!announced && (readFrom < trialNoticeAt(trialEnd) || readFrom >= trialEnd)) return [];
  return [
    { event: 'subscription.trial_ending', patch: {}, onceKey: trialKey(trialEnd), occurredAt: readFrom },
  ];
}

/** What ended is told by its end alone. */
function updated({ row, reading, references }: Standing): SubscriptionStep[] {
  const { fact, readFrom } = reading;
  if (row.version === 0 || fact.status === 'canceled') return [];
  const patch = changed(row, agreedBy(fact, references));
  return Object.keys(patch).length === 0
    ? []
    : [{ event: 'subscription.updated', patch, occurredAt: readFrom }];
}

function paymentOf({ start, end, money }: SubscriptionPeriod, paymentId: string): Record<string, unknown> {
  return {
    paymentId,
    amount: Number(money.amount),
    currency: money.currency,
    periodStart: start?.toISOString() ?? null,
    periodEnd: end?.toISOString() ?? null,
  };
}
