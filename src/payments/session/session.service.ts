import { Injectable } from '@nestjs/common';
import type { Caller } from '../../http/access/caller.js';
import { Clock } from '../../kernel/clock.js';
import type { PaymentRow } from '../payment/payment.tables.js';
import { inDoubt, OrderTurn, PATIENCE_MS } from './order.turn.js';
import { PaymentRows } from './payment.rows.js';
import type { SessionRequest } from './session.request.js';
import { SessionReservation } from './session.reservation.js';

/** Opens checkout sessions: one live attempt an order, whatever is asked at the same time, and however often. */
@Injectable()
export class SessionService {
  constructor(
    private readonly reservation: SessionReservation,
    private readonly turn: OrderTurn,
    private readonly rows: PaymentRows,
    private readonly clock: Clock,
  ) {}

  /**
   * The open session of this order with this content: a new one, or the one that is there already.
   * A caller without a key gets the order's open session, whoever opened it.
   * @throws ServiceError order_not_yours, order_already_paid, order_payment_pending, unknown_outcome (with `details.paymentId`),
   * operation_in_doubt, provider_rejected, provider_unavailable, and what the provider cannot do by name.
   */
  async open(request: SessionRequest, caller: Caller): Promise<PaymentRow> {
    const giveUpAt = this.clock.now().getTime() + PATIENCE_MS;
    for (;;) {
      const next = await this.reservation.reserve(request, caller);
      if (next.kind === 'open') return next.payment;
      await this.turn.makeWay(next, caller.name);
      const opened = next.kind === 'create' ? await this.rows.opened(next.payment.id, request) : undefined;
      if (opened !== undefined) return opened;
      if (this.clock.now().getTime() >= giveUpAt) throw inDoubt(next.payment);
    }
  }
}
