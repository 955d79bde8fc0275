import { drizzle } from 'drizzle-orm/node-postgres';
import pg from 'pg';
import { postgresConnection } from '../config/env.connections.js';
import { Database, type Db } from './database.js';
import { REQUEST_PATIENCE_MS } from '../kernel/patience.js';
import { keepToPatience } from './patient.pool.js';

const INT8 = 20;

export interface PostgresOptions {
  url: string;
  /** PEM text; switches TLS with verification on. */
  tlsCa?: string | undefined;
  /** A direct connection to the same database, where `url` leads through a pooler. */
  migrationUrl?: string | undefined;
  poolSize?: number;
  /** After which an ordinary statement is given up; we wait a second longer for that. Default 8 s. */
  statementMs?: number;
  onError: (error: Error) => void;
}

/**
 * Postgres through a pool, or through a pool and a pooler in transaction mode: nothing is asked of the server at the
 * start of a connection, and nothing that a session keeps.
 */
export class PostgresDatabase extends Database {
  readonly embedded = false;
  readonly db: Db;

  private constructor(
    readonly pool: pg.Pool,
    private readonly apart: pg.ClientConfig,
    /** No pooler stands between the server and what works aside, says whoever configured it. */
    readonly isAsideDirect: boolean,
  ) {
    super();
    this.db = drizzle(pool);
  }

  /** @throws Error when a URL and the authority contradict each other. */
  static open(options: PostgresOptions): PostgresDatabase {
    // Global, since Drizzle ignores a pool's own type parsers.
    pg.types.setTypeParser(INT8, BigInt);
    const statementMs = options.statementMs ?? REQUEST_PATIENCE_MS;
    const pool = new pg.Pool({
      ...serverOf(options.url, options.tlsCa),
      max: options.poolSize ?? 20,
      query_timeout: statementMs + 1_000,
    });
    keepToPatience(pool, statementMs);
    pool.on('error', options.onError);
    // The pool listens to idle connections only: without this, losing one inside a transaction ends the process.
    // Whoever uses it is told by its next query.
    pool.on('connect', (client) => void client.on('error', () => undefined));
    return new PostgresDatabase(
      pool,
      serverOf(options.migrationUrl ?? options.url, options.tlsCa),
      options.migrationUrl !== undefined,
    );
  }

  /** Works on a connection beside the pool, without the limits of ordinary statements: for what changes the schema. */
  async aside<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
    const client = new pg.Client(this.apart);
    client.on('error', () => undefined);
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  }

  close(): Promise<void> {
    return this.pool.end();
  }
}

function serverOf(url: string, tlsCa: string | undefined): pg.ClientConfig {
  const { ssl, ...connection } = postgresConnection(url, tlsCa);
  return {
    ...connection,
    ...(ssl === undefined ? {} : { ssl }),
    connectionTimeoutMillis: 4_000,
    keepAlive: true,
  };
}
