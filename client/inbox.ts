import type { EventContext } from './delivery.js';

/**
 * Remembers which events have been applied. The id is stored in the transaction of the work itself: either
 * both are committed or neither, so a crash at any moment leads to one application, not to none or two.
 */
export interface EventInbox<Tx> {
  /**
   * Runs `work` unless this id was committed before.
   * @throws what `work` throws, and then nothing is remembered
   */
  run(eventId: string, work: (tx: Tx) => Promise<void>): Promise<'done' | 'duplicate'>;
}

/** The part of a `pg` client that the inbox needs. */
export interface SqlTransaction {
  query(sql: string, parameters: unknown[]): Promise<{ readonly rows: readonly unknown[] }>;
}

/** Keep the ids for as long as the stream keeps events (30 days unless configured), better for ever. */
export const EVENT_INBOX_TABLE_SQL = `
  create table if not exists event_inbox (
    event_id text primary key,
    received_at timestamptz not null default now()
  )`;

/**
 * An inbox in the Postgres table of `EVENT_INBOX_TABLE_SQL`.
 *
 * `transaction` opens one transaction, runs the work and commits, or rolls back when the work throws. With `pg`:
 *
 *     sqlInbox(async (work) => {
 *       const client = await pool.connect();
 *       try {
 *         await client.query('begin');
 *         const result = await work(client);
 *         await client.query('commit');
 *         return result;
 *       } catch (error) {
 *         await client.query('rollback');
 *         throw error;
 *       } finally {
 *         client.release();
 *       }
 *     });
 *
 * Two deliveries of one event at the same moment: the second insert waits for the first transaction to end.
 */
export function sqlInbox<Tx extends SqlTransaction>(
  transaction: <Result>(work: (tx: Tx) => Promise<Result>) => Promise<Result>,
): EventInbox<Tx> {
  return {
    run: (eventId, work) =>
      transaction(async (tx) => {
        const inserted = await tx.query(
          'insert into event_inbox (event_id) values ($1) on conflict do nothing returning event_id',
          [eventId],
        );
        if (inserted.rows.length === 0) return 'duplicate';
        await work(tx);
        return 'done';
      }),
  };
}

/** For tests: forgets everything with the process. */
export function memoryInbox(): EventInbox<undefined> {
  const applied = new Set<string>();
  let last: Promise<unknown> = Promise.resolve();
  return {
    run(eventId, work) {
      const turn = last.then(async () => {
        if (applied.has(eventId)) return 'duplicate';
        await work(undefined);
        applied.add(eventId);
        return 'done';
      });
      last = turn.catch(() => undefined);
      return turn;
    },
  };
}

/**
 * Makes of `work` a `handle` for `consumePaymentEvents` that takes effect once per event, however often it is
 * delivered.
 *
 *     consumePaymentEvents({ connection, durable: 'orders', types: ['payment.succeeded'],
 *       handle: oncePerEvent(inbox, (event, tx) => markPaid(tx, event.orderId)) });
 */
export function oncePerEvent<Event, Tx>(
  inbox: EventInbox<Tx>,
  work: (event: Event, tx: Tx, context: EventContext) => Promise<void>,
): (event: Event, context: EventContext) => Promise<void> {
  return async (event, context) => {
    await inbox.run(context.eventId, (tx) => work(event, tx, context));
  };
}
