import { Injectable } from '@nestjs/common';
import { ServiceSettings } from '../../config/settings.js';
import type { Tx } from '../../database/database.js';
import type { PaymentFact } from '../../providers/facts.js';
import type { Applied, Cause } from '../../kernel/applied.js';
import { type OrderSlot, OrderSlotStore, slotOf } from './order.slot.store.js';
import { Clock } from '../../kernel/clock.js';
import {
  type ClosedBy,
  isClosed,
  isDirectCharge,
  isOpen,
  type OwnFactName,
  type PaymentStatus,
  type ReviewReason,
  verdict,
} from './payment.js';
import { type PaymentChanges, PaymentWriter } from './payment.changes.js';
import { learnedFrom } from './payment.learned.js';
import { PaymentStore } from './payment.store.js';
import type { PaymentRow } from './payment.tables.js';
import { receiptUrlOf } from './payment.view.js';

export interface PaymentFactOnLocked {
  payment: PaymentRow;
  slot: OrderSlot;
  fact: PaymentFact;
  cause: Cause;
}

type Move = Pick<PaymentFact, 'reason' | 'occurredAt'> & { name: string };

/** Moves a payment by what a provider says of it, and by what we know of ourselves. */
@Injectable()
export class PaymentApplier {
  constructor(
    private readonly payments: PaymentStore,
    private readonly slots: OrderSlotStore,
    private readonly writer: PaymentWriter,
    private readonly service: ServiceSettings,
    private readonly clock: Clock,
  ) {}

  async apply(tx: Tx, { payment, slot, fact, cause }: PaymentFactOnLocked): Promise<Applied> {
    const changes = this.writer.changesTo(payment, cause);
    const learned = learnedFrom(payment, fact);
    changes.learn(learned);
    const told = verdict(payment.status, fact.name);
    // Late money counts, or is put before a person: `paid` decides.
    const next = told === 'late' ? 'succeeded' : told;
    if (fact.name === 'attempt_failed' && next !== 'stale') {
      await this.declined(tx, changes, fact, next);
      // There is no page on which another card could be tried.
      if (isDirectCharge(payment)) await this.moved(tx, changes, fact, endOf(payment, 'failed'));
    } else if (next === 'succeeded') await this.paid(tx, changes, fact, slot);
    else if (next !== 'stale') await this.moved(tx, changes, fact, endOf(payment, next));
    if (!changes.isEmpty || Object.keys(learned).length > 0) await this.writer.write(tx, changes);
    return changes.isEmpty
      ? { kind: 'stale', reason: `${fact.name} on ${payment.status}` }
      : { kind: 'applied', id: payment.id };
  }

  /** A declined attempt is told once, however many event types report it, and the payment stays open. */
  private async declined(tx: Tx, changes: PaymentChanges, fact: PaymentFact, status: PaymentStatus) {
    const onceKey = `attempt_failed:${fact.attemptId ?? fact.occurredAt.toISOString()}`;
    if (await this.payments.hasHappened(tx, changes.payment.id, onceKey)) return;
    const reason = fact.reason ?? 'declined';
    changes.step({
      fact: fact.name,
      patch: { status, failure: { reason } },
      event: 'payment.attempt_failed',
      extra: { reason },
      detail: { reason },
      onceKey,
      occurredAt: fact.occurredAt,
    });
  }

  private async paid(tx: Tx, changes: PaymentChanges, fact: PaymentFact, slot: OrderSlot): Promise<void> {
    const { payment } = changes;
    const rivals = (await this.goesOn(tx, payment)) ? { ...slot, paidPaymentId: null } : slot;
    const reviewReason = reasonForReview(payment, fact, rivals);
    // Another currency's number must not stand as ours; the review says what came.
    const captured = fact.money?.currency === payment.currency ? fact.money.amount : 0n;
    const patch: Partial<PaymentRow> = {
      amountCaptured: captured,
      paidAt: fact.occurredAt,
      nextCheckAt: null,
      failure: null,
    };
    if (reviewReason !== undefined) {
      const { money } = fact;
      const received = money ? { amount: Number(money.amount), currency: money.currency } : null;
      changes.step({
        fact: fact.name,
        patch: { ...patch, status: 'review', reviewReason },
        event: 'payment.review',
        extra: { reason: reviewReason, received },
        detail: {
          reason: reviewReason,
          ...(received !== null && { received: `${received.amount} ${received.currency}` }),
        },
        occurredAt: fact.occurredAt,
      });
      return;
    }
    // What costs nothing has no charge.
    const paidBy = payment.chargeId ?? (captured === 0n ? payment.sessionId : null);
    if (paidBy === null) throw new Error(`payment ${payment.id} is paid by a charge that nobody named`);
    const receiptUrl = receiptUrlOf(payment, this.service.publicUrl);
    changes.step({
      fact: fact.name,
      patch: { ...patch, status: 'succeeded', receiptUrl, closedBy: null },
      event: 'payment.succeeded',
      occurredAt: fact.occurredAt,
    });
    // Of a subscription's later cycles nobody is told: a second message would be a duplicate there.
    if (slot.paidPaymentId !== null && slot.paidPaymentId !== payment.id) return;
    changes.tellOrders(paidBy, receiptUrl);
    await this.slots.update(tx, slot.orderId, {
      paidPaymentId: payment.id,
      ...(slot.openPaymentId === payment.id ? { openPaymentId: null } : {}),
    });
    // Another session of this order may still be open, and must not be paid as well.
    const other = slot.openPaymentId === payment.id ? null : slot.openPaymentId;
    if (other !== null) await this.payments.makeDue(tx, other);
  }

