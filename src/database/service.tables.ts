import { sql } from 'drizzle-orm';
import { boolean, pgTable, text, uniqueIndex } from 'drizzle-orm/pg-core';
import { instant } from './columns.js';

/** Facts about this installation, such as when it first started. Each is written once. */
export const serviceFacts = pgTable('service_facts', {
  name: text('name').primaryKey(),
  at: instant('at')
    .notNull()
    .default(sql`payments_now()`),
});

/**
 * Every id under which this database's payments were made at their providers. One that was in use stays ours: its
 * payments go on.
 */
export const installations = pgTable(
  'installations',
  {
    id: text('id').primaryKey(),
    /** By us, for where INSTALLATION_ID is not set. There is one at most. */
    made: boolean('made').notNull(),
    since: instant('since')
      .notNull()
      .default(sql`payments_now()`),
  },
  (table) => [
    uniqueIndex('installations_made')
      .on(table.made)
      .where(sql`made`),
  ],
);
