import type { PaymentRef, RefundFact, RefundStatus } from '../../facts.js';
import { idOf, integerOf, type Json, jsonOf, textOf } from '../../json.read.js';
import { type FactSource, STRIPE } from '../stripe.account.js';
import { given } from '../../request.rules.js';
import { fromStripeAmount } from '../stripe.money.js';
import type { StripeCharge } from './stripe.charge.read.js';

/** `requires_action`: the customer has to name a bank account. */
const STATUSES: ReadonlyMap<unknown, RefundStatus> = new Map([
  ['pending', 'pending'],
  ['requires_action', 'pending'],
  ['succeeded', 'succeeded'],
  ['failed', 'failed'],
  ['canceled', 'canceled'],
]);

/**
 * @param payment by its charge: refunds and disputes carry Stripe's ids only.
 * @returns undefined for anything but a refund of a charge.
 */
export function refundFact(value: unknown, source: FactSource, payment?: PaymentRef): RefundFact | undefined {
  const refund = jsonOf(value);
  const status = STATUSES.get(refund.status);
  const refundId = textOf(refund.id);
  const told = status && refundId && moneyBackParts('refund', refund, source, payment);
  if (!told) return undefined;
  const reason = textOf(refund.failure_reason) ?? textOf(refund.reason);
  return { kind: 'refund', ...told, refundId, status, reason };
}

/** What a refund and a dispute tell alike. Undefined for anything but `kind`. */
export function moneyBackParts(
  kind: 'refund' | 'dispute',
  value: Json,
  { livemode, at }: FactSource,
  payment?: PaymentRef,
): Pick<RefundFact, 'ref' | 'livemode' | 'occurredAt' | 'money'> | undefined {
  const [currency, amount, ref] = [textOf(value.currency), integerOf(value.amount), refOfMoneyBack(value)];
  if (value.object !== kind || currency === undefined || amount === undefined || ref === undefined)
    return undefined;
  return { ref: { ...payment, ...ref }, livemode, occurredAt: at, money: fromStripeAmount(amount, currency) };
}

/**
 * A refund without a balance transaction moved no money. Its charge tells whether it is the uncaptured part of a hold:
 * a slow bank leaves a true refund without one for a while too.
 */
export function mayBeRelease(value: unknown): boolean {
  const { object, status, balance_transaction } = jsonOf(value);
  return object === 'refund' && status === 'succeeded' && balance_transaction === null;
}

/** Stripe lists the uncaptured part of a hold as a refund. */
export function isRelease(value: unknown, charge: StripeCharge | undefined): boolean {
  if (charge === undefined || !mayBeRelease(value)) return false;
  return (integerOf(jsonOf(value).amount) ?? 0) <= charge.amount - charge.amountCaptured;
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

/** The payment that a refund or a dispute names. */
export function refOfMoneyBack(value: Json): PaymentRef | undefined {
  const [chargeId, providerPaymentId] = [idOf(value.charge), idOf(value.payment_intent)];
  if (chargeId === undefined && providerPaymentId === undefined) return undefined;
  return { provider: STRIPE, ...given({ providerPaymentId, chargeId }) };
}
