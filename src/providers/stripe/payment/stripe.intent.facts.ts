import type { PaymentFact, PaymentRef } from '../../facts.js';
import type { FactSource } from '../stripe.account.js';
import { paymentFact } from './stripe.charge.facts.js';
import { isDelayed } from './stripe.charge.read.js';
import type { StripeIntent } from './stripe.intent.read.js';

/** Nobody captured or paid in time. */
const EXPIRED_REASONS = new Set(['automatic', 'expired']);

/** Stripe does not always name the method. */
const VOUCHER_RAN_OUT = 'payment_intent_payment_attempt_expired';

/** The payment, by the state that its intent is in. */
export function intentFacts(intent: StripeIntent, ref: PaymentRef, source: FactSource): PaymentFact[] {
  switch (intent.status) {
    case 'succeeded':
      return [succeededFact(intent, ref, source)];
    case 'requires_capture':
      return [chargedFact('authorized', intent, ref, source)];
    case 'requires_action':
      return intent.voucher === undefined ? [] : [pendingFact(intent, ref, source)];
    case 'requires_payment_method':
      return attemptFailedFacts(intent, ref, source);
    case 'canceled':
      return canceledFacts(intent, ref, source);
    default:
      return [];
  }
}

export function succeededFact(intent: StripeIntent, ref: PaymentRef, source: FactSource): PaymentFact {
  return chargedFact('succeeded', { ...intent, amount: intent.amountReceived }, ref, source);
}

/** A voucher or a CLABE was issued, or a delayed method is under way; `voucher` may be unknown. */
export function pendingFact(intent: StripeIntent, ref: PaymentRef, source: FactSource): PaymentFact {
  return { ...paymentFact('pending', intent, ref, source), ...intent.voucher };
}

/** Nothing without an attempt, or where nothing tells this attempt from another. */
export function attemptFailedFacts(intent: StripeIntent, ref: PaymentRef, source: FactSource): PaymentFact[] {
  const error = intent.lastError;
  if (error === undefined) return [];
  const attemptId = error.chargeId ?? source.eventId;
  const isOver = isDelayed(error.methodType) || error.code === VOUCHER_RAN_OUT;
  if (!isOver && attemptId === undefined) return [];
  return [{ ...failure(isOver ? 'failed' : 'attempt_failed', intent, ref, source), attemptId }];
}

/** A declined attempt that was the payment's only one. */
export function lastAttemptFacts(intent: StripeIntent, ref: PaymentRef, source: FactSource): PaymentFact[] {
  const attempts = attemptFailedFacts(intent, ref, source).filter(({ name }) => name === 'attempt_failed');
  return [...attempts, failure('failed', intent, ref, source)];
}

/** We close a charge of ours that was declined: its closing means the decline. */
export function canceledFacts(intent: StripeIntent, ref: PaymentRef, source: FactSource): PaymentFact[] {
  const wasDeclined = intent.metadata.operationId !== undefined && intent.lastError !== undefined;
  if (wasDeclined) return lastAttemptFacts(intent, ref, source);
  const name = EXPIRED_REASONS.has(intent.cancellationReason ?? '') ? 'expired' : 'canceled';
  return [paymentFact(name, intent, ref, { ...source, at: intent.canceledAt ?? source.at })];
}

/** `latest_charge` is the declined one here: it is the attempt's, not the payment's. */
function failure(
  name: 'failed' | 'attempt_failed',
  intent: StripeIntent,
  ref: PaymentRef,
  source: FactSource,
): PaymentFact {
  const fact = paymentFact(name, intent, { ...ref, chargeId: undefined }, source);
  return { ...fact, reason: intent.lastError?.code };
}

/** Only the charge has the method, the receipt and the time. */
function chargedFact(
  name: 'succeeded' | 'authorized',
  intent: StripeIntent,
  ref: PaymentRef,
  source: FactSource,
): PaymentFact {
  const { charge } = intent;
  const fact = paymentFact(name, intent, ref, { ...source, at: charge?.created ?? source.at });
  return { ...fact, method: charge?.method, receiptUrl: charge?.receiptUrl };
}
