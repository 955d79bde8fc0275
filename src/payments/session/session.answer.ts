import type { PaymentRow } from '../payment/payment.tables.js';
import type { PaymentStatus } from '../payment/payment.js';

/** The answer to create-session, over REST and over NATS. */
export class SessionAnswer {
  paymentId!: string;
  provider!: string;
  status!: PaymentStatus;
  /** Where the customer pays. */
  url!: string;
  successUrl!: string;
  cancelUrl!: string;
  /** ISO 8601. */
  expiresAt!: string | null;
  /** Of an embedded session: what the provider's component is started with. */
  checkoutId?: string;
  publicKey?: string;
  clientSecret?: string;
}

export function sessionAnswer(payment: PaymentRow): SessionAnswer {
  return {
    paymentId: payment.id,
    provider: payment.provider,
    status: payment.status,
    url: payment.checkoutUrl ?? '',
    successUrl: payment.successUrl ?? '',
    cancelUrl: payment.cancelUrl ?? '',
    expiresAt: payment.expiresAt?.toISOString() ?? null,
    ...payment.embed,
  };
}
