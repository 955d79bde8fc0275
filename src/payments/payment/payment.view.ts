import { pick } from '../../kernel/pick.js';
import { receiptAddress, webAddress } from '../../kernel/web.address.js';
import type { PaymentMethod } from '../../providers/facts.js';
import { isOpen, type PaymentStatus } from './payment.js';
import type { PaymentRow } from './payment.tables.js';

/** How it is paid, as far as known; without what only the customer's own page shows. */
type PaymentMethodView = {
  [K in Exclude<keyof PaymentMethod, 'barcodeUrl' | 'bank'>]-?: PaymentMethod[K] | null;
};

/** A payment as events and REST answers show it. Amounts are JSON integers in minor units (ISO 4217). */
export class PaymentView {
  paymentId!: string;
  /** Null: it pays for no order. */
  orderId!: string | null;
  /** Our customer, where it is one that is kept. */
  customerId!: string | null;
  /** The subscription that it is a cycle of. */
  subscriptionId!: string | null;
  provider!: string;
  livemode!: boolean;
  status!: PaymentStatus;
  amount!: number;
  amountCaptured!: number;
  amountRefunded!: number;
  /** ISO 4217, upper case. */
  currency!: string;
  providerIds!: { session: string | null; payment: string | null; charge: string | null };
  paymentMethod!: PaymentMethodView | null;
  receiptUrl!: string | null;
  metadata!: Record<string, string>;
  /** Grows by one with every change that is announced: a reader drops what is older than what it has. */
  version!: number;
  /** Opened by the service that this one replaced. */
  adopted!: boolean;
}

/** A payment as `GET /payments/:id` answers it. */
export class PaymentResource extends PaymentView {
  /** Where the customer pays, while the payment is open. */
  checkoutUrl!: string | null;
  disputed!: boolean;
  /** Why the last attempt did not pay: the provider's code, and what it says to the buyer. */
  failure!: { reason: string; message: string | null } | null;
  /** Why a person has to look at it, for status `review`. */
  reviewReason!: string | null;
  expiresAt!: string | null;
  createdAt!: string;
  updatedAt!: string;
}

/** The provider's own receipt, or else our page. Old rows may hold what the provider gave, unchecked. */
export function receiptUrlOf({ id, receiptUrl }: PaymentRow, publicUrl: string): string {
  return receiptAddress(receiptUrl) ?? `${publicUrl}/payments/${id}/receipt`;
}

/** @param publicUrl where this service is reached */
export function viewOf(payment: PaymentRow, publicUrl: string): PaymentView {
  return {
    paymentId: payment.id,
    ...pick(payment, 'orderId', 'customerId', 'subscriptionId', 'provider', 'livemode', 'status'),
    amount: Number(payment.amount),
    amountCaptured: Number(payment.amountCaptured),
    amountRefunded: Number(payment.amountRefunded),
    currency: payment.currency,
    providerIds: {
      session: payment.sessionId,
      payment: payment.providerPaymentId,
      charge: payment.chargeId,
    },
    paymentMethod: methodView(payment.method),
    receiptUrl: payment.receiptUrl === null ? null : receiptUrlOf(payment, publicUrl),
    ...pick(payment, 'metadata', 'version', 'adopted'),
  };
}

export function resourceOf(payment: PaymentRow, publicUrl: string): PaymentResource {
  const { failure } = payment;
  return {
    ...viewOf(payment, publicUrl),
    checkoutUrl: isOpen(payment.status) ? (webAddress(payment.checkoutUrl) ?? null) : null,
    disputed: payment.disputed,
    failure: failure && { reason: failure.reason, message: failure.message ?? null },
    reviewReason: payment.reviewReason,
    expiresAt: payment.expiresAt?.toISOString() ?? null,
    createdAt: payment.createdAt.toISOString(),
    updatedAt: payment.updatedAt.toISOString(),
  };
}

function methodView(method: PaymentMethod | null): PaymentView['paymentMethod'] {
  if (method === null) return null;
  return {
    type: method.type,
    brand: method.brand ?? null,
    last4: method.last4 ?? null,
    installments: method.installments ?? null,
    reference: method.reference ?? null,
    clabe: method.clabe ?? null,
  };
}
