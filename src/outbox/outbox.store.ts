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
/** Of what is due a scan looks at so much, for the oldest of each key. */
const SCAN_LIMIT = 1_000;
const WHOLE_SCAN_LIMIT = 10_000;
/** So many times a claim's size are found: some follow those on their way, or are claimed by others meanwhile. */
const SPARE = 3;
/** A backlog is counted up to here, and its oldest message is looked for among so many that were due first. */
const COUNT_LIMIT = 100_000;
const OLDEST_AMONG = 1_000;

interface Floor {
  at: string;
  /** When it was last looked for from the beginning. */
  scannedAt: number;
}

/** A message that is due, perhaps the oldest of its key; `isSent` on `orders` only. One row without, where nothing is due. */
interface DueRow {
  floor: string;
  id: string | null;
  key: string;
  isSent: boolean;
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
   * held. So a scan begins below the oldest message that waited at the last one; a whole one every 5 s finds what a
   * transaction appended that took longer to commit, and what is due behind many messages of few keys.
   * @param probe at most one pending message, and none that may have gone out
   */
  async claimBatch(
    channel: OutboxChannel,
    limit: number,
    leaseMs: number,
    probe = false,
  ): Promise<ClaimedMessage[]> {
    const scannedAt = this.floors.get(channel)?.scannedAt ?? -Infinity;
    const isWhole = performance.now() - scannedAt > WHOLE_SCAN_MS;
    const due = await this.findDue(channel, limit, probe, isWhole);
    const claimed = await this.claimOf(due, channel, probe ? 1 : limit, leaseMs);
    // All that was found may follow messages that are on their way, or put off.
    if (claimed.length > 0 || isWhole || due.length < SPARE * limit) return claimed;
    return this.claimOf(await this.findDue(channel, limit, probe, true), channel, probe ? 1 : limit, leaseMs);
  }

  private async findDue(
    channel: OutboxChannel,
    limit: number,
    probe: boolean,
    isWhole: boolean,
  ): Promise<DueRow[]> {
    const now = performance.now();
    const known = this.floors.get(channel);
    const { rows } = await this.database.pool.query<DueRow>(channel === 'stream' ? STREAM_DUE : ORDERS_DUE, [
      channel,
      isWhole || known === undefined ? '-infinity' : known.at,
      isWhole ? WHOLE_SCAN_LIMIT : SCAN_LIMIT,
      isWhole ? WHOLE_SCAN_LIMIT : SPARE * limit,
      ...(channel === 'orders' ? [probe, limit] : []),
    ]);
    const at = rows[0]?.floor;
    if (at !== undefined)
      this.floors.set(channel, { at, scannedAt: isWhole ? now : (known?.scannedAt ?? now) });
    return rows.filter(({ id }) => id !== null);
  }

  private async claimOf(
    due: readonly DueRow[],
    channel: OutboxChannel,
    limit: number,
    leaseMs: number,
  ): Promise<ClaimedMessage[]> {
    if (due.length === 0) return [];
    const pending = due.filter(({ isSent }) => !isSent);
    const { rows } = await this.database.pool.query<ClaimedMessage>(CLAIM, [
      channel,
      pending.map(({ id }) => id),
      pending.map(({ key }) => key),
      limit,
      due.filter(({ isSent }) => isSent).map(({ id }) => id),
      leaseMs / 1000,
    ]);
    return rows;
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

const IS_DUE = `m.next_attempt_at <= payments_now() and (m.lease_until is null or m.lease_until <= payments_now())`;

const STREAM_DUE = dueStatement('', '');
// Sent messages come back so that their order is looked up; they do not hold up their key.
const ORDERS_DUE = dueStatement(
  'and not (m.in_flight and $5)',
  `union all (
      select m.id, m.key, m.next_attempt_at, true from outbox m
      where m.channel = $1 and m.state = 'sent' and m.next_attempt_at >= $2::timestamptz and ${IS_DUE}
      order by m.next_attempt_at limit $6
    )`,
);

function dueStatement(condition: string, sent: string): string {
  return `
    with due as (
      (select id, key, at, false as "isSent" from (
        select distinct on (key) id, key, at from (
          select m.id, m.key, m.seq, m.next_attempt_at as at from outbox m
          where m.channel = $1 and m.state = 'pending' and m.next_attempt_at >= $2::timestamptz and ${IS_DUE} ${condition}
          order by m.next_attempt_at limit $3
        ) scanned order by key, seq
      ) oldest order by at limit $4) ${sent}
    )
    select (least(waiting.at, payments_now()) - interval '1 second')::text as floor, due.id, due.key, due."isSent"
    from (
      select min(next_attempt_at) as at from outbox
      where channel = $1 and state in ('pending', 'sent') and next_attempt_at >= $2::timestamptz
    ) waiting
    left join due on true`;
}

// Ids and keys are parameters, and `is true` keeps the oldest of the keys one hash: where the planner's statistics are of
// a time without a backlog, it would ask about message by message, each time through all that waits.
const CLAIM = `
  with pending as (
    select m.id from outbox m
    where m.id = any ($2::uuid[]) and m.state = 'pending' and ${IS_DUE}
      and ((m.key, m.seq) in (
        select key, min(seq) from outbox
        where channel = $1 and state = 'pending' and key = any ($3::text[])
        group by key
      )) is true
    order by m.next_attempt_at limit $4 for update skip locked
  ), sent as (
    select m.id from outbox m
    where m.id = any ($5::uuid[]) and m.state = 'sent' and ${IS_DUE}
    for update skip locked
  )
  update outbox m set lease_until = payments_now() + make_interval(secs => $6), attempts = m.attempts + 1
  from (select id from pending union all select id from sent) due
  where m.id = due.id
  returning m.id, m.attempts, m.channel, m.key, m.order_id as "orderId", m.subject, m.body, m.headers, m.state,
    m.in_flight as "inFlight", m.sends, m.checks, m.receipt_checked as "receiptChecked",
    ${agoMs('first_sent_at')} as "firstSentAgoMs", ${agoMs('last_sent_at')} as "lastSentAgoMs",
    ${agoMs('missing_since')} as "missingForMs"`;

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
