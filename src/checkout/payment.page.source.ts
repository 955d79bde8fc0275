import { Injectable } from '@nestjs/common';
import { PaymentsService } from '../payments/payment/payments.service.js';
import type { PaymentRow } from '../payments/payment/payment.tables.js';
import { type PaymentPage, PaymentPageSource } from './payment.page.js';

/** The pages' view of our payments. */
@Injectable()
export class StoredPaymentPages extends PaymentPageSource {
  constructor(private readonly payments: PaymentsService) {
    super();
  }

  async find(id: string): Promise<PaymentPage | undefined> {
    const payment = await this.payments.find(id);
    return payment === undefined ? undefined : pageOf(payment);
  }
}

function pageOf(payment: PaymentRow): PaymentPage {
  return {
    paymentId: payment.id,
    orderId: payment.orderId,
    status: payment.status,
    livemode: payment.livemode,
    amount: payment.amount,
    amountCaptured: payment.amountCaptured,
    amountRefunded: payment.amountRefunded,
    currency: payment.currency,
    items: payment.items.map((item) => ({ ...item, unitAmount: BigInt(item.unitAmount) })),
    method: payment.method ?? undefined,
    createdAt: payment.createdAt,
    paidAt: payment.paidAt ?? undefined,
    checkoutUrl: payment.checkoutUrl ?? undefined,
  };
}
