import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Database } from '../database/database.js';
import { describeError } from '../kernel/errors.js';
import { JANITOR } from '../kernel/cause.js';
import { PollLoop } from '../kernel/poll.loop.js';
import { SubscriptionStore } from '../subscriptions/subscription/subscription.store.js';
import { SubscriptionTruth } from '../subscriptions/facts/subscription.truth.js';

const BATCH = 10;
const IDLE_MS = 5_000;

/** Asks the provider about subscriptions of which something should have been heard: a webhook may have been lost. */
@Injectable()
export class SubscriptionChecks implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(SubscriptionChecks.name);
  private readonly loop: PollLoop;

  constructor(
    private readonly database: Database,
    private readonly subscriptions: SubscriptionStore,
    private readonly truth: SubscriptionTruth,
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

  /** One round. Returns how many subscriptions it looked at. */
  async runOnce(): Promise<number> {
    const due = await this.subscriptions.claimDueForCheck(this.database.db, BATCH);
    for (const { id } of due) {
      try {
        await this.truth.refresh(id, JANITOR);
      } catch (error) {
        this.logger.warn(`subscription ${id} could not be checked: ${describeError(error)}`);
      }
    }
    return due.length;
  }
}
