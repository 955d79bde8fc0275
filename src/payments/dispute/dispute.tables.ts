import { boolean, index, integer, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core';
import { instantNow, int8 } from '../../database/columns.js';
import type { DisputeStatus } from '../../providers/facts.js';

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
