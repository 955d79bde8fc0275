import { Injectable } from '@nestjs/common';
import { and, eq, getTableColumns, inArray, isNull, lt, lte, ne, notInArray, or, sql } from 'drizzle-orm';
import { databaseNow, databaseNowPlus, type Queryable, type Tx } from '../database/database.js';
import { type OperationKind, type OperationState, providerOperations } from './operation.tables.js';

export type Operation = typeof providerOperations.$inferSelect;

export interface NewOperation {
  id: string;
  subjectId: string;
  provider: string;
  kind: OperationKind;
  target?: string;
  request: Record<string, unknown>;
}

/** How long somebody may be making a call. */
export const OPERATION_LEASE_MS = 30_000;

const FIRST_DOUBT_MS = 15_000;
const LONGEST_DOUBT_MS = 120_000;

/** Milliseconds until what was sent so often is asked about: twice as long each time, up to two minutes. Pure. */
export function askAgainAfter(attempts: number): number {
  return Math.min(FIRST_DOUBT_MS * 2 ** Math.max(attempts - 1, 0), LONGEST_DOUBT_MS);
}

/** What was sent of these may have moved money: it is never sent twice. */
const MOVES_MONEY: OperationKind[] = ['charge'];

export const UNSETTLED: OperationState[] = ['prepared', 'sent', 'unknown'];

function isUnsettled(id: string) {
  return and(eq(providerOperations.id, id), inArray(providerOperations.state, UNSETTLED));
}

@Injectable()
export class OperationStore {
  /** Recorded, and leased to whoever records it. */
  async prepare(tx: Tx, operation: NewOperation): Promise<Operation> {
    const [row] = await tx
      .insert(providerOperations)
      .values({ ...operation, leaseUntil: databaseNowPlus(OPERATION_LEASE_MS) })
      .returning();
    if (row === undefined) throw new Error('the operation was not recorded');
    return row;
  }

  /** @param beside an operation that does not count. */
  async unsettledOf(tx: Tx, subjectId: string, beside?: string): Promise<Operation | undefined> {
    const isOther = beside === undefined ? undefined : ne(providerOperations.id, beside);
    const [row] = await tx
      .select()
      .from(providerOperations)
      .where(
        and(
          eq(providerOperations.subjectId, subjectId),
          inArray(providerOperations.state, UNSETTLED),
          isOther,
        ),
      )
      .for('update');
    return row;
  }

  /** Undefined: somebody is executing it, or it moves money and was sent: the janitor only looks for that. */
  async takeOver(db: Queryable, id: string): Promise<Operation | undefined> {
    const { leaseUntil, kind, firstSentAt } = providerOperations;
    const isFree = or(isNull(leaseUntil), lt(leaseUntil, databaseNow));
    const maySend = or(notInArray(kind, MOVES_MONEY), isNull(firstSentAt));
    const [row] = await db
      .update(providerOperations)
      .set({ leaseUntil: databaseNowPlus(OPERATION_LEASE_MS) })
      .where(and(isUnsettled(id), isFree, maySend))
      .returning();
    return row;
  }

  /**
   * Before the call leaves the process: counts this sending and leases it. Undefined when it is settled, or somebody has
   * marked it since it was taken: two that hold it, one after a long pause, never make its call at the same time.
   */
  async markSent(db: Queryable, { id, attempts }: Operation): Promise<Operation | undefined> {
    const leaseMs = Math.max(OPERATION_LEASE_MS, askAgainAfter(attempts + 1));
    const [row] = await db
      .update(providerOperations)
      .set({
        state: 'sent',
        attempts: attempts + 1,
        firstSentAt: sql`coalesce(${providerOperations.firstSentAt}, payments_now())`,
        leaseUntil: databaseNowPlus(leaseMs),
      })
      .where(and(isUnsettled(id), eq(providerOperations.attempts, attempts)))
      .returning();
    return row;
  }

  async isUnsettled(db: Queryable, id: string): Promise<boolean> {
    return (await db.$count(providerOperations, isUnsettled(id))) > 0;
  }

  /** @param retryInMs when the janitor may ask again. @returns false when it was settled before. */
  async markUnknown(tx: Tx, id: string, error: string, retryInMs: number): Promise<boolean> {
    const marked = await tx
      .update(providerOperations)
      .set({ state: 'unknown', lastError: error, leaseUntil: databaseNowPlus(retryInMs) })
      .where(isUnsettled(id))
      .returning({ id: providerOperations.id });
    return marked.length > 0;
  }

  async wasSentBefore(db: Queryable, id: string, ageMs: number): Promise<boolean> {
    const { id: own, firstSentAt } = providerOperations;
    const isOld = and(eq(own, id), lte(firstSentAt, databaseNowPlus(-ageMs)));
    return (await db.$count(providerOperations, isOld)) > 0;
  }

  /** Counts a look that did not find what was sent; returns how many there were. */
  async countMiss(db: Queryable, id: string): Promise<number> {
    const [row] = await db
      .update(providerOperations)
      .set({ misses: sql`${providerOperations.misses} + 1` })
      .where(eq(providerOperations.id, id))
      .returning({ misses: providerOperations.misses });
    return row?.misses ?? 0;
  }

  /** False when it was settled before. */
  async settle(tx: Tx, id: string, state: 'done' | 'failed', error?: string): Promise<boolean> {
    const settled = await tx
      .update(providerOperations)
      .set({ state, settledAt: databaseNow, leaseUntil: null, lastError: error ?? null })
      .where(isUnsettled(id))
      .returning({ id: providerOperations.id });
    return settled.length > 0;
  }

  /** Those without an end that nobody executes, oldest first, leased to the caller. @param provider default: any. */
  claimAbandoned(db: Queryable, limit: number, provider?: string): Promise<Operation[]> {
    // A CTE is run once; a subquery with a limit could be run again for each row.
    const { provider: at, state, leaseUntil, createdAt } = providerOperations;
    const isTheirs = provider === undefined ? undefined : eq(at, provider);
    const abandoned = db.$with('abandoned').as(
      db
        .select({ id: providerOperations.id })
        .from(providerOperations)
        .where(and(isTheirs, inArray(state, UNSETTLED), lte(leaseUntil, databaseNow)))
        .orderBy(createdAt)
        .limit(limit)
        .for('update', { skipLocked: true }),
    );
    return db
      .with(abandoned)
      .update(providerOperations)
      .set({ leaseUntil: databaseNowPlus(OPERATION_LEASE_MS) })
      .from(abandoned)
      .where(eq(providerOperations.id, abandoned.id))
      .returning(getTableColumns(providerOperations));
  }
}
