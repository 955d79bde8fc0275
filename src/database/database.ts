import { type SQL, sql } from 'drizzle-orm';
import { drizzle, type NodePgDatabase } from 'drizzle-orm/node-postgres';
import pg from 'pg';
import { postgresConnection } from '../config/env.connections.js';
import { REQUEST_PATIENCE_MS } from '../kernel/patience.js';
import { isWorker } from '../kernel/poll.loop.js';
import { keepToPatience } from './patient.pool.js';
import { sqlStateOf } from './sql.errors.js';

export type Db = NodePgDatabase;
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
const INT8 = 20;

export interface DatabaseOptions {
  url: string;
  /** PEM text; switches TLS with verification on. */
  tlsCa?: string | undefined;
  /** A direct connection to the same database, where `url` leads through a pooler. */
  migrationUrl?: string | undefined;
  /** Connections for requests, default 10. */
  poolSize?: number;
  /** Connections for what was accepted and has to be worked off, default 10. */
  workerPoolSize?: number;
  /** After which an ordinary statement is given up; we wait a second longer for that. Default 8 s. */
  statementMs?: number;
  onError: (error: Error) => void;
  /** Runs after the last connection is closed. */
  afterClose?: () => Promise<void>;
}

interface Side {
  readonly pool: pg.Pool;
  readonly db: Db;
}

/**
 * Postgres through two pools, one for requests and one for workers (`asWorker`), so that callers who take every
 * connection stop neither the intake of webhooks nor the work on what was accepted, nor the other way round. A pooler in
 * transaction mode may stand between: nothing is asked of the server at the start of a connection, nor kept by a session.
 */
export class Database {
  private constructor(
    private readonly requests: Side,
    private readonly workers: Side,
    private readonly apart: pg.ClientConfig,
    /** No pooler stands between the server and what works aside, says whoever configured it. */
    readonly isAsideDirect: boolean,
    private readonly afterClose: () => Promise<void>,
  ) {}

  /** @throws Error when a URL and the authority contradict each other. */
  static open(options: DatabaseOptions): Database {
    // Global, since Drizzle ignores a pool's own type parsers.
    pg.types.setTypeParser(INT8, BigInt);
    return new Database(
      openSide(options, options.poolSize ?? 10),
      openSide(options, options.workerPoolSize ?? 10),
      serverOf(options.migrationUrl ?? options.url, options.tlsCa),
      options.migrationUrl !== undefined,
      options.afterClose ?? (() => Promise.resolve()),
    );
  }

  get db(): Db {
    return this.side.db;
  }

  get pool(): pg.Pool {
    return this.side.pool;
  }

  private get side(): Side {
    return isWorker() ? this.workers : this.requests;
  }

  /**
   * Runs `work` in one transaction, and again (5 times at most) after a serialization failure or a deadlock.
   * Inside, use `tx` only: another connection would not see its rows, and could wait for it for ever.
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

  /** Asks over both pools and takes the first answer: one that is busy says nothing about the database. */
  async onAnyPool<T>(question: (db: Db) => Promise<T>): Promise<T> {
    const asked = question(this.requests.db);
    return Promise.any([asked, question(this.workers.db)]).catch(() => asked);
  }

  /** @throws when the database does not answer. */
  async ping(): Promise<void> {
    await this.onAnyPool((db) => db.execute(sql`select 1`));
  }

  /** Works on a connection beside the pools, without the limits of ordinary statements: for what changes the schema. */
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

  async close(): Promise<void> {
    await Promise.all([this.requests.pool.end(), this.workers.pool.end()]);
    await this.afterClose();
  }
}

function openSide(options: DatabaseOptions, max: number): Side {
  const statementMs = options.statementMs ?? REQUEST_PATIENCE_MS;
  const pool = new pg.Pool({
    ...serverOf(options.url, options.tlsCa),
    max,
    query_timeout: statementMs + 1_000,
  });
  keepToPatience(pool, statementMs);
  pool.on('error', options.onError);
  // The pool listens to idle connections only: without this, losing one inside a transaction ends the process.
  // Whoever uses it is told by its next query.
  pool.on('connect', (client) => void client.on('error', () => undefined));
  return { pool, db: drizzle(pool) };
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
