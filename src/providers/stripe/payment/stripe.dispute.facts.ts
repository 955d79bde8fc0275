import type { DisputeFact, DisputeStatus, PaymentRef } from '../../facts.js';
import { integerOf, isJson, type Json, jsonOf, listOf, textOf } from '../../json.read.js';
import { fromStripeAmount } from '../stripe.money.js';
import type { FactSource } from '../webhook/stripe.event.js';
import { refOfMoneyBack } from './stripe.refund.facts.js';

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
    inquiry: stage.startsWith('warning_'),
    money: fromStripeAmount(amount, currency),
    reason: textOf(value.reason),
  };
}

/** Every stage that is not an end, known or new, is open. */
function statusOf(stage: string, dispute: Json): DisputeStatus {
  // Money that was reinstated after all: the stage need not say so yet.
  if (stage === 'lost') return isMoneyBack(dispute) ? 'won' : 'lost';
  // An inquiry that was closed took no money.
  if (stage === 'won' || stage === 'warning_closed') return 'won';
  // Settled with the customer's bank before it became a dispute: what counts is whether the money went.
  if (stage === 'prevented') return isMoneyGone(dispute) ? 'lost' : 'won';
  return 'open';
}

function isMoneyGone(dispute: Json): boolean {
  return movementsOf(dispute).reduce((sum, amount) => sum + amount, 0) < 0;
}

/** All of what was taken; a part of it (after a partial refund) leaves the dispute lost. */
function isMoneyBack(dispute: Json): boolean {
  return movementsOf(dispute).some((amount) => amount > 0) && !isMoneyGone(dispute);
}

function movementsOf(dispute: Json): number[] {
  return listOf(dispute.balance_transactions).map((movement) => integerOf(jsonOf(movement).amount) ?? 0);
}
