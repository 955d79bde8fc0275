import { Injectable } from '@nestjs/common';
import { and, asc, eq, gte, inArray, lt, type SQL, sql } from 'drizzle-orm';
import { alias, type PgColumn } from 'drizzle-orm/pg-core';
import { Database, databaseNow, databaseNowPlus, type Queryable, type Tx } from '../database/database.js';
import { dueIn, markHeld, NEVER_SENT, note, published } from './outbox.marks.store.js';
import type {
  Acknowledgement,
  Claim,
  ClaimedMessage,
  OutboxBacklog,
  OutboxMessage,
  Release,
  RepublishSelection,
} from './outbox.message.js';
import { outbox, type OutboxChannel } from './outbox.tables.js';

export type { OutboxMessage };

const CLAIMED = {
  id: outbox.id,
  attempts: outbox.attempts,
  channel: outbox.channel,
  key: outbox.key,
  orderId: outbox.orderId,
  subject: outbox.subject,
  body: outbox.body,
  headers: outbox.headers,
  state: outbox.state,
  inFlight: outbox.inFlight,
  sends: outbox.sends,
  checks: outbox.checks,
  firstSentAgoMs: agoMs(outbox.firstSentAt),
  lastSentAgoMs: agoMs(outbox.lastSentAt),
  missingForMs: agoMs(outbox.missingSince),
};

/**
 * The promised messages and what became of them. Every mark names the claim that it belongs to, and says
 * whether that claim still held: a relay that wakes after its lease changes nothing.
 */
@Injectable()
export class OutboxStore {
  constructor(private readonly database: Database) {}

  /** Appends in the caller's transaction: the messages exist exactly when the transition does. */
  async append(tx: Tx, messages: readonly OutboxMessage[]): Promise<void> {
    if (messages.length > 0) await tx.insert(outbox).values([...messages]);
  }

  /**
   * Leases up to `limit` messages that are due, the longest due first. Of one key only the oldest pending
   * message is given out, so that order is kept however many relays there are.
   */
  async claimBatch(channel: OutboxChannel, limit: number, leaseMs: number): Promise<ClaimedMessage[]> {
    const { db } = this.database;
    // A CTE is run once; a subquery with a limit could be run again for each row.
    const due = db.$with('due').as(
      db
        .select({ id: outbox.id })
        .from(outbox)
        .where(and(eq(outbox.channel, channel), claimable(channel), isDue()))
        .orderBy(asc(outbox.nextAttemptAt), asc(outbox.seq))
        .limit(limit)
        .for('update', { skipLocked: true }),
    );
    return db
      .with(due)
      .update(outbox)
      .set({ leaseUntil: databaseNowPlus(leaseMs), attempts: sql`${outbox.attempts} + 1` })
      .from(due)
      .where(eq(outbox.id, due.id))
      .returning(CLAIMED);
  }

  /** Marks what the stream acknowledged, all in one statement. @returns the ids whose claim still held */
  async markPublished(acknowledgements: readonly Acknowledgement[]): Promise<Set<string>> {
    if (acknowledgements.length === 0) return new Set();
    const done = sql`unnest(
      ${sql.param(acknowledgements.map((one) => one.id))}::uuid[],
      ${sql.param(acknowledgements.map((one) => one.attempts))}::int[],
      ${sql.param(acknowledgements.map((one) => one.streamSeq))}::bigint[]
    ) as done (id, attempts, stream_seq)`;
    const marked = await this.database.db
      .update(outbox)
      .set({ ...published(), lastError: null, streamSeq: sql`done.stream_seq` })
      .from(done)
      .where(sql`${outbox.id} = done.id and ${outbox.attempts} = done.attempts`)
      .returning({ id: outbox.id });
    return new Set(marked.map((row) => row.id));
  }

