import { sql } from 'drizzle-orm';
import {
  boolean,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core';
import { instant } from '../../database/columns.js';
import type { Contact } from './contact.js';

/** Who pays more than once. The same person at every provider. */
export const customers = pgTable(
  'customers',
  {
    id: uuid('id').primaryKey(),
    /** Where it was made first, and where it is charged unless something else is said. */
    provider: text('provider').notNull(),
    name: text('name'),
    email: text('email'),
    phone: text('phone'),
    metadata: jsonb('metadata').$type<Record<string, string>>().notNull(),
    /** Name of the API key, `nats`, or `open`. */
    caller: text('caller').notNull(),
    /** Grows by one with every change that is announced. */
    version: integer('version').notNull().default(0),
    createdAt: instant('created_at')
      .notNull()
      .default(sql`payments_now()`),
    updatedAt: instant('updated_at')
      .notNull()
      .default(sql`payments_now()`),
    deletedAt: instant('deleted_at'),
  },
  (table) => [
    // For the version before, which runs beside this one during an upgrade.
    index('customers_by_email').on(table.email, table.id),
    index('customers_by_folded_email')
      .on(sql`lower(${table.email})`, table.id)
      .concurrently(),
  ],
);

/** As the index has it: people write an address in any case. */
export const foldedEmail = sql`lower(${customers.email})`;

/** The customer at one provider. */
export const customerAccounts = pgTable(
  'customer_accounts',
  {
    customerId: uuid('customer_id').notNull(),
    provider: text('provider').notNull(),
    livemode: boolean('livemode').notNull(),
    /** Null until the provider has made it, and after it is gone there. */
    providerCustomerId: text('provider_customer_id'),
    /** What the provider said last of the person. Only what it says anew changes ours, which others change, too. */
    told: jsonb('told').$type<Contact>(),
    /** When what is kept was last made equal to what the provider says, by the database's clock. */
    confirmedAt: instant('confirmed_at'),
    createdAt: instant('created_at')
      .notNull()
      .default(sql`payments_now()`),
  },
  (table) => [
    primaryKey({ columns: [table.customerId, table.provider] }),
    uniqueIndex('customer_accounts_by_provider_customer').on(table.provider, table.providerCustomerId),
  ],
);

export type CustomerRow = typeof customers.$inferSelect;
export type CustomerAccount = typeof customerAccounts.$inferSelect;
