import { Injectable } from '@nestjs/common';
import type { Tx } from '../database/database.js';
import { Ids } from '../kernel/ids.js';
import type { RefundFact } from '../providers/facts.js';
import type { Applied } from './applied.js';
import { isPaid, paidStatus } from './payment.js';
import type { Cause, PaymentChanges } from './payment.changes.js';
import type { PaymentRow } from './payment.tables.js';
import { PaymentWriter } from './payment.writer.js';
import { REFUND_TRANSITIONS } from './refund.js';
import { RefundStore } from './refund.store.js';

/** Moves a refund, and with it the refunded amount of its payment, which is locked. */
@Injectable()
export class RefundApplier {
  constructor(
    private readonly refunds: RefundStore,
    private readonly writer: PaymentWriter,
    private readonly ids: Ids,
  ) {}

  async apply(tx: Tx, payment: PaymentRow, fact: RefundFact, cause: Cause): Promise<Applied> {
    if (!isPaid(payment.status) && payment.status !== 'review') return { kind: 'parked', reason: 'payment_not_paid_yet' };
    if (fact.money.currency !== payment.currency) return { kind: 'conflict', reason: 'refund in another currency' };
    const changes = this.writer.changesTo(payment, cause);
    const id = await this.upsert(tx, payment, fact, changes);
    if (id === undefined) return { kind: 'stale', reason: `refund ${fact.status} is known` };
    const refunded = await this.refunds.succeededTotal(tx, payment.id);
    if (refunded > payment.amountCaptured) {
      throw new RefundExceedsCapture(`refunds of payment ${payment.id} exceed what was captured`);
    }
    const status = payment.status === 'review' ? 'review' : paidStatus(payment.amountCaptured, refunded);
    this.announce(changes, id, fact, `refund.${fact.status}`, { amountRefunded: refunded, status });
    await this.writer.write(tx, changes);
    return { kind: 'applied', paymentId: payment.id };
  }

  /** Undefined when the status was known. A refund that begins is announced as `refund.created` whatever its status is by now. */
  private async upsert(tx: Tx, payment: PaymentRow, fact: RefundFact, changes: PaymentChanges): Promise<string | undefined> {
    const known = await this.refunds.find(tx, fact.ref.provider, fact.refundId);
    if (known !== undefined) {
      const next = REFUND_TRANSITIONS[known.status][fact.status];
      if (next === 'stale') return undefined;
      await this.refunds.updateStatus(tx, known, next);
      return known.id;
    }
    const id = this.ids.next();
    await this.refunds.insert(tx, {
      id,
      paymentId: payment.id,
      provider: fact.ref.provider,
      providerRefundId: fact.refundId,
      amount: fact.money.amount,
      currency: fact.money.currency,
      status: fact.status,
      reason: fact.reason ?? null,
    });
    this.announce(changes, id, fact, 'refund.created', {});
    return id;
  }

  private announce(changes: PaymentChanges, id: string, fact: RefundFact, event: string, patch: Partial<PaymentRow>): void {
    if (event === 'refund.pending') return;
    const refund = {
      id,
      providerRefundId: fact.refundId,
      amount: Number(fact.money.amount),
      currency: fact.money.currency,
      status: event === 'refund.created' ? 'pending' : fact.status,
      reason: fact.reason ?? null,
    };
    changes.step({ fact: event, patch, event, extra: { refund }, detail: { refund: fact.refundId }, occurredAt: fact.occurredAt });
  }
}

/** More came back than ever came in: nothing is written, the event goes to the operator. */
export class RefundExceedsCapture extends Error {}