  /** A later cycle than the one that was to pay the subscription's order: it pays for itself, and for no order again. */
  private async goesOn(tx: Tx, { id, orderId, subscriptionId }: PaymentRow): Promise<boolean> {
    if (orderId === null || subscriptionId === null) return false;
    return this.payments.hasOtherMoney(tx, subscriptionId, id);
  }

  private async moved(
    tx: Tx,
    changes: PaymentChanges,
    { name, reason, occurredAt }: Move,
    status: PaymentStatus,
    by: ClosedBy = 'provider',
  ): Promise<void> {
    const { payment } = changes;
    const closed = isClosed(status);
    changes.step({
      fact: name,
      patch: {
        status,
        ...(closed && { closedBy: payment.closedBy ?? by, nextCheckAt: null }),
        ...(closed && reason !== undefined && { failure: { reason } }),
      },
      ...(status !== 'created' && status !== 'unknown' && { event: `payment.${status}` }),
      ...(reason !== undefined && { detail: { reason } }),
      occurredAt,
    });
    if (closed) await this.slots.release(tx, slotOf(payment), payment.id);
  }

  /** What we know of ourselves: a lost answer, a refusal, our own closing. */
  async applyOwn(tx: Tx, paymentId: string, name: OwnFactName, cause: Cause, reason?: string): Promise<void> {
    const payment = await this.lock(tx, paymentId);
    const next = verdict(payment.status, name);
    if (next === 'stale' || next === 'late') return;
    const changes = this.writer.changesTo(payment, cause);
    await this.moved(tx, changes, { name, reason, occurredAt: this.clock.now() }, next, 'us');
    await this.writer.write(tx, changes);
  }

  /** We tried to close it at the provider. Where it stays open, it is not we who end it, and money that comes counts. */
  async closing(tx: Tx, paymentId: string, agreed: boolean, cause: Cause): Promise<void> {
    if (agreed) return this.applyOwn(tx, paymentId, 'closed', cause);
    const payment = await this.lock(tx, paymentId);
    if (!isOpen(payment.status) || payment.closedBy === null) return;
    await this.payments.update(tx, payment.id, payment.version, { closedBy: null });
  }

  /** What no fact of a charge says: the provider's words for the buyer, and when to ask about an open one. */
  async completeCharge(
    tx: Tx,
    paymentId: string,
    { buyerMessage, checkAt }: { buyerMessage?: string | undefined; checkAt: Date },
  ): Promise<void> {
    const payment = await this.lock(tx, paymentId);
    const { status, failure, nextCheckAt } = payment;
    const patch = {
      ...(status === 'failed' &&
        buyerMessage !== undefined && {
          failure: { reason: failure?.reason ?? 'declined', message: buyerMessage },
        }),
      ...(isOpen(status) && nextCheckAt === null && { nextCheckAt: checkAt }),
    };
    if (Object.keys(patch).length > 0) await this.payments.update(tx, payment.id, payment.version, patch);
  }

  async lock(tx: Tx, paymentId: string): Promise<PaymentRow> {
    const found = await this.payments.findById(tx, paymentId);
    if (found === undefined) throw new Error(`payment ${paymentId} is gone`);
    await this.slots.lock(tx, slotOf(found));
    const payment = await this.payments.lock(tx, paymentId);
    if (payment === undefined) throw new Error(`payment ${paymentId} is gone`);
    return payment;
  }
}

/** What a provider ends on our word was canceled. */
function endOf({ closedBy }: PaymentRow, next: PaymentStatus): PaymentStatus {
  return isClosed(next) && closedBy === 'us' ? 'canceled' : next;
}

/** Money is never ignored: what cannot count as this order's success is put before a person. */
function reasonForReview(payment: PaymentRow, fact: PaymentFact, slot: OrderSlot): ReviewReason | undefined {
  if (isUnverified(payment, fact)) return 'unverified_order';
  if (!amountMatches(payment, fact)) return 'amount_mismatch';
  if (isClosed(payment.status) && payment.closedBy === 'us') return 'late_payment';
  if (slot.paidPaymentId !== null && slot.paidPaymentId !== payment.id) return 'duplicate_payment';
  return undefined;
}

/** An earlier version adopted it by an order id that its buyer could write. */
function isUnverified({ adopted, orderId, subscriptionId }: PaymentRow, { ref }: PaymentFact): boolean {
  return adopted && orderId !== null && subscriptionId === null && ref.orderId !== orderId;
}

/** All of it; with manual capture, any part of it. */
function amountMatches({ amount, currency, capture }: PaymentRow, { money }: PaymentFact): boolean {
  if (money?.currency !== currency) return false;
  return capture === 'manual' ? money.amount > 0n && money.amount <= amount : money.amount === amount;
}
