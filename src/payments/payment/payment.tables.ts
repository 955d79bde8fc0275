import { sql } from 'drizzle-orm';
import {
  bigint,
  boolean,
  check,
  index,
  integer,
  jsonb,
  pgTable,
  text,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core';
import { instant, instantNow, int8 } from '../../database/columns.js';
import type { DisputeStatus, PaymentMethod, RefundStatus, SessionEmbed } from '../../providers/facts.js';
import type { SessionUi } from '../../providers/payment.ports.js';
import type { ClosedBy, PaymentStatus, ReviewReason } from './payment.js';

/** A line of the purchase, for the receipt. `unitAmount` is in minor units, as text: JSON has no bigint. */
export interface StoredItem {
  name: string;
  unitAmount: string;
  quantity: number;
}

/** What was added to the lines or taken off; `amount` as `unitAmount` of a line, always positive. */
export interface StoredAdjustment {
  kind: 'tax' | 'shipping' | 'discount';
  name: string;
  amount: string;
}

export interface PaymentFailure {
  reason: string;
  message?: string | undefined;
}

export const payments = pgTable(
  'payments',
  {
    id: uuid('id').primaryKey(),
    /** Null: it pays for no order. */
    orderId: text('order_id'),
    /** Our customer, where it is one that is kept. */
    customerId: uuid('customer_id'),
    /** The subscription that it is a cycle of. */
    subscriptionId: uuid('subscription_id'),
    provider: text('provider').notNull(),
    livemode: boolean('livemode').notNull(),
    status: text('status').$type<PaymentStatus>().notNull(),
    /** Minor units by ISO 4217, whatever the provider counts in. */
    amount: int8('amount').notNull(),
    amountCaptured: int8('amount_captured')
      .notNull()
      .default(sql`0`),
    amountRefunded: int8('amount_refunded')
      .notNull()
      .default(sql`0`),
    currency: text('currency').notNull(),
    capture: text('capture').$type<'automatic' | 'manual'>().notNull(),
    ui: text('ui').$type<SessionUi>().notNull().default('hosted'),
    sessionId: text('session_id'),
    providerPaymentId: text('provider_payment_id'),
    chargeId: text('charge_id'),
    method: jsonb('method').$type<PaymentMethod>(),
    receiptUrl: text('receipt_url'),
    checkoutUrl: text('checkout_url'),
    embed: jsonb('embed').$type<SessionEmbed>(),
    successUrl: text('success_url'),
    cancelUrl: text('cancel_url'),
    expiresAt: instant('expires_at'),
    items: jsonb('items').$type<StoredItem[]>().notNull(),
    adjustments: jsonb('adjustments').$type<StoredAdjustment[]>().notNull().default([]),
    metadata: jsonb('metadata').$type<Record<string, string>>().notNull(),
    /** Fingerprint of what was asked for: the same content again returns the open session. */
    contentHash: text('content_hash'),
    /** Who closed it: money that arrives after we did is for the operator, after the provider did it counts. */
    closedBy: text('closed_by').$type<ClosedBy>(),
    /** Why the last attempt did not pay: the provider's code, and what it has to say to the buyer. */
    failure: jsonb('failure').$type<PaymentFailure>(),
    reviewReason: text('review_reason').$type<ReviewReason>(),
    disputed: boolean('disputed').notNull().default(false),
    /** Opened by the service that was replaced. */
    adopted: boolean('adopted').notNull().default(false),
    /** False: paid before ADOPT_SINCE, recorded only. */
    announced: boolean('announced').notNull().default(true),
    /** Name of the API key, `nats`, or `open`. */
    caller: text('caller').notNull(),
    version: integer('version').notNull().default(1),
    /** Grows with every write, by a trigger. */
    revision: int8('revision')
      .notNull()
      .default(sql`0`),
    createdAt: instantNow('created_at'),
    updatedAt: instantNow('updated_at'),
    paidAt: instant('paid_at'),
    /** When the janitor looks at the provider next. */
    nextCheckAt: instant('next_check_at'),
  },
  (table) => [
    index('payments_by_created').on(table.createdAt, table.id),
    index('payments_by_order').on(table.orderId, table.id),
    index('payments_by_customer').on(table.customerId, table.id),
    index('payments_by_subscription').on(table.subscriptionId, table.id),
    index('payments_by_status').on(table.status, table.id),
    index('payments_due_for_check')
      .on(table.nextCheckAt)
      .where(sql`next_check_at is not null`),
    uniqueIndex('payments_by_session').on(table.provider, table.sessionId),
    uniqueIndex('payments_by_provider_payment').on(table.provider, table.providerPaymentId),
    uniqueIndex('payments_by_charge').on(table.provider, table.chargeId),
    check(
      'payments_refunded_within_captured',
      sql`amount_refunded <= amount_captured and amount_refunded >= 0`,
    ),
    check('payments_amount_positive', sql`amount >= 0 and amount_captured >= 0`),
  ],
);

/** The audit log: append only. */
export const paymentTransitions = pgTable(
  'payment_transitions',
  {
    id: bigint('id', { mode: 'bigint' }).primaryKey().generatedAlwaysAsIdentity(),
    paymentId: uuid('payment_id').notNull(),
    version: integer('version').notNull(),
    from: text('from_status').$type<PaymentStatus | null>(),
    to: text('to_status').$type<PaymentStatus>().notNull(),
    fact: text('fact').notNull(),
    /** Where the fact came from: `webhook:<event id>`, `api:<caller>`, `janitor`, `operator:<name>`. */
    cause: text('cause').notNull(),
    /** Set on facts that may come under several event types without changing the status (a declined attempt). */
    onceKey: text('once_key'),
    detail: jsonb('detail').$type<Record<string, string>>(),
    at: instantNow('at'),
  },
  (table) => [
    uniqueIndex('payment_transitions_by_version').on(table.paymentId, table.version),
    uniqueIndex('payment_transitions_once').on(table.paymentId, table.onceKey),
  ],
);

/** One row an order: its lock, its one live attempt, and the one payment that paid it. */
export const orderSlots = pgTable('order_slots', {
  orderId: text('order_id').primaryKey(),
  openPaymentId: uuid('open_payment_id'),
  paidPaymentId: uuid('paid_payment_id'),
  revision: int8('revision')
    .notNull()
    .default(sql`0`),
});

export const refunds = pgTable(
  'refunds',
  {
    id: uuid('id').primaryKey(),
    paymentId: uuid('payment_id').notNull(),
    provider: text('provider').notNull(),
    providerRefundId: text('provider_refund_id').notNull(),
    /** Minor units. */
    amount: int8('amount').notNull(),
    currency: text('currency').notNull(),
    status: text('status').$type<RefundStatus>().notNull(),
    reason: text('reason'),
    version: integer('version').notNull().default(1),
    createdAt: instantNow('created_at'),
    updatedAt: instantNow('updated_at'),
  },
  (table) => [
    uniqueIndex('refunds_by_provider_id').on(table.provider, table.providerRefundId),
    index('refunds_by_payment').on(table.paymentId),
  ],
);

export const disputes = pgTable(
  'disputes',
  {
    id: uuid('id').primaryKey(),
    paymentId: uuid('payment_id').notNull(),
    provider: text('provider').notNull(),
    providerDisputeId: text('provider_dispute_id').notNull(),
    /** Minor units. */
    amount: int8('amount').notNull(),
    currency: text('currency').notNull(),
    status: text('status').$type<DisputeStatus>().notNull(),
    stage: text('stage'),
    /** The bank only asked, and took no money. Null: kept by a version that did not tell inquiries apart. */
    inquiry: boolean('inquiry'),
    reason: text('reason'),
    version: integer('version').notNull().default(1),
    createdAt: instantNow('created_at'),
    updatedAt: instantNow('updated_at'),
  },
  (table) => [
    uniqueIndex('disputes_by_provider_id').on(table.provider, table.providerDisputeId),
    index('disputes_by_payment').on(table.paymentId),
  ],
);

export type PaymentRow = typeof payments.$inferSelect;
export type NewPaymentRow = typeof payments.$inferInsert;
export type NewTransition = typeof paymentTransitions.$inferInsert;
export type OrderSlot = typeof orderSlots.$inferSelect;
export type RefundRow = typeof refunds.$inferSelect;
export type DisputeRow = typeof disputes.$inferSelect;
