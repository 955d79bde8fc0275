import { isPaid } from '../../payments/payment/payment.js';
import type { PaymentPage } from '../payment.page.js';

/** The receipt for a program. Amounts are JSON integers in minor units: none that we store is beyond 2^53 − 1. */
export interface ReceiptJson {
  paymentId: string;
  /** Null: it pays for no order. */
  orderId: string | null;
  paid: boolean;
  status: string;
  livemode: boolean;
  amount: number;
  amountCaptured: number;
  amountRefunded: number;
  currency: string;
  items: { name: string; unitAmount: number; quantity: number }[];
  /** Added to the items, or for a discount taken off; their amounts are positive. */
  adjustments: { kind: string; name: string; amount: number }[];
  paymentMethod: {
    type: string;
    brand: string | null;
    last4: string | null;
    installments: number | null;
  } | null;
  createdAt: string;
  paidAt: string | null;
}

export function receiptJson(payment: PaymentPage): ReceiptJson {
  const { method } = payment;
  return {
    paymentId: payment.paymentId,
    orderId: payment.orderId,
    paid: isPaid(payment.status),
    status: payment.status,
    livemode: payment.livemode,
    amount: Number(payment.amount),
    amountCaptured: Number(payment.amountCaptured),
    amountRefunded: Number(payment.amountRefunded),
    currency: payment.currency,
    items: payment.items.map((item) => ({ ...item, unitAmount: Number(item.unitAmount) })),
    adjustments: payment.adjustments.map((line) => ({ ...line, amount: Number(line.amount) })),
    paymentMethod:
      method === undefined
        ? null
        : {
            type: method.type,
            brand: method.brand ?? null,
            last4: method.last4 ?? null,
            installments: method.installments ?? null,
          },
    createdAt: payment.createdAt.toISOString(),
    paidAt: payment.paidAt?.toISOString() ?? null,
  };
}
