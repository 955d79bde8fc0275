import { Injectable } from '@nestjs/common';
import { and, desc, eq, getTableColumns, gte, inArray, lte, type SQL, sql } from 'drizzle-orm';
import { databaseNow, type Queryable, type Tx } from '../../database/database.js';
import { isUuid } from '../../kernel/ids.js';
import type { PaymentRef } from '../../providers/facts.js';
import type { PaymentStatus } from './payment.js';
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
  /** Only payments that these callers made. */
  callers?: readonly string[] | undefined;
  /** Only payments older than this id. */
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

  /** Newest first. */
  list(db: Queryable, filter: PaymentFilter): Promise<PaymentRow[]> {
    const conditions: (SQL | undefined)[] = [
      filter.orderId === undefined ? undefined : eq(payments.orderId, filter.orderId),
      filter.subscriptionId === undefined ? undefined : eq(payments.subscriptionId, filter.subscriptionId),
      filter.customerId === undefined ? undefined : eq(payments.customerId, filter.customerId),
      filter.status === undefined ? undefined : eq(payments.status, filter.status),
      filter.provider === undefined ? undefined : eq(payments.provider, filter.provider),
      filter.callers === undefined ? undefined : inArray(payments.caller, [...filter.callers]),
      filter.from === undefined ? undefined : gte(payments.createdAt, filter.from),
      filter.to === undefined ? undefined : lte(payments.createdAt, filter.to),
      filter.before === undefined ? undefined : olderThan(filter.before),
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
  claimDueForCheck(db: Queryable, limit: number): Promise<PaymentRow[]> {
    // A CTE is run once; a subquery with a limit could be run again for each row.
    const due = db
      .$with('due')
      .as(
        db
          .select({ id: payments.id })
          .from(payments)
          .where(lte(payments.nextCheckAt, databaseNow))
          .orderBy(payments.nextCheckAt)
          .limit(limit)
          .for('update', { skipLocked: true }),
      );
    const age = sql`payments_now() - ${payments.createdAt}`;
    return db
      .with(due)
      .update(payments)
      .set({
        nextCheckAt: sql`payments_now() + least(greatest(${age}, interval '10 minutes'), interval '6 hours')`,
      })
      .from(due)
      .where(eq(payments.id, due.id))
      .returning(getTableColumns(payments));
  }
}

/** Ids of adopted payments tell no time. */
function olderThan(id: string): SQL {
  return sql`(${payments.createdAt}, ${payments.id}) < (select created_at, id from payments where id = ${id})`;
}
