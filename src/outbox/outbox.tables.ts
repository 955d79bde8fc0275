import { sql } from 'drizzle-orm';
import { bigint, boolean, index, integer, jsonb, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { instant, instantNow, int8 } from '../database/columns.js';

export type OutboxChannel = 'stream' | 'orders';
export type OutboxState = 'pending' | 'sent' | 'published' | 'unconfirmed' | 'dead';

/**
 * Messages that a committed transition promised. Written in the transition's own transaction; kept after
 * publishing, so that a range can be published again.
 */
export const outbox = pgTable(
  'outbox',
  {
    /** Also the message id (`Nats-Msg-Id`): the same for every attempt. */
    id: uuid('id').primaryKey(),
    seq: bigint('seq', { mode: 'bigint' }).generatedAlwaysAsIdentity().notNull(),
    /** `stream`: JetStream, published once acknowledged. `orders`: core NATS, see orders.bridge. */
    channel: text('channel').$type<OutboxChannel>().notNull(),
    /** Messages of one key (a payment's id) leave in the order of `seq`. */
    key: text('key').notNull(),
    orderId: text('order_id'),
    subject: text('subject').notNull(),
    /** The wire body, byte for byte. */
    body: text('body').notNull(),
    headers: jsonb('headers').$type<Record<string, string>>().notNull(),
    state: text('state').$type<OutboxState>().notNull().default('pending'),
    attempts: integer('attempts').notNull().default(0),
    nextAttemptAt: instantNow('next_attempt_at'),
    leaseUntil: instant('lease_until'),
    /** `orders` only: set before the message goes out, cleared when the server said that nobody listens. */
    inFlight: boolean('in_flight').notNull().default(false),
    /** `orders` only: how often it went out, and how often the order was looked up since the last time. */
    sends: integer('sends').notNull().default(0),
    checks: integer('checks').notNull().default(0),
    /** `orders` only: when it went out, or may have, for the first and for the last time. */
    firstSentAt: instant('first_sent_at'),
    lastSentAt: instant('last_sent_at'),
    /** `orders` only: since when the orders service says that it has no such order. */
    missingSince: instant('missing_since'),
    lastError: text('last_error'),
    createdAt: instantNow('created_at'),
    publishedAt: instant('published_at'),
    streamSeq: int8('stream_seq'),
    /** False: it may be of a version that took a provider's receipt as it came, see `withSoundReceipt`. */
    receiptChecked: boolean('receipt_checked').notNull().default(false),
  },
  // Published rows are the many, and each index costs them when they are marked: claiming changes no column of any
  // index (fillfactor leaves room for that), and only the id and `outbox_published` keep a published row.
  (table) => [
    index('outbox_due')
      .on(table.channel, table.nextAttemptAt)
      .where(sql`state in ('pending', 'sent')`),
    index('outbox_sent')
      .on(table.nextAttemptAt)
      .where(sql`state = 'sent'`)
      .concurrently(),
    index('outbox_pending_by_key')
      .on(table.channel, table.key, table.seq)
      .where(sql`state = 'pending'`),
    // Gauges.
    index('outbox_unpublished')
      .on(table.channel, table.state)
      .where(sql`state <> 'published'`),
    index('outbox_in_vain')
      .on(table.state)
      .where(sql`sends >= 5`)
      .concurrently(),
    // Retention, and republishing a span.
    index('outbox_published')
      .on(table.createdAt)
      .where(sql`state = 'published'`)
      .concurrently(),
    // Operators ask whether the orders service was told.
    index('outbox_orders_by_order')
      .on(table.orderId)
      .where(sql`channel = 'orders'`)
      .concurrently(),
  ],
);
