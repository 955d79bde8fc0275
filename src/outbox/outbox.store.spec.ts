import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { sql } from 'drizzle-orm';
import { migratedDatabase, type MigratedDatabase } from '../../test/support/outbox/migrated.database.js';
import { event, legacy } from '../../test/support/outbox/outbox.bed.js';
import { until } from '../../test/support/outbox/until.js';
import type { Database } from '../database/database.js';
import { ServiceFacts } from '../database/service.store.js';
import { OrdersStore } from './orders/orders.store.js';
import type { OutboxMessage } from './outbox.message.js';
import { OutboxStore } from './outbox.store.js';
import { outbox } from './outbox.tables.js';

const LEASE_MS = 60_000;

describe('the outbox store', () => {
  let fresh: MigratedDatabase;
  let store: OutboxStore;

  beforeEach(async () => {
    fresh = await migratedDatabase();
    store = new OutboxStore(fresh.database);
  });

  afterEach(() => fresh.drop());

  it('forgets what was appended in a transaction that rolled back', async () => {
    const rolledBack = fresh.database.transaction(async (tx) => {
      await store.append(tx, [event()]);
      throw new Error('no');
    });
    await expect(rolledBack).rejects.toThrow('no');
    expect(await store.claimBatch('stream', 10, LEASE_MS)).toEqual([]);
  });

  it('leaves a message as it is whose id is there already, in one append and in two', async () => {
    const [message, other] = [event('a'), event('b')];
    await append(fresh.database, store, [message, { ...message, body: '{}' }]);
    const [claim] = await store.claimBatch('stream', 10, LEASE_MS);
    await store.markPublished([{ ...held(claim), streamSeq: 1 }]);
    await append(fresh.database, store, [{ ...message, body: '{}' }, other]);
    const rows = await fresh.database.db.select().from(outbox).orderBy(outbox.seq);
    expect(rows).toMatchObject([
      { id: message.id, body: message.body, state: 'published', streamSeq: 1n },
      { id: other.id, state: 'pending' },
    ]);
  });

  it('gives out in their order the messages of a key that were appended at once', async () => {
    const messages = Array.from({ length: 50 }, () => event('a'));
    await append(fresh.database, store, messages);
    const rows = await fresh.database.db.select({ id: outbox.id }).from(outbox).orderBy(outbox.seq);
    expect(rows.map(({ id }) => id)).toEqual(messages.map(({ id }) => id));
  });

  it('finds what became visible long after it was due, though younger messages were claimed before', async () => {
    await append(fresh.database, store, [event('a')]);
    expect(await store.claimBatch('stream', 10, LEASE_MS)).toHaveLength(1);
    const late = event('b');
    // As a transaction commits that appended a minute ago.
    const before = sql`payments_now() - interval '1 minute'`;
    await fresh.database.db.insert(outbox).values({ ...late, nextAttemptAt: before });
    const found = await until(async () => (await store.claimBatch('stream', 10, LEASE_MS))[0]);
    expect(found.id).toBe(late.id);
  });

  it('gives out what is due behind many messages whose first ones are put off', async () => {
    const first = Array.from({ length: 40 }, (_, index) => event(`key-${index}`));
    await append(fresh.database, store, first);
    const claims = await store.claimBatch('stream', 40, LEASE_MS);
    await store.release(claims.map((claim) => ({ ...claim, delayMs: 60_000, reason: 'timeout' })));
    await append(
      fresh.database,
      store,
      first.map(({ key }) => event(key)),
    );
    const other = event('other');
    await append(fresh.database, store, [other]);
    expect(idsOf(await store.claimBatch('stream', 2, LEASE_MS))).toEqual([other.id]);
  });

  it('gives a prober one message that certainly waits, and what was sent before', async () => {
    const messages = Array.from({ length: 4 }, () => legacy());
    await append(fresh.database, store, messages);
    const [doubtful, sent] = messages;
    const set = (id: string | undefined, change: object) =>
      fresh.database.db
        .update(outbox)
        .set(change)
        .where(sql`${outbox.id} = ${id}`);
    await set(doubtful?.id, { inFlight: true });
    await set(sent?.id, { state: 'sent', sends: 1 });
    const claims = await store.claimBatch('orders', 10, LEASE_MS, true);
    expect(claims.map(({ state, inFlight }) => [state, inFlight]).sort()).toEqual([
      ['pending', false],
      ['sent', false],
    ]);
  });

  it('gives each message to one of many claimants, whole', async () => {
    const messages = Array.from({ length: 40 }, () => event());
    await append(fresh.database, store, messages);
    const claims = await Promise.all(
      Array.from({ length: 8 }, () => store.claimBatch('stream', 10, LEASE_MS)),
    );
    const ids = claims.flat().map((message) => message.id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(claims.every((batch) => batch.length <= 10)).toBe(true);
    const [first] = claims.flat();
    const appended = messages.find((message) => message.id === first?.id);
    expect(first).toMatchObject({ ...appended, attempts: 1, state: 'pending', inFlight: false });
  });

  it('gives out only the oldest pending message of a key', async () => {
    const [one, two, other] = [event('a'), event('a'), event('b')];
    await append(fresh.database, store, [one, two, other]);
    const first = await store.claimBatch('stream', 10, LEASE_MS);
    expect(idsOf(first)).toEqual([one.id, other.id].sort());
    expect(await store.claimBatch('stream', 10, LEASE_MS)).toEqual([]);
    await store.markPublished(first.map((claim) => ({ ...claim, streamSeq: 7 })));
    expect(idsOf(await store.claimBatch('stream', 10, LEASE_MS))).toEqual([two.id]);
  });

  it('lets the next of a key go when the one before it is a dead letter', async () => {
    const [one, two] = [event('a'), event('a')];
    await append(fresh.database, store, [one, two]);
    const [claim] = await store.claimBatch('stream', 10, LEASE_MS);
    const { id } = held(claim);
    expect(await store.markDead([{ ...held(claim), reason: 'too large' }])).toEqual(new Set([id]));
    expect(idsOf(await store.claimBatch('stream', 10, LEASE_MS))).toEqual([two.id]);
  });

  it('gives an expired lease to somebody else, and fences the late finisher', async () => {
    await append(fresh.database, store, [event()]);
    const [late] = await store.claimBatch('stream', 10, 0);
    const [now] = await store.claimBatch('stream', 10, LEASE_MS);
    expect(now).toMatchObject({ id: late?.id, attempts: 2 });
    expect(await store.markPublished([{ ...held(late), streamSeq: 1 }])).toEqual(new Set());
    expect(await store.markDead([{ ...held(late), reason: 'late' }])).toEqual(new Set());
    await store.release([{ ...held(late), delayMs: 0, reason: 'late' }]);
    expect(await store.claimBatch('stream', 10, LEASE_MS)).toEqual([]);
    expect(await store.markPublished([{ ...held(now), streamSeq: 2 }])).toEqual(new Set([now?.id]));
    const [row] = await fresh.database.db.select().from(outbox);
    expect(row).toMatchObject({ state: 'published', streamSeq: 2n, lastError: null });
    expect(row?.publishedAt).toBeInstanceOf(Date);
  });

  it('holds a released message back until its time, or until the broker is back', async () => {
    await append(fresh.database, store, [event()]);
    const [claim] = await store.claimBatch('stream', 10, LEASE_MS);
    await store.release([{ ...held(claim), delayMs: 60_000, reason: 'stream full' }]);
    expect(await store.claimBatch('stream', 10, LEASE_MS)).toEqual([]);
    await store.hurry('stream');
    expect(await store.claimBatch('stream', 10, LEASE_MS)).toMatchObject([{ id: claim?.id, attempts: 2 }]);
  });

  it('publishes a span again under the same ids, but never the legacy messages in it', async () => {
    const [streamed, told] = [event(), legacy()];
    await append(fresh.database, store, [streamed, told]);
    await fresh.database.db.update(outbox).set({ state: 'published', publishedAt: sql`payments_now()` });
    const [row] = await fresh.database.db.select().from(outbox);
    const at = row?.createdAt.getTime() ?? 0;
    expect(await store.republish({ from: new Date(at + 1), to: new Date(at + 1000) })).toBe(0);
    expect(await store.republish({ from: new Date(at), to: new Date(at + 1000) })).toBe(1);
    expect(await store.claimBatch('stream', 10, LEASE_MS)).toMatchObject([{ id: streamed.id }]);
    expect(await store.claimBatch('orders', 10, LEASE_MS)).toEqual([]);
  });

  it('publishes a dead or unconfirmed message again when it is named', async () => {
    const message = legacy();
    await append(fresh.database, store, [message]);
    await fresh.database.db.update(outbox).set({ state: 'unconfirmed', inFlight: true, sends: 4 });
    expect(await store.republish({ ids: [message.id] })).toBe(1);
    const [claim] = await store.claimBatch('orders', 10, LEASE_MS);
    expect(claim).toMatchObject({ id: message.id, state: 'pending', inFlight: false, sends: 0 });
  });

  it('T16k brings everything back that was given up, also what died by the rules of before', async () => {
    const [dead, doubtful, waiting] = [legacy(), legacy(), legacy()];
    await append(fresh.database, store, [dead, doubtful, waiting]);
    const set = (id: string, state: 'dead' | 'unconfirmed') =>
      fresh.database.db
        .update(outbox)
        .set({ state, sends: 5, firstSentAt: sql`payments_now() - interval '9 days'` })
        .where(sql`${outbox.id} = ${id}`);
    await Promise.all([set(dead.id, 'dead'), set(doubtful.id, 'unconfirmed')]);
    expect(await store.republish({ state: 'dead' })).toBe(1);
    expect(await store.republish({ state: 'unconfirmed' })).toBe(1);
    const claims = await store.claimBatch('orders', 10, LEASE_MS);
    expect(idsOf(claims)).toEqual(idsOf([dead, doubtful, waiting]));
    // Its seven days begin anew.
    expect(claims.every(({ sends, firstSentAgoMs }) => sends === 0 && firstSentAgoMs === null)).toBe(true);
  });

  it('counts what is not published, with the age of the oldest', async () => {
    await append(fresh.database, store, [event('a'), event('b'), legacy()]);
    await fresh.database.db
      .update(outbox)
      .set({ createdAt: sql`payments_now() - interval '1 minute'` })
      .where(sql`key = 'a'`);
    const backlog = await store.backlog();
    const streamed = backlog.find((line) => line.channel === 'stream');
    expect(streamed).toMatchObject({ state: 'pending', count: 2 });
    expect(streamed?.oldestAgeMs).toBeGreaterThanOrEqual(60_000);
    expect(backlog.find((line) => line.channel === 'orders')).toMatchObject({ count: 1 });
    expect(await store.hasPublished()).toBe(false);
  });

  it('gives a sent legacy message out again when its order is to be looked up', async () => {
    const orders = new OrdersStore(fresh.database, new ServiceFacts());
    await append(fresh.database, store, [legacy()]);
    const claims = await store.claimBatch('orders', 10, LEASE_MS);
    const [claim] = await orders.markInFlight(claims);
    await orders.markSent([held(claim)], 60_000);
    expect(await store.claimBatch('orders', 10, LEASE_MS)).toEqual([]);
    await fresh.database.db.update(outbox).set({ nextAttemptAt: sql`payments_now()` });
    const [again] = await store.claimBatch('orders', 10, LEASE_MS);
    expect(again).toMatchObject({ state: 'sent', sends: 1, checks: 0, inFlight: false });
    expect(await orders.markInFlight([held(claim)])).toEqual([]);
  });
});

function append(database: Database, store: OutboxStore, messages: OutboxMessage[]): Promise<void> {
  return database.transaction((tx) => store.append(tx, messages));
}

function idsOf(messages: readonly { id: string }[]): string[] {
  return messages.map((message) => message.id).sort();
}

function held<T>(claim: T | undefined): T {
  if (claim === undefined) throw new Error('nothing was claimed');
  return claim;
}
