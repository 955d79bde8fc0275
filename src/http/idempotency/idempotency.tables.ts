import { index, integer, jsonb, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { instant, instantNow } from '../../database/columns.js';

type IdempotencyState = 'in_progress' | 'done';

/** One row for each Idempotency-Key that a caller used: who works on it now, or the answer that was given. */
export const idempotencyKeys = pgTable(
  'idempotency_keys',
  {
    /** The caller's name: another caller's same key is another row. */
    caller: text('caller').notNull(),
    key: text('key').notNull(),
    /** SHA-256 (hex) of the operation's name and the request in canonical JSON. */
    requestHash: text('request_hash').notNull(),
    state: text('state').$type<IdempotencyState>().notNull().default('in_progress'),
    /** HTTP status of the stored answer. */
    status: integer('status'),
    /** Wrapped as `{body}`, so that an answer of JSON null is not SQL null. */
    answer: jsonb('answer').$type<{ body: unknown }>(),
    /** What the work made before it could answer: whoever takes over continues with it. */
    resourceId: text('resource_id'),
    /** While `in_progress`: nobody else may work before this moment. Null: released, anybody may. */
    leaseUntil: instant('lease_until'),
    /** Grows with each take-over, and fences whoever finishes after its lease. */
    attempts: integer('attempts').notNull().default(1),
    createdAt: instantNow('created_at'),
  },
  (table) => [
    primaryKey({ columns: [table.caller, table.key] }),
    index('idempotency_keys_by_age').on(table.createdAt),
  ],
);
