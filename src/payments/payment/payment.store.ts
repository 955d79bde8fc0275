import { Injectable } from '@nestjs/common';
import {
  and,
  desc,
  eq,
  getTableColumns,
  gt,
  gte,
  inArray,
  isNotNull,
  isNull,
  lte,
  ne,
  notInArray,
  or,
  type SQL,
  sql,
} from 'drizzle-orm';
import { databaseNow, databaseNowPlus, type Queryable, type Tx } from '../../database/database.js';
import { isUuid } from '../../kernel/ids.js';
import type { Money } from '../../kernel/money.js';
import type { PaymentRef } from '../../providers/facts.js';
import { isOpen, isPaid, PAYMENT_STATUSES, type PaymentStatus } from './payment.js';
import { type NewPaymentRow, type PaymentRow, payments, paymentTransitions } from './payment.tables.js';

export type NewTransition = typeof paymentTransitions.$inferInsert;

export interface PaymentFilter {
  orderId?: string | undefined;
  subscriptionId?: string | undefined;
  customerId?: string | undefined;
  status?: PaymentStatus | undefined;
  provider?: string | undefined;
  from?: Date | undefined;
  to?: Date | undefined;
  /** Only payments of these groups, and those that were adopted: nobody's. */
  callers?: readonly string[] | undefined;
  /** The id of a payment: only those that were made before it. */
  before?: string | undefined;
  limit: number;
}

@Injectable()
export class PaymentStore {
  async findById(db: Queryable, id: string): Promise<PaymentRow | undefined> {
    if (!isUuid(id)) return undefined;
    const [row] = await db.select().from(payments).where(eq(payments.id, id));
    return row;
  }

  /** By our own id, else by the first of the provider's ids that we know. */
  async findByRef(db: Queryable, ref: PaymentRef): Promise<PaymentRow | undefined> {
    const own = ref.paymentId === undefined ? undefined : await this.findById(db, ref.paymentId);
    if (own !== undefined) return own;
    const keys = [
      [payments.providerPaymentId, ref.providerPaymentId],
      [payments.sessionId, ref.sessionId],
      [payments.chargeId, ref.chargeId],
    ] as const;
    for (const [column, value] of keys) {
      if (value === undefined) continue;
      const [row] = await db
        .select()
        .from(payments)
        .where(and(eq(payments.provider, ref.provider), eq(column, value)));
      if (row !== undefined) return row;
    }
    return undefined;
  }

  async lock(tx: Tx, id: string): Promise<PaymentRow | undefined> {
    const [row] = await tx.select().from(payments).where(eq(payments.id, id)).for('update');
    return row;
  }

  async insert(tx: Tx, row: NewPaymentRow): Promise<PaymentRow> {
    const [inserted] = await tx.insert(payments).values(row).returning();
    if (inserted === undefined) throw new Error('the payment was not inserted');
    return inserted;
  }

  /** Undefined when another transaction adopted the same provider payment first. */
  async insertAdopted(tx: Tx, row: NewPaymentRow): Promise<PaymentRow | undefined> {
    const [inserted] = await tx.insert(payments).values(row).onConflictDoNothing().returning();
    return inserted;
  }

  /** Guarded by the version that the caller read under the row's lock. */
  async update(tx: Tx, id: string, version: number, patch: Partial<PaymentRow>): Promise<PaymentRow> {
    const [updated] = await tx
      .update(payments)
      .set({ ...patch, updatedAt: databaseNow })
      .where(and(eq(payments.id, id), eq(payments.version, version)))
      .returning();
    if (updated === undefined) throw new Error(`payment ${id} changed under its lock`);
    return updated;
  }

  async recordTransitions(tx: Tx, transitions: readonly NewTransition[]): Promise<void> {
    if (transitions.length > 0) await tx.insert(paymentTransitions).values([...transitions]);
  }

  async hasHappened(tx: Tx, paymentId: string, onceKey: string): Promise<boolean> {
    const found = await tx
      .select({ id: paymentTransitions.id })
      .from(paymentTransitions)
      .where(and(eq(paymentTransitions.paymentId, paymentId), eq(paymentTransitions.onceKey, onceKey)));
    return found.length > 0;
  }

  /** The money that put it before a person, where the provider said how much: PaymentApplier noted `1999 MXN`. */
  async received(db: Queryable, paymentId: string): Promise<Money | undefined> {
    const note = sql<string | null>`${paymentTransitions.detail} ->> 'received'`;
    const [row] = await db
      .select({ note })
      .from(paymentTransitions)
      .where(
        and(
          eq(paymentTransitions.paymentId, paymentId),
          eq(paymentTransitions.to, 'review'),
          isNotNull(note),
        ),
      )
      .limit(1);
    const [amount, currency] = row?.note?.split(' ') ?? [];
    return amount === undefined || currency === undefined ? undefined : { amount: BigInt(amount), currency };
  }

