import { and, eq, type SQL, sql } from 'drizzle-orm';
import type { PgUpdateSetSource } from 'drizzle-orm/pg-core';
import { type Database, databaseNow, databaseNowPlus } from '../database/database.js';
import type { Claim } from './outbox.message.js';
import { outbox } from './outbox.tables.js';

const ERROR_LENGTH = 500;

export type OutboxChange = PgUpdateSetSource<typeof outbox>;

/** The row as long as nobody claimed it after this claim. */
export function heldBy(claim: Claim): SQL | undefined {
  return and(eq(outbox.id, claim.id), eq(outbox.attempts, claim.attempts));
}

/** Changes the row if the claim still holds. @returns whether it did */
export async function markHeld(database: Database, claim: Claim, change: OutboxChange): Promise<boolean> {
  const marked = await database.db
    .update(outbox)
    .set(change)
    .where(heldBy(claim))
    .returning({ id: outbox.id });
  return marked.length > 0;
}

/** Given back and due after the delay. */
export function dueIn(delayMs: number): OutboxChange {
  return { leaseUntil: null, nextAttemptAt: databaseNowPlus(delayMs) };
}

/** As if it had never gone out. */
export const NEVER_SENT = {
  inFlight: false,
  sends: 0,
  checks: 0,
  firstSentAt: null,
  lastSentAt: null,
  missingSince: null,
} satisfies OutboxChange;

export function published(): OutboxChange {
  return { state: sql`'published'`, leaseUntil: null, publishedAt: databaseNow };
}

/** What `last_error` keeps of a message. */
export function note(text: string): string {
  return text.slice(0, ERROR_LENGTH);
}
