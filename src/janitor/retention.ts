import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { StoreSettings } from '../config/settings.js';
import { Database } from '../database/database.js';
import { describeError } from '../kernel/errors.js';
import { PollLoop } from '../kernel/poll.loop.js';
import { RetentionStore } from './retention.store.js';

const HOUR_MS = 3_600_000;

/**
 * Lets go of what RETENTION_DAYS no longer asks to be kept: event bodies, published messages, old keys, forms for a
 * card, requests to providers.
 */
@Injectable()
export class Retention implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(Retention.name);
  private readonly loop = new PollLoop(() => this.runOnce(), {
    idleMs: HOUR_MS,
    failureMs: HOUR_MS / 60,
    onError: (error) => this.logger.warn(`a round failed: ${describeError(error)}`),
  });

  constructor(
    private readonly database: Database,
    private readonly store: RetentionStore,
    private readonly settings: StoreSettings,
  ) {}

  onApplicationBootstrap(): void {
    this.loop.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.loop.stop();
  }

  /** One chunk of each kind. Returns how many rows it let go of. */
  async runOnce(): Promise<number> {
    const { db } = this.database;
    const days = this.settings.retentionDays;
    const events = await this.store.pruneInbox(db, days);
    const messages = await this.store.deletePublished(db, days);
    const setups = await this.store.deleteCardSetups(db, days);
    const operations = await this.store.pruneOperations(db, days);
    return events + messages + setups + operations + (await this.store.deleteIdempotencyKeys(db, days));
  }
}
