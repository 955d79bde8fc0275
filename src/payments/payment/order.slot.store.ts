import { Injectable } from '@nestjs/common';
import { and, eq, sql } from 'drizzle-orm';
import type { Tx } from '../../database/database.js';
import { orderSlots, type PaymentRow } from './payment.tables.js';

export type OrderSlot = typeof orderSlots.$inferSelect;

/** What a payment is locked by: its order, of a subscription's cycles too; without one it stands alone. */
export function slotOf({ id, orderId }: Pick<PaymentRow, 'id' | 'orderId'>): string {
  return orderId ?? `payment/${id}`;
}

@Injectable()
export class OrderSlotStore {
  /** Always before the lock on any of its payments, so that two transactions cannot wait for each other. */
  async lock(tx: Tx, orderId: string): Promise<OrderSlot> {
    const [slot] = await tx
      .insert(orderSlots)
      .values({ orderId })
      .onConflictDoUpdate({ target: orderSlots.orderId, set: { orderId: sql`excluded.order_id` } })
      .returning();
    if (slot === undefined) throw new Error('the order was not locked');
    return slot;
  }

  async update(tx: Tx, orderId: string, patch: Partial<OrderSlot>): Promise<void> {
    await tx.update(orderSlots).set(patch).where(eq(orderSlots.orderId, orderId));
  }

  /** The order's live attempt ended without money; another one may begin. */
  async release(tx: Tx, orderId: string, paymentId: string): Promise<void> {
    await tx
      .update(orderSlots)
      .set({ openPaymentId: null })
      .where(and(eq(orderSlots.orderId, orderId), eq(orderSlots.openPaymentId, paymentId)));
  }
}
