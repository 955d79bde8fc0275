import { Injectable, Logger } from '@nestjs/common';
import { ServiceSettings } from '../../config/settings.js';
import { failpoint } from '../../kernel/failpoint.js';
import { PollLoop } from '../../kernel/poll.loop.js';
import { describeError } from '../../kernel/errors.js';
import { Metrics } from '../../ops/metrics.js';
import { withSoundReceipt } from '../event.envelope.js';
import { JetStreamPublisher, UnpublishableMessage } from './jetstream.publisher.js';
import type { Acknowledgement, ClaimedMessage, Release } from '../outbox.message.js';
import { OutboxStore } from '../outbox.store.js';
import { StreamGuard } from './stream.guard.js';

const BATCH = 200;
const PUBLISH_TIMEOUT_MS = 4_000;
/** Longer than a batch takes; a relay that is gone holds its messages up for no longer than this. */
const LEASE_MS = 10_000;
const IDLE_MS = 1_000;
const FIRST_DELAY_MS = 250;
const LONGEST_DELAY_MS = 10_000;

type Outcome =
  | ({ kind: 'acknowledged' } & Acknowledgement)
  | ({ kind: 'failed' } & Release)
  | { kind: 'unpublishable'; message: ClaimedMessage; reason: string };

/** Carries the outbox's stream messages to JetStream: each is marked published only after its PubAck. */
@Injectable()
export class OutboxRelay {
  private readonly logger = new Logger('Outbox');
  private readonly loop = new PollLoop(() => this.runOnce(), {
    idleMs: IDLE_MS,
    failureMs: IDLE_MS,
    onError: (error) => this.logger.error(describeError(error)),
  });
  private streamIsBack = false;

  constructor(
    private readonly store: OutboxStore,
    private readonly publisher: JetStreamPublisher,
    private readonly guard: StreamGuard,
    private readonly metrics: Metrics,
    private readonly service: ServiceSettings,
  ) {}

  start(): void {
    this.guard.onReady(() => {
      this.streamIsBack = true;
      this.wake();
    });
    this.loop.start();
  }

  /** Something was committed to the outbox. */
  wake(): void {
    this.loop.wake();
  }

  /** Lets the batch under way finish. */
  stop(): Promise<void> {
    return this.loop.stop();
  }

  /** Publishes one batch. While the stream is not ready nothing is claimed. @returns how many were tried */
  async runOnce(): Promise<number> {
    if (!this.guard.status().ready) return 0;
    if (this.streamIsBack) {
      this.streamIsBack = false;
      await this.store.hurry('stream');
    }
    const batch = await this.store.claimBatch('stream', BATCH, LEASE_MS);
    if (batch.length === 0) return 0;
    failpoint('outbox-claimed');
    const outcomes = Promise.all(batch.map((message) => this.attempt(message)));
    await Promise.race([outcomes, this.publisher.flushed()]);
    failpoint('event-published');
    const settled = await outcomes;
    failpoint('event-acknowledged');
    await this.record(settled);
    return batch.length;
  }

  private async attempt(message: ClaimedMessage): Promise<Outcome> {
    const { id, attempts } = message;
    try {
      const sound = withSoundReceipt(message, this.service.publicUrl);
      const streamSeq = await this.publisher.publish(sound, PUBLISH_TIMEOUT_MS);
      return { kind: 'acknowledged', id, attempts, streamSeq };
    } catch (error) {
      const reason = describeError(error);
      if (error instanceof UnpublishableMessage) return { kind: 'unpublishable', message, reason };
      return { kind: 'failed', id, attempts, delayMs: retryDelayMs(attempts), error: reason };
    }
  }

  private async record(outcomes: Outcome[]): Promise<void> {
    const failed = outcomes.filter((outcome) => outcome.kind === 'failed');
    const marked = await this.store.markPublished(
      outcomes.filter((outcome) => outcome.kind === 'acknowledged'),
    );
    this.metrics.outboxPublished.inc({ channel: 'stream' }, marked.size);
    await this.store.release(failed);
    for (const outcome of outcomes) {
      if (outcome.kind === 'unpublishable') await this.bury(outcome.message, outcome.reason);
    }
    if (failed[0] !== undefined) {
      this.logger.warn(`${failed.length} of ${outcomes.length} events not published: ${failed[0].error}`);
    }
  }

  private async bury(message: ClaimedMessage, reason: string): Promise<void> {
    if (!(await this.store.markDead(message, reason))) return;
    this.logger.error(`event ${message.id} (${message.subject}) is a dead letter: ${reason}`);
  }
}

function retryDelayMs(attempts: number): number {
  return Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.min(attempts - 1, 10));
}
