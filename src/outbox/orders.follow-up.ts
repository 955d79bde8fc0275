import { Injectable, Logger } from '@nestjs/common';
import { NatsConnection } from '../nats/nats.connection.js';
import { judgeOrder, type OrderVerdict } from './order.verdict.js';
import { OrdersLookup } from './orders.lookup.js';
import { OrdersStore } from './orders.store.js';
import type { ClaimedMessage } from './outbox.message.js';
import { OutboxStore } from './outbox.store.js';

const MOST_SENDS = 5;
/** The second look, 10 minutes after the send; the first was after one. */
const SECOND_CHECK_MS = 9 * 60_000;
/** Between lookups of a message in doubt: about 10 minutes in all. */
const DOUBT_DELAYS_MS = [5_000, 10_000, 20_000, 40_000, 80_000, 160_000, 285_000];
/** A broker that just came back may be delivering the message that we are about to ask about. */
const SETTLE_MS = 3_000;

/** Asks what became of a message that went out, and decides by the answer. */
@Injectable()
export class OrdersFollowUp {
  private readonly logger = new Logger('OrdersBridge');
  readonly timeoutMs: number;

  constructor(
    private readonly nats: NatsConnection,
    private readonly lookup: OrdersLookup,
    private readonly outbox: OutboxStore,
    private readonly store: OrdersStore,
  ) {
    this.timeoutMs = lookup.timeoutMs;
  }

  async ask(message: ClaimedMessage): Promise<void> {
    if (message.inFlight && this.nats.connectedFor() < SETTLE_MS) {
      await this.store.markDoubtful(message, SETTLE_MS, 'waiting for the broker to settle');
      return;
    }
    if (message.orderId === null) return this.bury(message, 'it names no order');
    await this.decide(message, judgeOrder(await this.lookup.find(message.orderId)));
  }

  private async decide(message: ClaimedMessage, verdict: OrderVerdict): Promise<void> {
    switch (verdict.kind) {
      case 'paid':
        await this.store.markDone(message);
        return;
      case 'unpaid':
        return this.resend(message);
      case 'unknown_order':
        return this.bury(message, verdict.reason);
      case 'unanswered':
        return message.inFlight ? this.doubt(message, verdict.reason) : this.trust(message, verdict.reason);
    }
  }

  private async resend(message: ClaimedMessage): Promise<void> {
    const sends = message.sends + (message.inFlight ? 1 : 0);
    if (sends >= MOST_SENDS) return this.bury(message, `sent ${sends} times, and the order is not paid`);
    await this.store.markForResend(message, 'the order is not paid');
  }

  /** A clean send to a service that answers no lookups: nothing more can be known, and nothing is wrong. */
  private async trust(message: ClaimedMessage, reason: string): Promise<void> {
    if (message.checks === 0) await this.store.markUnanswered(message, SECOND_CHECK_MS, reason);
    else await this.store.markDone(message, 'delivered, not confirmed');
  }

  private async doubt(message: ClaimedMessage, reason: string): Promise<void> {
    const delayMs = DOUBT_DELAYS_MS[message.checks];
    if (delayMs !== undefined) {
      await this.store.markUnanswered(message, delayMs, reason);
      return;
    }
    if (!(await this.store.markUnconfirmed(message, reason))) return;
    this.logger.error(
      `nobody can say whether order ${message.orderId} was told of its payment (message ${message.id}): ${reason}; ` +
        'it is not sent again unless an operator republishes it',
    );
  }

  private async bury(message: ClaimedMessage, reason: string): Promise<void> {
    if (!(await this.outbox.markDead(message, reason))) return;
    this.logger.error(`message ${message.id} for order ${message.orderId} is a dead letter: ${reason}`);
  }
}
