import { sql } from 'drizzle-orm';
import { pgTable, text } from 'drizzle-orm/pg-core';
import { instant } from './columns.js';

/** Facts about this installation, such as when it first started. Each is written once. */
export const serviceFacts = pgTable('service_facts', {
  name: text('name').primaryKey(),
  at: instant('at')
    .notNull()
    .default(sql`payments_now()`),
});
