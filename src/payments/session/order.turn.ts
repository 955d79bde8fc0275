import { Injectable } from '@nestjs/common';
import { DatabaseClock } from '../../database/service.store.js';
import { Database, type Tx } from '../../database/database.js';
import type { Caller } from '../../http/access/caller.js';
import type { Cause } from '../../kernel/applied.js';
import { assertDone, type Settlement } from '../../operations/operation.executor.js';
import type { Operation } from '../../operations/operation.store.js';
import { type Next, OperationTurn, PATIENCE_MS } from '../../operations/operation.turn.js';
import { ProviderError } from '../../providers/provider.errors.js';
import { ProviderTruth } from '../facts/provider.truth.js';
import { isOpen, slotOf } from '../payment/payment.js';
import { PaymentStore } from '../payment/payment.store.js';
import { closingOf, customerIsPaying, LiveAttempts } from './live.attempt.js';

/** The bank's own page gives up long before. */
const BUYER_GONE_MS = 3 * 3_600_000;

export interface OrderTurnSteps<T> {
  /** What comes next, by the order's row and its live attempt, which it locks. */
  decide(tx: Tx): Promise<Next<T>>;
  /** After its own call: what was wanted, or undefined to decide again. @throws ServiceError */
  answer(operation: Operation, settlement: Settlement): Promise<T | undefined>;
}

/** Turns on orders: calls for the live attempt that were left behind end before anything new begins. */
@Injectable()
export class OrderTurn {
  constructor(
    private readonly database: Database,
    private readonly payments: PaymentStore,
    private readonly attempts: LiveAttempts,
    private readonly turn: OperationTurn,
    private readonly truth: ProviderTruth,
    private readonly clock: DatabaseClock,
  ) {}

  /**
   * @param slot what its payments are locked by, see slotOf.
   * @throws ServiceError order_payment_pending, unknown_outcome and operation_in_doubt (with `details.paymentId`), why a
   * provider does not close what is open, and what the steps throw.
   */
  async take<T>(slot: string, { decide, answer }: OrderTurnSteps<T>, caller: Caller): Promise<T> {
    const cause: Cause = `api:${caller.name}`;
    let answered: T | undefined;
    return this.turn.take(
      {
        subject: `order:${slot}`,
        noun: 'order',
        details: {},
        patienceMs: PATIENCE_MS,
        decide,
        settled: async (operation, settlement, isEarlier) => {
          if (operation.kind === 'expire_session' || operation.kind === 'close_charge')
            await this.mustHaveEnded(operation, settlement, cause);
          else if (!isEarlier) answered = await answer(operation, settlement);
          // What was refused has ended, and the order is free.
          else if (settlement.kind !== 'refused') assertDone(settlement, { paymentId: operation.subjectId });
        },
        result: () => Promise.resolve(answered),
      },
      cause,
    );
  }

  /** Closes a payment at the provider whose order was paid by another, or whose buyer is gone from the bank for hours. */
  async closeIfIdle(paymentId: string, cause: Cause): Promise<void> {
    const found = await this.payments.findById(this.database.db, paymentId);
    if (found === undefined || closingOf(found) === undefined) return;
    const goneSince = new Date((await this.clock.now()).getTime() - BUYER_GONE_MS);
    const close = (tx: Tx) => this.attempts.closeIfIdle(tx, found, goneSince);
    const operation = await this.database.transaction(close);
    if (operation !== undefined) await this.turn.make(operation, cause, `order:${slotOf(found)}`);
  }

  /** What could not be closed is paid or being paid, even if the provider cannot say so now. */
  private async mustHaveEnded(operation: Operation, settlement: Settlement, cause: Cause): Promise<void> {
    const { subjectId: paymentId, kind } = operation;
    // A charge that the provider will not close is being paid, for all that we know.
    const stays = settlement.kind === 'refused' && kind === 'close_charge';
    if (!stays) assertDone(settlement, { paymentId });
    try {
      await this.truth.refresh(paymentId, cause);
    } catch (error) {
      if (!(error instanceof ProviderError)) throw error;
    }
    const payment = await this.payments.findById(this.database.db, paymentId);
    if (payment !== undefined && isOpen(payment.status)) throw customerIsPaying(payment);
  }
}
