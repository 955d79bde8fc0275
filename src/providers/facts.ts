import type { Money } from '../kernel/money.js';
import { textOf } from './json.read.js';

/**
 * What a provider says happened, in our words. Webhooks, the janitor and answers to API calls all become facts, and
 * nothing else moves a payment.
 */
export type Fact = PaymentFact | RefundFact | DisputeFact;

export type PaymentFactName =
  /** The checkout session exists at the provider. */
  | 'opened'
  /** A voucher or a CLABE was issued; the customer has still to pay. */
  | 'pending'
  /** Money is held, not taken. */
  | 'authorized'
  /** One attempt was declined; the customer may try again. */
  | 'attempt_failed'
  | 'succeeded'
  | 'failed'
  | 'expired'
  | 'canceled';

/** How a fact finds its payment: by our own id first, then by the provider's. */
export interface PaymentRef {
  provider: string;
  /** From metadata: ours, or another installation on the same account. */
  installationId?: string | undefined;
  /** Our id, from the metadata that we gave the provider. */
  paymentId?: string | undefined;
  /** From metadata, which only a server can set; present on payments of the service that we replaced, too. */
  orderId?: string | undefined;
  sessionId?: string | undefined;
  /** Stripe: the payment intent. Conekta: the order. */
  providerPaymentId?: string | undefined;
  /**
   * What paid it; every `succeeded` that took money names it, for orders services. Without charges it is the payment's
   * id again.
   */
  chargeId?: string | undefined;
}

export function oursIn({
  installationId,
  paymentId,
  orderId,
}: Readonly<Record<string, string>>): Pick<PaymentRef, 'installationId' | 'paymentId' | 'orderId'> {
  return {
    installationId: textOf(installationId),
    paymentId: textOf(paymentId),
    orderId: textOf(orderId),
  };
}

/** Where both objects tell of one payment, the first counts. */
export function joinRefs(first: PaymentRef, second: PaymentRef): PaymentRef {
  return {
    provider: first.provider,
    installationId: first.installationId ?? second.installationId,
    paymentId: first.paymentId ?? second.paymentId,
    orderId: first.orderId ?? second.orderId,
    sessionId: first.sessionId ?? second.sessionId,
    providerPaymentId: first.providerPaymentId ?? second.providerPaymentId,
    chargeId: first.chargeId ?? second.chargeId,
  };
}

/** Opened by us or by the service that we replaced, and not by a subscription or another shop on the account. */
export function isOfAnOrder(ref: PaymentRef | undefined): ref is PaymentRef {
  return ref?.paymentId !== undefined || ref?.orderId !== undefined;
}

export interface PaymentMethod {
  /** As in paymentMethods of create-session; the provider's own word for others. */
  type: string;
  brand?: string | undefined;
  last4?: string | undefined;
  /** Number of monthly installments. */
  installments?: number | undefined;
  /** What a customer shows at the shop. */
  reference?: string | undefined;
  clabe?: string | undefined;
  /** Picture of the reference for the shop's scanner. */
  barcodeUrl?: string | undefined;
  /** Of the CLABE. */
  bank?: string | undefined;
}

/** What a browser needs to show a session inside a page. No secrets of ours. */
export interface SessionEmbed {
  checkoutId?: string | undefined;
  publicKey?: string | undefined;
  clientSecret?: string | undefined;
}

interface FactBase {
  ref: PaymentRef;
  livemode: boolean;
  /** When it happened, by the provider. */
  occurredAt: Date;
}

export interface PaymentFact extends FactBase {
  kind: 'payment';
  name: PaymentFactName;
  /** For `succeeded`: what was captured; otherwise what is asked for. Undefined: the provider does not say. */
  money?: Money | undefined;
  method?: PaymentMethod | undefined;
  /** The provider's own public receipt. */
  receiptUrl?: string | undefined;
  checkoutUrl?: string | undefined;
  /** For `opened`: what shows the session inside a page. */
  embed?: SessionEmbed | undefined;
  expiresAt?: Date | undefined;
  metadata?: Readonly<Record<string, string>> | undefined;
  /** For `attempt_failed`: which attempt, so that two event types for one attempt count once. */
  attemptId?: string | undefined;
  /** For `attempt_failed` and `failed`: the provider's code, such as `card_declined`. */
  reason?: string | undefined;
}

export type RefundStatus = 'pending' | 'succeeded' | 'failed' | 'canceled';

export interface RefundFact extends FactBase {
  kind: 'refund';
  refundId: string;
  status: RefundStatus;
  money: Money;
  reason?: string | undefined;
  /**
   * No refund, but the uncaptured part of a hold, which the provider lists as one: what was recorded of it is taken
   * back. `status` is `failed`.
   */
  neverCaptured?: boolean | undefined;
}

export type DisputeStatus = 'open' | 'won' | 'lost';

export interface DisputeFact extends FactBase {
  kind: 'dispute';
  disputeId: string;
  status: DisputeStatus;
  /** The provider's own word for the stage, such as `needs_response`. */
  stage?: string | undefined;
  /** The bank only asks, no money was taken. It may become a chargeback, never the other way. */
  inquiry?: boolean | undefined;
  money: Money;
  reason?: string | undefined;
}
