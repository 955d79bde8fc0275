import { Injectable } from '@nestjs/common';
import { and, eq, gte, inArray, lt, type SQL, sql } from 'drizzle-orm';
import { Database, databaseNow, type Queryable, type Tx } from '../database/database.js';
import { DELAY, DUE_AFTER, dueIn, markHeld, NEVER_SENT, PUBLISHED, REASON } from './outbox.marks.store.js';
import type {
  Acknowledgement,
  ClaimedMessage,
  OutboxBacklog,
  OutboxMessage,
  Release,
  Remark,
  RepublishSelection,
} from './outbox.message.js';
import { outbox, type OutboxChannel } from './outbox.tables.js';

export type { OutboxMessage };

/** What is left of a claim's cost where a snapshot is held for long: see `claimBatch`. */
const WHOLE_SCAN_MS = 5_000;
/** A backlog is counted up to here, and its oldest message is looked for among so many that were due first. */
const COUNT_LIMIT = 100_000;
const OLDEST_AMONG = 1_000;

interface Floor {
  at: string;
  /** When it was last looked for from the beginning. */
  scannedAt: number;
}

interface ClaimRow extends Omit<ClaimedMessage, 'id'> {
  /** Null where nothing was due. */
  id: string | null;
  floor: string;
}

/**
 * The promised messages and what became of them. Every mark names the claim that it belongs to, and says
 * whether that claim still held: a relay that wakes after its lease changes nothing.
 */
@Injectable()
export class OutboxStore {
  private readonly floors = new Map<OutboxChannel, Floor>();

  constructor(private readonly database: Database) {}

  /**
   * Appends in the caller's transaction: the messages exist exactly when the transition does. One whose id is there
   * already, from a replay or a rebuild, is left as it is.
   */
  async append(tx: Tx, messages: readonly OutboxMessage[]): Promise<void> {
    if (messages.length === 0) return;
    const all = <T>(of: (message: OutboxMessage) => T) => sql.param(messages.map(of));
    await tx.execute(sql`
      insert into outbox (id, channel, key, order_id, subject, body, headers, receipt_checked)
      select *, true from unnest(
        ${all(({ id }) => id)}::uuid[], ${all(({ channel }) => channel)}::text[], ${all(({ key }) => key)}::text[],
        ${all(({ orderId }) => orderId)}::text[], ${all(({ subject }) => subject)}::text[],
        ${all(({ body }) => body)}::text[], ${all(({ headers }) => JSON.stringify(headers))}::jsonb[])
      on conflict (id) do nothing`);
  }

  /**
   * Leases up to `limit` messages that are due, the longest due first; on `orders` also up to `limit` that were sent.
   * Of one key only the oldest pending message is given out, so that order is kept however many relays there are.
   *
   * The index of what is due begins with entries of what is published by now, which stay for as long as a snapshot is
   * held. So a scan begins below the oldest message that waited at the last one, and at the beginning every 5 s, for what
   * a transaction appended that took longer to commit.
   * @param probe at most one pending message, and none that may have gone out
   */
  async claimBatch(
    channel: OutboxChannel,
    limit: number,
    leaseMs: number,
    probe = false,
  ): Promise<ClaimedMessage[]> {
    const now = performance.now();
    const known = this.floors.get(channel);
    const isWhole = known === undefined || now - known.scannedAt > WHOLE_SCAN_MS;
    const { rows } = await this.database.pool.query<ClaimRow>(CLAIM[channel], [
      channel,
      isWhole ? '-infinity' : known.at,
      probe ? 1 : limit,
      leaseMs / 1000,
      ...(channel === 'orders' ? [limit, probe] : []),
    ]);
    if (rows[0] !== undefined) {
      this.floors.set(channel, { at: rows[0].floor, scannedAt: isWhole ? now : known.scannedAt });
    }
    return rows.filter(isClaimed);
  }

  /** Marks what the stream acknowledged, all in one statement. @returns the ids whose claim still held */
  markPublished(acknowledgements: readonly Acknowledgement[]): Promise<Set<string>> {
    const change = `${PUBLISHED}, last_error = null, stream_seq = mark.seq_in_stream`;
    return markHeld(this.database, acknowledgements, change, [
      { name: 'seq_in_stream', type: 'bigint', of: ({ streamSeq }) => streamSeq },
    ]);
  }

