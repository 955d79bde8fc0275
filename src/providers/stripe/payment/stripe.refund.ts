import type { PaymentRef, RefundFact, RefundStatus } from '../../facts.js';
import type { FactSource } from '../webhook/stripe.event.js';
import { fromStripeAmount } from '../stripe.money.js';
import { STRIPE } from '../stripe.name.js';
import { idOf, integerOf, isJson, textOf } from '../../json.read.js';

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
