import { Injectable } from '@nestjs/common';
import { Database, type Tx } from '../../database/database.js';
import { type Caller, PUBLIC_CALLER } from '../../http/access/caller.js';
import { Clock } from '../../kernel/clock.js';
import type { PaymentRow } from '../payment/payment.tables.js';
import { contentHash, isSamePurchase, type SessionRequest } from './session.request.js';
import { customerIsPaying, LiveAttempts, type NotYet } from './live.attempt.js';
import { NewSessionWriter } from './new.session.writer.js';
import { SessionStores } from './session.stores.js';

/** What is to be done for a request, decided under the order's lock. */
export type Reservation =
  /** The order's live session is the one that is asked for. */
  | { kind: 'open'; payment: PaymentRow }
  /** The recorded call, which may be this request's own, comes first. */
  | NotYet;

/** A session this close to its end is not handed out again. */
const LEAST_REMAINING_MS = 60_000;

/** Gives each order one live attempt: decides, under the order's lock and without calling anybody, what comes next. */
@Injectable()
export class SessionReservation {
  constructor(
    private readonly database: Database,
    private readonly stores: SessionStores,
    private readonly attempts: LiveAttempts,
    private readonly writer: NewSessionWriter,
    private readonly clock: Clock,
  ) {}

  /**
   * @throws ServiceError order_not_yours, order_already_paid, order_payment_pending; and what the provider's planning
   * refuses.
   */
  reserve(request: SessionRequest, caller: Caller): Promise<Reservation> {
    return this.database.transaction(async (tx) => {
      const live = await this.attempts.lock(tx, request.orderId, caller);
      if (live === undefined) return this.begin(tx, request, caller);
      const underWay = await this.attempts.underWay(tx, live);
      if (underWay !== undefined) return underWay;
      if (this.serves(live, request, caller)) return { kind: 'open', payment: live };
      // A browser proves nothing but that it knows the order's id: it closes only what a browser opened.
      if (caller.public && live.caller !== PUBLIC_CALLER.group) throw customerIsPaying(live);
      return this.attempts.closing(tx, live);
    });
  }

  private async begin(tx: Tx, request: SessionRequest, caller: Caller): Promise<Reservation> {
    const { payment, operation } = await this.writer.write(tx, request, caller);
    await this.stores.slots.update(tx, request.orderId, { openPaymentId: payment.id });
    return { kind: 'create', payment, operation };
  }

  /** A browser names the order alone: whatever else its session was opened with stands. */
  private serves(live: PaymentRow, request: SessionRequest, caller: Caller): boolean {
    const same = caller.public ? isSamePurchase(live, request) : live.contentHash === contentHash(request);
    if (!same || live.checkoutUrl === null) return false;
    const remaining = (live.expiresAt?.getTime() ?? Infinity) - this.clock.now().getTime();
    return remaining > LEAST_REMAINING_MS;
  }
}
