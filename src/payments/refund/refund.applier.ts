import { Injectable } from '@nestjs/common';
import type { Tx } from '../../database/database.js';
import { Ids } from '../../kernel/ids.js';
import type { Money } from '../../kernel/money.js';
import type { RefundFact } from '../../providers/facts.js';
import type { Applied, Cause } from '../../kernel/applied.js';
import { OrderSlotStore, slotOf } from '../payment/order.slot.store.js';
import { isPaid, paidStatus } from '../payment/payment.js';
import { type PaymentChanges, PaymentWriter } from '../payment/payment.changes.js';
import { PaymentStore } from '../payment/payment.store.js';
import type { PaymentRow } from '../payment/payment.tables.js';
import { REFUND_TRANSITIONS } from './refund.js';
import { type RefundRow, RefundStore } from './refund.store.js';

/** Moves a refund, and with it the refunded amount of its payment, which is locked. */
@Injectable()
export class RefundApplier {
  constructor(
    private readonly payments: PaymentStore,
    private readonly slots: OrderSlotStore,
    private readonly refunds: RefundStore,
    private readonly writer: PaymentWriter,
    private readonly ids: Ids,
  ) {}

  async apply(tx: Tx, payment: PaymentRow, fact: RefundFact, cause: Cause): Promise<Applied> {
    const known = await this.refunds.find(tx, fact.ref.provider, fact.refundId);
    if (known === undefined && fact.neverCaptured === true)
      return { kind: 'ignored', reason: 'never_captured' };
    if (!isPaid(payment.status) && payment.status !== 'review') {
      await this.payments.makeDueIfIdle(tx, payment.id);
      return { kind: 'parked', reason: 'payment_not_paid_yet' };
    }
    const came = await this.cameIn(tx, payment);
    if (fact.money.currency !== came.currency)
      return { kind: 'conflict', reason: 'refund in another currency' };
    if (known !== undefined && REFUND_TRANSITIONS[known.status][fact.status] === 'stale') {
      return { kind: 'stale', reason: `refund ${fact.status} is known` };
    }
    if (fact.status === 'succeeded' && fact.money.amount > came.amount)
      return { kind: 'conflict', reason: 'refund of more than ever came in' };
    if (await this.exceedsCapture(tx, payment, came, fact)) {
      await this.payments.makeDueIfIdle(tx, payment.id);
      return { kind: 'parked', reason: 'refunds_exceed_capture' };
    }
    const changes = this.writer.changesTo(payment, cause);
    const id = await this.upsert(tx, payment, fact, changes, known);
    const refunded = await this.refunds.succeededTotal(tx, payment.id);
    const inReview = payment.status === 'review';
    const status = inReview ? 'review' : paidStatus(payment.amountCaptured, refunded);
    // Another currency's number must not stand as ours.
    const patch = came.currency === payment.currency ? { amountRefunded: refunded, status } : {};
    this.announce(changes, id, fact, `refund.${fact.status}`, patch);
    await this.writer.write(tx, changes);
    // Nobody has the money any more that was to be looked at: the order may be paid anew.
    if (inReview && refunded >= came.amount) await this.slots.release(tx, slotOf(payment), payment.id);
    return { kind: 'applied', id: payment.id };
  }

  /** What can go back. Of a payment in review that may be money of another currency than was asked for. */
  private async cameIn(tx: Tx, { id, status, amountCaptured: amount, currency }: PaymentRow): Promise<Money> {
    const received = status === 'review' && amount === 0n ? await this.payments.received(tx, id) : undefined;
    return received ?? { amount, currency };
  }

  /**
   * More would have come back than ever came in. Until an earlier refund turns out to have failed this one waits;
   * if none does, it ends with the operator.
   */
  private async exceedsCapture(tx: Tx, payment: PaymentRow, came: Money, fact: RefundFact): Promise<boolean> {
    if (fact.status !== 'succeeded') return false;
    return (await this.refunds.succeededTotal(tx, payment.id)) + fact.money.amount > came.amount;
  }

  /** A refund that begins is announced as `refund.created` whatever its status is by now. */
  private async upsert(
    tx: Tx,
    payment: PaymentRow,
    fact: RefundFact,
    changes: PaymentChanges,
    known: RefundRow | undefined,
  ): Promise<string> {
    if (known !== undefined) {
      await this.refunds.updateStatus(tx, known, fact.status);
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

  private announce(
    changes: PaymentChanges,
    id: string,
    fact: RefundFact,
    event: string,
    patch: Partial<PaymentRow>,
  ): void {
    if (event === 'refund.pending') return;
    const refund = {
      id,
      providerRefundId: fact.refundId,
      amount: Number(fact.money.amount),
      currency: fact.money.currency,
      status: event === 'refund.created' ? 'pending' : fact.status,
      reason: fact.reason ?? null,
    };
    changes.step({
      fact: event,
      patch,
      event,
      extra: { refund },
      detail: { refund: fact.refundId },
      occurredAt: fact.occurredAt,
    });
  }
}
