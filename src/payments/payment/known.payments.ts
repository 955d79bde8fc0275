import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.js';
import type { PaymentRef } from '../../providers/facts.js';
import type { KnownPayment } from '../../providers/webhook.ports.js';
import { isClosed, isPaid } from './payment.js';
import { PaymentStore } from './payment.store.js';

/** What a provider need not read again, because we know it. */
@Injectable()
export class KnownPayments {
  constructor(
    private readonly database: Database,
    private readonly payments: PaymentStore,
  ) {}

  async find(ref: PaymentRef): Promise<KnownPayment | undefined> {
    const payment = await this.payments.findByRef(this.database.db, ref);
    if (payment === undefined) return undefined;
    return {
      paid: isPaid(payment.status),
      closed: isClosed(payment.status),
      providerPaymentId: payment.providerPaymentId ?? undefined,
      chargeId: payment.chargeId ?? undefined,
    };
  }
}
