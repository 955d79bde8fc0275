import { Injectable } from '@nestjs/common';
import type { Caller } from '../../http/access/caller.js';
import { Clock } from '../../kernel/clock.js';
import { ServiceError } from '../../kernel/errors.js';
import { assertDone, OperationExecutor } from '../../operations/operation.executor.js';
import type { Operation } from '../../operations/operation.store.js';
import type { PaymentRow } from '../payment/payment.tables.js';
import { inDoubt, OrderTurn, PATIENCE_MS } from '../session/order.turn.js';
import { PaymentRows } from '../session/payment.rows.js';
import type { ChargeRequest, PlannedCharge } from './charge.request.js';
import { type BegunCharge, ChargeReservation, isTold } from './charge.reservation.js';
import { ChargeWriter } from './charge.writer.js';

/** Its call, its turn, and what it became. */
@Injectable()
export class ChargeHands {
  constructor(
    readonly executor: OperationExecutor,
    readonly turn: OrderTurn,
    readonly rows: PaymentRows,
  ) {}
}

/** Charges cards without a checkout page: one call to the provider for each payment, whatever happens to us meanwhile. */
@Injectable()
export class ChargeService {
  constructor(
    private readonly reservation: ChargeReservation,
    private readonly writer: ChargeWriter,
    private readonly hands: ChargeHands,
    private readonly clock: Clock,
  ) {}

  /**
   * The payment as the provider's answer left it; a decline is one. A payment that was begun under this id is gone on
   * with: sent if it never was, else told as it stands.
   * @param ask what is to be charged; not asked for what was begun.
   * @throws ServiceError order_not_yours, order_already_paid, order_payment_pending, unknown_outcome, operation_in_doubt, and why the
   * provider charged nothing (card_unusable, provider_rejected, …), each of them with `details.paymentId`.
   */
  async charge(paymentId: string, ask: () => Promise<ChargeRequest>, caller: Caller): Promise<PaymentRow> {
    const begun =
      (await this.reservation.resume(paymentId)) ??
      (await this.begin(this.writer.plan(await ask(), paymentId), caller));
    if (begun.kind === 'told') return begun.payment;
    if (begun.kind === 'doubt') throw notKnownYet(paymentId);
    return this.send(begun.operation, caller);
  }

  private async begin(planned: PlannedCharge, caller: Caller): Promise<BegunCharge> {
    const giveUpAt = this.clock.now().getTime() + PATIENCE_MS;
    for (;;) {
      const next = await this.reservation.begin(planned, caller);
      if (next.kind === 'send' || next.kind === 'doubt' || next.kind === 'told') return next;
      await this.hands.turn.makeWay(next, caller.name);
      if (this.clock.now().getTime() >= giveUpAt) throw inDoubt(next.payment);
    }
  }

  private async send(operation: Operation, caller: Caller): Promise<PaymentRow> {
    const { executor, rows } = this.hands;
    const { subjectId: paymentId } = operation;
    const settlement = await executor.execute(operation, `api:${caller.name}`);
    rows.announce();
    const payment = await rows.find(paymentId);
    if (payment === undefined) throw new Error(`payment ${paymentId} is gone`);
    if (settlement.kind === 'refused') throw withPayment(settlement.error.toServiceError(), paymentId);
    // A webhook may have told what the answer did not.
    if (!isTold(payment)) assertDone(settlement, { paymentId });
    return payment;
  }
}

function notKnownYet(paymentId: string): ServiceError {
  const message = 'the provider has not said yet what came of this charge; it is being found out';
  return new ServiceError('operation_in_doubt', message, { paymentId });
}

function withPayment(refusal: ServiceError, paymentId: string): ServiceError {
  const { code, message, details } = refusal;
  return new ServiceError(code, message, { ...details, paymentId }, { cause: refusal });
}
