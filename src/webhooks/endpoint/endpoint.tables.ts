import { sql } from 'drizzle-orm';
import { boolean, index, jsonb, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core';
import { bytes, instant, instantNow } from '../../database/columns.js';

/** Webhook endpoints that were registered at the providers through this service. */
export const webhookEndpoints = pgTable(
  'webhook_endpoints',
  {
    id: uuid('id').primaryKey(),
    provider: text('provider').notNull(),
    /** The provider's id; another one after a rotation that made a new endpoint. */
    remoteId: text('remote_id').notNull(),
    url: text('url').notNull(),
    events: jsonb('events').$type<string[]>().notNull(),
    livemode: boolean('livemode').notNull(),
    /** Who registered it: name of the API key, or `cli`. */
    createdBy: text('created_by').notNull(),
    createdAt: instantNow('created_at'),
    deletedAt: instant('deleted_at'),
  },
  (table) => [
    uniqueIndex('webhook_endpoints_by_remote')
      .on(table.provider, table.remoteId)
      .where(sql`deleted_at is null`),
    // Of two who register a URL at the same moment one wins; the other one takes back what it made.
    uniqueIndex('webhook_endpoints_by_url')
      .on(table.provider, table.url)
      .where(sql`deleted_at is null`),
  ],
);

/** What their deliveries are verified with, until `retired_at`. */
export const webhookKeys = pgTable(
  'webhook_keys',
  {
    id: uuid('id').primaryKey(),
    provider: text('provider').notNull(),
    endpointId: uuid('endpoint_id').notNull(),
    /** The provider's id of the endpoint that it belonged to. */
    endpointRemoteId: text('endpoint_remote_id').notNull(),
    /** The provider's id of the key, where it has one. */
    remoteId: text('remote_id'),
    /** A secret is encrypted (AES-256-GCM: 12 bytes of nonce, 16 of tag, then the text); a public key is plain. */
    value: bytes('value').notNull(),
    encrypted: boolean('encrypted').notNull(),
    createdAt: instantNow('created_at'),
    retiredAt: instant('retired_at'),
  },
  (table) => [index('webhook_keys_by_provider').on(table.provider, table.retiredAt)],
);

export type EndpointRow = typeof webhookEndpoints.$inferSelect;
export type WebhookKeyRow = typeof webhookKeys.$inferSelect;
