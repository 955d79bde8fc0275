import { sql } from 'drizzle-orm';
import { boolean, jsonb, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core';
import { instant } from '../../database/columns.js';
import type { SessionEmbed } from '../../providers/facts.js';

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
    createdAt: instant('created_at')
      .notNull()
      .default(sql`payments_now()`),
  },
  (table) => [uniqueIndex('card_setups_by_provider_setup').on(table.provider, table.providerSetupId)],
);

export type CardSetupRow = typeof cardSetups.$inferSelect;
