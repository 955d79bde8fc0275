import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Database } from '../database/database.js';
import { describeError } from '../database/sql.errors.js';
import { PollLoop } from '../kernel/poll.loop.js';
import { OutboxSignal } from '../outbox/outbox.signal.js';
import { OperationExecutor } from '../operations/operation.executor.js';
import { OperationStore } from '../operations/operation.store.js';
import { PaymentStore } from '../payments/payment/payment.store.js';
import { OrderTurn } from '../payments/session/order.turn.js';
import { ProviderTruth } from '../payments/facts/provider.truth.js';

const BATCH = 10;
const IDLE_MS = 5_000;

@Injectable()
export class JanitorHands {
  constructor(
    readonly executor: OperationExecutor,
    readonly truth: ProviderTruth,
    readonly closer: OrderTurn,
    readonly signal: OutboxSignal,
  ) {}
}

/** Asks the provider about what is unknown or overdue; what it says goes the way of every other fact. */
@Injectable()
export class Janitor implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(Janitor.name);
  private readonly loop: PollLoop;

  constructor(
    private readonly database: Database,
    private readonly operations: OperationStore,
    private readonly payments: PaymentStore,
    private readonly hands: JanitorHands,
  ) {
    this.loop = new PollLoop(() => this.runOnce(), {
      idleMs: IDLE_MS,
      failureMs: IDLE_MS,
      onError: (error) => this.logger.error(`a round failed: ${describeError(error)}`),
    });
  }

  onApplicationBootstrap(): void {
    this.loop.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.loop.stop();
  }

  /** One round. Returns how many things it looked at. */
  async runOnce(): Promise<number> {
    const settled = await this.settleOperations();
    return settled + (await this.checkPayments());
  }

  /** Calls that ended without an answer, or whose process died: made again as they were recorded. */
  private async settleOperations(): Promise<number> {
    const operations = await this.operations.claimAbandoned(this.database.db, BATCH);
    for (const operation of operations) {
      await this.attempt(`operation ${operation.id}`, async () => {
        const settlement = await this.hands.executor.execute(operation, 'janitor');
        this.hands.signal.wake();
        this.logger.log(
          `operation ${operation.id} (${operation.kind} ${operation.subjectId}): ${settlement.kind}`,
        );
      });
    }
    return operations.length;
  }

  /** Payments from which nothing was heard for long: a webhook may have been lost. */
  private async checkPayments(): Promise<number> {
    const due = await this.payments.claimDueForCheck(this.database.db, BATCH);
    for (const payment of due) {
      await this.attempt(`payment ${payment.id}`, async () => {
        await this.hands.truth.refresh(payment.id, 'janitor');
        await this.hands.closer.closeIfIdle(payment.id, 'janitor');
      });
    }
    return due.length;
  }

  private async attempt(what: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.logger.warn(`${what} could not be settled: ${describeError(error)}`);
    }
  }
}
