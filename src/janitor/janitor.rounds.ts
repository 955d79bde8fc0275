import { Injectable, Logger } from '@nestjs/common';
import { StoreSettings } from '../config/settings.js';
import { Database } from '../database/database.js';
import { JANITOR } from '../kernel/applied.js';
import { OperationExecutor } from '../operations/operation.executor.js';
import { OperationStore } from '../operations/operation.store.js';
import { OutboxSignal } from '../outbox/outbox.signal.js';
import { ProviderTruth } from '../payments/facts/provider.truth.js';
import { PaymentStore } from '../payments/payment/payment.store.js';
import { OrderTurn } from '../payments/session/order.turn.js';
import { ProviderRegistry } from '../providers/provider.registry.js';
import { SubscriptionTruth } from '../subscriptions/facts/subscription.truth.js';
import { SubscriptionStore } from '../subscriptions/subscription/subscription.store.js';
import { type Round, workOn } from './janitor.js';
import { JanitorStore } from './janitor.store.js';

/** Of one round at one provider: the pool keeps connections for callers. */
const AT_ONCE = 5;
/** A check is claimed for longer than it takes. One that failed or died with its process is due again after this. */
const CLAIM_MS = 2 * 60_000;
const HOUR_MS = 3_600_000;

/** Calls that ended without an answer, or whose process died: made again as they were recorded. */
@Injectable()
export class OperationRound implements Round {
  readonly perProvider = true;
  private readonly logger = new Logger('Janitor');

  constructor(
    private readonly database: Database,
    private readonly operations: OperationStore,
    private readonly executor: OperationExecutor,
    private readonly signal: OutboxSignal,
  ) {}

  async run(provider: string): Promise<number> {
    return workOn(this.logger, {
      due: await this.operations.claimAbandoned(this.database.db, AT_ONCE, provider),
      work: async (operation) => {
        const { kind, subjectId, id } = operation;
        const settlement = await this.executor.execute(operation, JANITOR);
        this.signal.wake();
        this.logger.log(`operation ${id} (${kind} ${subjectId}): ${settlement.kind}`);
      },
      trouble: ({ id }) => `operation ${id} could not be settled`,
    });
  }
}

/** Payments without news for long: a webhook may have been lost. */
@Injectable()
export class PaymentRound implements Round {
  readonly perProvider = true;
  private readonly logger = new Logger('Janitor');

  constructor(
    private readonly database: Database,
    private readonly payments: PaymentStore,
    private readonly truth: ProviderTruth,
    private readonly orders: OrderTurn,
  ) {}

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

/** Subscriptions without the news that was due: a webhook may have been lost. */
@Injectable()
export class SubscriptionRound implements Round {
  readonly perProvider = true;
  private readonly logger = new Logger('Janitor');

  constructor(
    private readonly database: Database,
    private readonly subscriptions: SubscriptionStore,
    private readonly truth: SubscriptionTruth,
  ) {}

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

/** Tells the operator, at start and every hour, what waits for providers that are not configured here. */
@Injectable()
export class UnconfiguredRound implements Round {
  readonly idleMs = HOUR_MS;
  readonly perProvider = false;
  private readonly logger = new Logger('Janitor');

  constructor(
    private readonly database: Database,
    private readonly store: JanitorStore,
    private readonly providers: ProviderRegistry,
  ) {}

  async run(): Promise<number> {
    const configured = this.providers.all.map(({ name }) => name);
    for (const { provider, due } of await this.store.dueBeside(this.database.db, configured))
      this.logger.warn(`${due} calls and checks wait for provider "${provider}", which is not configured`);
    return 0;
  }
}

/** Deletes what RETENTION_DAYS keeps no longer: event bodies, messages, idempotency keys, card forms, requests. */
@Injectable()
export class Retention implements Round {
  readonly idleMs = HOUR_MS;
  readonly failureMs = HOUR_MS / 60;
  readonly perProvider = false;

  constructor(
    private readonly database: Database,
    private readonly store: JanitorStore,
    private readonly settings: StoreSettings,
  ) {}

  run(): Promise<number> {
    return this.store.prune(this.database.db, this.settings.retentionDays);
  }
}