  /** The subscription has a cycle beside this one that money came in for. */
  async hasOtherMoney(tx: Tx, subscriptionId: string, id: string): Promise<boolean> {
    const paid = PAYMENT_STATUSES.filter((status) => isPaid(status) || status === 'review');
    const isOther = and(eq(payments.subscriptionId, subscriptionId), ne(payments.id, id));
    const found = await tx
      .select({ id: payments.id })
      .from(payments)
      .where(and(isOther, inArray(payments.status, paid)))
      .limit(1);
    return found.length > 0;
  }

  /** The cycles of subscriptions that are collected for this order, and those whose money is being reviewed. */
  cyclesOfOrder(tx: Tx, orderId: string): Promise<PaymentRow[]> {
    const claims = PAYMENT_STATUSES.filter((status) => isOpen(status) || status === 'review');
    const isCycle = and(eq(payments.orderId, orderId), isNotNull(payments.subscriptionId));
    return tx
      .select()
      .from(payments)
      .where(and(isCycle, inArray(payments.status, claims)));
  }

  /** Newest first. */
  list(db: Queryable, filter: PaymentFilter): Promise<PaymentRow[]> {
    const conditions: (SQL | undefined)[] = [
      filter.orderId === undefined ? undefined : eq(payments.orderId, filter.orderId),
      filter.subscriptionId === undefined ? undefined : eq(payments.subscriptionId, filter.subscriptionId),
      filter.customerId === undefined ? undefined : eq(payments.customerId, filter.customerId),
      filter.status === undefined ? undefined : eq(payments.status, filter.status),
      filter.provider === undefined ? undefined : eq(payments.provider, filter.provider),
      filter.callers === undefined
        ? undefined
        : or(inArray(payments.caller, [...filter.callers]), eq(payments.adopted, true)),
      filter.from === undefined ? undefined : gte(payments.createdAt, filter.from),
      filter.to === undefined ? undefined : lte(payments.createdAt, filter.to),
      // An id need not grow with time: that of a cycle's or adopted payment is derived.
      filter.before === undefined
        ? undefined
        : sql`(${payments.createdAt}, ${payments.id}) < (select created_at, id from payments where id = ${filter.before})`,
    ];
    return db
      .select()
      .from(payments)
      .where(and(...conditions))
      .orderBy(desc(payments.createdAt), desc(payments.id))
      .limit(filter.limit);
  }

  /** Lets the janitor look at it in its next round. */
  async makeDue(tx: Tx, id: string): Promise<void> {
    await tx.update(payments).set({ nextCheckAt: databaseNow }).where(eq(payments.id, id));
  }

  /**
   * The same for one that nobody looks at any more: money of it went back, so the word that it came in is due, and its
   * event may be lost.
   */
  async makeDueIfIdle(tx: Tx, id: string): Promise<void> {
    await tx
      .update(payments)
      .set({ nextCheckAt: databaseNow })
      .where(and(eq(payments.id, id), isNull(payments.nextCheckAt)));
  }

  /** What has ended is not looked at again, once it was; unless somebody has made it due meanwhile. */
  async endChecks(db: Queryable, id: string): Promise<void> {
    await db
      .update(payments)
      .set({ nextCheckAt: null })
      .where(
        and(
          eq(payments.id, id),
          gt(payments.nextCheckAt, databaseNow),
          notInArray(payments.status, PAYMENT_STATUSES.filter(isOpen)),
        ),
      );
  }

  /** Whether there is real money of the provider's. */
  async hasLive(db: Queryable, provider: string): Promise<boolean> {
    const found = await db
      .select({ id: payments.id })
      .from(payments)
      .where(and(eq(payments.provider, provider), eq(payments.livemode, true)))
      .limit(1);
    return found.length > 0;
  }

  /** Takes payments whose look at the provider is due, and puts the next look off by their age (10 minutes to 6 hours). */
  claimDueForCheck(db: Queryable, provider: string, limit: number, claimMs: number): Promise<PaymentRow[]> {
    // A CTE is run once; a subquery with a limit could be run again for each row.
    const due = db.$with('due').as(
      db
        .select({ id: payments.id })
        .from(payments)
        .where(and(eq(payments.provider, provider), lte(payments.nextCheckAt, databaseNow)))
        .orderBy(payments.nextCheckAt)
        .limit(limit)
        .for('update', { skipLocked: true }),
    );
    return db
      .with(due)
      .update(payments)
      .set({ nextCheckAt: databaseNowPlus(claimMs) })
      .from(due)
      .where(eq(payments.id, due.id))
      .returning(getTableColumns(payments));
  }

  /**
   * When it is looked at next, by its age, after it was looked at; unless something has set another date since it was
   * claimed.
   */
  async putNextCheck(
    db: Queryable,
    { id, nextCheckAt }: Pick<PaymentRow, 'id' | 'nextCheckAt'>,
  ): Promise<void> {
    if (nextCheckAt === null) return;
    const age = sql`payments_now() - ${payments.createdAt}`;
    await db
      .update(payments)
      .set({
        nextCheckAt: sql`payments_now() + least(greatest(${age}, interval '10 minutes'), interval '6 hours')`,
      })
      .where(and(eq(payments.id, id), eq(payments.nextCheckAt, nextCheckAt)));
  }
}
