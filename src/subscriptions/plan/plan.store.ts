import { Injectable } from '@nestjs/common';
import { and, desc, eq, getTableColumns, inArray, isNull, lt, sql } from 'drizzle-orm';
import type { PgUpdateSetSource } from 'drizzle-orm/pg-core';
import { databaseNow, type Queryable, type Tx } from '../../database/database.js';
import type { PageBounds } from '../../http/validation/page.dto.js';
import { planPrices, type PlanRow, plans } from './plan.tables.js';

export type NewPlanRow = typeof plans.$inferInsert;
export type PlanPrice = typeof planPrices.$inferSelect;

interface PlanFilter extends PageBounds {
  provider?: string | undefined;
  /** Only plans that these callers made. */
  callers?: readonly string[] | undefined;
}

@Injectable()
export class PlanStore {
  async byUid(db: Queryable, uid: string): Promise<PlanRow | undefined> {
    const [row] = await db.select().from(plans).where(eq(plans.uid, uid));
    return row;
  }

  /** The one of this id that is not deleted. */
  async byId(db: Queryable, planId: string): Promise<PlanRow | undefined> {
    const [row] = await db.select().from(plans).where(isCurrent(planId));
    return row;
  }

  /** Else the last one that was deleted. */
  async latestById(db: Queryable, planId: string): Promise<PlanRow | undefined> {
    const [row] = await db
      .select()
      .from(plans)
      .where(eq(plans.id, planId))
      .orderBy(sql`deleted_at desc nulls first`, desc(plans.uid))
      .limit(1);
    return row;
  }

  /** By any id that it ever had at its provider. */
  async byProviderPlan(db: Queryable, provider: string, id: string): Promise<PlanRow | undefined> {
    const { provider: at, providerPlanId, planUid } = planPrices;
    const [row] = await db
      .select(getTableColumns(plans))
      .from(plans)
      .innerJoin(planPrices, eq(planUid, plans.uid))
      .where(and(eq(at, provider), eq(providerPlanId, id)));
    return row;
  }

  /** Every id that these plans ever had at their provider. */
  async providerPlanIds(db: Queryable, uids: readonly string[]): Promise<string[]> {
    const rows = await db
      .select()
      .from(planPrices)
      .where(inArray(planPrices.planUid, [...uids]));
    return rows.map(({ providerPlanId }) => providerPlanId);
  }

  async lock(tx: Tx, uid: string): Promise<PlanRow | undefined> {
    const [row] = await tx.select().from(plans).where(eq(plans.uid, uid)).for('update');
    return row;
  }

  async lockById(tx: Tx, planId: string): Promise<PlanRow | undefined> {
    const [row] = await tx.select().from(plans).where(isCurrent(planId)).for('update');
    return row;
  }

  /** Undefined when a plan that is not deleted has the id. */
  async insert(tx: Tx, row: NewPlanRow): Promise<PlanRow | undefined> {
    const [inserted] = await tx.insert(plans).values(row).onConflictDoNothing().returning();
    return inserted;
  }

  /** Under the row's lock. */
  update(tx: Tx, uid: string, patch: Partial<NewPlanRow>): Promise<void> {
    return this.set(tx, uid, { ...patch, updatedAt: databaseNow });
  }

  /** What is kept is what the provider says now. */
  confirm(tx: Tx, uid: string): Promise<void> {
    return this.set(tx, uid, { confirmedAt: databaseNow });
  }

  /** Under the row's lock. */
  markDeleted(tx: Tx, uid: string): Promise<void> {
    const deletedAt = sql`coalesce(${plans.deletedAt}, payments_now())`;
    return this.set(tx, uid, { deletedAt, updatedAt: databaseNow });
  }

  async remove(tx: Tx, uid: string): Promise<void> {
    await tx.delete(plans).where(and(eq(plans.uid, uid), isNull(plans.providerPlanId)));
  }

  /** The provider's id means this plan from now on: a provider may give a deleted plan's id again. */
  async addPrice(tx: Tx, price: PlanPrice): Promise<void> {
    await tx
      .insert(planPrices)
      .values(price)
      .onConflictDoUpdate({
        target: [planPrices.provider, planPrices.providerPlanId],
        set: { planUid: price.planUid },
      });
  }

  /** False when the provider's id is known already; then whoever made it known has committed. */
  async claimPrice(tx: Tx, price: PlanPrice): Promise<boolean> {
    const claimed = await tx.insert(planPrices).values(price).onConflictDoNothing().returning();
    return claimed.length > 0;
  }

  /** Those that are not deleted, newest first. */
  list(db: Queryable, { provider, callers, before, limit }: PlanFilter): Promise<PlanRow[]> {
    const isListed = and(
      isNull(plans.deletedAt),
      provider === undefined ? undefined : eq(plans.provider, provider),
      callers === undefined ? undefined : inArray(plans.caller, [...callers]),
      before === undefined ? undefined : lt(plans.uid, before),
    );
    return db.select().from(plans).where(isListed).orderBy(desc(plans.uid)).limit(limit);
  }

  private async set(tx: Tx, uid: string, patch: PgUpdateSetSource<typeof plans>): Promise<void> {
    await tx.update(plans).set(patch).where(eq(plans.uid, uid));
  }
}

function isCurrent(planId: string) {
  return and(eq(plans.id, planId), isNull(plans.deletedAt));
}
