import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.js';
import type { Applied, Cause } from '../../kernel/applied.js';
import { OutboxSignal } from '../../outbox/outbox.signal.js';
import { ProviderError } from '../../providers/provider.errors.js';
import { SubscriptionFacts } from './subscription.facts.js';
import { SubscriptionReader } from './subscription.reader.js';
import { SubscriptionStore } from '../subscription/subscription.store.js';

/** How often a reading is repeated that others overtook. */
const TRIES = 3;

/** Asks a provider how a subscription of ours stands now, and applies it. */
@Injectable()
export class SubscriptionTruth {
  constructor(
    private readonly database: Database,
    private readonly reader: SubscriptionReader,
    private readonly facts: SubscriptionFacts,
    private readonly signal: OutboxSignal,
    private readonly subscriptions: SubscriptionStore,
  ) {}

  /** Empty while the provider has not made it. @throws ProviderError when the provider cannot be asked. */
  async refresh(subscriptionId: string, cause: Cause): Promise<Applied[]> {
    const applied: Applied[] = [];
    while (applied.length < TRIES) {
      const reading = await this.reader.readOwn(subscriptionId, cause);
      if (reading === undefined) break;
      const last = await this.database.transaction((tx) => this.facts.apply(tx, { reading, cause }));
      this.signal.wake();
      applied.push(last);
      if (last.kind !== 'parked') break;
    }
    return applied;
  }

  /** Reads what the answer of a call left open. If the provider cannot be asked, the janitor reads it. */
  async catchUp(subscriptionId: string, cause: Cause): Promise<void> {
    if (!(await this.subscriptions.isDue(this.database.db, subscriptionId))) return;
    try {
      await this.refresh(subscriptionId, cause);
    } catch (error) {
      if (!(error instanceof ProviderError)) throw error;
    }
  }
}
