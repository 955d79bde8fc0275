import type { DisputeFact, PaymentRef } from '../../facts.js';
import { type Json, textOf, timeOf } from '../../json.read.js';
import type { ConektaCharge } from './conekta.charge.read.js';
import type { ConektaOrder } from './conekta.order.read.js';

export interface ConektaChargeback {
  chargeId: string;
  /** Conekta's word for the stage; undefined where only the charge's own status tells of it. */
  stage: string | undefined;
  reason: string | undefined;
  createdAt: Date | undefined;
}

/** The event's type says how it ended: a body was seen to say `lost` in a `charge.chargeback.won`. */
const ENDS: ReadonlyMap<string, string> = new Map([
  ['charge.chargeback.won', 'won'],
  ['charge.chargeback.lost', 'lost'],
]);

/** What an event of a chargeback says of it. Undefined for every other event. */
export function chargebackOf(event: {
  subject: string;
  type: string;
  object: Json;
}): ConektaChargeback | undefined {
  const { subject, type, object } = event;
  const chargeId = textOf(object.charge_id);
  if (subject !== 'chargeback' || chargeId === undefined) return undefined;
  const told = readChargeback(object, chargeId);
  return { ...told, stage: ENDS.get(type) ?? told.stage };
}

/**
 * One dispute for each charge, by the charge's id: an order need not show the chargeback's own, and Conekta keeps one
 * for a charge. What the order shows counts; what an event said is for orders that show none.
 */
export function disputeFacts(
  { livemode, updatedAt }: ConektaOrder,
  { id, status, money, ...charge }: ConektaCharge,
  ref: PaymentRef,
  told: ConektaChargeback | undefined,
): DisputeFact[] {
  const shown = charge.chargeback && readChargeback(charge.chargeback, id);
  const bare = status === 'charged_back' ? readChargeback({}, id) : undefined;
  const chargeback = shown ?? (told?.chargeId === id ? told : bare);
  // It tells no amount: what is charged back is the charge.
  if (chargeback === undefined || money === undefined) return [];
  const { stage, reason, createdAt: occurredAt = updatedAt } = chargeback;
  return [
    {
      kind: 'dispute',
      ref,
      livemode,
      occurredAt,
      disputeId: id,
      // Every stage that is not an end, known or new, is open.
      status: stage === 'won' || stage === 'lost' ? stage : 'open',
      stage,
      inquiry: stage !== undefined && RETRIEVALS.has(stage) && status !== 'charged_back',
      money,
      reason,
    },
  ];
}

/** Words of a retrieval request: the bank asks for papers, and takes the money only by a chargeback. */
const RETRIEVALS = new Set(['rt', 'rt_sent']);

function readChargeback(value: Json, chargeId: string): ConektaChargeback {
  const { status, reason, created_at } = value;
  return { chargeId, stage: textOf(status), reason: textOf(reason), createdAt: timeOf(created_at) };
}
