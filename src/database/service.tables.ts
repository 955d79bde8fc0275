import { sql } from 'drizzle-orm';
import { boolean, pgTable, text, uniqueIndex } from 'drizzle-orm/pg-core';
import { instantNow } from './columns.js';

/** Facts about this installation, such as when it first started. Each is written once. */
export const serviceFacts = pgTable('service_facts', {
  name: text('name').primaryKey(),
  at: instantNow('at'),
});

/** Every id under which this database made payments at providers. None is forgotten: its payments go on. */
export const installations = pgTable(
  'installations',
  {
    id: text('id').primaryKey(),
    /** By us, for where INSTALLATION_ID is not set. There is one at most. */
    made: boolean('made').notNull(),
    since: instantNow('since'),
  },
  (table) => [
    uniqueIndex('installations_made')
      .on(table.made)
      .where(sql`made`),
  ],
);
