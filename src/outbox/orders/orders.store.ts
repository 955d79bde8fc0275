import { Injectable } from '@nestjs/common';
import { and, eq, or, type SQL, sql } from 'drizzle-orm';
import { Database, databaseNow, type Queryable } from '../../database/database.js';
import { ServiceFacts } from '../../database/service.store.js';
import {
  dueIn,
  heldBy,
  markHeld,
  NEVER_SENT,
  note,
  type OutboxChange,
  published,
} from '../outbox.marks.store.js';
import type { Claim } from '../outbox.message.js';
import { outbox } from '../outbox.tables.js';

/** What a clean send ended with in earlier versions, where nobody had answered its lookups. */
const TRUSTED_BEFORE = 'delivered, not confirmed';
/** Days for which it is asked about again. */
const TRUSTED_FOR = 30;

const FIRST_SENT_AT = sql`coalesce(${outbox.firstSentAt}, payments_now())`;

/** The further marks of messages that nobody acknowledges; see orders.bridge for what they mean. */
@Injectable()
export class OrdersStore {
  constructor(
    private readonly database: Database,
    private readonly facts: ServiceFacts,
  ) {}

  /** Before messages go out. @returns those whose claim still held */
  async markInFlight<C extends Claim>(claims: readonly C[]): Promise<C[]> {
    if (claims.length === 0) return [];
    const marked = await this.database.db
      .update(outbox)
      .set({ inFlight: true, firstSentAt: FIRST_SENT_AT, lastSentAt: databaseNow })
      .where(or(...claims.map(heldBy)))
      .returning({ id: outbox.id });
    const ids = new Set(marked.map((row) => row.id));
    return claims.filter((claim) => ids.has(claim.id));
  }

  /** The broker said that nobody listens: it certainly did not arrive. */
  markUnsent(claim: Claim, delayMs: number, reason: string): Promise<boolean> {
    return markHeld(this.database, claim, {
      ...dueIn(delayMs),
      inFlight: false,
      firstSentAt: sql`case when ${outbox.sends} > 0 then ${outbox.firstSentAt} end`,
      lastError: note(reason),
    });
  }

  /** It may have arrived: it stays in flight, and its order is looked up after the delay. */
  markDoubtful(claim: Claim, delayMs: number, reason: string): Promise<boolean> {
    return markHeld(this.database, claim, { ...dueIn(delayMs), lastError: note(reason) });
  }

  /** It went out to a subscriber; the order is looked up after the delay. */
  markSent(claim: Claim, checkAfterMs: number): Promise<boolean> {
    return markHeld(this.database, claim, {
      ...dueIn(checkAfterMs),
      state: 'sent',
      inFlight: false,
      sends: sql`${outbox.sends} + 1`,
      checks: 0,
      lastError: null,
    });
  }

  /**
   * The order is looked up again after the delay.
   * @param checks lookups since the last send that found only silence
   * @param missing whether this lookup said that there is no such order; undefined where it said nothing
   */
  markAsked(
    claim: Claim,
    look: { afterMs: number; reason: string; checks: number; missing: boolean | undefined },
  ): Promise<boolean> {
    return markHeld(this.database, claim, {
      ...dueIn(look.afterMs),
      checks: look.checks,
      firstSentAt: FIRST_SENT_AT,
      lastSentAt: sql`coalesce(${outbox.lastSentAt}, payments_now())`,
      ...missingSince(look.missing),
      lastError: note(look.reason),
    });
  }

  /** It had no effect and is to be sent again, now. One that was in doubt counts as sent. */
  markForResend(claim: Claim, reason: string): Promise<boolean> {
    return markHeld(this.database, claim, {
      ...dueIn(0),
      state: 'pending',
      sends: sql`${outbox.sends} + ${outbox.inFlight}::int`,
      inFlight: false,
      checks: 0,
      missingSince: null,
      lastError: note(reason),
    });
  }

  /** Done, with a note where something about it is worth knowing. */
  markDone(claim: Claim, remark: string | null = null): Promise<boolean> {
    return markHeld(this.database, claim, { ...published(), inFlight: false, lastError: remark });
  }

  /** Nobody knows whether it arrived, and nobody answers: an operator decides. */
  markUnconfirmed(claim: Claim, reason: string): Promise<boolean> {
    return markHeld(this.database, claim, {
      state: 'unconfirmed',
      leaseUntil: null,
      lastError: note(reason),
    });
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

function missingSince(missing: boolean | undefined): OutboxChange {
  if (missing === undefined) return {};
  return { missingSince: missing ? sql`coalesce(${outbox.missingSince}, payments_now())` : null };
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
