import { Injectable } from '@nestjs/common';
import { Database, type Tx } from '../../database/database.js';
import { DatabaseClock } from '../../database/database.clock.js';
import { type Operation, OperationStore } from '../../operations/operation.store.js';
import { isOpen } from '../payment/payment.js';
import { PaymentStore } from '../payment/payment.store.js';

/** A provider may show a charge as late as this after it was sent. */
const LANDING_MS = 3_600_000;
const MISSES = 2;

/** What is written down about a charge beside its facts. */
@Injectable()
export class ChargeRecords {
  constructor(
    private readonly database: Database,
    private readonly clock: DatabaseClock,
    private readonly operations: OperationStore,
    private readonly payments: PaymentStore,
  ) {}

  /** Whether a charge that is not found by now will not be found any more. Ask before looking. */
  async isDue({ firstSentAt }: Operation): Promise<boolean> {
    const now = await this.clock.now();
    return firstSentAt !== null && now.getTime() - firstSentAt.getTime() >= LANDING_MS;
  }

  /** Counts a look that came late enough and found nothing. True: it was not the first. */
  async isGone({ id }: Operation): Promise<boolean> {
    return (await this.operations.countMiss(this.database.db, id)) >= MISSES;
  }

  /** What no fact says: the provider's words for the buyer, and when to ask for what is open still. */
  async complete(
    tx: Tx,
    paymentId: string,
    { buyerMessage, checkAt }: { buyerMessage?: string | undefined; checkAt: Date },
  ): Promise<void> {
    const payment = await this.payments.lock(tx, paymentId);
    if (payment === undefined) return;
    const { failure } = payment;
    const patch = {
      ...(payment.status === 'failed' &&
        buyerMessage !== undefined && {
          failure: { reason: failure?.reason ?? 'declined', message: buyerMessage },
        }),
      ...(isOpen(payment.status) && payment.nextCheckAt === null && { nextCheckAt: checkAt }),
    };
    if (Object.keys(patch).length > 0) await this.payments.update(tx, payment.id, payment.version, patch);
  }
}
