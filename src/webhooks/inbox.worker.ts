import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Database } from '../database/database.js';
import { describeError, isDatabaseUnavailable } from '../database/sql.errors.js';
import { PollLoop } from '../kernel/poll.loop.js';
import { ProviderError } from '../providers/provider.errors.js';
import { EventOwners } from './event.owners.js';
import { EventProcessor, LostClaim } from './event.processor.js';
import { InboxStore } from './inbox.store.js';
import type { InboxRow } from './inbox.tables.js';

/** Also how many are worked on at once: the pool keeps connections for those who wait for an answer. */
const BATCH = 10;
/** Longer than an event takes with its reads; one that a crash left behind waits for no longer than this. */
const LEASE_MS = 30_000;
const IDLE_MS = 500;
const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 5 * 60_000;
/** An event that fails this often without the provider or the database being at fault is for the operator. */
const MAX_FAILURES = 8;
const PARKED_ALERT_AFTER_S = 5 * 60;
const PARKED_FOR_S = 24 * 3_600;

/** Works the inbox off: claims a batch, processes each event, puts off what cannot be done yet. */
@Injectable()
export class InboxWorker implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(InboxWorker.name);
  private readonly loop: PollLoop;

  constructor(
    private readonly database: Database,
    private readonly inbox: InboxStore,
    private readonly processor: EventProcessor,
    private readonly owners: EventOwners,
  ) {
    this.loop = new PollLoop(() => this.runOnce(), {
      idleMs: IDLE_MS,
      failureMs: 2_000,
      onError: (error) => this.logger.error(`the inbox cannot be read: ${describeError(error)}`),
    });
  }

  onApplicationBootstrap(): void {
    this.loop.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.loop.stop();
  }

  wake(): void {
    this.loop.wake();
  }

  /** One batch. Returns how many events it took. */
  async runOnce(): Promise<number> {
    await this.owners.decideDue();
    const rows = await this.inbox.claimBatch(this.database.db, BATCH, LEASE_MS);
    await Promise.all(rows.map((row) => this.handle(row)));
    return rows.length;
  }

  private async handle(row: InboxRow): Promise<void> {
    try {
      const outcome = await this.processor.process(row);
      if (outcome.kind === 'parked') await this.park(row, outcome.reason);
    } catch (error) {
      if (error instanceof LostClaim) return;
      await this.failed(row, error);
    }
  }

  private async park(row: InboxRow, reason: string): Promise<void> {
    const age = await this.inbox.ageOf(this.database.db, row);
    if (age > PARKED_FOR_S) {
      this.logger.error(`event ${row.eventId} (${row.type}) waited a day for nothing: ${reason}`);
      await this.inbox.finish(this.database.db, row, 'dead', `gave up: ${reason}`);
      return;
    }
    if (age > PARKED_ALERT_AFTER_S)
      this.logger.warn(`event ${row.eventId} (${row.type}) still waits: ${reason}`);
    await this.inbox.putOff(this.database.db, row, {
      state: 'parked',
      reason,
      delayMs: delayFor(row.attempts),
    });
  }

  private async failed(row: InboxRow, error: unknown): Promise<void> {
    const reason = describeError(error);
    try {
      const ownFault = !isPassing(error);
      if (ownFault && row.failures + 1 >= MAX_FAILURES) {
        this.logger.error(
          `event ${row.eventId} (${row.type}) is dead after ${MAX_FAILURES} failures: ${reason}`,
        );
        await this.inbox.finish(this.database.db, row, 'dead', reason);
        return;
      }
      this.logger.warn(`event ${row.eventId} (${row.type}) failed, attempt ${row.attempts}: ${reason}`);
      const delayMs = retryAfter(error) ?? delayFor(row.attempts);
      await this.inbox.putOff(this.database.db, row, { state: 'received', reason, delayMs, ownFault });
    } catch (second) {
      // The lease runs out by itself, and the event is claimed again.
      this.logger.error(`event ${row.eventId} could not be put off: ${describeError(second)}`);
    }
  }
}

/** Not the event's fault: worth trying for as long as it takes. */
function isPassing(error: unknown): boolean {
  if (error instanceof ProviderError) return error.retryable || error.kind === 'authentication';
  return isDatabaseUnavailable(error);
}

function retryAfter(error: unknown): number | undefined {
  return error instanceof ProviderError ? error.details.retryAfterMs : undefined;
}

function delayFor(attempts: number): number {
  return Math.min(FIRST_DELAY_MS * 2 ** Math.max(attempts - 1, 0), LONGEST_DELAY_MS);
}
