import { bigint, index, jsonb, pgTable, text } from 'drizzle-orm/pg-core';
import { instantNow } from '../database/columns.js';

/** What operators did by hand: append only. */
export const operatorActions = pgTable(
  'operator_actions',
  {
    id: bigint('id', { mode: 'bigint' }).primaryKey().generatedAlwaysAsIdentity(),
    /** Name of the API key, or `cli:<user>`. */
    actor: text('actor').notNull(),
    /** Such as `messages.republish`. */
    action: text('action').notNull(),
    /** The id of what it was done to; null where it was done to many. */
    target: text('target'),
    detail: jsonb('detail').$type<Record<string, unknown>>().notNull(),
    at: instantNow('at'),
  },
  (table) => [index('operator_actions_by_target').on(table.target)],
);
