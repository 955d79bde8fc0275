import { sql } from 'drizzle-orm';
import { boolean, index, integer, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core';
import { instant } from '../../database/columns.js';

/** Cards that a provider keeps for a customer. */
export const paymentSources = pgTable(
  'payment_sources',
  {
    id: uuid('id').primaryKey(),
    customerId: uuid('customer_id').notNull(),
    provider: text('provider').notNull(),
    providerSourceId: text('provider_source_id').notNull(),
    brand: text('brand'),
    last4: text('last4'),
    expMonth: integer('exp_month'),
    expYear: integer('exp_year'),
    holder: text('holder'),
    /** Of its customer at its provider. */
    isDefault: boolean('is_default').notNull(),
    blocked: boolean('blocked').notNull(),
    createdAt: instant('created_at')
      .notNull()
      .default(sql`payments_now()`),
    removedAt: instant('removed_at'),
  },
  (table) => [
    index('payment_sources_by_customer').on(table.customerId, table.id),
    uniqueIndex('payment_sources_by_provider_source').on(table.provider, table.providerSourceId),
  ],
);

export type PaymentSourceRow = typeof paymentSources.$inferSelect;
