import type { PaymentFact, PaymentFactName, PaymentRef } from '../../facts.js';
import { fromStripeAmount } from '../stripe.money.js';
import type { FactSource } from '../webhook/stripe.event.js';
import { isDelayed, type StripeCharge } from './stripe.charge.read.js';

/** Money that moved: taken, held only, or no longer held. Nothing for a charge that is pending or failed. */
export function chargedFacts(charge: StripeCharge, ref: PaymentRef, source: FactSource): PaymentFact[] {
  if (charge.status !== 'succeeded') return [];
  // Stripe shows a released hold as refunded.
  if (!charge.captured && charge.refunded)
    return [chargeFact('canceled', charge, charge.amount, ref, source)];
  const name = charge.captured ? 'succeeded' : 'authorized';
  const amount = charge.captured ? charge.amountCaptured : charge.amount;
  return [chargeFact(name, charge, amount, ref, { ...source, at: charge.created })];
}

/** One attempt that was declined, or with a method that finishes after the page is closed the end. */
export function chargeFailedFacts(charge: StripeCharge, ref: PaymentRef, source: FactSource): PaymentFact[] {
  const name = isDelayed(charge.methodType) ? 'failed' : 'attempt_failed';
  const fact = chargeFact(name, charge, charge.amount, ref, source);
  // The declined charge is the attempt's, not the payment's.
  return [
    { ...fact, ref: { ...ref, chargeId: undefined }, attemptId: charge.id, reason: charge.failureCode },
  ];
}

/** A hold that was not captured in time. */
export function chargeExpiredFacts(charge: StripeCharge, ref: PaymentRef, source: FactSource): PaymentFact[] {
  return [chargeFact('expired', charge, charge.amount, ref, source)];
}

function chargeFact(
  name: PaymentFactName,
  charge: StripeCharge,
  amount: number,
  ref: PaymentRef,
  source: FactSource,
): PaymentFact {
  return {
    kind: 'payment',
    name,
    ref: { ...ref, chargeId: charge.id },
    livemode: source.livemode,
    occurredAt: source.at,
    money: fromStripeAmount(amount, charge.currency),
    method: charge.method,
    receiptUrl: charge.receiptUrl,
    metadata: charge.metadata,
  };
}
