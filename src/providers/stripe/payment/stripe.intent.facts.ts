import type { PaymentFact, PaymentFactName, PaymentRef } from '../../facts.js';
import { fromStripeAmount } from '../stripe.money.js';
import type { FactSource } from '../stripe.account.js';
import { isDelayed } from './stripe.charge.read.js';
import type { StripeIntent } from './stripe.intent.read.js';

/** Reasons that are Stripe's own: nobody captured or paid in time. */
const EXPIRED_REASONS = new Set(['automatic', 'expired']);

/** Stripe does not always say of which method. */
const VOUCHER_RAN_OUT = 'payment_intent_payment_attempt_expired';

/** What the payment intent says of the payment, in the state that it is in. */
export function intentFacts(intent: StripeIntent, ref: PaymentRef, source: FactSource): PaymentFact[] {
  switch (intent.status) {
    case 'succeeded':
      return [succeededFact(intent, ref, source)];
    case 'requires_capture':
      return [chargedFact('authorized', intent, intent.amount, ref, source)];
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
  return chargedFact('succeeded', intent, intent.amountReceived, ref, source);
}

/** A voucher or a CLABE is out, or a delayed method is under way; `voucher` may be unknown. */
export function pendingFact(intent: StripeIntent, ref: PaymentRef, source: FactSource): PaymentFact {
  const fact = intentFact('pending', intent, intent.amount, ref, source);
  return { ...fact, method: intent.voucher?.method, expiresAt: intent.voucher?.expiresAt };
}

/** Nothing where no attempt was made, or where nothing tells this attempt from another. */
export function attemptFailedFacts(intent: StripeIntent, ref: PaymentRef, source: FactSource): PaymentFact[] {
  const error = intent.lastError;
  if (error === undefined) return [];
  const attemptId = error.chargeId ?? source.eventId;
  const isOver = isDelayed(error.methodType) || error.code === VOUCHER_RAN_OUT;
  const name = isOver ? 'failed' : 'attempt_failed';
  if (name === 'attempt_failed' && attemptId === undefined) return [];
  // `latest_charge` is the declined one here; it is the attempt's, not the payment's.
  const fact = intentFact(name, intent, intent.amount, { ...ref, chargeId: undefined }, source);
  return [{ ...fact, attemptId, reason: error.code }];
}

/** A declined attempt that was the payment's only one. */
export function lastAttemptFacts(intent: StripeIntent, ref: PaymentRef, source: FactSource): PaymentFact[] {
  const attempts = attemptFailedFacts(intent, ref, source).filter(({ name }) => name === 'attempt_failed');
  const end = intentFact('failed', intent, intent.amount, { ...ref, chargeId: undefined }, source);
  return [...attempts, { ...end, reason: intent.lastError?.code }];
}

/** A charge of ours that was declined is closed after that: it was declined, whoever hears first of its closing. */
export function canceledFacts(intent: StripeIntent, ref: PaymentRef, source: FactSource): PaymentFact[] {
  const wasDeclined = intent.metadata.operationId !== undefined && intent.lastError !== undefined;
  if (wasDeclined) return lastAttemptFacts(intent, ref, source);
  const name = EXPIRED_REASONS.has(intent.cancellationReason ?? '') ? 'expired' : 'canceled';
  return [intentFact(name, intent, intent.amount, ref, { ...source, at: intent.canceledAt ?? source.at })];
}

/** With the charge, which alone has the method, the receipt and the time. */
function chargedFact(
  name: PaymentFactName,
  intent: StripeIntent,
  amount: number,
  ref: PaymentRef,
  source: FactSource,
): PaymentFact {
  const { charge } = intent;
  const fact = intentFact(name, intent, amount, ref, { ...source, at: charge?.created ?? source.at });
  return { ...fact, method: charge?.method, receiptUrl: charge?.receiptUrl };
}

function intentFact(
  name: PaymentFactName,
  intent: StripeIntent,
  amount: number,
  ref: PaymentRef,
  source: FactSource,
): PaymentFact {
  return {
    kind: 'payment',
    name,
    ref,
    livemode: source.livemode,
    occurredAt: source.at,
    money: fromStripeAmount(amount, intent.currency),
    metadata: intent.metadata,
  };
}
