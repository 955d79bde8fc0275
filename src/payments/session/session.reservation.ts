import { Injectable } from '@nestjs/common';
import { Database, type Tx } from '../../database/database.js';
import { webAddress } from '../../kernel/web.address.js';
import { Clock } from '../../kernel/clock.js';
import type { PaymentRow } from '../payment/payment.tables.js';
import { contentHash, type SessionRequest } from './session.request.js';
import { LiveAttempts, type NotYet } from './live.attempt.js';
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

  /** @throws ServiceError order_already_paid; and what the provider's planning refuses. */
  reserve(request: SessionRequest, caller: string): Promise<Reservation> {
    return this.database.transaction(async (tx) => {
      const live = await this.attempts.lock(tx, request.orderId);
      if (live === undefined) return this.begin(tx, request, caller);
      const underWay = await this.attempts.underWay(tx, live);
      if (underWay !== undefined) return underWay;
      return this.serves(live, request) ? { kind: 'open', payment: live } : this.attempts.closing(tx, live);
    });
  }

  private async begin(tx: Tx, request: SessionRequest, caller: string): Promise<Reservation> {
    const { payment, operation } = await this.writer.write(tx, request, caller);
    await this.stores.slots.update(tx, request.orderId, { openPaymentId: payment.id });
    return { kind: 'create', payment, operation };
  }

  private serves(live: PaymentRow, request: SessionRequest): boolean {
    if (live.contentHash !== contentHash(request) || webAddress(live.checkoutUrl) === undefined) return false;
    const remaining = (live.expiresAt?.getTime() ?? Infinity) - this.clock.now().getTime();
    return remaining > LEAST_REMAINING_MS;
  }
}
