import { sql } from 'drizzle-orm';
import { index, integer, jsonb, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { instant, instantNow } from '../database/columns.js';
import type { BillingCommandKind } from '../providers/billing.ports.js';

export type OperationKind =
  'create_session' | 'expire_session' | 'charge' | 'close_charge' | 'create_card_setup' | BillingCommandKind;
export type OperationState = 'prepared' | 'sent' | 'unknown' | 'done' | 'failed';

/** Every mutating call to a provider, written before it is made. What was sent is sent again only as it was. */
export const providerOperations = pgTable(
  'provider_operations',
  {
    /** Also the provider's idempotency key. */
    id: uuid('id').primaryKey(),
    /**
     * Our id of what it is about: a payment, a customer, a plan, a subscription, by its kind. The column keeps its
     * first name: during an upgrade the version before runs beside this one.
     */
    subjectId: uuid('payment_id').notNull(),
    provider: text('provider').notNull(),
    kind: text('kind').$type<OperationKind>().notNull(),
    /** The provider's id of what is acted upon, where it has one already. */
    target: text('target'),
    request: jsonb('request').$type<Record<string, unknown>>().notNull(),
    state: text('state').$type<OperationState>().notNull().default('prepared'),
    attempts: integer('attempts').notNull().default(0),
    /** How often a charge was looked for and not found, when it should have been there. */
    misses: integer('misses').notNull().default(0),
    /** Somebody is executing it until then. */
    leaseUntil: instant('lease_until'),
    lastError: text('last_error'),
    createdAt: instantNow('created_at'),
    firstSentAt: instant('first_sent_at'),
    settledAt: instant('settled_at'),
  },
  (table) => [
    index('provider_operations_by_payment').on(table.subjectId),
    index('provider_operations_unsettled')
      .on(table.createdAt)
      .where(sql`state in ('prepared', 'sent', 'unknown')`),
  ],
);
