import { sql } from 'drizzle-orm';
import {
  bigint,
  boolean,
  index,
  integer,
  jsonb,
  pgTable,
  text,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core';
import { instant, instantNow, int8 } from '../../database/columns.js';
import type { CancelReason, SubscriptionStatus } from '../../providers/billing.facts.js';

export const subscriptions = pgTable(
  'subscriptions',
  {
    id: uuid('id').primaryKey(),
    customerId: uuid('customer_id').notNull(),
    /** What the running cycle is charged by. */
    planUid: uuid('plan_uid').notNull(),
    /** What the next cycle is charged by, where that is another one. */
    nextPlanUid: uuid('next_plan_uid'),
    provider: text('provider').notNull(),
    livemode: boolean('livemode').notNull(),
    /** Null until the provider has made it. */
    providerSubscriptionId: text('provider_subscription_id'),
    sourceId: uuid('source_id'),
    /** The order that it pays for, if it is one. */
    orderId: text('order_id'),
    status: text('status').$type<SubscriptionStatus>().notNull(),
    cancelReason: text('cancel_reason').$type<CancelReason>(),
    cancelAtPeriodEnd: boolean('cancel_at_period_end').notNull().default(false),
    /** Why its owner ends it, in words. */
    cancelComment: text('cancel_comment'),
    trialEnd: instant('trial_end'),
    periodStart: instant('period_start'),
    periodEnd: instant('period_end'),
    pausedAt: instant('paused_at'),
    canceledAt: instant('canceled_at'),
    /** Declined attempts of the cycle that is being collected. */
    failedAttempts: integer('failed_attempts').notNull().default(0),
    nextAttemptAt: instant('next_attempt_at'),
    /** The provider's page on which the oldest unpaid cycle can be paid. */
    hostedInvoiceUrl: text('hosted_invoice_url'),
    metadata: jsonb('metadata').$type<Record<string, string>>().notNull(),
    /** True: its customer may have no other one beside it. */
    exclusive: boolean('exclusive').notNull(),
    /** Name of the API key, `nats`, `open`, or `provider` for one that was made in the provider's panel. */
    caller: text('caller').notNull(),
    /** Grows by one with every change; 0: the provider has not made it yet. */
    version: integer('version').notNull().default(0),
    /** When what is kept was last made equal to what the provider says, by the database's clock. */
    confirmedAt: instant('confirmed_at'),
    /** When the janitor asks the provider next. */
    nextCheckAt: instant('next_check_at'),
    createdAt: instantNow('created_at'),
    updatedAt: instantNow('updated_at'),
  },
  (table) => [
    uniqueIndex('subscriptions_by_provider_subscription').on(table.provider, table.providerSubscriptionId),
    uniqueIndex('subscriptions_one_per_customer')
      .on(table.customerId)
      .where(sql`exclusive and status <> 'canceled'`),
    index('subscriptions_by_customer').on(table.customerId, table.id),
    index('subscriptions_due_for_check')
      .on(table.nextCheckAt)
      .where(sql`next_check_at is not null`),
  ],
);

/** One bill, of a cycle or beside the cycles, and the payment that it is. */
export const subscriptionPeriods = pgTable(
  'subscription_periods',
  {
    id: uuid('id').primaryKey(),
    subscriptionId: uuid('subscription_id').notNull(),
    provider: text('provider').notNull(),
    /** The provider's id of the cycle's bill. */
    periodId: text('period_id').notNull(),
    start: instant('start_at'),
    end: instant('end_at'),
    /** Minor units. */
    amount: int8('amount').notNull(),
    currency: text('currency').notNull(),
    /** Null: it costs nothing. */
    paymentId: uuid('payment_id'),
    paidAt: instant('paid_at'),
    /** When the provider gave the money up: voided, or written off. */
    closedAt: instant('closed_at'),
    /** A proration, a threshold or a bill by hand: no cycle. */
    offCycle: boolean('off_cycle').notNull().default(false),
    createdAt: instantNow('created_at'),
  },
  (table) => [
    uniqueIndex('subscription_periods_by_period').on(table.provider, table.periodId),
    index('subscription_periods_by_subscription').on(table.subscriptionId, table.id),
  ],
);

/** The audit log: append only. */
export const subscriptionTransitions = pgTable(
  'subscription_transitions',
  {
    id: bigint('id', { mode: 'bigint' }).primaryKey().generatedAlwaysAsIdentity(),
    subscriptionId: uuid('subscription_id').notNull(),
    version: integer('version').notNull(),
    from: text('from_status').$type<SubscriptionStatus | null>(),
    to: text('to_status').$type<SubscriptionStatus>().notNull(),
    /** The event's type, such as `subscription.renewed`. */
    event: text('event').notNull(),
    cause: text('cause').notNull(),
    /** What happens once only: a cycle's payment, a declined attempt, the word that a trial ends. */
    onceKey: text('once_key'),
    detail: jsonb('detail').$type<Record<string, string>>(),
    at: instantNow('at'),
  },
  (table) => [
    uniqueIndex('subscription_transitions_by_version').on(table.subscriptionId, table.version),
    uniqueIndex('subscription_transitions_once').on(table.subscriptionId, table.onceKey),
  ],
);

export type SubscriptionRow = typeof subscriptions.$inferSelect;
export type SubscriptionPeriodRow = typeof subscriptionPeriods.$inferSelect;
export type NewSubscriptionTransition = typeof subscriptionTransitions.$inferInsert;
