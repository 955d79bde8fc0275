import { type SQL, sql } from 'drizzle-orm';
import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core';
import { sqlStateOf } from './sql.errors.js';

export type Db = PgDatabase<PgQueryResultHKT>;
export type Tx = Parameters<Parameters<Db['transaction']>[0]>[0];
/** What a store takes: an open transaction where one is needed, otherwise either. */
export type Queryable = Db | Tx;

/** The database's clock, by our own function: a simulation replaces it, and leases never trust a machine's clock. */
export const databaseNow: SQL<Date> = sql`payments_now()`;

/** `databaseNow` plus a span. */
export function databaseNowPlus(milliseconds: number): SQL<Date> {
  return sql`payments_now() + make_interval(secs => ${milliseconds / 1000})`;
}

/**
 * Sets limits that end with the transaction: behind a pooler, those of a session would be somebody else's next.
 * @param limits in milliseconds; 0 lifts one.
 */
export function limitsOfTransaction({ statementMs, lockMs }: { statementMs: number; lockMs: number }): SQL {
  return sql`select set_config('statement_timeout', ${String(statementMs)}, true), set_config('lock_timeout', ${String(lockMs)}, true)`;
}

const RETRYABLE_STATES = new Set(['40001', '40P01']);
const TRANSACTION_ATTEMPTS = 5;

/** One open database: Postgres through a pool, or PGlite in this process. */
export abstract class Database {
  abstract readonly db: Db;
  /** True where the whole database has one connection (PGlite). */
  abstract readonly embedded: boolean;
  abstract close(): Promise<void>;

  /**
   * Runs `work` in one transaction, and again (5 times at most) after a serialization failure or a deadlock.
   * Inside, use `tx` only: the outer connection would wait for ever on PGlite.
   */
  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.retrying(() => this.db.transaction(work));
  }

  /** The same for a single statement, which is its own transaction. */
  async retrying<T>(work: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await work();
      } catch (error) {
        if (attempt >= TRANSACTION_ATTEMPTS || !RETRYABLE_STATES.has(sqlStateOf(error) ?? '')) throw error;
      }
    }
  }

  /** @throws when the database does not answer. */
  async ping(): Promise<void> {
    await this.db.execute(sql`select 1`);
  }
}
