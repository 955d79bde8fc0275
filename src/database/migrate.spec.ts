import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { until } from '../../test/support/outbox/until.js';
import { type FreshDatabase, freshDatabase } from '../../test/support/servers/database.js';
import { buildMissingIndexes, migrate, migrationCount } from './migrate.js';
import { Database } from './database.js';

describe('migrations', () => {
  let fresh: FreshDatabase;
  let folder: string;
  let database: Database;
  let other: pg.Client;
  beforeEach(async () => {
    fresh = await freshDatabase();
    folder = await mkdtemp(join(tmpdir(), 'migrations-'));
    database = Database.open({ url: fresh.url, poolSize: 4, onError: () => undefined });
    other = new pg.Client(fresh.url);
    await other.connect();
  });
  afterEach(async () => {
    await other.end();
    await database.close();
    await fresh.drop();
    await rm(folder, { recursive: true });
  });

  /** Each is a list of statements. */
  async function write(...migrations: string[][]): Promise<void> {
    await mkdir(join(folder, 'meta'), { recursive: true });
    const entries = migrations.map((_, idx) => ({ idx, when: idx + 1, tag: `000${idx}`, breakpoints: true }));
    await writeFile(join(folder, 'meta/_journal.json'), JSON.stringify({ entries }));
    for (const [index, statements] of migrations.entries()) {
      await writeFile(join(folder, `000${index}.sql`), statements.join('\n--> statement-breakpoint\n'));
    }
  }
  const rowsOf = async (query: string): Promise<unknown[]> => (await other.query(query)).rows;
  const tables = () => rowsOf(`select tablename as t from pg_tables where schemaname = 'public' order by 1`);

  const FIRST = ['create table first (id int)'];
  const SECOND = ['create table second (id int)', 'alter table first add column note text'];

  it('bring an empty database up to date, and change nothing the second time', async () => {
    expect(await migrate(database)).toBe(migrationCount());
    expect(await migrate(database)).toBe(0);
    const applied = await rowsOf('select count(*)::int as applied from drizzle.__drizzle_migrations');
    expect(applied).toEqual([{ applied: migrationCount() }]);
  });

  it('S14f stay whole: one that fails half-way leaves nothing of itself, and what came before it', async () => {
    await write(FIRST, [...SECOND, 'select 1 / 0']);
    await expect(migrate(database, { folder })).rejects.toMatchObject({ cause: { code: '22012' } });
    expect(await tables()).toEqual([{ t: 'first' }]);
    expect(await rowsOf('select created_at::int from drizzle.__drizzle_migrations')).toEqual([
      { created_at: 1 },
    ]);
    await write(FIRST, SECOND);
    expect(await migrate(database, { folder })).toBe(1);
    expect(await tables()).toEqual([{ t: 'first' }, { t: 'second' }]);
  });

  it('S14g step back from a table that is in use, let others have it, and come again', async () => {
    await write(FIRST);
    await migrate(database, { folder });
    await write(FIRST, SECOND);
    await other.query('begin');
    await other.query('select * from first');
    const reasons: string[] = [];
    const migrating = migrate(database, { folder, onWait: (reason) => reasons.push(reason) });
    await until(() => reasons.length > 0);
    // Whoever came behind it is served, though the first one still has the table.
    expect((await database.pool.query('select * from first')).rows).toEqual([]);
    await other.query('commit');
    expect(await migrating).toBe(1);
    expect(reasons).toEqual(['another session uses a table that it alters']);
  });

  it('S14h end, and name the session, where an earlier version left its lock behind', async () => {
    await write(FIRST);
    await other.query('select pg_advisory_lock(7203311)');
    const [holder] = (await other.query<{ pid: number }>('select pg_backend_pid() as pid')).rows;
    const failing = migrate(database, { folder, leftBehindSeconds: 0 });
    await expect(failing).rejects.toThrow(`select pg_terminate_backend(${holder?.pid})`);
    await other.query('select pg_advisory_unlock(7203311)');
    expect(await migrate(database, { folder })).toBe(1);
  });

  it('S14i touch nothing when there is nothing to do, so that a role without rights may start', async () => {
    await migrate(database);
    await other.query('create role onlooker login');
    try {
      await other.query('grant usage on schema drizzle to onlooker');
      await other.query('grant select on all tables in schema drizzle to onlooker');
      const url = new URL(fresh.url);
      url.username = 'onlooker';
      const theirs = Database.open({ url: url.href, onError: () => undefined });
      expect(await migrate(theirs).finally(() => theirs.close())).toBe(0);
    } finally {
      await other.query('drop owned by onlooker');
      await other.query('drop role onlooker');
    }
  });

  describe('with an index that the service can do without', () => {
    const INDEX = 'CREATE INDEX CONCURRENTLY "first_by_note" ON "first" USING btree ("note");';
    const TABLE = ['create table first (id int, note text)'];
    /** More than 8 MiB. */
    const FILL = `insert into first select n, repeat('x', 1000) from generate_series(1, 9500) as n`;
    const index = () =>
      rowsOf(`select indisvalid as valid from pg_index where indexrelid = to_regclass('first_by_note')`);
    const build = (): Promise<string[]> => buildMissingIndexes(database, () => undefined, folder);

    it('S14j build it at once on a small table', async () => {
      await write(TABLE, [INDEX]);
      await migrate(database, { folder });
      expect(await index()).toEqual([{ valid: true }]);
      expect(await build()).toEqual([]);
    });

    it('S14k leave it out on a large one, and build it when told to, while others write', async () => {
      await write([...TABLE, FILL], [INDEX]);
      expect(await migrate(database, { folder })).toBe(2);
      expect(await index()).toEqual([]);
      expect(await migrate(database, { folder })).toBe(0);
      // A build that is not concurrent would wait for this transaction, and everybody for the build.
      await other.query('begin');
      await other.query(`insert into first values (0, 'written meanwhile')`);
      const building = build();
      await until(async () => {
        const { rows } = await database.pool.query('select 1 from pg_stat_progress_create_index');
        return rows.length > 0;
      });
      await database.pool.query(`insert into first values (0, 'written too')`);
      await other.query('commit');
      expect(await building).toEqual(['first_by_note']);
      expect(await index()).toEqual([{ valid: true }]);
    });

    it('S14l build it anew where a build broke off, and once where two are told to', async () => {
      await write([...TABLE, FILL], [INDEX]);
      await migrate(database, { folder });
      await other.query('create index first_by_note on first (note)');
      await other.query(
        `update pg_index set indisvalid = false where indexrelid = 'first_by_note'::regclass`,
      );
      const built = await Promise.all([build(), build()]);
      expect(built.flat()).toEqual(['first_by_note']);
      expect(await index()).toEqual([{ valid: true }]);
    });

    it('S14m drop it though it was never built', async () => {
      await write([...TABLE, FILL], [INDEX], ['DROP INDEX "first_by_note";']);
      expect(await migrate(database, { folder })).toBe(3);
      expect(await build()).toEqual([]);
    });
  });
});
