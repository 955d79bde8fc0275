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
import { instant, instantNow } from '../../database/columns.js';
import type { SessionEmbed } from '../../providers/facts.js';

/** How a person is called and reached. */
export interface Contact {
  name?: string | undefined;
  email?: string | undefined;
  phone?: string | undefined;
}

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
    createdAt: instantNow('created_at'),
    updatedAt: instantNow('updated_at'),
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
    createdAt: instantNow('created_at'),
  },
  (table) => [
    primaryKey({ columns: [table.customerId, table.provider] }),
    uniqueIndex('customer_accounts_by_provider_customer').on(table.provider, table.providerCustomerId),
  ],
);

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
    createdAt: instantNow('created_at'),
    removedAt: instant('removed_at'),
  },
  (table) => [
    index('payment_sources_by_customer').on(table.customerId, table.id),
    uniqueIndex('payment_sources_by_provider_source').on(table.provider, table.providerSourceId),
  ],
);

/** `opening`: the provider has not answered yet. `saved`: the card is the customer's, or its token was handed on. */
export type CardSetupState = 'opening' | 'open' | 'saved' | 'failed';

/** Forms on which a customer saves one card. */
export const cardSetups = pgTable(
  'card_setups',
  {
    id: uuid('id').primaryKey(),
    /** Whom the card is for; null: its token is handed on. */
    customerId: uuid('customer_id'),
    provider: text('provider').notNull(),
    livemode: boolean('livemode').notNull(),
    state: text('state').$type<CardSetupState>().notNull(),
    providerSetupId: text('provider_setup_id'),
    embed: jsonb('embed').$type<SessionEmbed>(),
    /** Single use. */
    token: text('token'),
    /** The card that came of it. */
    sourceId: uuid('source_id'),
    successUrl: text('success_url'),
    locale: text('locale'),
    caller: text('caller').notNull(),
    expiresAt: instant('expires_at'),
    createdAt: instantNow('created_at'),
  },
  (table) => [uniqueIndex('card_setups_by_provider_setup').on(table.provider, table.providerSetupId)],
);

export type CustomerRow = typeof customers.$inferSelect;
export type CustomerAccount = typeof customerAccounts.$inferSelect;
export type PaymentSourceRow = typeof paymentSources.$inferSelect;
export type CardSetupRow = typeof cardSetups.$inferSelect;
