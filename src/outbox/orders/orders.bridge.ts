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
/** Between probes while nobody listens. With the idle time: who subscribes gets what waits within 3 s. */
const PROBE_MS = 1_500;
/** After a connection that was lost while a message was handed over. */
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
 * While the broker says that nobody listens, only one message at a time goes out, to find out whether somebody does
 * again: what waits is not touched.
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
  /** When the next probe may go out; undefined unless the last messages met nobody. */
  private probeAt: number | undefined;

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
    const isProbe = this.probeAt !== undefined;
    if (this.probeAt !== undefined && performance.now() < this.probeAt) return 0;
    const leaseMs = this.followUp.timeoutMs + LEASE_MARGIN_MS;
    const batch = await this.outbox.claimBatch('orders', BATCH, leaseMs, isProbe);
    const toSend = batch.filter((message) => message.state === 'pending' && !message.inFlight);
    const toAsk = batch.filter((message) => !toSend.includes(message));
    // Nothing waits that could tell.
    if (toSend.length === 0) this.probeAt = undefined;
    await Promise.all([this.send(toSend), this.followUp.ask(toAsk)]);
    return batch.length;
  }

  private async send(messages: readonly ClaimedMessage[]): Promise<void> {
    const ours = await this.store.markInFlight(messages);
    if (ours.length === 0) return;
    const outcomes = await this.sender.send(ours);
    const remarks = ours.map(({ id, attempts, orderId }, index) => {
      const outcome: SendOutcome = outcomes[index] ?? { kind: 'in_doubt', reason: 'no outcome' };
      return { id, attempts, orderId, kind: outcome.kind, reason: 'reason' in outcome ? outcome.reason : '' };
    });
    const are = (kind: SendOutcome['kind']) => remarks.filter((remark) => remark.kind === kind);
    const due = (kind: SendOutcome['kind'], delayMs: number) =>
      are(kind).map((remark) => ({ ...remark, delayMs }));
    const [sent, unheard, unpublishable] = [are('sent'), due('unheard', 0), are('unpublishable')];
    if (sent.length > 0) this.probeAt = undefined;
    else if (unheard.length > 0) this.probeAt = performance.now() + PROBE_MS;
    const [buried] = await Promise.all([
      this.outbox.markDead(unpublishable),
      this.followUp.canAsk
        ? this.store.markSent(sent, FIRST_LOOK_MS)
        : this.store.markDone(sent, NOT_CONFIRMABLE),
      this.store.markUnsent([...unheard, ...due('unsent', UNSENT_DELAY_MS)]),
      this.store.markDoubtful(due('in_doubt', DOUBT_DELAY_MS)),
    ]);
    for (const { id, orderId, reason } of unpublishable) {
      if (buried.has(id)) this.logger.error(`message ${id} for order ${orderId} is a dead letter: ${reason}`);
    }
  }
}
