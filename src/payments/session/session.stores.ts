import { Injectable } from '@nestjs/common';
import type { Tx } from '../../database/database.js';
import { Ids } from '../../kernel/ids.js';
import { type NewOperation, type Operation, OperationStore } from '../../operations/operation.store.js';
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
  prepareExpiry(tx: Tx, payment: PaymentRow, sessionId: string): Promise<Operation> {
    const { providerPaymentId } = payment;
    return this.prepareEnd(tx, payment, {
      kind: 'expire_session',
      target: sessionId,
      request: providerPaymentId === null ? {} : { providerPaymentId },
    });
  }

  /** The same of a charge whose buyer has not come back from the bank. */
  prepareClosing(tx: Tx, payment: PaymentRow, providerPaymentId: string): Promise<Operation> {
    return this.prepareEnd(tx, payment, { kind: 'close_charge', target: providerPaymentId, request: {} });
  }

  private async prepareEnd(
    tx: Tx,
    { id, version, provider }: PaymentRow,
    call: Pick<NewOperation, 'kind' | 'target' | 'request'>,
  ): Promise<Operation> {
    // Said before the provider is asked: its `expired` event may be here before its answer.
    await this.payments.update(tx, id, version, { closedBy: 'us' });
    return this.operations.prepare(tx, { id: this.ids.next(), subjectId: id, provider, ...call });
  }
}
