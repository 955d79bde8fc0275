import { Injectable, Logger } from '@nestjs/common';
import { ServiceSettings } from '../../config/settings.js';
import { failpoint } from '../../kernel/failpoint.js';
import { PollLoop } from '../../kernel/poll.loop.js';
import { describeError } from '../../kernel/errors.js';
import { Metrics } from '../../ops/metrics.js';
import { withSoundReceipt } from '../event.envelope.js';
import { JetStreamPublisher, UnpublishableMessage } from './jetstream.publisher.js';
import type { Acknowledgement, ClaimedMessage, Release, Remark } from '../outbox.message.js';
import { OutboxStore } from '../outbox.store.js';
import { StreamGuard } from './stream.guard.js';

const BATCH = 200;
/** Batches on their way: while one waits for its acknowledgements the next is claimed. */
const WINDOW = 3;
const PUBLISH_TIMEOUT_MS = 4_000;
/** Longer than a batch takes; a relay that is gone holds its messages up for no longer than this. */
const LEASE_MS = 10_000;
const IDLE_MS = 1_000;
const FIRST_DELAY_MS = 250;
const LONGEST_DELAY_MS = 10_000;

type Outcome =
  | ({ kind: 'acknowledged' } & Acknowledgement)
  | ({ kind: 'failed' } & Release)
  | ({ kind: 'unpublishable'; subject: string } & Remark);

/** Carries the outbox's stream messages to JetStream: each is marked published only after its PubAck. */
@Injectable()
export class OutboxRelay {
  private readonly logger = new Logger('Outbox');
  private readonly loop = new PollLoop(() => this.runOnce(), {
    idleMs: IDLE_MS,
    failureMs: IDLE_MS,
    onError: (error) => this.logger.error(describeError(error)),
  });
  private readonly underWay = new Set<Promise<void>>();
  private streamIsBack = false;
  /** The stream took nothing of the last batch: one message at a time asks whether it takes any again. */
  private isRefused = false;

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

  /** Lets the batches under way finish. */
  async stop(): Promise<void> {
    await this.loop.stop();
    await Promise.all(this.underWay);
  }

  /** Publishes one batch. While the stream is not ready nothing is claimed. @returns how many were tried */
  async runOnce(): Promise<number> {
    if (!this.guard.status().ready) return 0;
    if (this.streamIsBack) {
      this.streamIsBack = false;
      this.isRefused = false;
      await this.store.hurry('stream');
    }
    const batch = await this.store.claimBatch('stream', this.isRefused ? 1 : BATCH, LEASE_MS);
    if (batch.length > 0) {
      failpoint('outbox-claimed');
      const carried: Promise<void> = this.carry(batch).finally(() => this.underWay.delete(carried));
      this.underWay.add(carried);
    }
    const tried = batch.length + this.underWay.size;
    // A full batch says that more waits. What follows in a key is given out only once the batch before is marked.
    if (batch.length < BATCH) await Promise.all(this.underWay);
    else if (this.underWay.size >= WINDOW) await Promise.race(this.underWay);
    return this.isRefused ? 0 : tried;
  }

  /** Never rejects: what could not be marked is tried again when its lease ends. */
  private async carry(batch: readonly ClaimedMessage[]): Promise<void> {
    try {
      const outcomes = Promise.all(batch.map((message) => this.attempt(message)));
      await Promise.race([outcomes, this.publisher.flushed()]);
      failpoint('event-published');
      const settled = await outcomes;
      failpoint('event-acknowledged');
      await this.record(settled);
    } catch (error) {
      this.logger.error(describeError(error));
    }
  }

  private async attempt(message: ClaimedMessage): Promise<Outcome> {
    const { id, attempts } = message;
    try {
      const sound = withSoundReceipt(message, this.service.publicUrl);
      const streamSeq = await this.publisher.publish(sound, PUBLISH_TIMEOUT_MS);
      return { kind: 'acknowledged', id, attempts, streamSeq };
    } catch (error) {
      const reason = describeError(error);
      if (error instanceof UnpublishableMessage) {
        return { kind: 'unpublishable', id, attempts, subject: message.subject, reason };
      }
      return { kind: 'failed', id, attempts, delayMs: retryDelayMs(attempts), reason };
    }
  }

  private async record(outcomes: readonly Outcome[]): Promise<void> {
    const acknowledged = outcomes.filter((outcome) => outcome.kind === 'acknowledged');
    const failed = outcomes.filter((outcome) => outcome.kind === 'failed');
    const unpublishable = outcomes.filter((outcome) => outcome.kind === 'unpublishable');
    this.isRefused = acknowledged.length === 0 && failed.length > 0;
    const marked = await this.store.markPublished(acknowledged);
    this.metrics.outboxPublished.inc({ channel: 'stream' }, marked.size);
    await this.store.release(failed);
    const buried = await this.store.markDead(unpublishable);
    for (const { id, subject, reason } of unpublishable) {
      if (buried.has(id)) this.logger.error(`event ${id} (${subject}) is a dead letter: ${reason}`);
    }
    if (failed[0] !== undefined) {
      this.logger.warn(`${failed.length} of ${outcomes.length} events not published: ${failed[0].reason}`);
    }
  }
}

function retryDelayMs(attempts: number): number {
  return Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.min(attempts - 1, 10));
}
