import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.js';
import type { Operation } from '../../operations/operation.store.js';
import { OperationExecutor } from '../../operations/operation.executor.js';
import type { Cause } from '../../kernel/cause.js';
import { SessionStores } from './session.stores.js';
import { slotOf } from '../payment/order.slot.store.js';

/** Closes sessions that nobody should pay any more. */
@Injectable()
export class SessionCloser {
  constructor(
    private readonly database: Database,
    private readonly stores: SessionStores,
    private readonly executor: OperationExecutor,
  ) {}

  /** Closes a payment's session at the provider when its order was paid by another payment. */
  async closeIfSuperseded(paymentId: string, cause: Cause): Promise<void> {
    const operation = await this.prepare(paymentId);
    if (operation !== undefined) await this.executor.execute(operation, cause);
  }

  private async prepare(paymentId: string): Promise<Operation | undefined> {
    const found = await this.stores.payments.findById(this.database.db, paymentId);
    if (found?.status !== 'created' || found.sessionId === null) return undefined;
    return this.database.transaction(async (tx) => {
      const slot = await this.stores.slots.lock(tx, slotOf(found));
      const payment = await this.stores.payments.lock(tx, paymentId);
      const superseded = slot.paidPaymentId !== null && slot.paidPaymentId !== paymentId;
      if (!superseded || payment?.status !== 'created' || payment.sessionId === null) return undefined;
      if ((await this.stores.operations.unsettledOf(tx, paymentId)) !== undefined) return undefined;
      return this.stores.prepareExpiry(tx, payment, payment.sessionId);
    });
  }
}
