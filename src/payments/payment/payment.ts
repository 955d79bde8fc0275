import type { PaymentFactName } from '../../providers/facts.js';

/** What we know of ourselves, beside what a provider says. */
export type OwnFactName =
  /** A call to the provider ended without an answer. */
  | 'outcome_unknown'
  /** The session was refused by the provider, or is known never to have been made. */
  | 'never_opened'
  /** We closed it, and the provider agreed. */
  | 'closed';

export type Trigger = PaymentFactName | OwnFactName;

export const PAYMENT_STATUSES = [
  'created',
  'pending',
  'authorized',
  'succeeded',
  'partially_refunded',
  'refunded',
  'failed',
  'expired',
  'canceled',
  'unknown',
  'review',
] as const;
export type PaymentStatus = (typeof PAYMENT_STATUSES)[number];

/** Who ended a payment that was not paid. */
export type ClosedBy = 'provider' | 'us';

/** Why a person has to look at money that came in. */
export type ReviewReason = 'amount_mismatch' | 'late_payment' | 'duplicate_payment' | 'unverified_order';

/**
 * What a fact does to a payment: the next status, `stale` (known already, or overtaken), or `late` (paid after it was
 * closed: counts if the provider closed it, is for review if we did).
 */
export type Verdict = PaymentStatus | 'stale' | 'late';

type Row = Readonly<Record<Trigger, Verdict>>;

const OPEN: Row = {
  opened: 'stale',
  pending: 'pending',
  authorized: 'authorized',
  attempt_failed: 'created',
  succeeded: 'succeeded',
  failed: 'failed',
  expired: 'expired',
  canceled: 'canceled',
  outcome_unknown: 'stale',
  never_opened: 'stale',
  closed: 'canceled',
};

const PAID: Row = {
  opened: 'stale',
  pending: 'stale',
  authorized: 'stale',
  attempt_failed: 'stale',
  succeeded: 'stale',
  failed: 'stale',
  expired: 'stale',
  canceled: 'stale',
  outcome_unknown: 'stale',
  never_opened: 'stale',
  closed: 'stale',
};

/**
 * `succeeded` after an end: a voucher paid at the last moment (Stripe `checkout.session.async_payment_succeeded`, Conekta
 * `order.paid` after `order.expired`), a bank debit, a cycle collected after its subscription ended. A hold after an end
 * is stale: nothing was taken, and the provider releases it.
 */
const CLOSED: Row = { ...PAID, succeeded: 'late' };

/**
 * The payment's machine. Refunds move a paid payment by its amounts, see refund.ts. Paid is final here: a bank debit
 * that is called back is a dispute (Stripe), cash that the cashier hands back is a refund (Conekta `charge.reversed`).
 */
export const PAYMENT_TRANSITIONS: Readonly<Record<PaymentStatus, Row>> = {
  created: { ...OPEN, outcome_unknown: 'unknown', never_opened: 'failed' },
  pending: { ...OPEN, pending: 'stale', attempt_failed: 'pending' },
  authorized: { ...OPEN, pending: 'stale', authorized: 'stale', attempt_failed: 'stale' },
  unknown: { ...OPEN, opened: 'created', never_opened: 'failed' },
  succeeded: PAID,
  partially_refunded: PAID,
  refunded: PAID,
  failed: CLOSED,
  expired: CLOSED,
  canceled: CLOSED,
  review: PAID,
};

export function verdict(status: PaymentStatus, trigger: Trigger): Verdict {
  return PAYMENT_TRANSITIONS[status][trigger];
}

export const PAID_STATUSES = [
  'succeeded',
  'partially_refunded',
  'refunded',
] as const satisfies readonly PaymentStatus[];

export function isPaid(status: PaymentStatus): boolean {
  return status === 'succeeded' || status === 'partially_refunded' || status === 'refunded';
}

export function isClosed(status: PaymentStatus): boolean {
  return status === 'failed' || status === 'expired' || status === 'canceled';
}

/** Open: the customer may still pay, or we do not know yet. */
export function isOpen(status: PaymentStatus): boolean {
  return !isPaid(status) && !isClosed(status) && status !== 'review';
}

/** What of a row says what kind of payment it is. */
interface Traits {
  status: PaymentStatus;
  amountCaptured: bigint;
  amountRefunded: bigint;
  sessionId: string | null;
  contentHash: string | null;
  adopted: boolean;
  subscriptionId: string | null;
  checkoutUrl: string | null;
  providerPaymentId: string | null;
}

/** Money that a person looks at, until all of it went back. */
export function isUnderReview({ status, amountCaptured, amountRefunded }: Traits): boolean {
  return status === 'review' && (amountCaptured === 0n || amountRefunded < amountCaptured);
}

/** The status of a paid payment by its amounts, in minor units. */
export function paidStatus(captured: bigint, refunded: bigint): PaymentStatus {
  if (refunded === 0n) return 'succeeded';
  return refunded < captured ? 'partially_refunded' : 'refunded';
}

/** A charge without a checkout page: one attempt. (A session has its fingerprint before the provider gives its id.) */
export function isDirectCharge({ sessionId, contentHash, adopted, subscriptionId }: Traits): boolean {
  return sessionId === null && contentHash === null && !adopted && subscriptionId === null;
}

/** A charge for which the bank wants to see the buyer, who may never come back. No money moves meanwhile. */
export function waitsForBuyer<T extends Traits>(payment: T): payment is T & { providerPaymentId: string } {
  const { status, checkoutUrl, providerPaymentId } = payment;
  return (
    isDirectCharge(payment) && status === 'pending' && checkoutUrl !== null && providerPaymentId !== null
  );
}

/** A session on which nobody has begun to pay. */
export function isOpenPage<T extends Traits>(payment: T): payment is T & { sessionId: string } {
  return payment.status === 'created' && payment.sessionId !== null;
}

/** What a provider may name a payment by: the first of them that is known counts. */
export const PROVIDER_IDS = ['providerPaymentId', 'sessionId', 'chargeId'] as const;

/** What a payment is locked by: its order, of a subscription's cycles too; without one it stands alone. */
export function slotOf({ id, orderId }: { id: string; orderId: string | null }): string {
  return orderId ?? `payment/${id}`;
}
