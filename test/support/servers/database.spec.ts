import { describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { freshDatabase } from './database.js';

describe('freshDatabase', () => {
  it('gives each caller an empty database of its own, on the Postgres of the run', async () => {
    const [one, other] = await Promise.all([freshDatabase(), freshDatabase()]);
    expect(one.url).not.toBe(other.url);
    expect(new URL(one.url).host).toBe(new URL(process.env.TEST_POSTGRES_URL ?? '').host);
    const client = new pg.Client(one.url);
    await client.connect();
    const { rows } = await client.query(
      "select count(*)::int as tables from pg_tables where schemaname = 'public'",
    );
    expect(rows).toEqual([{ tables: 0 }]);
    await client.end();
    await Promise.all([one.drop(), other.drop()]);
  });

  it('drops a database that is still in use, and once only', async () => {
    const database = await freshDatabase();
    const client = new pg.Client(database.url);
    // The server's word and the closed socket are an error each.
    const lost = new Promise((resolve) => client.on('error', resolve));
    await client.connect();
    await database.drop();
    await lost;
    await expect(new pg.Client(database.url).connect()).rejects.toThrow('does not exist');
    await database.drop();
  });
});
