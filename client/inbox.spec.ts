import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { type FreshDatabase, freshDatabase } from '../test/support/servers/database.js';
import {
  EVENT_INBOX_TABLE_SQL,
  memoryInbox,
  oncePerEvent,
  sqlInbox,
  type EventInbox,
  type SqlTransaction,
} from './inbox.js';

function behavesAsInbox(makeInbox: () => EventInbox<unknown>): void {
  it('runs the work of an event once', async () => {
    const inbox = makeInbox();
    const done: string[] = [];
    const work = (id: string) => async () => void done.push(id);
    expect(await inbox.run('a', work('a'))).toBe('done');
    expect(await inbox.run('a', work('a'))).toBe('duplicate');
    expect(await inbox.run('b', work('b'))).toBe('done');
    expect(done).toEqual(['a', 'b']);
  });

  it('runs it once when the deliveries come at the same moment', async () => {
    const inbox = makeInbox();
    let runs = 0;
    const deliveries = Array.from({ length: 20 }, () => inbox.run('a', async () => void (runs += 1)));
    const results = await Promise.all(deliveries);
    expect(results.filter((result) => result === 'done')).toHaveLength(1);
    expect(runs).toBe(1);
  });

  it('forgets an event whose work failed, so that its next delivery counts', async () => {
    const inbox = makeInbox();
    const failing = inbox.run('a', () => Promise.reject(new Error('no disk')));
    await expect(failing).rejects.toThrow('no disk');
    expect(await inbox.run('a', async () => undefined)).toBe('done');
  });
}

describe('the inbox in memory', () => {
  behavesAsInbox(memoryInbox);

  it('makes a handler that takes effect once', async () => {
    const applied: string[] = [];
    const handle = oncePerEvent(
      memoryInbox(),
      async (event: { name: string }) => void applied.push(event.name),
    );
    const context = { eventId: 'a', redelivered: false, seq: 1, inProgress: () => undefined };
    await handle({ name: 'first' }, context);
    await handle({ name: 'again' }, { ...context, redelivered: true });
    expect(applied).toEqual(['first']);
  });
});

describe('the inbox in Postgres', () => {
  let fresh: FreshDatabase;
  let database: pg.Pool;
  const inbox = (): EventInbox<SqlTransaction> => sqlInbox(transaction);

  beforeAll(async () => {
    fresh = await freshDatabase();
    database = new pg.Pool({ connectionString: fresh.url, max: 20 });
    await database.query(`${EVENT_INBOX_TABLE_SQL}; create table paid (order_id text)`);
  });
  beforeEach(() => database.query('delete from event_inbox; delete from paid'));
  afterAll(async () => {
    await database.end();
    await fresh.drop();
  });

  /** As the inbox's own description has it. */
  async function transaction<Result>(work: (tx: SqlTransaction) => Promise<Result>): Promise<Result> {
    const client = await database.connect();
    try {
      await client.query('begin');
      const result = await work(client);
      await client.query('commit');
      return result;
    } catch (error) {
      await client.query('rollback');
      throw error;
    } finally {
      client.release();
    }
  }

  behavesAsInbox(inbox);

  it('commits the id and the work together or not at all', async () => {
    const failing = inbox().run('a', async (tx) => {
      await tx.query('insert into paid values ($1)', ['order']);
      throw new Error('crash after the write');
    });
    await expect(failing).rejects.toThrow('crash after the write');
    expect((await database.query('select * from paid')).rows).toEqual([]);
    expect((await database.query('select * from event_inbox')).rows).toEqual([]);
  });
});
