import { sql } from 'drizzle-orm';
import { bigint, boolean, index, integer, jsonb, pgTable, text, uniqueIndex } from 'drizzle-orm/pg-core';
import { bytes, instant, instantNow } from '../database/columns.js';

/**
 * The life of an inbound event.
 * `received` waits for a worker; `parked` waits for what it belongs to; the others are ends:
 * `done` moved something or had nothing new to say; `ignored` concerns no payment of ours;
 * `quarantined` is of another mode or account; `dead` is for the operator, who can revive it.
 */
export const INBOX_STATES = ['received', 'parked', 'done', 'ignored', 'quarantined', 'dead'] as const;
export type InboxState = (typeof INBOX_STATES)[number];

/** Every authentic event, as it arrived. Rows are kept for ever; bodies and headers may be pruned. */
export const webhookInbox = pgTable(
  'webhook_inbox',
  {
    id: bigint('id', { mode: 'bigint' }).primaryKey().generatedAlwaysAsIdentity(),
    provider: text('provider').notNull(),
    eventId: text('event_id').notNull(),
    type: text('type').notNull(),
    livemode: boolean('livemode').notNull(),
    /** The account that it names. Whether it is ours is found out before anything else is done, see `ownerCheckAt`. */
    namedAccount: text('foreign_account'),
    body: bytes('body'),
    /** Tells another body under the same id: its SHA-256 in hex, or the fingerprint that the provider's adapter takes. */
    bodyHash: text('body_hash').notNull(),
    headers: jsonb('headers').$type<Record<string, string>>(),
    receivedAt: instantNow('received_at'),
    state: text('state').$type<InboxState>().notNull().default('received'),
    /** What came of it, in a word or two, for the operator. */
    outcome: text('outcome'),
    /** Claims; the number of the last one fences whoever finishes an older one. */
    attempts: integer('attempts').notNull().default(0),
    /** Attempts that failed through the event's own fault: not those that waited for a provider or a payment. */
    failures: integer('failures').notNull().default(0),
    /** When the first of these failures was; null on rows of an older build, whose next failure sets it. */
    failingSince: instant('failing_since'),
    /** When an operator last had it tried anew, or its owner was found: patience with it begins there. */
    revivedAt: instant('revived_at'),
    nextAttemptAt: instantNow('next_attempt_at'),
    leaseUntil: instant('lease_until'),
    /**
     * When it is to be found out whose the event is; null: known, or never in doubt. Until then it is parked, and its
     * next attempt lies so far ahead that no other version of this service processes it.
     */
    ownerCheckAt: instant('owner_check_at'),
    lastError: text('last_error'),
    processedAt: instant('processed_at'),
  },
  (table) => [
    uniqueIndex('webhook_inbox_event').on(table.provider, table.eventId),
    index('webhook_inbox_due')
      .on(table.nextAttemptAt, table.id)
      .where(sql`state in ('received', 'parked')`),
    // Few rows of many: for the operator's list, and the gauge.
    index('webhook_inbox_attention')
      .on(table.state, table.id)
      .where(sql`state in ('dead', 'quarantined')`),
    // What retention looks for, once in a while: the service can do without it until it is built.
    index('webhook_inbox_prunable')
      .on(table.receivedAt)
      .where(sql`body is not null`)
      .concurrently(),
    index('webhook_inbox_owner_check')
      .on(table.ownerCheckAt)
      .where(sql`owner_check_at is not null`),
  ],
);

export type InboxRow = typeof webhookInbox.$inferSelect;
