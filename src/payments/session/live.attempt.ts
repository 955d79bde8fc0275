import { Injectable } from '@nestjs/common';
import type { Tx } from '../../database/database.js';
import { actsOnEverything, type Caller, ownerOf } from '../../http/access/caller.js';
import { ServiceError } from '../../kernel/errors.js';
import type { Operation } from '../../operations/operation.store.js';
import { waitsForBuyer } from '../payment/direct.charge.js';
import type { OrderSlot } from '../payment/order.slot.store.js';
import { isClosed, isOpen, isUnderReview } from '../payment/payment.js';
import type { PaymentRow } from '../payment/payment.tables.js';
import { SessionStores } from './session.stores.js';

/** What has to happen before another attempt may take the live one's place. */
export type NotYet =
  /** Nobody has asked the provider for its session yet, or its answer was lost: that call is ours to make. */
  | { kind: 'create'; payment: PaymentRow; operation: Operation }
  /** It is to be closed at the provider: that call is ours to make. */
  | { kind: 'close'; payment: PaymentRow; operation: Operation }
  /** Somebody is making a call for it right now. */
  | { kind: 'busy'; payment: PaymentRow };

/** The one live attempt of an order, whose row is locked. */
@Injectable()
export class LiveAttempts {
  constructor(private readonly stores: SessionStores) {}

  /**
   * Locks the order, and its live attempt.
   * @throws ServiceError order_not_yours, without a word about the other's payment; order_already_paid;
   * order_payment_pending while a subscription's cycle is collected for it.
   */
  async lock(tx: Tx, orderId: string, caller: Caller): Promise<PaymentRow | undefined> {
    const slot = await this.lockTheirs(tx, orderId, caller);
    if (slot.paidPaymentId !== null) throw alreadyPaid(orderId, slot.paidPaymentId);
    for (const cycle of await this.stores.payments.cyclesOfOrder(tx, orderId)) {
      assertTheirs(cycle, caller);
      if (isOpen(cycle.status)) throw customerIsPaying(cycle);
      if (isUnderReview(cycle)) throw inReview(cycle);
    }
    if (slot.openPaymentId === null) return undefined;
    const live = await this.stores.payments.lock(tx, slot.openPaymentId);
    if (live !== undefined && isUnderReview(live)) throw inReview(live);
    return live !== undefined && isOpen(live.status) ? live : undefined;
  }

  /**
   * Locks an order that the caller may act on: one whose live or paid attempt belongs to its group, or to nobody.
   * Browsers pass: they are only shown what is open.
   * @throws ServiceError order_not_yours
   */
  async lockTheirs(tx: Tx, orderId: string, caller: Caller): Promise<OrderSlot> {
    const slot = await this.stores.slots.lock(tx, orderId);
    const attemptId = slot.paidPaymentId ?? slot.openPaymentId;
    if (attemptId === null) return slot;
    const attempt = await this.stores.payments.findById(tx, attemptId);
    if (attempt !== undefined) assertTheirs(attempt, caller);
    return slot;
  }

  /**
   * For what takes the order's place without closing anything: an open page may stay, and is closed once the order is
   * paid.
   * @throws ServiceError as `lock`; order_payment_pending while the customer pays.
   */
  async assertPayable(tx: Tx, orderId: string, caller: Caller): Promise<void> {
    const live = await this.lock(tx, orderId, caller);
    if (live !== undefined && !isOpenPage(live)) throw customerIsPaying(live);
  }

  /**
   * The call that is recorded for it and has not ended; undefined: there is none.
   * @throws ServiceError order_payment_pending for a charge, of which nobody waits for the end.
   */
  async underWay(tx: Tx, live: PaymentRow): Promise<NotYet | undefined> {
    const unsettled = await this.stores.operations.unsettledOf(tx, live.id);
    if (unsettled === undefined) return undefined;
    if (unsettled.kind === 'charge') throw customerIsPaying(live);
    const operation = await this.stores.operations.takeOver(tx, unsettled.id);
    if (operation === undefined) return { kind: 'busy', payment: live };
    return { kind: operation.kind === 'create_session' ? 'create' : 'close', payment: live, operation };
  }

  /**
   * Records that its session is to be closed, or its charge, while that only waits for the buyer at the bank.
   * @throws ServiceError order_payment_pending
   */
  async closing(tx: Tx, live: PaymentRow): Promise<NotYet> {
    if (waitsForBuyer(live)) {
      const operation = await this.stores.prepareClosing(tx, live, live.providerPaymentId);
      return { kind: 'close', payment: live, operation };
    }
    if (!isOpenPage(live)) throw customerIsPaying(live);
    const operation = await this.stores.prepareExpiry(tx, live, live.sessionId);
    return { kind: 'close', payment: live, operation };
  }
}

/** @throws ServiceError order_not_yours for a live or paid attempt of another group. */
function assertTheirs(attempt: PaymentRow, caller: Caller): void {
  if (caller.public || actsOnEverything(caller) || isClosed(attempt.status)) return;
  const owner = ownerOf(attempt);
  if (owner !== undefined && owner !== caller.group)
    throw new ServiceError('order_not_yours', 'this order is being paid, or was paid, through another key');
}

/** Nobody has begun to pay on it. */
function isOpenPage(live: PaymentRow): live is PaymentRow & { sessionId: string } {
  return live.status === 'created' && live.sessionId !== null;
}

function alreadyPaid(orderId: string, paymentId: string): ServiceError {
  return new ServiceError('order_already_paid', `order ${orderId} is paid already`, { paymentId });
}

function inReview(payment: PaymentRow): ServiceError {
  return new ServiceError(
    'order_already_paid',
    `money for order ${payment.orderId} came in and is being reviewed`,
    {
      paymentId: payment.id,
      status: payment.status,
    },
  );
}

/** The customer holds a voucher, or the bank holds the money: a second session could be paid as well. */
export function customerIsPaying(payment: PaymentRow): ServiceError {
  return new ServiceError('order_payment_pending', `a payment of order ${payment.orderId} is under way`, {
    paymentId: payment.id,
    status: payment.status,
  });
}
