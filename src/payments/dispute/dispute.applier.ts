import { Injectable } from '@nestjs/common';
import type { Tx } from '../../database/database.js';
import { Ids } from '../../kernel/ids.js';
import type { DisputeFact } from '../../providers/facts.js';
import type { Applied, Cause } from '../../kernel/applied.js';
import { DISPUTE_TRANSITIONS, standingOf } from './dispute.js';
import { type DisputeRow, DisputeStore } from './dispute.store.js';
import { isPaid } from '../payment/payment.js';
import { PaymentStore } from '../payment/payment.store.js';
import type { PaymentRow } from '../payment/payment.tables.js';
import { PaymentWriter } from '../payment/payment.changes.js';

type DisputeEvent = 'dispute.opened' | 'dispute.updated' | 'dispute.won' | 'dispute.lost';

/** Moves a dispute; its payment, which is locked, says only whether a bank has its money until a dispute is decided. */
@Injectable()
export class DisputeApplier {
  constructor(
    private readonly payments: PaymentStore,
    private readonly disputes: DisputeStore,
    private readonly writer: PaymentWriter,
    private readonly ids: Ids,
  ) {}

  async apply(tx: Tx, payment: PaymentRow, fact: DisputeFact, cause: Cause): Promise<Applied> {
    if (!isPaid(payment.status) && payment.status !== 'review') {
      await this.payments.makeDueIfIdle(tx, payment.id);
      return { kind: 'parked', reason: 'payment_not_paid_yet' };
    }
    const known = await this.disputes.find(tx, fact.ref.provider, fact.disputeId);
    const events = eventsOf(known, fact);
    if (events.length === 0 && !isUnsorted(known, fact))
      return { kind: 'stale', reason: `dispute ${fact.status} is known` };
    const id = known?.id ?? this.ids.next();
    if (known === undefined) await this.disputes.insert(tx, newRow(id, payment, fact));
    else await this.disputes.update(tx, known, standing(fact, known));
    const disputed = await this.disputes.anyOpen(tx, payment.id);
    const changes = this.writer.changesTo(payment, cause);
    changes.learn({ disputed });
    for (const event of events) {
      changes.step({
        fact: event,
        event,
        extra: { dispute: viewOf(id, fact, event) },
        detail: { dispute: fact.disputeId, ...(fact.stage !== undefined && { stage: fact.stage }) },
        occurredAt: fact.occurredAt,
      });
    }
    await this.writer.write(tx, changes);
    return changes.isEmpty
      ? { kind: 'stale', reason: `dispute ${fact.status} is known` }
      : { kind: 'applied', id: payment.id };
  }
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

function standing(
  fact: DisputeFact,
  known: DisputeRow | undefined,
): Pick<DisputeRow, 'status' | 'stage' | 'inquiry'> {
  return { status: fact.status, stage: fact.stage ?? known?.stage ?? null, inquiry: isInquiry(fact) };
}

function newRow(id: string, payment: PaymentRow, fact: DisputeFact): Parameters<DisputeStore['insert']>[1] {
  return {
    id,
    paymentId: payment.id,
    provider: fact.ref.provider,
    providerDisputeId: fact.disputeId,
    amount: fact.money.amount,
    currency: fact.money.currency,
    ...standing(fact, undefined),
    reason: fact.reason ?? null,
  };
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
