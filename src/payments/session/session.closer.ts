import { Injectable } from '@nestjs/common';
import { DatabaseClock } from '../../database/database.clock.js';
import { Database } from '../../database/database.js';
import type { Operation } from '../../operations/operation.store.js';
import { OperationExecutor } from '../../operations/operation.executor.js';
import type { Cause } from '../../kernel/applied.js';
import { SessionStores } from './session.stores.js';
import { waitsForBuyer } from '../payment/direct.charge.js';
import { slotOf } from '../payment/order.slot.store.js';
import type { PaymentRow } from '../payment/payment.tables.js';

/** The bank's own page gives up long before. */
const BUYER_GONE_MS = 3 * 3_600_000;

/** Closes what nobody should pay any more. */
@Injectable()
export class SessionCloser {
  constructor(
    private readonly database: Database,
    private readonly stores: SessionStores,
    private readonly executor: OperationExecutor,
    private readonly clock: DatabaseClock,
  ) {}

  /**
   * Closes at the provider: a payment's session when its order was paid by another payment; a charge that waits for
   * the buyer at the bank, then too, and when the buyer has not come back for hours.
   */
  async closeIfIdle(paymentId: string, cause: Cause): Promise<void> {
    const operation = await this.prepare(paymentId, await this.clock.now());
    if (operation !== undefined) await this.executor.execute(operation, cause);
  }

  private async prepare(paymentId: string, now: Date): Promise<Operation | undefined> {
    const found = await this.stores.payments.findById(this.database.db, paymentId);
    if (found === undefined || !(hasOpenSession(found) || waitsForBuyer(found))) return undefined;
    return this.database.transaction(async (tx) => {
      const slot = await this.stores.slots.lock(tx, slotOf(found));
      const payment = await this.stores.payments.lock(tx, paymentId);
      if (payment === undefined) return undefined;
      const superseded = slot.paidPaymentId !== null && slot.paidPaymentId !== paymentId;
      const left = now.getTime() - payment.createdAt.getTime() >= BUYER_GONE_MS;
      if ((await this.stores.operations.unsettledOf(tx, paymentId)) !== undefined) return undefined;
      if (superseded && hasOpenSession(payment))
        return this.stores.prepareExpiry(tx, payment, payment.sessionId);
      if ((superseded || left) && waitsForBuyer(payment))
        return this.stores.prepareClosing(tx, payment, payment.providerPaymentId);
      return undefined;
    });
  }
}

function hasOpenSession(payment: PaymentRow): payment is PaymentRow & { sessionId: string } {
  return payment.status === 'created' && payment.sessionId !== null;
}
