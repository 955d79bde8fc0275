import { and, eq, isNull, lt, or, sql } from 'drizzle-orm';
import type { PgUpdateSetSource } from 'drizzle-orm/pg-core';
import { databaseNow, databaseNowPlus, type Queryable } from '../../database/database.js';
import { idempotencyKeys } from './idempotency.tables.js';

export interface KeyRef {
  caller: string;
  key: string;
}

/** The right to work on a key, until its lease runs out unrenewed. */
export interface Claim extends KeyRef {
  /** Fences everybody who claimed before. */
  attempt: number;
  resourceId: string | undefined;
}

export interface StoredAnswer {
  status: number;
  body: unknown;
}

export type KeyState =
  | { kind: 'claimed'; claim: Claim }
  | { kind: 'answered'; answer: StoredAnswer }
  | { kind: 'busy' }
  | { kind: 'reused' };

const t = idempotencyKeys;

/** Rows of idempotency_keys. Each method is one or a few statements; no transaction is needed. */
export class IdempotencyStore {
  /** Claims a new, released or abandoned key, or tells how it stands. */
  async claim(db: Queryable, ref: KeyRef, requestHash: string, leaseMs: number): Promise<KeyState> {
    const fresh = await db
      .insert(t)
      .values({ ...ref, requestHash, leaseUntil: databaseNowPlus(leaseMs) })
      .onConflictDoNothing()
      .returning({ attempt: t.attempts, resourceId: t.resourceId });
    const taken = fresh[0] ?? (await this.takeOver(db, ref, requestHash, leaseMs));
    if (taken === undefined) return this.read(db, ref, requestHash);
    const { attempt, resourceId } = taken;
    return { kind: 'claimed', claim: { ...ref, attempt, resourceId: resourceId ?? undefined } };
  }

  /** @returns false when somebody else has taken over. */
  renew(db: Queryable, claim: Claim, leaseMs: number): Promise<boolean> {
    return this.update(db, claim, { leaseUntil: databaseNowPlus(leaseMs) });
  }

  /** Names what the work made, for whoever continues it. @returns false when fenced. */
  remember(db: Queryable, claim: Claim, resourceId: string): Promise<boolean> {
    return this.update(db, claim, { resourceId });
  }

  /** Keeps the answer for every repeat. @returns false when fenced. */
  finish(db: Queryable, claim: Claim, { status, body }: StoredAnswer): Promise<boolean> {
    return this.update(db, claim, { state: 'done', status, answer: { body }, leaseUntil: null });
  }

  /** Gives the key back without an answer: the next repeat works again, with the same resource. */
  async release(db: Queryable, claim: Claim): Promise<void> {
    await this.update(db, claim, { leaseUntil: null });
  }

  /** @returns how many keys, first used longer ago than this, it deleted. */
  async deleteOlderThan(db: Queryable, ageMs: number): Promise<number> {
    const rows = await db
      .delete(t)
      .where(lt(t.createdAt, databaseNowPlus(-ageMs)))
      .returning({ key: t.key });
    return rows.length;
  }

  private async update(db: Queryable, claim: Claim, patch: PgUpdateSetSource<typeof t>): Promise<boolean> {
    const isHeld = and(byRef(claim), eq(t.state, 'in_progress'), eq(t.attempts, claim.attempt));
    const rows = await db.update(t).set(patch).where(isHeld).returning({ key: t.key });
    return rows.length > 0;
  }

  private async takeOver(db: Queryable, ref: KeyRef, requestHash: string, leaseMs: number) {
    const rows = await db
      .update(t)
      .set({ attempts: sql`${t.attempts} + 1`, leaseUntil: databaseNowPlus(leaseMs) })
      .where(
        and(
          byRef(ref),
          eq(t.requestHash, requestHash),
          eq(t.state, 'in_progress'),
          or(isNull(t.leaseUntil), lt(t.leaseUntil, databaseNow)),
        ),
      )
      .returning({ attempt: t.attempts, resourceId: t.resourceId });
    return rows[0];
  }

  private async read(db: Queryable, ref: KeyRef, requestHash: string): Promise<KeyState> {
    const [row] = await db.select().from(t).where(byRef(ref));
    // Deleted since the insert met it: the next look claims it afresh.
    if (row === undefined) return { kind: 'busy' };
    if (row.requestHash !== requestHash) return { kind: 'reused' };
    if (row.state !== 'done' || row.status === null) return { kind: 'busy' };
    return { kind: 'answered', answer: { status: row.status, body: row.answer?.body } };
  }
}

function byRef({ caller, key }: KeyRef) {
  return and(eq(t.caller, caller), eq(t.key, key));
}
