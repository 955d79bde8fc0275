import { Injectable } from '@nestjs/common';
import { or, sql } from 'drizzle-orm';
import { Database } from '../database/database.js';
import { dueIn, heldBy, markHeld, note, published } from './outbox.marks.store.js';
import type { Claim } from './outbox.message.js';
import { outbox } from './outbox.tables.js';

/** The further marks of messages that nobody acknowledges; see orders.bridge for what they mean. */
@Injectable()
export class OrdersStore {
  constructor(private readonly database: Database) {}

  /** Before messages go out. @returns those whose claim still held */
  async markInFlight<C extends Claim>(claims: readonly C[]): Promise<C[]> {
    if (claims.length === 0) return [];
    const marked = await this.database.db
      .update(outbox)
      .set({ inFlight: true })
      .where(or(...claims.map(heldBy)))
      .returning({ id: outbox.id });
    const ids = new Set(marked.map((row) => row.id));
    return claims.filter((claim) => ids.has(claim.id));
  }

  /** The broker said that nobody listens: it certainly did not arrive. */
  markUnsent(claim: Claim, delayMs: number, reason: string): Promise<boolean> {
    return markHeld(this.database, claim, { ...dueIn(delayMs), inFlight: false, lastError: note(reason) });
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

  /** A lookup got no answer; the next one is due after the delay. */
  markUnanswered(claim: Claim, delayMs: number, reason: string): Promise<boolean> {
    return markHeld(this.database, claim, {
      ...dueIn(delayMs),
      checks: sql`${outbox.checks} + 1`,
      lastError: note(reason),
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
}
