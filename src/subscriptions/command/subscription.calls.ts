import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.js';
import type { Cause } from '../../kernel/applied.js';
import { OperationExecutor, type Settlement } from '../../operations/operation.executor.js';
import type { Operation } from '../../operations/operation.store.js';
import { OutboxSignal } from '../../outbox/outbox.signal.js';
import { ProviderError } from '../../providers/provider.errors.js';
import { SubscriptionStore } from '../subscription/subscription.store.js';
import { SubscriptionTruth } from '../facts/subscription.truth.js';

/** Makes recorded calls for whoever waits for them. */
@Injectable()
export class SubscriptionCalls {
  constructor(
    private readonly database: Database,
    private readonly subscriptions: SubscriptionStore,
    private readonly executor: OperationExecutor,
    private readonly truth: SubscriptionTruth,
    private readonly signal: OutboxSignal,
  ) {}

  /** The operation must be leased to the caller. What its answer left open is read before this ends. */
  async make(operation: Operation, cause: Cause): Promise<Settlement> {
    const settlement = await this.executor.execute(operation, cause);
    this.signal.wake();
    if (settlement.kind !== 'unknown') await this.catchUp(operation.subjectId, cause);
    return settlement;
  }

  /** The call itself is settled; if this fails, the janitor reads it. */
  private async catchUp(id: string, cause: Cause): Promise<void> {
    if (!(await this.subscriptions.isDue(this.database.db, id))) return;
    try {
      await this.truth.refresh(id, cause);
    } catch (error) {
      if (!(error instanceof ProviderError)) throw error;
    }
  }
}
