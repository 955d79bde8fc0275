import { derivedId } from '../../kernel/ids.js';
import type { DisputeFact } from '../../providers/facts.js';
import { DISPUTE_TRANSITIONS, standingOf } from '../payment/dispute.js';
import { isPaid, slotOf } from '../payment/payment.js';
import type { DisputeRow } from '../payment/payment.tables.js';
import {
  type Decision,
  type DecisionRules,
  PaymentDraft,
  type PaymentState,
  type PaymentsView,
  type ToldFact,
  unchanged,
} from './payment.state.js';
import { parked } from './refund.decision.js';

type DisputeEvent = 'dispute.opened' | 'dispute.updated' | 'dispute.won' | 'dispute.lost';

/** Moves a dispute; its payment says only whether a bank has its money until a dispute is decided. Pure. */
export function decideDispute(
  view: PaymentsView,
  { fact, ...told }: ToldFact & { fact: DisputeFact },
  payment: PaymentState,
  rules: DecisionRules,
): Decision {
  const { row } = payment;
  const draft = new PaymentDraft(payment, view.slot(slotOf(row)), told, rules);
  if (!isPaid(row.status) && row.status !== 'review') return parked(draft, 'payment_not_paid_yet');
  const known = payment.disputes.find(({ providerDisputeId }) => providerDisputeId === fact.disputeId);
  const events = eventsOf(known, fact);
  const stale = `dispute ${fact.status} is known`;
  if (events.length === 0 && !isUnsorted(known, fact)) return unchanged({ kind: 'stale', reason: stale });
  const standing = {
    status: fact.status,
    stage: fact.stage ?? known?.stage ?? null,
    inquiry: isInquiry(fact),
  };
  const dispute: DisputeRow = {
    id: derivedId('dispute', fact.ref.provider, fact.disputeId),
    paymentId: row.id,
    provider: fact.ref.provider,
    providerDisputeId: fact.disputeId,
    ...fact.money,
    reason: fact.reason ?? null,
    createdAt: told.now,
    ...known,
    ...standing,
    version: (known?.version ?? 0) + 1,
    updatedAt: told.now,
  };
  const disputes = [...payment.disputes.filter((one) => one !== known), dispute];
  draft.keep({ disputes });
  draft.learn({ disputed: disputes.some(holdsMoney) });
  for (const event of events) {
    draft.step({
      fact: event,
      event,
      // All but `updated` happen once; how a dispute stood when it was first heard of depends on who heard of it when.
      eventKey: [
        fact.ref.provider,
        fact.disputeId,
        ...(event === 'dispute.updated' ? [fact.stage ?? ''] : []),
      ],
      extra: { dispute: viewOf(dispute.id, fact, event) },
      detail: { dispute: fact.disputeId, ...(fact.stage !== undefined && { stage: fact.stage }) },
      occurredAt: fact.occurredAt,
    });
  }
  return draft.done(stale);
}

/** Whether a bank has the money until it decides: an inquiry took none. */
function holdsMoney({ status, inquiry }: DisputeRow): boolean {
  return status === 'open' && inquiry !== true;
}

/** A dispute that is decided before we heard of it was opened all the same. */
function eventsOf(known: DisputeRow | undefined, fact: DisputeFact): DisputeEvent[] {
  const decided: DisputeEvent[] = fact.status === 'open' ? [] : [`dispute.${fact.status}`];
  if (known === undefined) return ['dispute.opened', ...decided];
  const before = standingOf(known.status, known.inquiry);
  if (DISPUTE_TRANSITIONS[before][standingOf(fact.status, isInquiry(fact))] === 'stale') return [];
  if (fact.status !== 'open') return decided;
  const reopened = known.status !== 'open';
  return reopened || (fact.stage !== undefined && fact.stage !== known.stage) ? ['dispute.updated'] : [];
}

/** Kept by a version that did not tell inquiries apart, and just as it was. */
function isUnsorted(known: DisputeRow | undefined, fact: DisputeFact): boolean {
  return known?.inquiry === null && known.status === fact.status && known.stage === (fact.stage ?? null);
}

function isInquiry({ inquiry }: DisputeFact): boolean {
  return inquiry === true;
}

function viewOf(id: string, fact: DisputeFact, event: DisputeEvent): Record<string, unknown> {
  const opening = event === 'dispute.opened';
  return {
    id,
    providerDisputeId: fact.disputeId,
    amount: Number(fact.money.amount),
    currency: fact.money.currency,
    status: opening ? 'open' : fact.status,
    stage: opening && fact.status !== 'open' ? null : (fact.stage ?? null),
    inquiry: isInquiry(fact),
    reason: fact.reason ?? null,
  };
}
