import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { migratedDatabase, type MigratedDatabase } from '../../test/support/outbox/migrated.database.js';
import { cardSetups } from '../customers/customer/customer.tables.js';
import { providerOperations } from '../operations/operation.tables.js';
import { Retention } from './janitor.rounds.js';
import { JanitorStore } from './janitor.store.js';
import { event } from '../../test/support/outbox/outbox.bed.js';
import { outbox } from '../outbox/outbox.tables.js';

const DAY_MS = 86_400_000;
const daysAgo = (days: number) => new Date(Date.now() - days * DAY_MS);

describe('retention', () => {
  let home: MigratedDatabase;
  beforeAll(async () => {
    home = await migratedDatabase();
  });
  afterAll(() => home.drop());

  it('lets go of tokens and persons after RETENTION_DAYS, of nothing younger and of nothing that is not settled', async () => {
    const { db } = home.database;
    const call = (id: string, settledAt: Date | null) => ({
      id,
      subjectId: randomUUID(),
      provider: 'fake',
      kind: 'create_customer' as const,
      request: { email: 'ana@example.com', token: 'tok_1' },
      state: settledAt === null ? ('unknown' as const) : ('done' as const),
      createdAt: daysAgo(200),
      settledAt,
    });
    const [old, young, open] = [randomUUID(), randomUUID(), randomUUID()];
    await db
      .insert(providerOperations)
      .values([call(old, daysAgo(91)), call(young, daysAgo(89)), call(open, null)]);
    const form = {
      provider: 'fake',
      livemode: false,
      state: 'saved' as const,
      caller: 'shop',
      token: 'tok_1',
    };
    const [oldForm, youngForm] = [randomUUID(), randomUUID()];
    await db.insert(cardSetups).values([
      { ...form, id: oldForm, createdAt: daysAgo(91) },
      { ...form, id: youngForm, createdAt: daysAgo(89) },
    ]);

    const retention = retentionOf(home);
    expect(await retention.run()).toBe(2);
    expect(await retention.run()).toBe(0);

    const calls = await db.select().from(providerOperations);
    expect(new Map(calls.map(({ id, request }) => [id, Object.keys(request).length]))).toEqual(
      new Map([
        [old, 0],
        [young, 2],
        [open, 2],
      ]),
    );
    expect((await db.select().from(cardSetups)).map(({ id }) => id)).toEqual([youngForm]);
  });

  it('deletes messages that were published so long ago, in chunks, and none that was not published', async () => {
    const { db } = home.database;
    const row = (createdAt: Date, publishedAt: Date | null) => ({
      ...event(),
      createdAt,
      publishedAt,
      state: publishedAt === null ? ('pending' as const) : ('published' as const),
    });
    const kept = [row(daysAgo(200), null), row(daysAgo(91), daysAgo(1)), row(daysAgo(89), daysAgo(89))];
    const old = Array.from({ length: 1_200 }, () => row(daysAgo(91), daysAgo(91)));
    await db.insert(outbox).values([...kept, ...old]);
    const retention = retentionOf(home);
    expect(await retention.run()).toBe(1_000);
    expect(await retention.run()).toBe(200);
    expect(await retention.run()).toBe(0);
    const left = await db.select({ id: outbox.id }).from(outbox);
    expect(left.map(({ id }) => id).sort()).toEqual(kept.map(({ id }) => id).sort());
  });
});

function retentionOf(home: MigratedDatabase): Retention {
  return new Retention(home.database, new JanitorStore(), {
    databaseUrl: undefined,
    dataDir: '',
    databasePool: 1,
    databaseWorkerPool: 1,
    migrationDatabaseUrl: undefined,
    databaseTlsCa: undefined,
    retentionDays: 90,
  });
}