  /** Gives back what was tried and is to be tried again, all in one statement. */
  async release(releases: readonly Release[]): Promise<void> {
    await markHeld(this.database, releases, `${DUE_AFTER}, last_error = mark.reason`, [DELAY, REASON]);
  }

  /** Not tried again unless an operator says so. @returns the ids whose claim still held */
  markDead(remarks: readonly Remark[]): Promise<Set<string>> {
    const change = `state = 'dead', lease_until = null, last_error = mark.reason`;
    return markHeld(this.database, remarks, change, [REASON]);
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

  /** How much waits and how much was given up, for health and metrics. It counts up to 100,000 of each. */
  async backlog(): Promise<OutboxBacklog[]> {
    const { rows } = await this.database.pool.query<OutboxBacklog>(BACKLOG);
    return rows;
  }
}

function isClaimed(row: ClaimRow): row is ClaimRow & ClaimedMessage {
  return row.id !== null;
}

const IS_DUE = `m.next_attempt_at >= $2::timestamptz and m.next_attempt_at <= payments_now()
    and (m.lease_until is null or m.lease_until <= payments_now())`;

// `is true` keeps the planner from joining all that waits: it asks about each message that it meets, until it has enough.
const IS_HEAD = `(not exists (
      select from outbox earlier
      where earlier.channel = m.channel and earlier.key = m.key and earlier.state = 'pending' and earlier.seq < m.seq
    )) is true`;

const CLAIM: Record<OutboxChannel, string> = {
  stream: claimStatement('', ''),
  // Sent messages come back so that their order is looked up; they do not hold up their key.
  orders: claimStatement(
    'and not (m.in_flight and $6)',
    `, sent as (
      select m.id from outbox m
      where m.channel = $1 and m.state = 'sent' and ${IS_DUE}
      order by m.next_attempt_at limit $5 for update skip locked
    )`,
  ),
};

function claimStatement(condition: string, sent: string): string {
  return `
    with pending as (
      select m.id from outbox m
      where m.channel = $1 and m.state = 'pending' and ${IS_DUE} ${condition} and ${IS_HEAD}
      order by m.next_attempt_at limit $3 for update skip locked
    )${sent}, claimed as (
      update outbox m set lease_until = payments_now() + make_interval(secs => $4), attempts = m.attempts + 1
      from (select id from pending ${sent === '' ? '' : 'union all select id from sent'}) due
      where m.id = due.id
      returning m.id, m.attempts, m.channel, m.key, m.order_id as "orderId", m.subject, m.body, m.headers, m.state,
        m.in_flight as "inFlight", m.sends, m.checks, m.receipt_checked as "receiptChecked",
        ${agoMs('first_sent_at')} as "firstSentAgoMs", ${agoMs('last_sent_at')} as "lastSentAgoMs",
        ${agoMs('missing_since')} as "missingForMs"
    )
    select (least(oldest.at, payments_now()) - interval '1 second')::text as floor, claimed.*
    from (
      select min(next_attempt_at) as at from outbox
      where channel = $1 and state in ('pending', 'sent') and next_attempt_at >= $2::timestamptz
    ) oldest
    left join claimed on true`;
}

function agoMs(column: string): string {
  return `(extract(epoch from payments_now() - m.${column}) * 1000)::float8`;
}

const BACKLOG = `
  select waiting.*, (extract(epoch from payments_now() - oldest.at) * 1000)::float8 as "oldestAgeMs"
  from unnest(array['stream', 'orders']) as channels (channel)
  cross join lateral (
    select channels.channel, 'pending' as state, count(*)::int as count
    from (select from outbox where channel = channels.channel and state = 'pending' limit ${COUNT_LIMIT}) rows
  ) waiting
  cross join lateral (
    select min(created_at) as at from (
      select created_at from outbox where channel = channels.channel and state = 'pending'
      order by next_attempt_at limit ${OLDEST_AMONG}
    ) rows
  ) oldest
  where waiting.count > 0
  union all
  select channel, state, count(*)::int, (extract(epoch from payments_now() - min(created_at)) * 1000)::float8
  from (select channel, state, created_at from outbox where state in ('dead', 'unconfirmed') limit ${COUNT_LIMIT}) given_up
  group by channel, state`;

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
