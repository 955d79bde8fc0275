import { ApiProperty } from '@nestjs/swagger';
import type { PaymentRow } from '../payment/payment.tables.js';
import type { PaymentStatus } from '../payment/payment.js';

/** The answer to create-session, over REST and over NATS. */
export class SessionAnswer {
  paymentId!: string;
  /** As it was sent. */
  @ApiProperty({ oneOf: [{ type: 'string' }, { type: 'integer' }] })
  orderId!: string | number;
  provider!: string;
  status!: PaymentStatus;
  /** Where the customer pays. */
  url!: string;
  successUrl!: string;
  cancelUrl!: string;
  /** The same three, under other names in use. */
  sessionUrl!: string;
  success_url!: string;
  cancel_url!: string;
  /** ISO 8601. */
  expiresAt!: string | null;
  /** Of an embedded session: what the provider's component is started with. */
  checkoutId?: string;
  publicKey?: string;
  clientSecret?: string;
}

export function sessionAnswer(payment: PaymentRow, orderId: string | number): SessionAnswer {
  const url = payment.checkoutUrl ?? '';
  const successUrl = payment.successUrl ?? '';
  const cancelUrl = payment.cancelUrl ?? '';
  return {
    paymentId: payment.id,
    orderId,
    provider: payment.provider,
    status: payment.status,
    url,
    successUrl,
    cancelUrl,
    sessionUrl: url,
    success_url: successUrl,
    cancel_url: cancelUrl,
    expiresAt: payment.expiresAt?.toISOString() ?? null,
    ...payment.embed,
  };
}
