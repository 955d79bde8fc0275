import { Injectable } from '@nestjs/common';
import { and, eq, sql } from 'drizzle-orm';
import { databaseNow, type Queryable, type Tx } from '../../database/database.js';
import { refunds } from './refund.tables.js';

export type RefundRow = typeof refunds.$inferSelect;
export type NewRefundRow = typeof refunds.$inferInsert;

@Injectable()
export class RefundStore {
  async find(db: Queryable, provider: string, providerRefundId: string): Promise<RefundRow | undefined> {
    const [row] = await db
      .select()
      .from(refunds)
      .where(and(eq(refunds.provider, provider), eq(refunds.providerRefundId, providerRefundId)));
    return row;
  }

  async insert(tx: Tx, row: NewRefundRow): Promise<void> {
    await tx.insert(refunds).values(row);
  }

  async updateStatus(tx: Tx, refund: RefundRow, status: RefundRow['status']): Promise<void> {
    await tx
      .update(refunds)
      .set({ status, version: refund.version + 1, updatedAt: databaseNow })
      .where(and(eq(refunds.id, refund.id), eq(refunds.version, refund.version)));
  }

  /** What went back for good, in minor units. */
  async succeededTotal(tx: Tx, paymentId: string): Promise<bigint> {
    const [row] = await tx
      .select({ total: sql<string>`coalesce(sum(${refunds.amount}), 0)::text` })
      .from(refunds)
      .where(and(eq(refunds.paymentId, paymentId), eq(refunds.status, 'succeeded')));
    return BigInt(row?.total ?? '0');
  }
}
