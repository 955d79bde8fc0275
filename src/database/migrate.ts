import { count, sql } from 'drizzle-orm';
import { type MigrationMeta, readMigrationFiles } from 'drizzle-orm/migrator';
import { drizzle } from 'drizzle-orm/node-postgres';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { failpoint } from '../kernel/failpoint.js';
import { type Database, type Db, limitsOfTransaction, type Queryable, type Tx } from './database.js';
import {
  buildIndexes,
  buildSmallIndexes,
  deferredIndexes,
  isDeferredIndex,
  missingIndexes,
} from './deferred.indexes.js';
import { sqlStateOf } from './sql.errors.js';

export const MIGRATIONS = fileURLToPath(new URL('./migrations', import.meta.url));

/** Any number; every process of this service takes the same advisory lock around each migration. */
const MIGRATION_LOCK = 7_203_311;

/** A migration that waits for a table makes everybody behind it wait too: it steps back and tries again. */
const LOCK_TIMEOUT_MS = 3_000;
const BETWEEN_TRIES_MS = 500;
/** Another process may be migrating a large table. */
const LOCK_PATIENCE_MS = 300_000;
/** Nobody at work holds the lock between two statements for so long. */
const LEFT_BEHIND_SECONDS = 15;

const LOCK_NOT_AVAILABLE = '55P03';
const DEADLOCK = '40P01';

export interface MigrationOptions {
  /** Default: the build's own. */
  folder?: string;
  /** How long a session may hold the lock and do nothing, default 15. */
  leftBehindSeconds?: number;
  /** Told why it takes longer. */
  onWait?: (reason: string) => void;
}

/**
 * Applies what is missing, each migration in its own transaction under a lock that ends with it, so through a pooler and
 * with any number of processes at once. Builds the deferred indexes of small tables too.
 * @returns how many migrations it applied. @throws Error when the lock, or a table, is held for five minutes.
 */
export async function migrate(database: Database, options: MigrationOptions = {}): Promise<number> {
  const { folder = MIGRATIONS } = options;
  return database.aside(async (client) => {
    const db = drizzle(client);
    let applied = 0;
    for (const migration of readMigrationFiles({ migrationsFolder: folder })) {
      if ((await appliedMigrations(db)).last >= migration.folderMillis) continue;
      const isOurs = await whenUnlocked(db, options, () => db.transaction((tx) => apply(tx, migration)));
      if (isOurs) applied += 1;
    }
    await buildSmallIndexes(db, deferredIndexes(folder), MIGRATION_LOCK);
    return applied;
  });
}

export function migrationCount(): number {
  return readMigrationFiles({ migrationsFolder: MIGRATIONS }).length;
}

export async function missingIndexNames(database: Database): Promise<string[]> {
  const missing = await database.onAnyPool((db) => missingIndexes(db, deferredIndexes(MIGRATIONS)));
  return missing.map(({ name }) => name);
}

/** Builds the missing deferred indexes while everybody goes on writing, and `say`s each step. @returns their names. */
export async function buildMissingIndexes(
  database: Database,
  say: (line: string) => void,
  folder: string = MIGRATIONS,
): Promise<string[]> {
  const indexes = deferredIndexes(folder);
  return database.aside(async (client) => {
    // A large table takes hours. Behind a pooler the setting would be the next client's.
    if (database.isAsideDirect) await client.query('set statement_timeout = 0; set lock_timeout = 0');
    return buildIndexes(drizzle(client), indexes, say);
  });
}

/** @returns false when another process was faster. */
async function apply(tx: Tx, migration: MigrationMeta): Promise<boolean> {
  await tx.execute(limitsOfTransaction({ statementMs: 0, lockMs: LOCK_TIMEOUT_MS }));
  await tx.execute(sql`select pg_advisory_xact_lock(${MIGRATION_LOCK})`);
  if ((await appliedMigrations(tx)).last >= migration.folderMillis) return false;
  for (const statement of migration.sql) {
    // A deferred index may never have been built.
    const tolerant = statement.replace(/^(\s*drop index )(?=")/i, '$1if exists ');
    if (!isDeferredIndex(statement)) await tx.execute(sql.raw(tolerant));
  }
  // Where Drizzle's own migrator keeps it, which earlier versions of this service ask.
  await tx.execute(sql`create schema if not exists drizzle`);
  await tx.execute(
    sql`create table if not exists drizzle.__drizzle_migrations (id serial primary key, hash text not null, created_at bigint)`,
  );
  await tx.execute(
    sql`insert into drizzle.__drizzle_migrations (hash, created_at) values (${migration.hash}, ${migration.folderMillis})`,
  );
  failpoint('migration');
  return true;
}

/** How many migrations the database has, and the time of the newest: 0 where it was never migrated. */
export async function appliedMigrations(db: Queryable): Promise<{ count: number; last: number }> {
  // From the tables themselves: to_regclass may answer from before the lock was waited for.
  const kept = await db
    .select({ table: sql`c.relname` })
    .from(sql`pg_class c join pg_namespace n on n.oid = c.relnamespace`)
    .where(sql`n.nspname = 'drizzle' and c.relname = '__drizzle_migrations'`);
  if (kept.length === 0) return { count: 0, last: 0 };
  const [row] = await db
    .select({ count: count(), last: sql<number>`coalesce(max(created_at), 0)::float8` })
    .from(sql`drizzle.__drizzle_migrations`);
  return row ?? { count: 0, last: 0 };
}

async function whenUnlocked<T>(
  db: Db,
  { onWait, leftBehindSeconds = LEFT_BEHIND_SECONDS }: MigrationOptions,
  work: () => Promise<T>,
): Promise<T> {
  const since = performance.now();
  for (let told = ''; ; await delay(BETWEEN_TRIES_MS * (1 + Math.random()))) {
    try {
      return await work();
    } catch (error) {
      const state = sqlStateOf(error);
      if (state !== LOCK_NOT_AVAILABLE && state !== DEADLOCK) throw error;
      const { reason, isLeftBehind } = await holderOfTheLock(db, leftBehindSeconds);
      if (isLeftBehind || performance.now() - since > LOCK_PATIENCE_MS) {
        throw new Error(`the migration cannot begin: ${reason}`, { cause: error });
      }
      if (reason !== told) onWait?.(reason);
      told = reason;
    }
  }
}

async function holderOfTheLock(db: Db, leftBehindSeconds: number) {
  const [holder] = await db
    .select({
      pid: sql<number>`a.pid`,
      state: sql<string | null>`a.state`,
      idleSeconds: sql<number>`coalesce(extract(epoch from clock_timestamp() - a.state_change), 0)::int`,
    })
    .from(sql`pg_locks l join pg_stat_activity a on a.pid = l.pid`)
    .where(
      sql`l.locktype = 'advisory' and l.granted and l.objid = ${MIGRATION_LOCK} and a.datname = current_database()`,
    );
  if (holder === undefined)
    return { reason: 'another session uses a table that it alters', isLeftBehind: false };
  const { pid, state, idleSeconds } = holder;
  // Earlier versions took a lock of the session, which a pooler keeps when they are gone.
  const isLeftBehind = state === 'idle' && idleSeconds > leftBehindSeconds;
  const reason = isLeftBehind
    ? `session ${pid} holds the migration lock and does nothing. An earlier version left it behind on a pooled ` +
      `connection: end it with "select pg_terminate_backend(${pid})"`
    : `session ${pid} holds the migration lock: another process migrates`;
  return { reason, isLeftBehind };
}
