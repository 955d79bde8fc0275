import type { PgUpdateSetSource } from 'drizzle-orm/pg-core';
import { type Database, databaseNowPlus } from '../database/database.js';
import type { Claim } from './outbox.message.js';
import type { outbox } from './outbox.tables.js';

const ERROR_LENGTH = 500;

export type OutboxChange = PgUpdateSetSource<typeof outbox>;

/** What a mark says of each message beside its claim: a column of `mark`, for the SQL of the change. */
export interface MarkColumn<Mark> {
  name: string;
  type: 'text' | 'int' | 'bigint' | 'float8' | 'boolean';
  of: (mark: Mark) => string | number | boolean | null;
}

/**
 * Changes all rows whose claim still holds in one statement.
 * @param change the assignments, over columns of the row and of `mark`
 * @returns the ids of those that it changed
 */
export async function markHeld<Mark extends Claim>(
  database: Database,
  marks: readonly Mark[],
  change: string,
  columns: readonly MarkColumn<Mark>[] = [],
): Promise<Set<string>> {
  if (marks.length === 0) return new Set();
  const arrays = columns.map(({ type }, index) => `, $${index + 3}::${type}[]`).join('');
  const names = columns.map(({ name }) => `, ${name}`).join('');
  const statement = `
    update outbox set ${change}
    from unnest($1::uuid[], $2::int[]${arrays}) as mark (id, claimed${names})
    where outbox.id = mark.id and outbox.attempts = mark.claimed
    returning outbox.id`;
  const { rows } = await database.pool.query<{ id: string }>(statement, [
    marks.map(({ id }) => id),
    marks.map(({ attempts }) => attempts),
    ...columns.map(({ of }) => marks.map(of)),
  ]);
  return new Set(rows.map(({ id }) => id));
}

/** The column of what `last_error` keeps of each message. */
export const REASON: MarkColumn<{ reason: string }> = {
  name: 'reason',
  type: 'text',
  of: ({ reason }) => reason.slice(0, ERROR_LENGTH),
};

/** Given back and due when the delay, a column of `mark`, is over. */
export const DUE_AFTER = `lease_until = null, next_attempt_at = payments_now() + make_interval(secs => mark.delay_ms / 1000)`;

export const DELAY: MarkColumn<{ delayMs: number }> = {
  name: 'delay_ms',
  type: 'float8',
  of: ({ delayMs }) => delayMs,
};

export const PUBLISHED = `state = 'published', lease_until = null, published_at = payments_now()`;

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
