import { Injectable } from '@nestjs/common';
import { Clock } from '../../kernel/clock.js';
import { ServiceError } from '../../kernel/errors.js';
import { assertDone, OperationExecutor } from '../../operations/operation.executor.js';
import { ProviderError } from '../../providers/provider.errors.js';
import { ProviderTruth } from '../facts/provider.truth.js';
import type { PaymentRow } from '../payment/payment.tables.js';
import { customerIsPaying, type NotYet } from './live.attempt.js';
import { PaymentRows } from './payment.rows.js';

const BUSY_PAUSE_MS = 150;

/** How long a request waits for its order to be free. */
export const PATIENCE_MS = 20_000;

/** Does what comes before a request: its order has one live attempt at a time. */
@Injectable()
export class OrderTurn {
  constructor(
    private readonly executor: OperationExecutor,
    private readonly truth: ProviderTruth,
    private readonly rows: PaymentRows,
    private readonly clock: Clock,
  ) {}

  /**
   * Makes the call that is ours to make, or lets whoever is making one get on with it.
   * @throws ServiceError order_payment_pending, unknown_outcome (with `details.paymentId`), provider_rejected, …
   */
  async makeWay(next: NotYet, caller: string): Promise<void> {
    if (next.kind === 'busy') return this.clock.sleep(BUSY_PAUSE_MS);
    const settlement = await this.executor.execute(next.operation, `api:${caller}`);
    this.rows.announce();
    // A charge that the provider will not close is being paid, for all that we know.
    const stays = settlement.kind === 'refused' && next.operation.kind === 'close_charge';
    if (!stays) assertDone(settlement, { paymentId: next.payment.id });
    if (next.kind === 'close') await this.mustHaveEnded(next.payment, caller);
  }

  /**
   * What could not be closed is paid or being paid, also where the provider cannot say now by what.
   * @throws ServiceError order_payment_pending
   */
  private async mustHaveEnded(payment: PaymentRow, caller: string): Promise<void> {
    try {
      await this.truth.refresh(payment.id, `api:${caller}`);
    } catch (error) {
      if (!(error instanceof ProviderError)) throw error;
    }
    const open = await this.rows.stillOpen(payment.id);
    if (open !== undefined) throw customerIsPaying(open);
  }
}

export function inDoubt(payment: PaymentRow): ServiceError {
  return new ServiceError('operation_in_doubt', 'another request for this order has not ended yet', {
    paymentId: payment.id,
  });
}
