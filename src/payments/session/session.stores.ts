import { Injectable } from '@nestjs/common';
import type { Tx } from '../../database/database.js';
import { Ids } from '../../kernel/ids.js';
import { type Operation, OperationStore } from '../../operations/operation.store.js';
import { OrderSlotStore } from '../payment/order.slot.store.js';
import { PaymentStore } from '../payment/payment.store.js';
import type { PaymentRow } from '../payment/payment.tables.js';

/** What a reservation reads and writes. */
@Injectable()
export class SessionStores {
  constructor(
    readonly slots: OrderSlotStore,
    readonly payments: PaymentStore,
    readonly operations: OperationStore,
    readonly ids: Ids,
  ) {}

  /** Records that a session is to be closed; whoever gets the operation calls the provider. */
  async prepareExpiry(tx: Tx, payment: PaymentRow, sessionId: string): Promise<Operation> {
    // Said before the provider is asked: its `expired` event may be here before its answer.
    await this.payments.update(tx, payment.id, payment.version, { closedBy: 'us' });
    return this.operations.prepare(tx, {
      id: this.ids.next(),
      subjectId: payment.id,
      provider: payment.provider,
      kind: 'expire_session',
      target: sessionId,
      request: payment.providerPaymentId === null ? {} : { providerPaymentId: payment.providerPaymentId },
    });
  }
}
