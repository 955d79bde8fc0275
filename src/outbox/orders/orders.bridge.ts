import { Injectable, Logger } from '@nestjs/common';
import { PollLoop } from '../../kernel/poll.loop.js';
import { describeError } from '../../kernel/errors.js';
import { FIRST_LOOK_MS } from './orders.decision.js';
import { NOT_CONFIRMABLE, OrdersFollowUp } from './orders.follow-up.js';
import { OrdersSender, type SendOutcome } from './orders.sender.js';
import { OrdersStore } from './orders.store.js';
import type { ClaimedMessage } from '../outbox.message.js';
import { OutboxStore } from '../outbox.store.js';
import { StreamGuard } from '../stream/stream.guard.js';

const BATCH = 50;
const IDLE_MS = 1_000;
/** With the idle time: an orders service that subscribes gets what waits for it within 3 s. */
const UNSENT_DELAY_MS = 2_000;
/** Time for an orders service to act on a message that may have reached it, before it is asked. */
const DOUBT_DELAY_MS = 5_000;
/** What a batch takes besides the lookups. */
const LEASE_MARGIN_MS = 10_000;

/**
 * Carries the one message that unmodified orders services understand. Core NATS keeps and acknowledges
 * nothing, so a message is held back while nobody listens, and its order is looked up afterwards:
 *
 *     pending ─► (in flight) ─► sent ─► published
 *        ▲           │           │        the order is paid, or nobody can be asked (ORDERS_FIND_SUBJECT=none)
 *        └───────────┴───────────┘        nobody listened, or the order is not paid: once more
 *                                ─► dead         there is no such order, said twice and hours apart
 *        (in flight) | sent ─► unconfirmed       nobody can say: never sent again by itself
 *
 * How long is asked and sent, and when it ends how, is in orders.decision.
 *
 * A message that is claimed while it is in flight was left there by a crash or a lost connection: nobody
 * knows whether it arrived, so the order is looked up before anything else.
 */
@Injectable()
export class OrdersBridge {
  private readonly logger = new Logger('OrdersBridge');
  private readonly loop = new PollLoop(() => this.runOnce(), {
    idleMs: IDLE_MS,
    failureMs: IDLE_MS,
    onError: (error) => this.logger.error(describeError(error)),
  });

  constructor(
    private readonly guard: StreamGuard,
    private readonly outbox: OutboxStore,
    private readonly store: OrdersStore,
    private readonly sender: OrdersSender,
    private readonly followUp: OrdersFollowUp,
  ) {}

  start(): void {
    this.store.reopenTrusted().catch((error: unknown) => this.logger.error(describeError(error)));
    this.loop.start();
  }

  /** Something was committed to the outbox, or NATS is back. */
  wake(): void {
    this.loop.wake();
  }

  /** Lets the batch under way finish. */
  stop(): Promise<void> {
    return this.loop.stop();
  }

  /** For health: why nothing is sent at present, if so. */
  hold(): string | undefined {
    return this.guard.legacyHold();
  }

  /** Sends or looks up one batch. @returns how many were claimed */
  async runOnce(): Promise<number> {
    if (this.hold() !== undefined) return 0;
    const leaseMs = this.followUp.timeoutMs + LEASE_MARGIN_MS;
    const batch = await this.outbox.claimBatch('orders', BATCH, leaseMs);
    const toSend = batch.filter((message) => message.state === 'pending' && !message.inFlight);
    const toAsk = batch.filter((message) => !toSend.includes(message));
    await Promise.all([this.send(toSend), ...toAsk.map((message) => this.followUp.ask(message))]);
    return batch.length;
  }

  private async send(messages: readonly ClaimedMessage[]): Promise<void> {
    const ours = await this.store.markInFlight(messages);
    if (ours.length === 0) return;
    const outcomes = await this.sender.send(ours);
    await Promise.all(ours.map((message, index) => this.record(message, outcomes[index])));
  }

  private async record(message: ClaimedMessage, outcome: SendOutcome | undefined): Promise<void> {
    switch (outcome?.kind) {
      case 'sent':
        if (this.followUp.canAsk) await this.store.markSent(message, FIRST_LOOK_MS);
        else await this.store.markDone(message, NOT_CONFIRMABLE);
        return;
      case 'unsent':
        await this.store.markUnsent(message, UNSENT_DELAY_MS, outcome.reason);
        return;
      case 'unpublishable':
        await this.outbox.markDead(message, outcome.reason);
        this.logger.error(
          `message ${message.id} for order ${message.orderId} is a dead letter: ${outcome.reason}`,
        );
        return;
      default:
        await this.store.markDoubtful(message, DOUBT_DELAY_MS, outcome?.reason ?? 'no outcome');
    }
  }
}
