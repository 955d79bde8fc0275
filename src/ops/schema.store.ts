import { count, sql } from 'drizzle-orm';
import { integer, pgSchema } from 'drizzle-orm/pg-core';
import type { Queryable } from '../database/database.js';
import { sqlStateOf } from '../database/sql.errors.js';

const UNDEFINED_TABLE = '42P01';

/** Drizzle's own record of what it has run. */
const appliedMigrations = pgSchema('drizzle').table('__drizzle_migrations', { id: integer('id') });

/** 0 on a database that was never migrated. */
export async function countAppliedMigrations(db: Queryable): Promise<number> {
  try {
    const [row] = await db.select({ applied: count(sql`*`) }).from(appliedMigrations);
    return row?.applied ?? 0;
  } catch (error) {
    if (sqlStateOf(error) === UNDEFINED_TABLE) return 0;
    throw error;
  }
}
