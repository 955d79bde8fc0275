import { sql } from 'drizzle-orm';
import { readMigrationFiles } from 'drizzle-orm/migrator';
import { migrate as migrateWithPg } from 'drizzle-orm/node-postgres/migrator';
import { drizzle } from 'drizzle-orm/node-postgres';
import { fileURLToPath } from 'node:url';
import { failpoint } from '../kernel/failpoint.js';
import type { Database } from './database.js';
import { EmbeddedDatabase } from './embedded.database.js';
import { PostgresDatabase } from './postgres.database.js';

const MIGRATIONS = { migrationsFolder: fileURLToPath(new URL('./migrations', import.meta.url)) };

/** Any number; every process of this service takes the same advisory lock around migrations. */
const MIGRATION_LOCK = 7_203_311;

/** Brings the schema up to date. Safe with any number of processes at once, and after a crash half-way. */
export async function migrate(database: Database): Promise<void> {
  if (database instanceof PostgresDatabase) await migratePostgres(database);
  else if (database instanceof EmbeddedDatabase) await database.migrate(MIGRATIONS);
}

/** How many migrations this build brings. */
export function migrationCount(): number {
  return readMigrationFiles(MIGRATIONS).length;
}

async function migratePostgres(database: PostgresDatabase): Promise<void> {
  // Another process may hold the lock, or a migration take, longer than an ordinary statement may.
  const client = await database.connectAlone();
  try {
    const db = drizzle(client);
    await db.execute(sql`set statement_timeout = 0`);
    await db.execute(sql`select pg_advisory_lock(${MIGRATION_LOCK})`);
    try {
      failpoint('migration');
      await migrateWithPg(db, MIGRATIONS);
    } finally {
      await db.execute(sql`select pg_advisory_unlock(${MIGRATION_LOCK})`);
    }
  } finally {
    await client.end();
  }
}
