import { Injectable, Logger } from '@nestjs/common';
import { Database } from '../database/database.js';
import { JANITOR } from '../kernel/applied.js';
import { OperationExecutor } from '../operations/operation.executor.js';
import { type Operation, OperationStore } from '../operations/operation.store.js';
import { OutboxSignal } from '../outbox/outbox.signal.js';
import { ProviderTruth } from '../payments/facts/provider.truth.js';
import { PaymentStore } from '../payments/payment/payment.store.js';
import { OrderTurn } from '../payments/session/order.turn.js';
import { SubscriptionTruth } from '../subscriptions/facts/subscription.truth.js';
import { SubscriptionStore } from '../subscriptions/subscription/subscription.store.js';
import { type Round, workOn } from './janitor.js';

/** Of one round at one provider: the pool keeps connections for those who wait for an answer. */
const AT_ONCE = 5;
/**
 * For how long a check is claimed: longer than it takes. The date of the next one is set when it was made, so that one
 * that failed, or died with its process, is due again after this.
 */
const CLAIM_MS = 2 * 60_000;
const PAUSE_MS = 5_000;

/** What every round at a provider has in common. */
abstract class ProviderRound implements Round {
  readonly idleMs = PAUSE_MS;
  readonly failureMs = PAUSE_MS;
  readonly perProvider = true;
  protected readonly logger = new Logger('Janitor');

  abstract run(provider: string): Promise<number>;
}

/** Calls that ended without an answer, or whose process died: made again as they were recorded. */
@Injectable()
export class OperationRound extends ProviderRound {
  constructor(
    private readonly database: Database,
    private readonly operations: OperationStore,
    private readonly executor: OperationExecutor,
    private readonly signal: OutboxSignal,
  ) {
    super();
  }

  async run(provider: string): Promise<number> {
    return workOn(this.logger, {
      due: await this.operations.claimAbandoned(this.database.db, AT_ONCE, provider),
      work: (operation) => this.settle(operation),
      trouble: ({ id }) => `operation ${id} could not be settled`,
    });
  }

  private async settle(operation: Operation): Promise<void> {
    const settlement = await this.executor.execute(operation, JANITOR);
    this.signal.wake();
    const { id, kind, subjectId } = operation;
    this.logger.log(`operation ${id} (${kind} ${subjectId}): ${settlement.kind}`);
  }
}

/** Payments from which nothing was heard for long: a webhook may have been lost. */
@Injectable()
export class PaymentRound extends ProviderRound {
  constructor(
    private readonly database: Database,
    private readonly payments: PaymentStore,
    private readonly truth: ProviderTruth,
    private readonly orders: OrderTurn,
  ) {
    super();
  }

  async run(provider: string): Promise<number> {
    const { db } = this.database;
    return workOn(this.logger, {
      due: await this.payments.claimDueForCheck(db, provider, AT_ONCE, CLAIM_MS),
      work: async ({ id }) => {
        await this.truth.refresh(id, JANITOR);
        await this.orders.closeIfIdle(id, JANITOR);
      },
      trouble: ({ id }) => `payment ${id} could not be settled`,
      answered: (payment) => this.payments.putNextCheck(db, payment),
    });
  }
}

/** Subscriptions of which something should have been heard: a webhook may have been lost. */
@Injectable()
export class SubscriptionRound extends ProviderRound {
  constructor(
    private readonly database: Database,
    private readonly subscriptions: SubscriptionStore,
    private readonly truth: SubscriptionTruth,
  ) {
    super();
  }

  async run(provider: string): Promise<number> {
    const { db } = this.database;
    return workOn(this.logger, {
      due: await this.subscriptions.claimDueForCheck(db, provider, AT_ONCE, CLAIM_MS),
      work: async ({ id }) => {
        await this.truth.refresh(id, JANITOR);
      },
      trouble: ({ id }) => `subscription ${id} could not be checked`,
      answered: (subscription) => this.subscriptions.putNextCheck(db, subscription),
    });
  }
}
