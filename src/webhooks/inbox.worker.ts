import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Database } from '../database/database.js';
import { isDatabaseUnavailable } from '../database/sql.errors.js';
import { describeError } from '../kernel/errors.js';
import { PollLoop } from '../kernel/poll.loop.js';
import { OutboxSignal } from '../outbox/outbox.signal.js';
import { ProviderError } from '../providers/provider.errors.js';
import { EventOwners } from './event.owners.js';
import { type EventOutcome, EventProcessor } from './event.processor.js';
import { type ClaimedEvent, InboxStore } from './inbox.store.js';

/** Also how many are worked on at once: the pool keeps connections for those who wait for an answer. */
const BATCH = 10;
/** Longer than an event takes with its reads; one that a crash left behind waits for no longer than this. */
const LEASE_MS = 30_000;
const IDLE_MS = 500;
const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 5 * 60_000;
/** No event is given up before so many failures of its own. */
const MIN_FAILURES = 8;
/** An error of ours is mended by a release, or by whoever looks after the database: that takes days. */
const OUR_ERROR_FOR_S = 3 * 24 * 3_600;
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
    private readonly signal: OutboxSignal,
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
    const outcomes = await this.processor.process(rows);
    if (outcomes.some(({ kind }) => kind === 'finished')) this.signal.wake();
    await Promise.all(rows.map((row, index) => this.record(row, outcomes[index])));
    return rows.length;
  }

  private async record(row: ClaimedEvent, outcome: EventOutcome | undefined): Promise<void> {
    if (outcome?.kind === 'finished') await this.succeeded(row);
    else if (outcome?.kind === 'parked') await this.park(row, outcome.reason);
    else if (outcome?.kind === 'failed') await this.failed(row, outcome.error);
  }

  private async succeeded({ failures, lastError }: ClaimedEvent): Promise<void> {
    if (failures === 0 || lastError === null) return;
    await this.inbox.hurryAlike(this.database.db, lastError);
    this.wake();
  }

  private async park(row: ClaimedEvent, reason: string): Promise<void> {
    const age = row.waitedSeconds;
    if (age > PARKED_FOR_S) {
      this.logger.error(`event ${row.eventId} (${row.type}) waited a day for nothing: ${reason}`);
      await this.inbox.finish(this.database.db, [{ row, state: 'dead', outcome: `gave up: ${reason}` }]);
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

  private async failed(row: ClaimedEvent, error: unknown): Promise<void> {
    const reason = describeError(error);
    const told = `event ${row.eventId} (${row.type})`;
    try {
      const ownFault = !isPassing(error);
      if (ownFault && row.failures + 1 >= MIN_FAILURES) {
        if (await this.isHopeless(row, error, reason)) {
          this.logger.error(`${told} is dead after ${row.failures + 1} failures: ${reason}`);
          await this.inbox.finish(this.database.db, [{ row, state: 'dead', outcome: reason }]);
          return;
        }
        this.logger.error(`${told} has failed ${row.failures + 1} times and is tried again: ${reason}`);
      } else this.logger.warn(`${told} failed, attempt ${row.attempts}: ${reason}`);
      const delayMs = Math.max(delayFor(ownFault ? row.failures + 1 : row.attempts), wishedBy(error));
      await this.inbox.putOff(this.database.db, row, { state: 'received', reason, delayMs, ownFault });
    } catch (second) {
      // The lease runs out by itself, and the event is claimed again.
      this.logger.error(`event ${row.eventId} could not be put off: ${describeError(second)}`);
    }
  }

  /**
   * Whether this event alone is at fault: others of its provider were applied meanwhile, and none fails as it does.
   * A provider's refusal is about the object of the event, so only its own type counts there; an error of ours gets
   * the time in which we mend it.
   */
  private async isHopeless(row: ClaimedEvent, error: unknown, reason: string): Promise<boolean> {
    const failure = await this.inbox.failureOf(this.database.db, row, reason);
    if (!failure.othersApplied) return false;
    if (error instanceof ProviderError) return failure.alikeOfType === 0;
    return failure.alike === 0 && failure.forSeconds > OUR_ERROR_FOR_S;
  }
}

/** Not the event's fault: worth trying for as long as it takes. */
function isPassing(error: unknown): boolean {
  if (error instanceof ProviderError) return error.isPassing;
  return isDatabaseUnavailable(error);
}

/** Milliseconds for which the provider wants to be left alone; 0 where it has not said. */
function wishedBy(error: unknown): number {
  return error instanceof ProviderError ? (error.details.retryAfterMs ?? 0) : 0;
}

function delayFor(attempts: number): number {
  return Math.min(FIRST_DELAY_MS * 2 ** Math.max(attempts - 1, 0), LONGEST_DELAY_MS);
}
