import { Injectable } from '@nestjs/common';
import type { Tx } from '../../database/database.js';
import { type Caller, actsOnEverything, ownerOf } from '../../http/access/caller.js';
import { Clock } from '../../kernel/clock.js';
import { ServiceError } from '../../kernel/errors.js';
import { Ids } from '../../kernel/ids.js';
import { type NewOperation, type Operation, OperationStore } from '../../operations/operation.store.js';
import { type Earlier, OperationTurn } from '../../operations/operation.turn.js';
import type { SessionInput } from '../../providers/payment.ports.js';
import type { PaymentProvider } from '../../providers/provider.port.js';
import { type OrderSlot, OrderSlotStore, slotOf } from './order.slot.store.js';
import { PaymentWriter } from './payment.changes.js';
import { PaymentStore } from './payment.store.js';
import type { NewPaymentRow, PaymentRow } from './payment.tables.js';
import { isClosed, isOpen, isOpenPage, isUnderReview, waitsForBuyer } from './payment.js';

type Call = Pick<NewOperation, 'kind' | 'target' | 'request'>;

/** A payment that is about to be recorded. */
export interface NewAttempt {
  id: string;
  provider: Pick<PaymentProvider, 'name' | 'livemode'>;
  /** What is bought. */
  purchase: Pick<SessionInput, 'money' | 'items' | 'capture' | 'metadata'> & { orderId?: string | undefined };
  /** What is kept beside. */
  kept: Pick<NewPaymentRow, 'customerId' | 'ui' | 'adjustments' | 'contentHash' | 'successUrl' | 'cancelUrl'>;
  /** The exact call that opens its session, or charges its card. */
  call: Call;
}

/** The one live attempt of an order, whose row is locked. */
@Injectable()
export class LiveAttempts {
  constructor(
    private readonly slots: OrderSlotStore,
    private readonly payments: PaymentStore,
    private readonly operations: OperationStore,
    private readonly writer: PaymentWriter,
    private readonly turn: OperationTurn,
    private readonly ids: Ids,
    private readonly clock: Clock,
  ) {}

  /** Records the order's live attempt, with the call that makes it at its provider. */
  async begin(tx: Tx, attempt: NewAttempt, caller: Caller): Promise<Operation> {
    const { id, provider, purchase, kept, call } = attempt;
    const { money, items, capture, metadata, orderId = null } = purchase;
    const payment = await this.payments.insert(tx, {
      ...kept,
      id,
      orderId,
      provider: provider.name,
      livemode: provider.livemode,
      status: 'created',
      amount: money.amount,
      currency: money.currency,
      capture,
      items: items.map((item) => ({ ...item, unitAmount: item.unitAmount.toString() })),
      metadata: { ...metadata },
      caller: caller.group,
      version: 0,
    });
    const changes = this.writer.changesTo(payment, `api:${caller.name}`);
    changes.step({ fact: 'created', event: 'payment.created', occurredAt: this.clock.now() });
    await this.writer.write(tx, changes);
    if (orderId !== null) await this.slots.update(tx, orderId, { openPaymentId: id });
    return this.prepare(tx, payment, call);
  }

  /** Locks a payment that was begun, its order first, and its call without an end. Undefined: nothing was recorded. */
  async lockBegun(
    tx: Tx,
    begun: Pick<PaymentRow, 'id' | 'orderId'>,
  ): Promise<{ payment: PaymentRow; unsettled: Operation | undefined } | undefined> {
    await this.slots.lock(tx, slotOf(begun));
    const payment = await this.payments.lock(tx, begun.id);
    return payment && { payment, unsettled: await this.operations.unsettledOf(tx, begun.id) };
  }

  /**
   * Locks the order and its live attempt.
   * @throws ServiceError order_not_yours; order_already_paid; order_payment_pending while a cycle is collected for it.
   */
  async lock(tx: Tx, orderId: string, caller: Caller): Promise<PaymentRow | undefined> {
    const slot = await this.lockTheirs(tx, orderId, caller);
    if (slot.paidPaymentId !== null) throw alreadyPaid(orderId, slot.paidPaymentId);
    for (const cycle of await this.payments.cyclesOfOrder(tx, orderId)) {
      assertTheirs(cycle, caller);
      if (isOpen(cycle.status)) throw customerIsPaying(cycle);
      if (isUnderReview(cycle)) throw inReview(cycle);
    }
    if (slot.openPaymentId === null) return undefined;
    const live = await this.payments.lock(tx, slot.openPaymentId);
    if (live !== undefined && isUnderReview(live)) throw inReview(live);
    return live !== undefined && isOpen(live.status) ? live : undefined;
  }

