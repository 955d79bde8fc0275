import type { PaymentRow } from './payment.tables.js';

type Origin = Pick<PaymentRow, 'sessionId' | 'contentHash' | 'adopted' | 'subscriptionId'>;
type Waiting = Origin & Pick<PaymentRow, 'status' | 'checkoutUrl' | 'providerPaymentId'>;

/**
 * A charge without a checkout page: its one attempt is all there is. (Whoever asked for a session left a fingerprint,
 * before the provider gave the session its id.)
 */
export function isDirectCharge({ sessionId, contentHash, adopted, subscriptionId }: Origin): boolean {
  return sessionId === null && contentHash === null && !adopted && subscriptionId === null;
}

/** One for which the bank wants to see the buyer, who may never come back. No money moves meanwhile. */
export function waitsForBuyer<T extends Waiting>(payment: T): payment is T & { providerPaymentId: string } {
  const { status, checkoutUrl, providerPaymentId } = payment;
  return (
    isDirectCharge(payment) && status === 'pending' && checkoutUrl !== null && providerPaymentId !== null
  );
}
