import { Injectable } from '@nestjs/common';
import type { Tx } from '../../database/database.js';
import { Ids } from '../../kernel/ids.js';
import type { DisputeFact } from '../../providers/facts.js';
import type { Applied } from '../../kernel/applied.js';
import { DISPUTE_TRANSITIONS } from './dispute.js';
import { type DisputeRow, DisputeStore } from './dispute.store.js';
import { isPaid } from '../payment/payment.js';
import type { Cause } from '../../kernel/cause.js';
import type { PaymentRow } from '../payment/payment.tables.js';
import { PaymentWriter } from '../payment/payment.writer.js';

type DisputeEvent = 'dispute.opened' | 'dispute.updated' | 'dispute.won' | 'dispute.lost';

/** Moves a dispute; its payment, which is locked, says only that it is disputed. */
@Injectable()
export class DisputeApplier {
  constructor(
    private readonly disputes: DisputeStore,
    private readonly writer: PaymentWriter,
    private readonly ids: Ids,
  ) {}

  async apply(tx: Tx, payment: PaymentRow, fact: DisputeFact, cause: Cause): Promise<Applied> {
    if (!isPaid(payment.status) && payment.status !== 'review')
      return { kind: 'parked', reason: 'payment_not_paid_yet' };
    const known = await this.disputes.find(tx, fact.ref.provider, fact.disputeId);
    const events = eventsOf(known, fact);
    if (events.length === 0) return { kind: 'stale', reason: `dispute ${fact.status} is known` };
    const id = known?.id ?? this.ids.next();
    if (known === undefined) await this.disputes.insert(tx, newRow(id, payment, fact));
    else await this.disputes.update(tx, known, { status: fact.status, stage: fact.stage ?? known.stage });
    const disputed = await this.disputes.anyOpen(tx, payment.id);
    const changes = this.writer.changesTo(payment, cause);
    for (const event of events) {
      const dispute = viewOf(id, fact, event);
      changes.step({
        fact: event,
        patch: { disputed },
        event,
        extra: { dispute },
        detail: { dispute: fact.disputeId },
        occurredAt: fact.occurredAt,
      });
    }
    await this.writer.write(tx, changes);
    return { kind: 'applied', id: payment.id };
  }
}

/** A dispute that is decided before we heard of it was opened all the same. */
function eventsOf(known: DisputeRow | undefined, fact: DisputeFact): DisputeEvent[] {
  const decided: DisputeEvent[] = fact.status === 'open' ? [] : [`dispute.${fact.status}`];
  if (known === undefined) return ['dispute.opened', ...decided];
  if (DISPUTE_TRANSITIONS[known.status][fact.status] === 'stale') return [];
  if (fact.status !== 'open') return decided;
  return fact.stage !== undefined && fact.stage !== known.stage ? ['dispute.updated'] : [];
}

function newRow(id: string, payment: PaymentRow, fact: DisputeFact): Parameters<DisputeStore['insert']>[1] {
  return {
    id,
    paymentId: payment.id,
    provider: fact.ref.provider,
    providerDisputeId: fact.disputeId,
    amount: fact.money.amount,
    currency: fact.money.currency,
    status: fact.status,
    stage: fact.stage ?? null,
    reason: fact.reason ?? null,
  };
}

function viewOf(id: string, fact: DisputeFact, event: DisputeEvent): Record<string, unknown> {
  return {
    id,
    providerDisputeId: fact.disputeId,
    amount: Number(fact.money.amount),
    currency: fact.money.currency,
    status: event === 'dispute.opened' ? 'open' : fact.status,
    reason: fact.reason ?? null,
  };
}
