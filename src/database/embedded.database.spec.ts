import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { sql } from 'drizzle-orm';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EmbeddedDatabase } from './embedded.database.js';
import { migrate } from './migrate.js';
import { serviceFacts } from './service.tables.js';

/** Its first start takes seconds, and many on a busy machine. */
const SLOW_MS = 90_000;

describe('the embedded database', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'embedded-'));
  });
  afterEach(() => rm(directory, { recursive: true }));

  it(
    'keeps its rows when it is closed and opened again, and belongs to one at a time',
    async () => {
      const place = join(directory, 'made', 'for it');
      const first = await EmbeddedDatabase.open(place);
      await expect(EmbeddedDatabase.open(place)).rejects.toThrow('is in use by process');
      await migrate(first);
      await first.db.insert(serviceFacts).values({ name: 'kept', at: new Date('2026-01-02T03:04:05.678Z') });
      await first.close();

      const again = await EmbeddedDatabase.open(place);
      await migrate(again);
      expect(await again.db.select().from(serviceFacts)).toEqual([
        { name: 'kept', at: new Date('2026-01-02T03:04:05.678Z') },
      ]);
      await again.close();
    },
    SLOW_MS,
  );

  it(
    'starts from a dump of another one, and gives int8 as bigint',
    async () => {
      const first = await EmbeddedDatabase.open('memory://');
      await first.db.execute(sql`create table kept (small int8, large int8)`);
      await first.db.execute(sql`insert into kept values (1, 9007199254740993)`);
      const copy = await EmbeddedDatabase.open('memory://', await first.dump());
      const read = await copy.db.execute(sql`select small, large from kept`);
      expect(read).toMatchObject({ rows: [{ small: 1n, large: 9_007_199_254_740_993n }] });
      await first.close();
      await copy.close();
    },
    SLOW_MS,
  );
});
