import { derivedId } from '../../kernel/ids.js';
import type { OwnFact } from '../../payments/facts/own.facts.js';
import { newPayment } from '../../payments/facts/payment.state.js';
import type { PeriodFailure, SubscriptionFact, SubscriptionPeriod } from '../../providers/billing.facts.js';
import type { Fact, PaymentFact, PaymentRef } from '../../providers/facts.js';
import type { PlanRow } from '../plan/plan.tables.js';
import type { SubscriptionReading } from '../subscription/subscription.js';
import type { SubscriptionPeriodRow, SubscriptionRow } from '../subscription/subscription.tables.js';

/** A bill with the payment that it is. */
export interface Cycle {
  period: SubscriptionPeriod;
  /** Null where it costs nothing. */
  paymentId: string | null;
  /** As it was kept before this reading, if it was. */
  before: SubscriptionPeriodRow | undefined;
}

/** What is kept of bills and their payments. */
export interface BillsView {
  period(provider: string, periodId: string): SubscriptionPeriodRow | undefined;
  /** Our id of a payment. */
  paymentId(ref: PaymentRef): string | undefined;
}

/** The reading's bills, oldest first. What costs nothing is kept once it is paid, without a payment. */
export function cyclesOf(view: BillsView, { fact }: SubscriptionReading): Cycle[] {
  const { provider } = fact;
  return fact.periods
    .filter(({ money, paidAt }) => money.amount > 0n || paidAt !== undefined)
    .map((period) => {
      const before = view.period(provider, period.periodId);
      const { money, providerPaymentId } = period;
      // Its events may have made the payment already, under another id.
      const paymentId =
        money.amount === 0n
          ? null
          : (before?.paymentId ??
            view.paymentId({ provider, providerPaymentId }) ??
            derivedId('payment', provider, providerPaymentId));
      return { period, paymentId, before };
    });
}

/** The bill as it is kept from now on. A later reading may not tell any more when the cycle ran. */
export function periodRowOf(
  { id: subscriptionId, provider }: SubscriptionRow,
  { period, paymentId, before }: Cycle,
  now: Date,
): SubscriptionPeriodRow {
  const { periodId, start = null, end = null, paidAt = null, closed, offCycle = false, money } = period;
  const told = { start, end, paidAt, closedAt: closed?.at ?? null };
  const id = derivedId('period', provider, periodId);
  if (before === undefined)
    return { id, subscriptionId, provider, periodId, ...money, paymentId, ...told, offCycle, createdAt: now };
  const row = {
    ...before,
    start: before.start ?? told.start,
    end: before.end ?? told.end,
    paidAt: before.paidAt ?? told.paidAt,
    closedAt: before.closedAt ?? told.closedAt,
    // An earlier version took every bill for a cycle.
    offCycle: before.offCycle || offCycle,
  };
  const keys = ['start', 'end', 'paidAt', 'closedAt', 'offCycle'] as const;
  return keys.some((key) => row[key] !== before[key]) ? row : before;
}

/** What the payment of a bill hears of it: it is made, or found and made this subscription's, and moved. */
export function paymentFactsOf(
  row: SubscriptionRow,
  { period, paymentId, before }: Cycle,
  plan: PlanRow,
  readFrom: Date,
): (Fact | OwnFact)[] {
  const asked = before?.paymentId ?? null;
  // What was asked for came down to nothing: a credit paid it.
  if (paymentId === null)
    return asked === null ? [] : [endFact(row, asked, 'canceled', period.paidAt ?? readFrom)];
  const bill = asked === null ? [billedFact(row, period, plan.name, readFrom)] : [];
  return [...bill, ...period.payment.map((fact) => ({ ...fact, ref: { ...fact.ref, paymentId } }))];
}

/** Nobody collects any more what was not paid before the end. Money that comes all the same counts. */
export function givenUp(
  row: SubscriptionRow,
  periods: readonly SubscriptionPeriodRow[],
  { fact, readFrom }: SubscriptionReading,
): PaymentFact[] {
  const at = fact.canceledAt ?? readFrom;
  return periods.flatMap(({ paidAt, paymentId }) =>
    paidAt !== null || paymentId === null
      ? []
      : [{ ...endFact(row, paymentId, 'failed', at), reason: 'subscription_ended' }],
  );
}

/** Makes the cycle's payment, or finds the one that its events made and makes it this subscription's. */
function billedFact(
  row: SubscriptionRow,
  period: SubscriptionPeriod,
  planName: string,
  readFrom: Date,
): OwnFact {
  const { provider, livemode, orderId, customerId, metadata, caller } = row;
  const { money, providerPaymentId } = period;
  const id = derivedId('payment', provider, providerPaymentId);
  const payment = newPayment(readFrom, {
    ...{ id, orderId, customerId, provider, livemode, metadata, caller, providerPaymentId },
    ...money,
    subscriptionId: row.id,
    capture: 'automatic',
    items: [{ name: planName, unitAmount: money.amount.toString(), quantity: 1 }],
  });
  const ref = { provider, paymentId: id, providerPaymentId };
  return { kind: 'own', name: 'billed', ref, payment, occurredAt: period.payment[0]?.occurredAt ?? readFrom };
}

/** The cycle's payment ends without money. */
function endFact(
  { provider, livemode }: SubscriptionRow,
  paymentId: string,
  name: 'canceled' | 'failed',
  occurredAt: Date,
): PaymentFact {
  return { kind: 'payment', name, ref: { provider, paymentId }, livemode, occurredAt };
}

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
