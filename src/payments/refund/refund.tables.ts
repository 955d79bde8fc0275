import { index, integer, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core';
import { instantNow, int8 } from '../../database/columns.js';
import type { RefundStatus } from '../../providers/facts.js';

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
