import { drizzle } from 'drizzle-orm/node-postgres';
import pg from 'pg';
import { Database, type Db } from './database.js';

const INT8 = 20;

export interface PostgresOptions {
  url: string;
  /** PEM text; switches TLS with verification on. */
  tlsCa?: string | undefined;
  poolSize?: number;
  onError: (error: Error) => void;
}

export class PostgresDatabase extends Database {
  readonly embedded = false;
  readonly db: Db;

  private constructor(readonly pool: pg.Pool) {
    super();
    this.db = drizzle(pool);
  }

  static open(options: PostgresOptions): PostgresDatabase {
    // Global, since Drizzle ignores a pool's own type parsers.
    pg.types.setTypeParser(INT8, BigInt);
    const pool = new pg.Pool({
      connectionString: options.url,
      max: options.poolSize ?? 20,
      connectionTimeoutMillis: 4_000,
      statement_timeout: 8_000,
      query_timeout: 9_000,
      idle_in_transaction_session_timeout: 15_000,
      keepAlive: true,
      ...(options.tlsCa === undefined ? {} : { ssl: { ca: options.tlsCa, rejectUnauthorized: true } }),
    });
    pool.on('error', options.onError);
    return new PostgresDatabase(pool);
  }

  close(): Promise<void> {
    return this.pool.end();
  }
}
