import type { PaymentRef, RefundFact, RefundStatus } from '../../facts.js';
import { idOf, integerOf, isJson, textOf } from '../../json.read.js';
import { STRIPE } from '../stripe.account.js';
import { fromStripeAmount } from '../stripe.money.js';
import type { FactSource } from '../webhook/stripe.event.js';
import type { StripeCharge } from './stripe.charge.read.js';

/** A refund that needs an action of the customer (a bank account to send it to) is under way. */
const STATUSES: ReadonlyMap<unknown, RefundStatus> = new Map([
  ['pending', 'pending'],
  ['requires_action', 'pending'],
  ['succeeded', 'succeeded'],
  ['failed', 'failed'],
  ['canceled', 'canceled'],
]);

/**
 * The refund as a fact. `payment` is what its charge says of the payment; a refund has ids of Stripe's only.
 * Undefined for anything but a refund of a charge.
 */
export function refundFact(value: unknown, source: FactSource, payment?: PaymentRef): RefundFact | undefined {
  if (!isJson(value) || value.object !== 'refund') return undefined;
  const [refundId, currency, amount] = [textOf(value.id), textOf(value.currency), integerOf(value.amount)];
  const status = STATUSES.get(value.status);
  const ref = refOfMoneyBack(value);
  if (!refundId || !currency || amount === undefined || status === undefined || ref === undefined)
    return undefined;
  return {
    kind: 'refund',
    ref: { ...payment, ...ref },
    livemode: source.livemode,
    occurredAt: source.at,
    refundId,
    status,
    money: fromStripeAmount(amount, currency),
    reason: textOf(value.failure_reason) ?? textOf(value.reason),
  };
}

/**
 * A refund that moved no money: it has no balance transaction. Its charge tells whether it is the part of a hold that
 * was never captured; a bank that takes its time leaves a true refund without one for a while too.
 */
export function mayBeRelease(value: unknown): boolean {
  if (!isJson(value) || value.object !== 'refund') return false;
  return value.status === 'succeeded' && value.balance_transaction === null;
}

/** The part of a hold that was never captured, which Stripe lists as a refund of it. */
export function isRelease(value: unknown, charge: StripeCharge | undefined): boolean {
  if (charge === undefined || !isJson(value) || !mayBeRelease(value)) return false;
  return (integerOf(value.amount) ?? 0) <= charge.amount - charge.amountCaptured;
}

/** What Stripe lists as a refund of this charge. */
export function refundFactOf(
  charge: StripeCharge,
  value: unknown,
  source: FactSource,
  payment?: PaymentRef,
): RefundFact | undefined {
  const fact = refundFact(value, source, payment);
  if (fact === undefined || !isRelease(value, charge)) return fact;
  return { ...fact, status: 'failed', reason: 'never_captured', neverCaptured: true };
}

/** Of a refund or a dispute, which name their payment alike. */
export function refOfMoneyBack(value: Readonly<Record<string, unknown>>): PaymentRef | undefined {
  const [chargeId, providerPaymentId] = [idOf(value.charge), idOf(value.payment_intent)];
  if (chargeId === undefined && providerPaymentId === undefined) return undefined;
  return {
    provider: STRIPE,
    ...(providerPaymentId !== undefined && { providerPaymentId }),
    ...(chargeId !== undefined && { chargeId }),
  };
}
