import { Injectable } from '@nestjs/common';
import { StoreSettings } from '../config/settings.js';
import { Database } from '../database/database.js';
import type { Round } from './janitor.js';
import { RetentionStore } from './retention.store.js';

const HOUR_MS = 3_600_000;

/**
 * Lets go of what RETENTION_DAYS no longer asks to be kept: event bodies, published messages, old keys, forms for a
 * card, requests to providers.
 */
@Injectable()
export class Retention implements Round {
  readonly idleMs = HOUR_MS;
  readonly failureMs = HOUR_MS / 60;
  readonly perProvider = false;

  constructor(
    private readonly database: Database,
    private readonly store: RetentionStore,
    private readonly settings: StoreSettings,
  ) {}

  /** One chunk of each kind. Returns how many rows it let go of. */
  async run(): Promise<number> {
    const { db } = this.database;
    const days = this.settings.retentionDays;
    const events = await this.store.pruneInbox(db, days);
    const messages = await this.store.deletePublished(db, days);
    const setups = await this.store.deleteCardSetups(db, days);
    const operations = await this.store.pruneOperations(db, days);
    return events + messages + setups + operations + (await this.store.deleteIdempotencyKeys(db, days));
  }
}