  /** Gives back what was tried and is to be tried again, all in one statement. */
  async release(releases: readonly Release[]): Promise<void> {
    if (releases.length === 0) return;
    const back = sql`unnest(
      ${sql.param(releases.map((one) => one.id))}::uuid[],
      ${sql.param(releases.map((one) => one.attempts))}::int[],
      ${sql.param(releases.map((one) => one.delayMs / 1000))}::float8[],
      ${sql.param(releases.map((one) => note(one.error)))}::text[]
    ) as back (id, attempts, seconds, error)`;
    await this.database.db
      .update(outbox)
      .set({
        leaseUntil: null,
        nextAttemptAt: sql`payments_now() + make_interval(secs => back.seconds)`,
        lastError: sql`back.error`,
      })
      .from(back)
      .where(sql`${outbox.id} = back.id and ${outbox.attempts} = back.attempts`);
  }

  /** Not tried again unless an operator says so. */
  markDead(claim: Claim, reason: string): Promise<boolean> {
    return markHeld(this.database, claim, { state: 'dead', leaseUntil: null, lastError: note(reason) });
  }

  /**
   * Makes messages pending again under the ids that they had: those named, whatever became of them, those
   * that were published to the stream and appended within a span, or those that were given up. @returns how many
   */
  async republish(selection: RepublishSelection, db: Queryable = this.database.db): Promise<number> {
    const again = await db
      .update(outbox)
      .set({
        ...dueIn(0),
        ...NEVER_SENT,
        state: 'pending',
        // A relay that still has it must not mark it published.
        attempts: sql`${outbox.attempts} + 1`,
        publishedAt: null,
      })
      .where(selected(selection))
      .returning({ id: outbox.id });
    return again.length;
  }

  /** What waits for a later attempt is due now: the broker is back. Messages in doubt keep their time. */
  async hurry(channel: OutboxChannel): Promise<void> {
    await this.database.db
      .update(outbox)
      .set({ nextAttemptAt: databaseNow })
      .where(
        sql`${outbox.channel} = ${channel} and ${outbox.state} = 'pending' and not ${outbox.inFlight}
          and ${outbox.leaseUntil} is null and ${outbox.nextAttemptAt} > payments_now()`,
      );
  }

  /** Whether anything was ever published to the stream. */
  async hasPublished(): Promise<boolean> {
    const found = await this.database.db
      .select({ id: outbox.id })
      .from(outbox)
      .where(and(eq(outbox.channel, 'stream'), eq(outbox.state, 'published')))
      .limit(1);
    return found.length > 0;
  }

  /** How much is in each state but the good end, for health and metrics. */
  backlog(): Promise<OutboxBacklog[]> {
    return this.database.db
      .select({
        channel: outbox.channel,
        state: outbox.state,
        count: sql<number>`count(*)::int`,
        oldestAgeMs: sql<number>`(extract(epoch from payments_now() - min(${outbox.createdAt})) * 1000)::float8`,
      })
      .from(outbox)
      .where(sql`${outbox.state} <> 'published'`)
      .groupBy(outbox.channel, outbox.state);
  }
}

/** Sent messages of `orders` come back so that their order is looked up; they do not hold up their key. */
function claimable(channel: OutboxChannel): SQL {
  const earlier = alias(outbox, 'earlier');
  const isHead = sql`${outbox.state} = 'pending' and not exists (
    select from ${outbox} ${sql.identifier('earlier')}
    where ${earlier.channel} = ${outbox.channel} and ${earlier.key} = ${outbox.key}
      and ${earlier.state} = 'pending' and ${earlier.seq} < ${outbox.seq}
  )`;
  return channel === 'orders' ? sql`(${outbox.state} = 'sent' or ${isHead})` : sql`(${isHead})`;
}

function agoMs(at: PgColumn): SQL<number | null> {
  return sql<number | null>`(extract(epoch from payments_now() - ${at}) * 1000)::float8`;
}

function isDue(): SQL {
  return sql`${outbox.nextAttemptAt} <= payments_now()
    and (${outbox.leaseUntil} is null or ${outbox.leaseUntil} <= payments_now())`;
}

function selected(selection: RepublishSelection): SQL | undefined {
  if ('ids' in selection) return inArray(outbox.id, [...selection.ids]);
  if ('state' in selection) return eq(outbox.state, selection.state);
  return and(
    eq(outbox.channel, 'stream'),
    eq(outbox.state, 'published'),
    gte(outbox.createdAt, selection.from),
    lt(outbox.createdAt, selection.to),
  );
}
