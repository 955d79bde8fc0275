import { describe, expect, it } from '@jest/globals';
import { sql } from 'drizzle-orm';
import { EmbeddedDatabase } from './embedded.database.js';
import { migrate, migrationCount } from './migrate.js';

describe('migrations', () => {
  it('bring an empty database up to date, and change nothing the second time', async () => {
    const database = await EmbeddedDatabase.open('memory://');
    await migrate(database);
    await migrate(database);
    const applied = await database.db.execute(
      sql`select count(*)::int as applied from drizzle.__drizzle_migrations`,
    );
    expect(applied).toMatchObject({ rows: [{ applied: migrationCount() }] });
    await database.close();
  });
});
