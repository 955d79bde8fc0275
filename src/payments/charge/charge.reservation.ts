import { Injectable } from '@nestjs/common';
import { Database, type Tx } from '../../database/database.js';
import type { Caller } from '../../http/access/caller.js';
import type { Operation } from '../../operations/operation.store.js';
import type { PaymentRow } from '../payment/payment.tables.js';
import { slotOf } from '../payment/order.slot.store.js';
import { LiveAttempts, type NotYet } from '../session/live.attempt.js';
import { SessionStores } from '../session/session.stores.js';
import type { PlannedCharge } from './charge.request.js';
import { ChargeWriter } from './charge.writer.js';

/** How a charge that was recorded stands. */
export type BegunCharge =
  /** Nobody has sent it: the call is ours to make. */
  | { kind: 'send'; operation: Operation }
  /** It was sent, and what came of it is not known. */
  | { kind: 'doubt'; payment: PaymentRow }
  | { kind: 'told'; payment: PaymentRow };

/** Gives a charge its place: one payment for each key, and one live attempt for each order. */
@Injectable()
export class ChargeReservation {
  constructor(
    private readonly database: Database,
    private readonly stores: SessionStores,
    private readonly attempts: LiveAttempts,
    private readonly writer: ChargeWriter,
  ) {}

  /** Undefined: nothing was recorded under this id. */
  async resume(paymentId: string): Promise<BegunCharge | undefined> {
    const found = await this.stores.payments.findById(this.database.db, paymentId);
    if (found === undefined) return undefined;
    return this.database.transaction(async (tx) => {
      await this.stores.slots.lock(tx, slotOf(found));
      return this.standing(tx, paymentId);
    });
  }

  /** @throws ServiceError order_not_yours, order_already_paid, order_payment_pending. */
  begin(planned: PlannedCharge, caller: Caller): Promise<BegunCharge | NotYet> {
    const { paymentId: id, request } = planned;
    const orderId = request.orderId ?? null;
    return this.database.transaction(async (tx) => {
      await this.stores.slots.lock(tx, slotOf({ id, orderId }));
      // Whoever took the key over from us may have been here.
      const begun = await this.standing(tx, id);
      if (begun !== undefined) return begun;
      const live = orderId === null ? undefined : await this.attempts.lock(tx, orderId, caller);
      if (live !== undefined)
        return (await this.attempts.underWay(tx, live)) ?? this.attempts.closing(tx, live);
      const operation = await this.writer.write(tx, planned, caller);
      if (orderId !== null) await this.stores.slots.update(tx, orderId, { openPaymentId: id });
      return { kind: 'send', operation };
    });
  }

  private async standing(tx: Tx, paymentId: string): Promise<BegunCharge | undefined> {
    const payment = await this.stores.payments.lock(tx, paymentId);
    if (payment === undefined) return undefined;
    if (isTold(payment)) return { kind: 'told', payment };
    const operation = await this.stores.operations.unsettledOf(tx, paymentId);
    if (operation === undefined) return { kind: 'told', payment };
    // Its lease does not matter: whoever marks it as sent first sends it, and nobody else does.
    return operation.firstSentAt === null ? { kind: 'send', operation } : { kind: 'doubt', payment };
  }
}

/** A word of the provider has arrived, if only by a webhook. */
export function isTold({ status }: PaymentRow): boolean {
  return status !== 'created' && status !== 'unknown';
}
