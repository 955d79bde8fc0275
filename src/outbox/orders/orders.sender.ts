import { Injectable } from '@nestjs/common';
import { createInbox, InvalidArgumentError, type NatsConnection as Nats } from '@nats-io/transport-node';
import { NatsSettings, OrdersSettings, ServiceSettings } from '../../config/settings.js';
import { failpoint } from '../../kernel/failpoint.js';
import { within } from '../../kernel/clock.js';
import { NatsConnection, unlessInterrupted } from '../../nats/nats.connection.js';
import { Metrics } from '../../ops/metrics.js';
import { describeError } from '../../kernel/errors.js';
import { withSoundReceipt } from '../event.envelope.js';
import { inOrdersWords } from './orders.wording.js';
import type { OutboxMessage } from '../outbox.message.js';

const FLUSH_TIMEOUT_MS = 3_000;
const NO_RESPONDERS = 503;

export type SendOutcome =
  /** A subscriber was there when it went out. */
  | { kind: 'sent' }
  /** Nobody listens: it certainly did not arrive. */
  | { kind: 'unheard'; reason: string }
  /** There was no connection: the same. */
  | { kind: 'unsent'; reason: string }
  /** It may have arrived. */
  | { kind: 'in_doubt'; reason: string }
  | { kind: 'unpublishable'; reason: string };

/**
 * Sends core NATS messages and learns whether anybody was there to receive them: each carries a reply
 * subject, and a broker without a subscriber answers 503 on it before it answers the flush.
 */
@Injectable()
export class OrdersSender {
  constructor(
    private readonly nats: NatsConnection,
    private readonly metrics: Metrics,
    private readonly settings: NatsSettings,
    private readonly orders: OrdersSettings,
    private readonly service: ServiceSettings,
  ) {}

  /** @returns the outcomes, in the order of the messages */
  async send(messages: readonly OutboxMessage[]): Promise<SendOutcome[]> {
    const nats = this.nats.current();
    if (nats === undefined) return messages.map(() => ({ kind: 'unsent', reason: 'not connected to NATS' }));
    const inbox = createInbox(this.settings.inboxPrefix);
    const unheard = new Set<string>();
    const replies = nats.subscribe(`${inbox}.*`, {
      callback: (error, reply) => {
        if (error === null && reply.headers?.code === NO_RESPONDERS) unheard.add(reply.subject);
      },
    });
    try {
      const outcomes = messages.map((message, index) =>
        this.publish(nats, withSoundReceipt(message, this.service.publicUrl), `${inbox}.${index}`),
      );
      const doubt = await this.flush(nats);
      failpoint('orders-published');
      return outcomes.map((outcome, index) => {
        if (outcome !== undefined) return outcome;
        if (unheard.has(`${inbox}.${index}`))
          return { kind: 'unheard', reason: 'no orders service is subscribed' };
        if (doubt !== undefined) return { kind: 'in_doubt', reason: doubt };
        this.metrics.outboxPublished.inc({ channel: 'orders' });
        return { kind: 'sent' };
      });
    } finally {
      replies.unsubscribe();
    }
  }

  private publish(nats: Nats, message: OutboxMessage, reply: string): SendOutcome | undefined {
    let worded;
    try {
      worded = inOrdersWords(message, this.orders);
    } catch (error) {
      return { kind: 'unpublishable', reason: describeError(error) };
    }
    try {
      nats.publish(worded.subject, worded.body, { reply });
      return undefined;
    } catch (error) {
      const reason = describeError(error);
      return { kind: error instanceof InvalidArgumentError ? 'unpublishable' : 'unsent', reason };
    }
  }

  /** Undefined once the broker has handled everything that was published before; otherwise why not. */
  private async flush(nats: Nats): Promise<string | undefined> {
    try {
      const flushed = unlessInterrupted(nats.flush(), this.nats.interrupted());
      await within(FLUSH_TIMEOUT_MS, flushed, 'the broker did not answer in time');
      return undefined;
    } catch (error) {
      return describeError(error);
    }
  }
}
