import { Injectable } from '@nestjs/common';
import { and, eq, type SQL, sql } from 'drizzle-orm';
import { Database, type Queryable } from '../../database/database.js';
import { ServiceFacts } from '../../database/service.store.js';
import { DELAY, DUE_AFTER, dueIn, markHeld, NEVER_SENT, PUBLISHED, REASON } from '../outbox.marks.store.js';
import type { Claim, Release, Remark } from '../outbox.message.js';
import { outbox } from '../outbox.tables.js';

/** What a clean send ended with in earlier versions, where nobody had answered its lookups. */
const TRUSTED_BEFORE = 'delivered, not confirmed';
/** Days for which it is asked about again. */
const TRUSTED_FOR = 30;

const FIRST_SENT_AT = `first_sent_at = coalesce(first_sent_at, payments_now())`;

/** An order that is looked up again. */
export interface Look extends Release {
  /** Lookups since the last send that found only silence. */
  checks: number;
  /** Whether this lookup said that there is no such order; undefined where it said nothing. */
  missing: boolean | undefined;
}

/** The further marks of messages that nobody acknowledges; see orders.bridge for what they mean. */
@Injectable()
export class OrdersStore {
  constructor(
    private readonly database: Database,
    private readonly facts: ServiceFacts,
  ) {}

  /** Before messages go out. @returns those whose claim still held */
  async markInFlight<C extends Claim>(claims: readonly C[]): Promise<C[]> {
    const change = `in_flight = true, ${FIRST_SENT_AT}, last_sent_at = payments_now()`;
    const ours = await markHeld(this.database, claims, change);
    return claims.filter(({ id }) => ours.has(id));
  }

  /** It certainly did not arrive. One that waits for a subscriber stays due: the bridge holds it back. */
  async markUnsent(releases: readonly Release[]): Promise<void> {
    const change = `lease_until = null, in_flight = false, last_error = mark.reason,
      next_attempt_at = case when mark.delay_ms > 0
        then payments_now() + make_interval(secs => mark.delay_ms / 1000) else next_attempt_at end,
      first_sent_at = case when sends > 0 then first_sent_at end`;
    await markHeld(this.database, releases, change, [DELAY, REASON]);
  }

  /** It may have arrived: it stays in flight, and its order is looked up after the delay. */
  async markDoubtful(releases: readonly Release[]): Promise<void> {
    await markHeld(this.database, releases, `${DUE_AFTER}, last_error = mark.reason`, [DELAY, REASON]);
  }

  /** They went out to a subscriber; their orders are looked up after the delay. */
  async markSent(claims: readonly Claim[], delayMs: number): Promise<void> {
    const change = `${DUE_AFTER}, state = 'sent', in_flight = false, sends = sends + 1, checks = 0, last_error = null`;
    await markHeld(this.database, claims, change, [{ ...DELAY, of: () => delayMs }]);
  }

  /** The orders are looked up again after the delay. */
  async markAsked(looks: readonly Look[]): Promise<void> {
    const change = `${DUE_AFTER}, checks = mark.silences, ${FIRST_SENT_AT}, last_error = mark.reason,
      last_sent_at = coalesce(last_sent_at, payments_now()),
      missing_since = case when mark.missing then coalesce(missing_since, payments_now())
        when mark.missing is null then missing_since end`;
    await markHeld(this.database, looks, change, [
      DELAY,
      REASON,
      { name: 'silences', type: 'int', of: ({ checks }) => checks },
      { name: 'missing', type: 'boolean', of: ({ missing }) => missing ?? null },
    ]);
  }

  /** They had no effect and are to be sent again, now. One that was in doubt counts as sent. @returns as markDone */
  markForResend(remarks: readonly Remark[]): Promise<Set<string>> {
    const change = `lease_until = null, next_attempt_at = payments_now(), state = 'pending', in_flight = false,
      sends = sends + in_flight::int, checks = 0, missing_since = null, last_error = mark.reason`;
    return markHeld(this.database, remarks, change, [REASON]);
  }

  /** Done, with a note where something about it is worth knowing. @returns the ids whose claim still held */
  markDone(claims: readonly Claim[], remark: string | null = null): Promise<Set<string>> {
    const change = `${PUBLISHED}, in_flight = false, last_error = mark.remark`;
    return markHeld(this.database, claims, change, [{ name: 'remark', type: 'text', of: () => remark }]);
  }

  /** Nobody knows whether they arrived, and nobody answers: an operator decides. @returns as markDone */
  markUnconfirmed(remarks: readonly Remark[]): Promise<Set<string>> {
    const change = `state = 'unconfirmed', lease_until = null, last_error = mark.reason`;
    return markHeld(this.database, remarks, change, [REASON]);
  }

  /** Whether a lookup of an order was ever answered on this database. */
  isLookupAnswered(): Promise<boolean> {
    return this.facts.holds(this.database.db, 'orders_lookup_answered');
  }

  /**
   * Keeps that lookups are answered here. With the first one, what could not be confirmed is asked about again.
   * @returns how many messages that are
   */
  noteLookupAnswered(): Promise<number> {
    return this.database.transaction(async (tx) => {
      if (!(await this.facts.learn(tx, 'orders_lookup_answered'))) return 0;
      const given = await reopen(tx, eq(outbox.state, 'unconfirmed'));
      return given + (await reopen(tx, trustedBefore()));
    });
  }

  /** What an earlier version, perhaps beside this one, called published though nobody had answered for it. */
  async reopenTrusted(): Promise<number> {
    return (await this.isLookupAnswered()) ? reopen(this.database.db, trustedBefore()) : 0;
  }

  /** Whether something could not be confirmed and no lookup was ever answered: a setting is wrong. */
  async isLookupMissed(): Promise<boolean> {
    if (await this.isLookupAnswered()) return false;
    const [row] = await this.database.db
      .select({ id: outbox.id })
      .from(outbox)
      .where(and(eq(outbox.channel, 'orders'), eq(outbox.state, 'unconfirmed')))
      .limit(1);
    return row !== undefined;
  }

  /** How many orders are unpaid for their owner after that many messages. */
  async countSentInVain(sends: number): Promise<number> {
    const [row] = await this.database.db
      .select({ count: sql<number>`count(*)::int` })
      .from(outbox)
      .where(
        sql`${outbox.channel} = 'orders' and ${outbox.state} in ('pending', 'sent') and ${outbox.sends} >= ${sends}`,
      );
    return row?.count ?? 0;
  }
}

function trustedBefore(): SQL {
  return sql`${outbox.state} = 'published' and ${outbox.lastError} = ${TRUSTED_BEFORE}
    and ${outbox.createdAt} > payments_now() - make_interval(days => ${TRUSTED_FOR})`;
}

/** They are asked about before anything is sent, and have their days once more. */
async function reopen(db: Queryable, which: SQL): Promise<number> {
  const { inFlight: _inFlight, sends: _sends, ...clean } = NEVER_SENT;
  const rows = await db
    .update(outbox)
    .set({
      ...dueIn(0),
      ...clean,
      state: sql`case when ${outbox.inFlight} then 'pending' else 'sent' end`,
      attempts: sql`${outbox.attempts} + 1`,
      publishedAt: null,
    })
    .where(and(eq(outbox.channel, 'orders'), which))
    .returning({ id: outbox.id });
  return rows.length;
}
