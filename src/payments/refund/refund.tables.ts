import { sql } from 'drizzle-orm';
import { index, integer, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core';
import { instant, int8 } from '../../database/columns.js';
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
    createdAt: instant('created_at')
      .notNull()
      .default(sql`payments_now()`),
    updatedAt: instant('updated_at')
      .notNull()
      .default(sql`payments_now()`),
  },
  (table) => [
    uniqueIndex('refunds_by_provider_id').on(table.provider, table.providerRefundId),
    index('refunds_by_payment').on(table.paymentId),
  ],
);
