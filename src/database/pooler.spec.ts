import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { sql } from 'drizzle-orm';
import pg from 'pg';
import { until } from '../../test/support/outbox/until.js';
import { type FreshDatabase, freshDatabase } from '../../test/support/servers/database.js';
import { type Pgbouncer, pgbouncerMissing, startPgbouncer } from '../../test/support/servers/pgbouncer.js';
import { Patience, withPatience } from '../kernel/patience.js';
import { migrate, migrationCount } from './migrate.js';
import { Database } from './database.js';
import { isDatabaseUnavailable } from './sql.errors.js';

const missing = await pgbouncerMissing();
/** A developer without it does without this one file; nobody else does. */
const mayBeSkipped = missing !== undefined && process.env.CI === undefined;
const describePooled = mayBeSkipped ? describe.skip : describe;

describePooled(`Postgres behind a pooler in transaction mode${mayBeSkipped ? ` (${missing})` : ''}`, () => {
  let fresh: FreshDatabase;
  let pooler: Pgbouncer | undefined;
  let direct: pg.Client;
  const open: Database[] = [];
  beforeEach(async () => {
    fresh = await freshDatabase();
    direct = new pg.Client(fresh.url);
    direct.on('error', () => undefined);
    await direct.connect();
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((database) => database.close()));
    await pooler?.stop();
    await direct.end();
    await fresh.drop();
  });

  async function pool(settings: Parameters<typeof startPgbouncer>[0] = {}): Promise<string> {
    pooler = await startPgbouncer(settings);
    return pooler.urlOf(fresh.url);
  }
  function connect(url: string, statementMs = 8_000): Database {
    const database = Database.open({ url, poolSize: 5, statementMs, onError: () => undefined });
    open.push(database);
    return database;
  }
  /** Of every session that the pooler keeps for this database. */
  const kept = async (what: string): Promise<unknown[]> => {
    const { rows } = await direct.query(
      `select ${what} as value from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`,
    );
    return rows.map(({ value }) => value);
  };
  const advisoryLocks = async (): Promise<unknown> =>
    (
      await direct.query(`select 1 from pg_locks where locktype = 'advisory'
       and database = (select oid from pg_database where datname = current_database())`)
    ).rows;

  it.each([
    ['that takes no startup parameters', { default_pool_size: 2 }],
    ['of one connection', { default_pool_size: 1 }],
    [
      'that ignores startup parameters and resets its sessions',
      {
        default_pool_size: 2,
        ignore_startup_parameters: 'statement_timeout,idle_in_transaction_session_timeout',
        server_reset_query: 'DISCARD ALL',
        server_reset_query_always: 1,
      },
    ],
  ])('S14a is migrated by four processes at once, and again, before a pooler %s', async (_, settings) => {
    const url = await pool(settings);
    const starting = Array.from({ length: 4 }, () => connect(url));
    await Promise.all(starting.map((database) => migrate(database)));
    await Promise.all(starting.map((database) => migrate(database)));
    const { rows } = await direct.query('select count(*)::int as n from drizzle.__drizzle_migrations');
    expect(rows).toEqual([{ n: migrationCount() }]);
    expect(await advisoryLocks()).toEqual([]);
  });

  it('S14b leaves no lock on a pooled connection, so that the third start is as fast as the first', async () => {
    const url = await pool({
      default_pool_size: 3,
      ignore_startup_parameters: 'statement_timeout,idle_in_transaction_session_timeout',
    });
    let over = false;
    // Others are at work meanwhile, so that each statement of a start may meet another session.
    const others = Array.from({ length: 4 }, async () => {
      const other = new pg.Client(url);
      await other.connect();
      while (!over) await other.query('select pg_sleep(0.001)');
      await other.end();
    });
    try {
      for (let start = 1; start <= 3; start += 1) {
        await migrate(connect(url));
        expect(await advisoryLocks()).toEqual([]);
      }
    } finally {
      over = true;
      await Promise.all(others);
    }
  });

  it('S14c gives up a single statement in time, and Postgres stops working on it', async () => {
    const database = connect(await pool({ default_pool_size: 1 }), 300);
    const error: unknown = await database.db
      .execute(sql`select pg_sleep(60)`)
      .catch((caught: unknown) => caught);
    expect(isDatabaseUnavailable(error)).toBe(true);
    await until(async () => (await kept('state')).every((state) => state === 'idle'));
    // The pooler's only connection is free again.
    await database.ping();
  });

  it('S14d gives up a statement inside of a transaction, with limits that end with it', async () => {
    const database = connect(await pool({ default_pool_size: 1 }), 300);
    const limits = await database.transaction(
      async (tx) =>
        await tx
          .select({
            statement: sql`current_setting('statement_timeout')`,
            idle: sql`current_setting('idle_in_transaction_session_timeout')`,
          })
          .from(sql`(select 1) as one`),
    );
    expect(limits).toEqual([{ statement: '300ms', idle: '15s' }]);
    const error: unknown = await database
      .transaction((tx) => tx.execute(sql`select pg_sleep(60)`))
      .catch((caught: unknown) => caught);
    expect(isDatabaseUnavailable(error)).toBe(true);
    const { rows } = await database.pool.query('show statement_timeout');
    expect(rows).toEqual([{ statement_timeout: '0' }]);
  });

  it('S14e leaves nothing of a request’s deadline to whoever gets the connection next', async () => {
    const url = await pool({ default_pool_size: 1 });
    const database = connect(url);
    const within = await withPatience(new Patience(2_000), async () => {
      await database.db.execute(sql`select 1`);
      return database.transaction(async (tx) => {
        await tx.execute(sql`select 1`);
        return tx.select({ limit: sql`current_setting('statement_timeout')` }).from(sql`(select 1) as one`);
      });
    });
    expect(within).toEqual([{ limit: '2s' }]);
    const stranger = new pg.Client(url);
    await stranger.connect();
    const { rows } = await stranger.query('show statement_timeout');
    await stranger.end();
    expect(rows).toEqual([{ statement_timeout: '0' }]);
  });

  it('S14t gets its connections back, though a transaction could not begin', async () => {
    const url = await pool({ default_pool_size: 1 });
    const other = new pg.Client(url);
    await other.connect();
    const database = Database.open({ url, poolSize: 1, statementMs: 100, onError: () => undefined });
    open.push(database);
    await database.ping();
    await other.query('begin');
    // The pooler has no server for it, and lets it wait.
    const error: unknown = await database
      .transaction((tx) => tx.execute(sql`select 1`))
      .catch((caught: unknown) => caught);
    expect(isDatabaseUnavailable(error)).toBe(true);
    await other.end();
    await until(() =>
      database.ping().then(
        () => true,
        () => false,
      ),
    );
  });
});
