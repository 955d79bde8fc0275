import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { sql } from 'drizzle-orm';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EmbeddedDatabase } from './embedded.database.js';
import { migrate } from './migrate.js';
import { serviceFacts } from './service.tables.js';

describe('the embedded database', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'embedded-'));
  });
  afterEach(() => rm(directory, { recursive: true }));

  it('keeps its rows when it is closed and opened again', async () => {
    const place = join(directory, 'made', 'for it');
    const first = await EmbeddedDatabase.open(place);
    await migrate(first);
    await first.db.insert(serviceFacts).values({ name: 'kept', at: new Date('2026-01-02T03:04:05.678Z') });
    await first.close();

    const again = await EmbeddedDatabase.open(place);
    await migrate(again);
    expect(await again.db.select().from(serviceFacts)).toEqual([
      { name: 'kept', at: new Date('2026-01-02T03:04:05.678Z') },
    ]);
    await again.close();
  });

  it('is refused a second time while it is open, and free once it is closed', async () => {
    const first = await EmbeddedDatabase.open(directory);
    await expect(EmbeddedDatabase.open(directory)).rejects.toThrow('is in use by process');
    await first.close();
    await (await EmbeddedDatabase.open(directory)).close();
  });

  it('starts from a dump of another one', async () => {
    const first = await EmbeddedDatabase.open('memory://');
    await migrate(first);
    await first.db.insert(serviceFacts).values({ name: 'dumped' });
    const copy = await EmbeddedDatabase.open('memory://', await first.dump());
    const count = await copy.db.execute(sql`select name from service_facts`);
    expect(count).toMatchObject({ rows: [{ name: 'dumped' }] });
    await first.close();
    await copy.close();
  });
});
