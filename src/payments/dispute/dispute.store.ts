import { Injectable } from '@nestjs/common';
import { and, eq, sql } from 'drizzle-orm';
import { databaseNow, type Queryable, type Tx } from '../../database/database.js';
import { disputes } from './dispute.tables.js';

export type DisputeRow = typeof disputes.$inferSelect;
export type NewDisputeRow = typeof disputes.$inferInsert;

@Injectable()
export class DisputeStore {
  async find(db: Queryable, provider: string, providerDisputeId: string): Promise<DisputeRow | undefined> {
    const [row] = await db
      .select()
      .from(disputes)
      .where(and(eq(disputes.provider, provider), eq(disputes.providerDisputeId, providerDisputeId)));
    return row;
  }

  async insert(tx: Tx, row: NewDisputeRow): Promise<void> {
    await tx.insert(disputes).values(row);
  }

  async update(
    tx: Tx,
    dispute: DisputeRow,
    patch: Pick<DisputeRow, 'status' | 'stage' | 'inquiry'>,
  ): Promise<void> {
    await tx
      .update(disputes)
      .set({ ...patch, version: dispute.version + 1, updatedAt: databaseNow })
      .where(and(eq(disputes.id, dispute.id), eq(disputes.version, dispute.version)));
  }

  /** Whether a bank has the money until it decides: an inquiry took none. */
  async anyOpen(tx: Tx, paymentId: string): Promise<boolean> {
    const isChargeback = sql`${disputes.inquiry} is distinct from true`;
    const open = await tx
      .select({ id: disputes.id })
      .from(disputes)
      .where(and(eq(disputes.paymentId, paymentId), eq(disputes.status, 'open'), isChargeback));
    return open.length > 0;
  }
}
