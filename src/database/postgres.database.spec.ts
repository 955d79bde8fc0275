import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { sql } from 'drizzle-orm';
import pg from 'pg';
import { certificateAuthority } from '../../test/support/http/self.signed.certificate.js';
import { until } from '../../test/support/outbox/until.js';
import { type FreshDatabase, freshDatabase } from '../../test/support/servers/database.js';
import { type PostgresServer, startPostgres } from '../../test/support/servers/postgres.server.js';
import { type Tx, Database } from './database.js';
import { migrate, migrationCount } from './migrate.js';
import { describeError, isDatabaseUnavailable, sqlStateOf } from './sql.errors.js';

describe('Postgres', () => {
  let fresh: FreshDatabase;
  const open: Database[] = [];
  beforeEach(async () => {
    fresh = await freshDatabase();
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((database) => database.close()));
    await fresh.drop();
  });

  const connect = (url = fresh.url, poolSize = 5): Database => {
    const database = Database.open({ url, poolSize, onError: () => undefined });
    open.push(database);
    return database;
  };
  const applied = async (database: Database): Promise<unknown> => {
    const { rows } = await database.pool.query('select count(*)::int as n from drizzle.__drizzle_migrations');
    return rows[0]?.n;
  };
  const accounts = async (database: Database): Promise<void> => {
    await database.pool.query('create table accounts (id int primary key, held int not null)');
    await database.pool.query('insert into accounts values (1, 0), (2, 0)');
  };
  const add = (tx: Tx, id: number) => tx.execute(sql`update accounts set held = held + 1 where id = ${id}`);

  it('is migrated once by four processes that start at once, and no more the second time', async () => {
    const starting = Array.from({ length: 4 }, () => connect());
    await Promise.all(starting.map((database) => migrate(database)));
    await Promise.all(starting.map((database) => migrate(database)));
    const [first] = starting;
    if (first === undefined) throw new Error('nobody started');
    expect(await applied(first)).toBe(migrationCount());
  });

  it('is waited for while another process migrates, beyond the patience of ordinary statements', async () => {
    const other = new pg.Client(fresh.url);
    await other.connect();
    await other.query('select pg_advisory_lock(7203311)');
    const database = Database.open({ url: fresh.url, statementMs: 50, onError: () => undefined });
    open.push(database);
    let over = false;
    const migrating = migrate(database).finally(() => (over = true));
    await expect(database.pool.query('select pg_sleep(5)')).rejects.toThrow('statement timeout');
    // Our own patience is a second longer than the server's.
    await other.query('select pg_sleep(1.2)');
    expect(over).toBe(false);
    await other.query('select pg_advisory_unlock(7203311)');
    await other.end();
    await migrating;
    expect(await applied(database)).toBe(migrationCount());
  });

  it('leaves the patience of ordinary statements as it was after migrating', async () => {
    const database = connect(fresh.url, 1);
    await migrate(database);
    const limit = await database.transaction((tx) =>
      tx.select({ ms: sql`current_setting('statement_timeout')` }).from(sql`(select 1) as one`),
    );
    expect(limit).toEqual([{ ms: '8s' }]);
  });

  it('runs both of two transactions that deadlock', async () => {
    const database = connect();
    await accounts(database);
    let meeting = 0;
    let attempts = 0;
    const both = (one: number, other: number) =>
      database.transaction(async (tx) => {
        attempts += 1;
        await add(tx, one);
        // Each holds its first row before either goes for the second.
        meeting += 1;
        while (meeting < 2) await tx.execute(sql`select pg_sleep(0.005)`);
        await add(tx, other);
      });
    await Promise.all([both(1, 2), both(2, 1)]);
    const { rows } = await database.pool.query('select id, held from accounts order by id');
    expect(rows).toEqual([
      { id: 1, held: 2 },
      { id: 2, held: 2 },
    ]);
    // The one that was ended may take its first row again before the other has woken up: then they deadlock once more.
    expect(attempts).toBeGreaterThanOrEqual(3);
  });

  it('runs a transaction again after a serialization failure, and loses no update', async () => {
    const database = connect();
    await accounts(database);
    let meeting = 0;
    let attempts = 0;
    const readThenWrite = () =>
      database.transaction(async (tx) => {
        attempts += 1;
        await tx.execute(sql`set transaction isolation level repeatable read`);
        await tx.execute(sql`select held from accounts where id = 1`);
        meeting += 1;
        while (meeting < 2) await tx.execute(sql`select pg_sleep(0.005)`);
        await add(tx, 1);
      });
    await Promise.all([readThenWrite(), readThenWrite()]);
    const { rows } = await database.pool.query('select held from accounts where id = 1');
    expect(rows).toEqual([{ held: 2 }]);
    expect(attempts).toBe(3);
  });

  it('gives up on a transaction that fails so five times, and at once on any other failure', async () => {
    const database = connect();
    let attempts = 0;
    const failing = (state: string) =>
      database.transaction((tx) => {
        attempts += 1;
        return tx.execute(sql.raw(`do $$ begin raise exception 'no' using errcode = '${state}'; end $$`));
      });
    await expect(failing('40001')).rejects.toThrow();
    expect(attempts).toBe(5);
    attempts = 0;
    await expect(failing('23505')).rejects.toThrow();
    expect(attempts).toBe(1);
  });

  it('gives int8 as bigint, beyond what a double holds', async () => {
    const database = connect();
    const { rows } = await database.pool.query('select 1::int8 as small, 9007199254740993::int8 as large');
    expect(rows).toEqual([{ small: 1n, large: 9_007_199_254_740_993n }]);
  });

  it('that drops a connection in the middle of a transaction fails the transaction, not the process', async () => {
    const database = connect(fresh.url, 2);
    const work = database.transaction(async (tx) => {
      await tx.execute(sql`select 1`);
      const [backend] = await tx
        .select({ pid: sql<number>`pid` })
        .from(sql`pg_stat_activity`)
        .where(sql`pid = pg_backend_pid()`);
      await database.pool.query('select pg_terminate_backend($1)', [backend?.pid]);
      // Nothing is asked of the connection while it goes away, as while a transaction computes.
      await database.pool.query('select pg_sleep(0.2)');
      await tx.execute(sql`select 2`);
    });
    const error: unknown = await work.catch((caught: unknown) => caught);
    expect(isDatabaseUnavailable(error)).toBe(true);
    await database.ping();
  });

  it('that does not answer in time is not available, whoever lost patience first', async () => {
    const frozen = Database.open({ url: fresh.url, poolSize: 1, onError: () => undefined });
    open.push(frozen);
    const error: unknown = await frozen.pool
      .query({ text: 'select pg_sleep(5)', query_timeout: 50 } as pg.QueryConfig)
      .catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(Error);
    expect(isDatabaseUnavailable(error)).toBe(true);
  });

  it('whose connections are all in use is not available either', async () => {
    const url = new URL(fresh.url);
    const busy = connect(url.href, 1);
    const held = await busy.pool.connect();
    const error: unknown = await busy.ping().catch((caught: unknown) => caught);
    expect(isDatabaseUnavailable(error)).toBe(true);
    expect(sqlStateOf(error)).toBeUndefined();
    held.release();
    await busy.ping();
  });

  it('S14u that answers at none of its addresses is told with each of them', () => {
    const refused = ['::1', '127.0.0.1'].map((at) => new Error(`connect ECONNREFUSED ${at}:5432`));
    // As Node throws it for a name with two addresses: its own message is empty.
    expect(describeError(new AggregateError(refused))).toBe(
      'connect ECONNREFUSED ::1:5432; connect ECONNREFUSED 127.0.0.1:5432',
    );
  });

  it('that nobody runs is not available', async () => {
    const error: unknown = await connect('postgres://nobody@127.0.0.1:1/none')
      .ping()
      .catch((caught: unknown) => caught);
    expect(isDatabaseUnavailable(error)).toBe(true);
  });
});

