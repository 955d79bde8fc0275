import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.js';
import { Clock } from '../../kernel/clock.js';
import { ServiceError } from '../../kernel/errors.js';
import { OutboxSignal } from '../../outbox/outbox.signal.js';
import type { Operation } from '../../operations/operation.store.js';
import { assertDone, OperationExecutor } from '../../operations/operation.executor.js';
import { isOpen } from '../payment/payment.js';
import { PaymentStore } from '../payment/payment.store.js';
import type { PaymentRow } from '../payment/payment.tables.js';
import { ProviderTruth } from '../facts/provider.truth.js';
import { contentHash, type SessionRequest } from './session.request.js';
import { customerIsPaying, SessionReservation } from './session.reservation.js';

const BUSY_PAUSE_MS = 150;
const PATIENCE_MS = 20_000;

/** Reads what a session became, and wakes the relay for what was written about it. */
@Injectable()
export class PaymentRows {
  constructor(
    private readonly database: Database,
    private readonly payments: PaymentStore,
    private readonly signal: OutboxSignal,
  ) {}

  /** The payment, if it has a session and is what the request asks for; it may even be paid by now. */
  async opened(paymentId: string, request: SessionRequest): Promise<PaymentRow | undefined> {
    const payment = await this.payments.findById(this.database.db, paymentId);
    if (payment === undefined || payment.checkoutUrl === null) return undefined;
    return payment.contentHash === contentHash(request) ? payment : undefined;
  }

  async stillOpen(paymentId: string): Promise<PaymentRow | undefined> {
    const payment = await this.payments.findById(this.database.db, paymentId);
    return payment !== undefined && isOpen(payment.status) ? payment : undefined;
  }

  announce(): void {
    this.signal.wake();
  }
}

/** Opens checkout sessions: one live attempt an order, whatever is asked at the same time, and however often. */
@Injectable()
export class SessionService {
  constructor(
    private readonly reservation: SessionReservation,
    private readonly executor: OperationExecutor,
    private readonly truth: ProviderTruth,
    private readonly rows: PaymentRows,
    private readonly clock: Clock,
  ) {}

  /**
   * The open session of this order with this content: a new one, or the one that is there already.
   * @param caller name of who asks, for the audit log and for who may read it.
   * @throws ServiceError order_already_paid, order_payment_pending, unknown_outcome (with `details.paymentId`),
   * operation_in_doubt, provider_rejected, provider_unavailable, and what the provider cannot do by name.
   */
  async open(request: SessionRequest, caller: string): Promise<PaymentRow> {
    const giveUpAt = this.clock.now().getTime() + PATIENCE_MS;
    for (;;) {
      const next = await this.reservation.reserve(request, caller);
      if (next.kind === 'open') return next.payment;
      if (next.kind === 'busy') await this.clock.sleep(BUSY_PAUSE_MS);
      else await this.execute(next.operation, caller);
      if (next.kind === 'close') await this.mustHaveEnded(next.payment, caller);
      const opened = next.kind === 'create' ? await this.rows.opened(next.payment.id, request) : undefined;
      if (opened !== undefined) return opened;
      if (this.clock.now().getTime() >= giveUpAt) throw inDoubt(next.payment);
    }
  }

  /** A session that could not be closed is paid or being paid. @throws ServiceError order_payment_pending */
  private async mustHaveEnded(payment: PaymentRow, caller: string): Promise<void> {
    await this.truth.refresh(payment.id, `api:${caller}`);
    const open = await this.rows.stillOpen(payment.id);
    if (open !== undefined) throw customerIsPaying(open);
  }

  private async execute(operation: Operation, caller: string): Promise<void> {
    const settlement = await this.executor.execute(operation, `api:${caller}`);
    this.rows.announce();
    assertDone(settlement, { paymentId: operation.subjectId });
  }
}

function inDoubt(payment: PaymentRow): ServiceError {
  return new ServiceError('operation_in_doubt', 'another request for this order has not ended yet', {
    paymentId: payment.id,
  });
}
