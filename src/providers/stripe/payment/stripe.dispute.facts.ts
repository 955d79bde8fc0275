import type { DisputeFact, DisputeStatus, PaymentRef } from '../../facts.js';
import { integerOf, type Json, jsonOf, listOf, textOf } from '../../json.read.js';
import type { FactSource } from '../stripe.account.js';
import { moneyBackParts } from './stripe.refund.facts.js';

/** @param payment by its charge. @returns undefined for anything but a dispute. */
export function disputeFact(
  value: unknown,
  source: FactSource,
  payment?: PaymentRef,
): DisputeFact | undefined {
  const dispute = jsonOf(value);
  const [disputeId, stage] = [textOf(dispute.id), textOf(dispute.status)];
  const told = disputeId && stage && moneyBackParts('dispute', dispute, source, payment);
  if (!told) return undefined;
  const [status, inquiry] = [statusOf(stage, dispute), stage.startsWith('warning_')];
  return { kind: 'dispute', ...told, disputeId, status, stage, inquiry, reason: textOf(dispute.reason) };
}

/** Every stage that is not an end, known or new, is open. */
function statusOf(stage: string, { balance_transactions }: Json): DisputeStatus {
  const movements = listOf(balance_transactions).map((one) => integerOf(jsonOf(one).amount) ?? 0);
  const isMoneyGone = movements.reduce((sum, amount) => sum + amount, 0) < 0;
  // Reinstated money means won, whatever the stage still says; a part of it (after a partial refund) does not.
  if (stage === 'lost') return movements.some((amount) => amount > 0) && !isMoneyGone ? 'won' : 'lost';
  // A closed inquiry took no money.
  if (stage === 'won' || stage === 'warning_closed') return 'won';
  // Settled with the customer's bank before it became a dispute: the money decides.
  if (stage === 'prevented') return isMoneyGone ? 'lost' : 'won';
  return 'open';
}
