import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { migratedDatabase, type MigratedDatabase } from '../../test/support/outbox/migrated.database.js';
import { parseEnvironment } from '../config/environment.js';
import { Installation } from './service.store.js';

describe('the installation', () => {
  let home: MigratedDatabase;
  beforeAll(async () => {
    home = await migratedDatabase();
  });
  afterAll(() => home.drop());
  const open = (configured?: string) => Installation.open(home.database.db, configured);

  it('T3o gets one id at its first start, however many processes start at once, and keeps it', async () => {
    const all = await Promise.all(Array.from({ length: 5 }, () => open()));
    const [first] = all;
    expect(first?.id).toMatch(/^[0-9a-f-]{36}$/);
    expect(new Set(all.map(({ id }) => id)).size).toBe(1);
    // With another name for a while; without it, it is what it was.
    const named = await open('shop-production');
    expect(named.id).toBe('shop-production');
    expect((await open()).id).toBe(first?.id);
    const { db } = home.database;
    for (const id of [first?.id ?? '', 'shop-production']) {
      expect(await named.isOurs(db, id)).toBe(true);
      expect(await first?.isOurs(db, id)).toBe(true);
    }
    expect(await named.isOurs(db, 'shop-staging')).toBe(false);
  });

  it.each(['shop production', 'x'.repeat(65), 'šhop', 'a,b'])('cannot be called %j', (name) => {
    const environment = { STRIPE_SECRET: 'sk_test_12345678', INSTALLATION_ID: name };
    expect(() => parseEnvironment(environment)).toThrow('INSTALLATION_ID');
  });
});
