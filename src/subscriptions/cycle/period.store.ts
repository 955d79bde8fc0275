import { Injectable } from '@nestjs/common';
import { and, desc, eq, inArray, isNull, or, sql } from 'drizzle-orm';
import type { Queryable, Tx } from '../../database/database.js';
import { isOpen, PAYMENT_STATUSES } from '../../payments/payment/payment.js';
import { payments } from '../../payments/payment/payment.tables.js';
import {
  type SubscriptionPeriodRow,
  type SubscriptionRow,
  subscriptionPeriods,
} from '../subscription/subscription.tables.js';

export type NewPeriodRow = typeof subscriptionPeriods.$inferInsert;

/** What a subscription was billed: its cycles, and what came beside them. */
@Injectable()
export class PeriodStore {
  byPeriodIds(tx: Tx, provider: string, periodIds: readonly string[]): Promise<SubscriptionPeriodRow[]> {
    return tx
      .select()
      .from(subscriptionPeriods)
      .where(
        and(
          eq(subscriptionPeriods.provider, provider),
          inArray(subscriptionPeriods.periodId, [...periodIds]),
        ),
      );
  }

  async insert(tx: Tx, row: NewPeriodRow): Promise<SubscriptionPeriodRow> {
    const [inserted] = await tx.insert(subscriptionPeriods).values(row).returning();
    if (inserted === undefined) throw new Error('the period was not inserted');
    return inserted;
  }

  async update(tx: Tx, id: string, patch: Partial<NewPeriodRow>): Promise<void> {
    await tx.update(subscriptionPeriods).set(patch).where(eq(subscriptionPeriods.id, id));
  }

  /** Cycles, newest first: an older one may have been heard of later. */
  latest(db: Queryable, subscriptionId: string, limit: number): Promise<SubscriptionPeriodRow[]> {
    return db
      .select()
      .from(subscriptionPeriods)
      .where(
        and(eq(subscriptionPeriods.subscriptionId, subscriptionId), eq(subscriptionPeriods.offCycle, false)),
      )
      .orderBy(sql`coalesce(start_at, created_at) desc`, desc(subscriptionPeriods.id))
      .limit(limit);
  }

  /**
   * The end of the last cycle that is known, if it is over: cycles may have begun since that nobody told of. Undefined
   * while it runs, and of a subscription that is new here: what was before it was known is told to nobody.
   */
  async unheardSince(db: Queryable, { id, version, createdAt }: SubscriptionRow): Promise<Date | undefined> {
    if (version === 0) return undefined;
    const end = sql<Date | null>`max(coalesce(end_at, start_at, created_at))`.mapWith(
      subscriptionPeriods.end,
    );
    const [known] = await db
      .select({
        end,
        isOver: sql<boolean>`coalesce(max(coalesce(end_at, start_at)) <= payments_now(), true)`,
      })
      .from(subscriptionPeriods)
      .where(eq(subscriptionPeriods.subscriptionId, id));
    return known?.isOver === true ? (known.end ?? createdAt) : undefined;
  }

  async hasCycleFrom(tx: Tx, subscriptionId: string, start: Date): Promise<boolean> {
    const { offCycle, start: startAt } = subscriptionPeriods;
    const own = eq(subscriptionPeriods.subscriptionId, subscriptionId);
    return (await tx.$count(subscriptionPeriods, and(own, eq(offCycle, false), eq(startAt, start)))) > 0;
  }

  unpaidOf(tx: Tx, subscriptionId: string): Promise<SubscriptionPeriodRow[]> {
    return tx
      .select()
      .from(subscriptionPeriods)
      .where(and(eq(subscriptionPeriods.subscriptionId, subscriptionId), isNull(subscriptionPeriods.paidAt)));
  }

  /** Whether a cycle is still to be paid, whatever became of later ones. */
  async isAnyOwed(tx: Tx, subscriptionId: string): Promise<boolean> {
    const unpaid = await this.unpaidOf(tx, subscriptionId);
    const ids = unpaid.flatMap(({ paymentId }) => paymentId ?? []);
    const isOwed = and(inArray(payments.id, ids), inArray(payments.status, PAYMENT_STATUSES.filter(isOpen)));
    return ids.length > 0 && (await tx.$count(payments, isOwed)) > 0;
  }

  /**
   * The provider's ids of the latest bills that are neither paid nor given up, or whose payment has not heard of it:
   * what the subscription says and what its payment says is one truth.
   */
  async unpaid(db: Queryable, subscriptionId: string, limit: number): Promise<string[]> {
    const rows = await db
      .select({ periodId: subscriptionPeriods.periodId })
      .from(subscriptionPeriods)
      .innerJoin(payments, eq(payments.id, subscriptionPeriods.paymentId))
      .where(
        and(
          eq(subscriptionPeriods.subscriptionId, subscriptionId),
          or(
            and(isNull(subscriptionPeriods.paidAt), isNull(subscriptionPeriods.closedAt)),
            inArray(payments.status, PAYMENT_STATUSES.filter(isOpen)),
          ),
        ),
      )
      .orderBy(desc(subscriptionPeriods.id))
      .limit(limit);
    return rows.map(({ periodId }) => periodId);
  }
}
