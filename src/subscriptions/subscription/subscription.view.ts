import { pick } from '../../kernel/pick.js';
import type { CancelReason, SubscriptionStatus } from '../../providers/billing.facts.js';
import type { SubscriptionPeriodRow, SubscriptionRow } from './subscription.tables.js';

/** A subscription as events and answers show it. Dates are ISO 8601. */
export class SubscriptionResource {
  subscriptionId!: string;
  customerId!: string;
  /** What the running cycle is charged by. */
  planId!: string;
  /** What the next cycle will be charged by, where that is another plan. */
  nextPlanId!: string | null;
  provider!: string;
  livemode!: boolean;
  status!: SubscriptionStatus;
  /** Why it ended, for status `canceled`. */
  cancelReason!: CancelReason | null;
  cancelAtPeriodEnd!: boolean;
  /** Why its owner ends it, in words, where that was said. */
  cancelComment!: string | null;
  /** The order that its first paid cycle pays for. */
  orderId!: string | null;
  /** The card that is charged; null: the customer's default one. */
  paymentSourceId!: string | null;
  trialEnd!: string | null;
  currentPeriodStart!: string | null;
  currentPeriodEnd!: string | null;
  pausedAt!: string | null;
  canceledAt!: string | null;
  /** Declined attempts of the cycle that is being collected. */
  failedAttempts!: number;
  /** When that cycle is tried again. */
  nextAttemptAt!: string | null;
  /** The provider's page on which the customer can pay the oldest unpaid cycle; null: nothing is owed, or it has none. */
  hostedInvoiceUrl!: string | null;
  providerIds!: { subscription: string | null; customer: string | null };
  metadata!: Record<string, string>;
  /** Grows by one with every change that is announced; 0: the provider has not made it yet. */
  version!: number;
  createdAt!: string;
  updatedAt!: string;
}

/** One cycle that was billed. */
export class SubscriptionPeriodView {
  start!: string | null;
  end!: string | null;
  /** A JSON integer in minor units (ISO 4217). */
  amount!: number;
  /** ISO 4217, upper case. */
  currency!: string;
  /** Null: it cost nothing. */
  paymentId!: string | null;
  paidAt!: string | null;
}

/** A subscription as `GET /subscriptions/:id` answers it. */
export class SubscriptionDetails extends SubscriptionResource {
  /** The latest 24, newest first. */
  periods!: SubscriptionPeriodView[];
}

export class SubscriptionList {
  data!: SubscriptionResource[];
  /** Hand it back as `cursor` for the next page; null on the last one. */
  nextCursor!: string | null;
}

/** What a subscription's ids stand for outside. */
export interface SubscriptionNames {
  planId: string;
  nextPlanId: string | null;
  /** The provider's id of its customer. */
  providerCustomerId: string | null;
}

export function subscriptionResource(row: SubscriptionRow, names: SubscriptionNames): SubscriptionResource {
  const { providerCustomerId, ...planIds } = names;
  return {
    subscriptionId: row.id,
    customerId: row.customerId,
    ...planIds,
    ...pick(
      row,
      'provider',
      'livemode',
      'status',
      'cancelReason',
      'cancelAtPeriodEnd',
      'cancelComment',
      'orderId',
    ),
    paymentSourceId: row.sourceId,
    trialEnd: textOf(row.trialEnd),
    currentPeriodStart: textOf(row.periodStart),
    currentPeriodEnd: textOf(row.periodEnd),
    pausedAt: textOf(row.pausedAt),
    canceledAt: textOf(row.canceledAt),
    failedAttempts: row.failedAttempts,
    nextAttemptAt: textOf(row.nextAttemptAt),
    hostedInvoiceUrl: row.hostedInvoiceUrl,
    providerIds: { subscription: row.providerSubscriptionId, customer: providerCustomerId },
    ...pick(row, 'metadata', 'version'),
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
}

export function periodView(row: SubscriptionPeriodRow): SubscriptionPeriodView {
  return {
    start: textOf(row.start),
    end: textOf(row.end),
    amount: Number(row.amount),
    ...pick(row, 'currency', 'paymentId'),
    paidAt: textOf(row.paidAt),
  };
}

function textOf(date: Date | null): string | null {
  return date?.toISOString() ?? null;
}
