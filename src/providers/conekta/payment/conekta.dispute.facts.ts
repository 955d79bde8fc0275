import type { DisputeFact, DisputeStatus, PaymentRef } from '../../facts.js';
import { type Json, textOf, timeOf } from '../../json.read.js';
import type { ConektaEvent } from '../webhook/conekta.event.js';
import type { ConektaCharge } from './conekta.charge.read.js';
import type { ConektaOrder } from './conekta.order.read.js';

/** What is known of a chargeback. */
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
export function chargebackOf({ subject, type, object }: ConektaEvent): ConektaChargeback | undefined {
  const chargeId = textOf(object.charge_id);
  if (subject !== 'chargeback' || chargeId === undefined) return undefined;
  const told = readChargeback(object, chargeId);
  return { ...told, stage: ENDS.get(type) ?? told.stage };
}

/**
 * One dispute for each charge. A chargeback's own id is in its events, but an order that was charged back need not
 * show it: the charge's id is in both, and Conekta keeps one chargeback for a charge. What the order shows now
 * counts; what an event said is for orders that show none.
 */
export function disputeFacts(
  order: ConektaOrder,
  charge: ConektaCharge,
  ref: PaymentRef,
  told: ConektaChargeback | undefined,
): DisputeFact[] {
  const shown = charge.chargeback && readChargeback(charge.chargeback, charge.id);
  const bare = charge.status === 'charged_back' ? readChargeback({}, charge.id) : undefined;
  const chargeback = shown ?? (told?.chargeId === charge.id ? told : bare);
  // It tells no amount: what is charged back is the charge.
  if (chargeback === undefined || charge.money === undefined) return [];
  return [
    {
      kind: 'dispute',
      ref,
      livemode: order.livemode,
      occurredAt: chargeback.createdAt ?? order.updatedAt,
      disputeId: charge.id,
      status: statusOf(chargeback.stage),
      stage: chargeback.stage,
      inquiry: isInquiry(chargeback, charge),
      money: charge.money,
      reason: chargeback.reason,
    },
  ];
}

function readChargeback(value: Json, chargeId: string): ConektaChargeback {
  return {
    chargeId,
    stage: textOf(value.status),
    reason: textOf(value.reason),
    createdAt: timeOf(value.created_at),
  };
}

/** Words of a retrieval request: the bank asks for papers, and takes the money only if it makes a chargeback of it. */
const RETRIEVALS = new Set(['rt', 'rt_sent']);

function isInquiry({ stage }: ConektaChargeback, { status }: ConektaCharge): boolean {
  return stage !== undefined && RETRIEVALS.has(stage) && status !== 'charged_back';
}

/** Every stage that is not an end, known or new, is open. */
function statusOf(stage: string | undefined): DisputeStatus {
  return stage === 'won' || stage === 'lost' ? stage : 'open';
}
