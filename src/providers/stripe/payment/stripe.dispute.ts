import type { DisputeFact, DisputeStatus, PaymentRef } from '../../facts.js';
import type { FactSource } from '../webhook/stripe.event.js';
import { fromStripeAmount } from '../stripe.money.js';
import { integerOf, isJson, type Json, jsonOf, listOf, textOf } from '../../json.read.js';
import { refOfMoneyBack } from './stripe.refund.js';

/**
 * The dispute as a fact. `payment` is what its charge says of the payment; a dispute has ids of Stripe's
 * only. Undefined for anything but a dispute.
 */
export function disputeFact(
  value: unknown,
  source: FactSource,
  payment?: PaymentRef,
): DisputeFact | undefined {
  if (!isJson(value) || value.object !== 'dispute') return undefined;
  const [disputeId, currency, amount] = [textOf(value.id), textOf(value.currency), integerOf(value.amount)];
  const stage = textOf(value.status);
  const ref = refOfMoneyBack(value);
  if (!disputeId || !currency || amount === undefined || stage === undefined || ref === undefined)
    return undefined;
  return {
    kind: 'dispute',
    ref: { ...payment, ...ref },
    livemode: source.livemode,
    occurredAt: source.at,
    disputeId,
    status: statusOf(stage, value),
    stage,
    money: fromStripeAmount(amount, currency),
    reason: textOf(value.reason),
  };
}

/** Every stage that is not an end, known or new, is open. */
function statusOf(stage: string, dispute: Json): DisputeStatus {
  if (stage === 'lost') return 'lost';
  // An inquiry that was closed took no money.
  if (stage === 'won' || stage === 'warning_closed') return 'won';
  // Settled with the customer's bank before it became a dispute: what counts is whether the money went.
  if (stage === 'prevented') return isMoneyGone(dispute) ? 'lost' : 'won';
  return 'open';
}

function isMoneyGone(dispute: Json): boolean {
  const movements = listOf(dispute.balance_transactions).map(
    (movement) => integerOf(jsonOf(movement).amount) ?? 0,
  );
  return movements.reduce((sum, amount) => sum + amount, 0) < 0;
}
