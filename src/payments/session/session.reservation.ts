import { Injectable } from '@nestjs/common';
import { Database, type Tx } from '../../database/database.js';
import { Clock } from '../../kernel/clock.js';
import { ServiceError } from '../../kernel/errors.js';
import { Ids } from '../../kernel/ids.js';
import { type Operation, OperationStore } from '../../operations/operation.store.js';
import { OrderSlotStore } from '../payment/order.slot.store.js';
import { isOpen } from '../payment/payment.js';
import { PaymentStore } from '../payment/payment.store.js';
import type { PaymentRow } from '../payment/payment.tables.js';
import { contentHash, type SessionRequest } from './session.request.js';
import { NewSessionWriter } from './new.session.writer.js';

/** What is to be done for a request, decided under the order's lock. */
export type Reservation =
  /** The order's live session is the one that is asked for. */
  | { kind: 'open'; payment: PaymentRow }
  /** The recorded call is ours to make. */
  | { kind: 'create'; payment: PaymentRow; operation: Operation }
  /** The live session is another one: close it first. */
  | { kind: 'close'; payment: PaymentRow; operation: Operation }
  /** Somebody is making a call for this order right now. */
  | { kind: 'busy'; payment: PaymentRow };

/** A session this close to its end is not handed out again. */
const LEAST_REMAINING_MS = 60_000;

/** What a reservation reads and writes. */
@Injectable()
export class SessionStores {
  constructor(
    readonly slots: OrderSlotStore,
    readonly payments: PaymentStore,
    readonly operations: OperationStore,
    readonly ids: Ids,
  ) {}

  /** Records that a session is to be closed; whoever gets the operation calls the provider. */
  async prepareExpiry(tx: Tx, payment: PaymentRow, sessionId: string): Promise<Operation> {
    // Said before the provider is asked: its `expired` event may be here before its answer.
    await this.payments.update(tx, payment.id, payment.version, { closedBy: 'us' });
    return this.operations.prepare(tx, {
      id: this.ids.next(),
      subjectId: payment.id,
      provider: payment.provider,
      kind: 'expire_session',
      target: sessionId,
      request: payment.providerPaymentId === null ? {} : { providerPaymentId: payment.providerPaymentId },
    });
  }
}

/** Gives each order one live attempt: decides, under the order's lock and without calling anybody, what comes next. */
@Injectable()
export class SessionReservation {
  constructor(
    private readonly database: Database,
    private readonly stores: SessionStores,
    private readonly writer: NewSessionWriter,
    private readonly clock: Clock,
  ) {}

  /** @throws ServiceError order_already_paid; and what the provider's planning refuses. */
  reserve(request: SessionRequest, caller: string): Promise<Reservation> {
    return this.database.transaction(async (tx) => {
      const slot = await this.stores.slots.lock(tx, request.orderId);
      if (slot.paidPaymentId !== null) throw alreadyPaid(request.orderId, slot.paidPaymentId);
      const live =
        slot.openPaymentId === null ? undefined : await this.stores.payments.lock(tx, slot.openPaymentId);
      if (live?.status === 'review') throw inReview(live);
      if (live === undefined || !isOpen(live.status)) return this.begin(tx, request, caller);
      return this.continueWith(tx, live, request);
    });
  }

  private async begin(tx: Tx, request: SessionRequest, caller: string): Promise<Reservation> {
    const { payment, operation } = await this.writer.write(tx, request, caller);
    await this.stores.slots.update(tx, request.orderId, { openPaymentId: payment.id });
    return { kind: 'create', payment, operation };
  }

  private async continueWith(tx: Tx, live: PaymentRow, request: SessionRequest): Promise<Reservation> {
    const unsettled = await this.stores.operations.unsettledOf(tx, live.id);
    if (unsettled !== undefined) {
      const operation = await this.stores.operations.takeOver(tx, unsettled.id);
      if (operation === undefined) return { kind: 'busy', payment: live };
      return { kind: operation.kind === 'create_session' ? 'create' : 'close', payment: live, operation };
    }
    if (this.serves(live, request)) return { kind: 'open', payment: live };
    if (live.status !== 'created') throw customerIsPaying(live);
    return { kind: 'close', payment: live, operation: await this.prepareClosing(tx, live) };
  }

  private serves(live: PaymentRow, request: SessionRequest): boolean {
    if (live.contentHash !== contentHash(request) || live.checkoutUrl === null) return false;
    const remaining = (live.expiresAt?.getTime() ?? Infinity) - this.clock.now().getTime();
    return remaining > LEAST_REMAINING_MS;
  }

  private async prepareClosing(tx: Tx, live: PaymentRow): Promise<Operation> {
    if (live.sessionId === null) throw customerIsPaying(live);
    return this.stores.prepareExpiry(tx, live, live.sessionId);
  }
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
