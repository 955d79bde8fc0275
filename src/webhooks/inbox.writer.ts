import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.js';
import { isDataError } from '../database/sql.errors.js';
import { REQUEST_PATIENCE_MS, withPatience } from '../kernel/patience.js';
import { ServiceError } from '../kernel/errors.js';
import { failpoint } from '../kernel/failpoint.js';
import { Metrics } from '../ops/metrics.js';
import { type Arrival, InboxStore, type Stored } from './inbox.store.js';

interface Waiting {
  arrival: Arrival;
  resolve: (stored: Stored) => void;
  reject: (error: unknown) => void;
}

/** More than this in one statement gains nothing. */
const MAX_BATCH = 200;
/** Beyond this many bytes we say so at once, instead of letting every sender time out. */
const MAX_WAITING_BYTES = 64 * 1024 * 1024;

/**
 * Group commit: while one statement is on its way, everything that arrives waits together for the next one.
 * Under load many requests share a commit; alone, a request waits for nobody.
 */
@Injectable()
export class InboxWriter {
  private waiting: Waiting[] = [];
  private waitingBytes = 0;
  private writing = false;

  constructor(
    private readonly database: Database,
    private readonly store: InboxStore,
    private readonly metrics: Metrics,
  ) {}

  /**
   * Resolves once the event is committed. A batch that is stuck and the one after it are not two waits for a sender:
   * it is told within the patience of one request, and sends again.
   * @throws whatever kept it from being so: nothing is acknowledged then.
   */
  add(arrival: Arrival): Promise<Stored> {
    if (this.waitingBytes + arrival.body.byteLength > MAX_WAITING_BYTES) {
      return Promise.reject(new ServiceError('overloaded', 'too many events are waiting to be stored'));
    }
    return new Promise((resolve, reject) => {
      const waiting: Waiting = { arrival, resolve, reject };
      const timer = setTimeout(() => this.giveUp(waiting), REQUEST_PATIENCE_MS);
      waiting.resolve = (stored) => {
        clearTimeout(timer);
        resolve(stored);
      };
      waiting.reject = (error) => {
        clearTimeout(timer);
        reject(error);
      };
      this.waiting.push(waiting);
      this.waitingBytes += arrival.body.byteLength;
      // What it writes is many requests': it has a patience of its own.
      if (!this.writing) void withPatience(undefined, () => this.drain());
    });
  }

  /** One that is being written may be stored all the same: then its sender's repeat is a duplicate. */
  private giveUp(late: Waiting): void {
    const at = this.waiting.indexOf(late);
    if (at >= 0) {
      this.waiting.splice(at, 1);
      this.waitingBytes -= late.arrival.body.byteLength;
    }
    late.reject(new ServiceError('database_unavailable', 'the event could not be stored in time'));
  }

  private async drain(): Promise<void> {
    this.writing = true;
    while (this.waiting.length > 0) {
      const batch = this.waiting.splice(0, MAX_BATCH);
      this.waitingBytes -= batch.reduce((sum, { arrival }) => sum + arrival.body.byteLength, 0);
      await this.write(batch);
    }
    this.writing = false;
  }

  private async write(batch: Waiting[]): Promise<void> {
    try {
      failpoint('inbox-writing');
      const stored = await this.store.insertAll(
        this.database,
        batch.map(({ arrival }) => arrival),
      );
      failpoint('inbox-committed');
      this.metrics.inboxBatchSize.observe(batch.length);
      batch.forEach(({ resolve }, index) => resolve(stored[index] ?? 'duplicate'));
    } catch (error) {
      // One event that the database cannot hold must not take its neighbours with it: the batch is halved, down to it.
      const half = Math.ceil(batch.length / 2);
      if (batch.length > 1 && isDataError(error)) {
        await this.write(batch.slice(0, half));
        await this.write(batch.slice(half));
      } else for (const { reject } of batch) reject(error);
    }
  }
}
