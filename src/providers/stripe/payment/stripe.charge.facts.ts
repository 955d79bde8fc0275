import type { PaymentFact, PaymentFactName, PaymentRef } from '../../facts.js';
import type { FactSource } from '../stripe.account.js';
import { fromStripeAmount } from '../stripe.money.js';
import { isDelayed, type StripeCharge } from './stripe.charge.read.js';

/** @param told by Stripe; `amount` is Stripe's own. */
export function paymentFact(
  name: PaymentFactName,
  told: { amount: number | undefined; currency: string | undefined; metadata?: PaymentFact['metadata'] },
  ref: PaymentRef,
  source: FactSource,
): PaymentFact {
  const { amount, currency, metadata } = told;
  return {
    kind: 'payment',
    name,
    ref,
    livemode: source.livemode,
    occurredAt: source.at,
    money: amount !== undefined && currency !== undefined ? fromStripeAmount(amount, currency) : undefined,
    metadata,
  };
}

/** Money that was taken, held, or let go. Nothing for a charge that is pending or failed. */
export function chargedFacts(charge: StripeCharge, ref: PaymentRef, source: FactSource): PaymentFact[] {
  if (charge.status !== 'succeeded') return [];
  // Stripe shows a released hold as refunded.
  if (!charge.captured && charge.refunded) return [chargeFact('canceled', charge, ref, source)];
  const then = { ...source, at: charge.created };
  if (!charge.captured) return [chargeFact('authorized', charge, ref, then)];
  return [chargeFact('succeeded', { ...charge, amount: charge.amountCaptured }, ref, then)];
}

/** A declined attempt; with a method that finishes after the page is closed, the end. */
export function chargeFailedFacts(charge: StripeCharge, ref: PaymentRef, source: FactSource): PaymentFact[] {
  const name = isDelayed(charge.methodType) ? 'failed' : 'attempt_failed';
  const fact = chargeFact(name, charge, ref, source);
  // The declined charge is the attempt's, not the payment's.
  const attempt = { attemptId: charge.id, reason: charge.failureCode };
  return [{ ...fact, ref: { ...ref, chargeId: undefined }, ...attempt }];
}

export function chargeFact(
  name: PaymentFactName,
  charge: StripeCharge,
  ref: PaymentRef,
  source: FactSource,
): PaymentFact {
  const fact = paymentFact(name, charge, { ...ref, chargeId: charge.id }, source);
  return { ...fact, method: charge.method, receiptUrl: charge.receiptUrl };
}