describe('a Postgres that speaks TLS', () => {
  const authority = certificateAuthority('The shop');
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres({ tls: authority.issue(['localhost', '127.0.0.2']) });
  });
  afterAll(() => server.stop());

  /** With an answer about the pool's connection, and about the one for migrations. */
  async function isEncrypted(url: string, tlsCa?: string): Promise<unknown[]> {
    const database = Database.open({ url, tlsCa, onError: () => undefined });
    const question = 'select ssl from pg_stat_ssl where pid = pg_backend_pid()';
    try {
      const [pooled] = (await database.pool.query(question)).rows;
      const [alone] = await database.aside(async (client) => (await client.query(question)).rows);
      return [pooled?.ssl, alone?.ssl];
    } finally {
      await database.close();
    }
  }
  const urlOf = (host: string, parameters = '') =>
    `${server.adminUrl.replace('127.0.0.1', host)}${parameters}`;

  it.each(['?sslmode=allow', '?sslmode=prefer', '?sslmode=require', '?sslmode=verify-full'])(
    'S13k is believed by its authority, whatever the URL says: %s',
    async (parameters) => {
      expect(await isEncrypted(urlOf('localhost', parameters), authority.cert)).toEqual([true, true]);
      const stranger = certificateAuthority('Somebody').cert;
      await expect(isEncrypted(urlOf('localhost', parameters), stranger)).rejects.toMatchObject({
        code: expect.stringMatching(/^(UNABLE_TO_VERIFY|SELF_SIGNED)/),
      });
      // Its certificate is for another name.
      await expect(isEncrypted(urlOf('127.0.0.1', parameters), authority.cert)).rejects.toMatchObject({
        code: 'ERR_TLS_CERT_ALTNAME_INVALID',
      });
    },
  );

  it('S13l is never asked in plain text where an authority was named', async () => {
    for (const parameters of ['?sslmode=disable', '?sslmode=no-verify']) {
      await expect(isEncrypted(urlOf('localhost', parameters), authority.cert)).rejects.toThrow(
        'DATABASE_TLS_CA asks for a verified connection',
      );
    }
    const plain = process.env.TEST_POSTGRES_URL ?? '';
    for (const parameters of ['', '?sslmode=prefer', '?sslmode=allow']) {
      await expect(isEncrypted(`${plain}${parameters}`, authority.cert)).rejects.toThrow(
        'The server does not support SSL connections',
      );
    }
  });

  it('cancels over TLS too', async () => {
    const url = urlOf('localhost', '?application_name=impatient');
    const database = Database.open({
      url,
      tlsCa: authority.cert,
      statementMs: 300,
      onError: () => undefined,
    });
    await expect(database.pool.query('select pg_sleep(60)')).rejects.toThrow('statement timeout');
    await until(async () => {
      const working = `select 1 from pg_stat_activity
        where application_name = 'impatient' and state = 'active' and pid <> pg_backend_pid()`;
      return (await database.pool.query(working)).rows.length === 0;
    });
    await database.close();
  });
});
