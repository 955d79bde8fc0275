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
import { PaymentFacts } from '../facts/payment.facts.js';
import { newPayment } from '../facts/payment.state.js';
import { isClosed, isOpen, isOpenPage, isUnderReview, slotOf, waitsForBuyer } from '../payment/payment.js';
import { PaymentStore } from '../payment/payment.store.js';
import type { NewPaymentRow, OrderSlot, PaymentRow } from '../payment/payment.tables.js';

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
    private readonly payments: PaymentStore,
    private readonly facts: PaymentFacts,
    private readonly operations: OperationStore,
    private readonly turn: OperationTurn,
    private readonly ids: Ids,
    private readonly clock: Clock,
  ) {}

  /** Records the order's live attempt, with the call that makes it at its provider. @param slot its order's, locked. */
  async begin(tx: Tx, slot: OrderSlot, attempt: NewAttempt, caller: Caller): Promise<Operation> {
    const { id, provider, purchase, kept, call } = attempt;
    const { money, items, capture, metadata, orderId = null } = purchase;
    const now = this.clock.now();
    const payment = newPayment(now, {
      ...kept,
      id,
      orderId,
      provider: provider.name,
      livemode: provider.livemode,
      ...money,
      capture,
      items: items.map((item) => ({ ...item, unitAmount: item.unitAmount.toString() })),
      metadata: { ...metadata },
      caller: caller.group,
    });
    await this.facts.begin(tx, { payment, slot, cause: `api:${caller.name}`, now });
    return this.prepare(tx, payment, call);
  }

  /** Locks an order, or what is for none. @param key see slotOf. */
  lockSlot(tx: Tx, key: string): Promise<OrderSlot> {
    return this.payments.lockSlot(tx, key);
  }

  /** Locks a payment that was begun, after its slot, and its call without an end. Undefined: nothing was recorded. */
  async lockBegun(
    tx: Tx,
    id: string,
  ): Promise<{ payment: PaymentRow; unsettled: Operation | undefined } | undefined> {
    const payment = await this.payments.lock(tx, id);
    return payment && { payment, unsettled: await this.operations.unsettledOf(tx, id) };
  }

  /**
   * Locks the live attempt of an order.
   * @param slot the order's, locked.
   * @throws ServiceError order_not_yours; order_already_paid; order_payment_pending while a cycle is collected for it.
   */
  async lock(tx: Tx, slot: OrderSlot, caller: Caller): Promise<PaymentRow | undefined> {
    await this.assertTheirs(tx, slot, caller);
    const { orderId, paidPaymentId, openPaymentId } = slot;
    if (paidPaymentId !== null) throw alreadyPaid(orderId, paidPaymentId);
    for (const cycle of await this.payments.cyclesOfOrder(tx, orderId)) {
      assertOwner(cycle, caller);
      if (isOpen(cycle.status)) throw customerIsPaying(cycle);
      if (isUnderReview(cycle)) throw inReview(cycle);
    }
    if (openPaymentId === null) return undefined;
    const live = await this.payments.lock(tx, openPaymentId);
    if (live !== undefined && isUnderReview(live)) throw inReview(live);
    return live !== undefined && isOpen(live.status) ? live : undefined;
  }

  /** Locks an order. @throws ServiceError order_not_yours; not to browsers, who are only shown what is open. */
  async lockTheirs(tx: Tx, orderId: string, caller: Caller): Promise<OrderSlot> {
    const slot = await this.lockSlot(tx, orderId);
    await this.assertTheirs(tx, slot, caller);
    return slot;
  }

  /**
   * For a subscription's first cycle: an open page may stay, and is closed once the order is paid.
   * @throws ServiceError as `lock`; order_payment_pending while the customer pays.
   */
  async assertPayable(tx: Tx, orderId: string, caller: Caller): Promise<void> {
    const live = await this.lock(tx, await this.lockSlot(tx, orderId), caller);
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
    await this.payments.update(tx, live, { closedBy: 'us' });
    return this.prepare(tx, live, call);
  }

  /**
   * Records the call that closes what nobody should pay: its order was paid by another payment, or the buyer is gone.
   * @param goneSince a charge's buyer who went to the bank before does not come back.
   */
  async closeIfIdle(tx: Tx, found: PaymentRow, goneSince: Date): Promise<Operation | undefined> {
    const slot = await this.lockSlot(tx, slotOf(found));
    const payment = await this.payments.lock(tx, found.id);
    if (payment === undefined || closingOf(payment) === undefined) return undefined;
    if ((await this.operations.unsettledOf(tx, payment.id)) !== undefined) return undefined;
    const superseded = slot.paidPaymentId !== null && slot.paidPaymentId !== payment.id;
    const left = waitsForBuyer(payment) && payment.createdAt <= goneSince;
    return superseded || left ? this.close(tx, payment) : undefined;
  }

  private async assertTheirs(
    tx: Tx,
    { paidPaymentId, openPaymentId }: OrderSlot,
    caller: Caller,
  ): Promise<void> {
    const attemptId = paidPaymentId ?? openPaymentId;
    const attempt = attemptId === null ? undefined : await this.payments.findById(tx, attemptId);
    if (attempt !== undefined) assertOwner(attempt, caller);
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
function assertOwner(attempt: PaymentRow, caller: Caller): void {
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
