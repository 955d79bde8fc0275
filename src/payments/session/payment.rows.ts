import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.js';
import { OutboxSignal } from '../../outbox/outbox.signal.js';
import { isOpen } from '../payment/payment.js';
import { PaymentStore } from '../payment/payment.store.js';
import type { PaymentRow } from '../payment/payment.tables.js';
import { contentHash, type SessionRequest } from './session.request.js';

/** Reads what a session became, and wakes the relay for what was written about it. */
@Injectable()
export class PaymentRows {
  constructor(
    private readonly database: Database,
    private readonly payments: PaymentStore,
    private readonly signal: OutboxSignal,
  ) {}

  /** The payment, if it has a session and is what the request asks for; it may even be paid by now. */
  async opened(paymentId: string, request: SessionRequest): Promise<PaymentRow | undefined> {
    const payment = await this.find(paymentId);
    if (payment === undefined || payment.checkoutUrl === null) return undefined;
    return payment.contentHash === contentHash(request) ? payment : undefined;
  }

  async stillOpen(paymentId: string): Promise<PaymentRow | undefined> {
    const payment = await this.find(paymentId);
    return payment !== undefined && isOpen(payment.status) ? payment : undefined;
  }

  find(paymentId: string): Promise<PaymentRow | undefined> {
    return this.payments.findById(this.database.db, paymentId);
  }

  announce(): void {
    this.signal.wake();
  }
}
