import { inArray, type SQL, sql } from 'drizzle-orm';
import { readMigrationFiles } from 'drizzle-orm/migrator';
import { setTimeout as delay } from 'node:timers/promises';
import { type Db, limitsOfTransaction, type Queryable } from './database.js';
import { sqlStateOf } from './sql.errors.js';

/**
 * An index that the service can do without for a while, marked `.concurrently()` in the tables: CREATE INDEX CONCURRENTLY
 * may stand in no transaction. Small tables get it at the start, others by `cli migrate --indexes`. Never a unique one.
 */
export interface DeferredIndex {
  name: string;
  table: string;
  /** The statement behind its name: `on "table" using …`. */
  rest: string;
}

const CREATE = /^\s*create index concurrently (?:if not exists )?"(\w+)" (on "(\w+)"[^;]+);?\s*$/i;
const DROP = /^\s*drop index (?:concurrently )?(?:if exists )?"(\w+)"/i;

/** Building on so much of a table (bytes) holds its writers up for some tenths of a second. */
const SMALL_TABLE_BYTES = 8 * 1024 * 1024;
const LOCK_TIMEOUT_MS = 2_000;
const BUILD_TIMEOUT_MS = 8_000;
const BETWEEN_TRIES_MS = 1_000;

/** Lock timeout, statement timeout, deadlock: the table is in use, or somebody else builds the index. */
const BUSY_STATES = new Set(['55P03', '57014', '40P01']);
/** A service that may not change tables starts all the same. */
const NOT_THE_OWNER = '42501';
/** A deadlock, or somebody else made it in between: as a relation, or as a row of the catalog. */
const WAS_SLOWER = new Set(['40P01', '42P07', '23505']);

export function isDeferredIndex(statement: string): boolean {
  return CREATE.test(statement);
}

/** Those of the migrations in the folder that no later one drops. */
export function deferredIndexes(folder: string): DeferredIndex[] {
  const indexes = new Map<string, DeferredIndex>();
  for (const statement of readMigrationFiles({ migrationsFolder: folder }).flatMap((one) => one.sql)) {
    const [, name, rest, table] = CREATE.exec(statement) ?? [];
    if (name !== undefined && rest !== undefined && table !== undefined)
      indexes.set(name, { name, table, rest });
    indexes.delete(DROP.exec(statement)?.[1] ?? '');
  }
  return [...indexes.values()];
}

/** Those that are not there, or that a broken build has left unusable (`isInvalid`). */
export async function missingIndexes(db: Queryable, indexes: readonly DeferredIndex[]) {
  if (indexes.length === 0) return [];
  const names = indexes.map(({ name }) => name);
  const found = await db
    .select({ name: sql<string>`c.relname`, isValid: sql<boolean>`i.indisvalid` })
    .from(sql`pg_index i join pg_class c on c.oid = i.indexrelid`)
    .where(sql`pg_table_is_visible(i.indexrelid) and ${inArray(sql`c.relname`, names)}`);
  const validity = new Map(found.map(({ name, isValid }) => [name, isValid]));
  return indexes
    .filter(({ name }) => validity.get(name) !== true)
    .map((index) => ({ ...index, isInvalid: validity.get(index.name) === false }));
}

/** Builds what is missing on small tables that are not in use. `lock`: processes that start at once take turns. */
export async function buildSmallIndexes(
  db: Db,
  indexes: readonly DeferredIndex[],
  lock: number,
): Promise<void> {
  for (const { name, table, rest } of await missingIndexes(db, indexes)) {
    const built = db.transaction(async (tx) => {
      const [size] = await tx
        .select({
          isSmall: sql<boolean>`pg_relation_size(${quoted(table)}::regclass) <= ${SMALL_TABLE_BYTES}`,
        })
        .from(sql`(select 1) as one`);
      if (size?.isSmall !== true) return;
      await tx.execute(limitsOfTransaction({ statementMs: BUILD_TIMEOUT_MS, lockMs: LOCK_TIMEOUT_MS }));
      await tx.execute(sql`select pg_advisory_xact_lock(${lock})`);
      const [present] = await missingIndexes(tx, [{ name, table, rest }]);
      if (present === undefined) return;
      await tx.execute(sql`drop index if exists ${sql.identifier(name)}`);
      await tx.execute(sql`create index ${sql.identifier(name)} ${sql.raw(rest)}`);
    });
    await built.catch((error: unknown) => {
      const state = sqlStateOf(error) ?? '';
      if (!BUSY_STATES.has(state) && state !== NOT_THE_OWNER) throw error;
    });
  }
}

/** Builds what is missing, on one connection outside of a transaction. @returns the names of what it built. */
export async function buildIndexes(
  db: Db,
  indexes: readonly DeferredIndex[],
  say: (line: string) => void,
): Promise<string[]> {
  const built: string[] = [];
  for (const index of await missingIndexes(db, indexes)) {
    for (let told = ''; ; await delay(BETWEEN_TRIES_MS)) {
      const step = await nextStep(db, index);
      if (step === 'done') break;
      const line = `${index.name} on ${index.table}: ${STEPS[step]}`;
      if (line !== told) say(line);
      told = line;
      if (step === 'build' && (await didBuild(db, index))) {
        built.push(index.name);
        break;
      }
    }
  }
  return built;
}

const STEPS = { wait: 'another session is at it', build: 'being built' };

/** A build that broke off leaves an index that nobody reads and everybody writes: it is dropped first. */
async function nextStep(db: Db, index: DeferredIndex): Promise<'done' | 'build' | 'wait'> {
  const [missing] = await missingIndexes(db, [index]);
  if (missing === undefined) return 'done';
  if (await isBuiltElsewhere(db, index)) return 'wait';
  if (!missing.isInvalid) return 'build';
  const dropped = db.transaction(async (tx) => {
    await tx.execute(limitsOfTransaction({ statementMs: BUILD_TIMEOUT_MS, lockMs: LOCK_TIMEOUT_MS }));
    // Whoever builds concurrently holds this lock: once we have it, that build is over.
    await tx.execute(sql`lock table ${sql.identifier(index.table)} in share update exclusive mode`);
    const [still] = await missingIndexes(tx, [index]);
    if (still?.isInvalid === true) await tx.execute(sql`drop index ${sql.identifier(index.name)}`);
  });
  try {
    await dropped;
    return 'build';
  } catch (error) {
    if (BUSY_STATES.has(sqlStateOf(error) ?? '')) return 'wait';
    throw error;
  }
}

/** Two builds on one table would wait for each other until one fails. */
async function isBuiltElsewhere(db: Db, { table }: DeferredIndex): Promise<boolean> {
  const building = await db
    .select({ pid: sql<number>`pid` })
    .from(sql`pg_stat_progress_create_index`)
    .where(sql`relid = ${quoted(table)}::regclass`);
  return building.length > 0;
}

/** @returns false when somebody else was at it. */
async function didBuild(db: Db, { name, rest }: DeferredIndex): Promise<boolean> {
  try {
    await db.execute(sql`create index concurrently ${sql.identifier(name)} ${sql.raw(rest)}`);
    return true;
  } catch (error) {
    if (WAS_SLOWER.has(sqlStateOf(error) ?? '')) return false;
    throw error;
  }
}

function quoted(table: string): SQL {
  return sql`${`"${table}"`}::text`;
}