  /** Locks an order. @throws ServiceError order_not_yours; not to browsers, who are only shown what is open. */
  async lockTheirs(tx: Tx, orderId: string, caller: Caller): Promise<OrderSlot> {
    const slot = await this.slots.lock(tx, orderId);
    const attemptId = slot.paidPaymentId ?? slot.openPaymentId;
    if (attemptId === null) return slot;
    const attempt = await this.payments.findById(tx, attemptId);
    if (attempt !== undefined) assertTheirs(attempt, caller);
    return slot;
  }

  /**
   * For a subscription's first cycle: an open page may stay, and is closed once the order is paid.
   * @throws ServiceError as `lock`; order_payment_pending while the customer pays.
   */
  async assertPayable(tx: Tx, orderId: string, caller: Caller): Promise<void> {
    const live = await this.lock(tx, orderId, caller);
    if (live !== undefined && !isOpenPage(live)) throw customerIsPaying(live);
  }

  /** Its recorded call that has not ended. @throws ServiceError order_payment_pending for a charge: nobody waits for it. */
  async underWay(tx: Tx, live: PaymentRow): Promise<Earlier | undefined> {
    const left = await this.turn.leftBehind(tx, live.id, ({ kind }) => {
      if (kind === 'charge') throw customerIsPaying(live);
    });
    return left?.kind === 'busy' ? { kind: 'busy', details: { paymentId: live.id } } : left;
  }

  /** Records the call that closes its session, or a charge that waits for the buyer. @throws order_payment_pending */
  async close(tx: Tx, live: PaymentRow): Promise<Operation> {
    const call = closingOf(live);
    if (call === undefined) throw customerIsPaying(live);
    // Said before the provider is asked: its `expired` event may be here before its answer.
    await this.payments.update(tx, live.id, live.version, { closedBy: 'us' });
    return this.prepare(tx, live, call);
  }

  /**
   * Records the call that closes what nobody should pay: its order was paid by another payment, or the buyer is gone.
   * @param goneSince a charge's buyer who went to the bank before does not come back.
   */
  async closeIfIdle(tx: Tx, found: PaymentRow, goneSince: Date): Promise<Operation | undefined> {
    const slot = await this.slots.lock(tx, slotOf(found));
    const payment = await this.payments.lock(tx, found.id);
    if (payment === undefined || closingOf(payment) === undefined) return undefined;
    if ((await this.operations.unsettledOf(tx, payment.id)) !== undefined) return undefined;
    const superseded = slot.paidPaymentId !== null && slot.paidPaymentId !== payment.id;
    const left = waitsForBuyer(payment) && payment.createdAt <= goneSince;
    return superseded || left ? this.close(tx, payment) : undefined;
  }

  private prepare(tx: Tx, { id, provider }: PaymentRow, call: Call): Promise<Operation> {
    return this.operations.prepare(tx, { id: this.ids.next(), subjectId: id, provider, ...call });
  }
}

/** The call that closes it at its provider; undefined: there is nothing to close, or the customer is paying. */
export function closingOf(payment: PaymentRow): Call | undefined {
  const { providerPaymentId } = payment;
  if (isOpenPage(payment)) {
    const request = providerPaymentId === null ? {} : { providerPaymentId };
    return { kind: 'expire_session', target: payment.sessionId, request };
  }
  if (!waitsForBuyer(payment)) return undefined;
  return { kind: 'close_charge', target: payment.providerPaymentId, request: {} };
}

/** A live or paid attempt must be of the caller's group, or nobody's. @throws ServiceError order_not_yours */
function assertTheirs(attempt: PaymentRow, caller: Caller): void {
  if (caller.public || actsOnEverything(caller) || isClosed(attempt.status)) return;
  const owner = ownerOf(attempt);
  if (owner !== undefined && owner !== caller.group)
    throw new ServiceError('order_not_yours', 'this order is being paid, or was paid, through another key');
}

function alreadyPaid(orderId: string, paymentId: string): ServiceError {
  return new ServiceError('order_already_paid', `order ${orderId} is paid already`, { paymentId });
}

function inReview({ id: paymentId, orderId, status }: PaymentRow): ServiceError {
  const message = `money for order ${orderId} came in and is being reviewed`;
  return new ServiceError('order_already_paid', message, { paymentId, status });
}

/** The customer holds a voucher, or the bank holds the money: a second session could be paid as well. */
export function customerIsPaying({ id: paymentId, orderId, status }: PaymentRow): ServiceError {
  const message = `a payment of order ${orderId} is under way`;
  return new ServiceError('order_payment_pending', message, { paymentId, status });
}
