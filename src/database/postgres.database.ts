import { drizzle } from 'drizzle-orm/node-postgres';
import pg from 'pg';
import { Database, type Db } from './database.js';
import { REQUEST_PATIENCE_MS } from '../kernel/patience.js';
import { keepToPatience } from './patient.pool.js';

const INT8 = 20;

export interface PostgresOptions {
  url: string;
  /** PEM text; switches TLS with verification on. */
  tlsCa?: string | undefined;
  poolSize?: number;
  /** After which the server gives an ordinary statement up; we do a second later. Default 8 s. */
  statementMs?: number;
  onError: (error: Error) => void;
}

export class PostgresDatabase extends Database {
  readonly embedded = false;
  readonly db: Db;

  private constructor(
    readonly pool: pg.Pool,
    private readonly server: pg.ClientConfig,
  ) {
    super();
    this.db = drizzle(pool);
  }

  static open(options: PostgresOptions): PostgresDatabase {
    // Global, since Drizzle ignores a pool's own type parsers.
    pg.types.setTypeParser(INT8, BigInt);
    const server: pg.ClientConfig = {
      connectionString: options.url,
      connectionTimeoutMillis: 4_000,
      keepAlive: true,
      ...(options.tlsCa === undefined ? {} : { ssl: { ca: options.tlsCa, rejectUnauthorized: true } }),
    };
    const statementMs = options.statementMs ?? REQUEST_PATIENCE_MS;
    const pool = new pg.Pool({
      ...server,
      max: options.poolSize ?? 20,
      statement_timeout: statementMs,
      query_timeout: statementMs + 1_000,
      idle_in_transaction_session_timeout: 15_000,
    });
    keepToPatience(pool, statementMs);
    pool.on('error', options.onError);
    // The pool listens to idle connections only: without this, losing one inside a transaction ends the process.
    // Whoever uses it is told by its next query.
    pool.on('connect', (client) => void client.on('error', () => undefined));
    return new PostgresDatabase(pool, server);
  }

  /** A connection beside the pool, without the time limits of ordinary statements. The caller ends it. */
  async connectAlone(): Promise<pg.Client> {
    const client = new pg.Client(this.server);
    client.on('error', () => undefined);
    await client.connect();
    return client;
  }

  close(): Promise<void> {
    return this.pool.end();
  }
}
