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

const newestFirst = sql`coalesce(${subscriptionPeriods.start}, ${subscriptionPeriods.paidAt}, ${subscriptionPeriods.createdAt}) desc`;

/** What a subscription was billed: its cycles, and what came beside them. */
@Injectable()
export class PeriodStore {
  /** Cycles, newest first: an older one may have been heard of later. */
  latest(db: Queryable, subscriptionId: string, limit: number): Promise<SubscriptionPeriodRow[]> {
    return db
      .select()
      .from(subscriptionPeriods)
      .where(
        and(eq(subscriptionPeriods.subscriptionId, subscriptionId), eq(subscriptionPeriods.offCycle, false)),
      )
      .orderBy(newestFirst, desc(subscriptionPeriods.id))
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

  /** Whether a cycle is still to be paid, whatever became of later ones. */
  async isAnyOwed(tx: Tx, subscriptionId: string): Promise<boolean> {
    const { subscriptionId: theirs, paidAt } = subscriptionPeriods;
    const unpaid = await tx
      .select()
      .from(subscriptionPeriods)
      .where(and(eq(theirs, subscriptionId), isNull(paidAt)));
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
      .orderBy(newestFirst, desc(subscriptionPeriods.id))
      .limit(limit);
    return rows.map(({ periodId }) => periodId);
  }
}
