import { Injectable, Logger } from '@nestjs/common';
import { JetStreamApiError } from '@nats-io/jetstream';
import { headers, InvalidArgumentError, type NatsConnection as Nats } from '@nats-io/transport-node';
import { NatsSettings } from '../../config/settings.js';
import { NatsConnection } from '../../nats/nats.connection.js';
import type { OutboxMessage } from '../outbox.message.js';
import { type PubAck, PubAcks } from './pub.acks.js';
import { STREAM } from './stream.config.js';
import { StreamGuard, type StreamStatus } from './stream.guard.js';

/** JetStream's own number for "message size exceeds maximum allowed". */
const MESSAGE_TOO_LARGE = 10054;
const LARGER_NOW = 'the broker takes larger messages than when we connected: connecting again';
const MESSAGE_ID = 'Nats-Msg-Id';
const SUBJECT = /^payments\.events(\.[\w-]+)+$/;

/** The message itself is at fault: it can never be published, and must not hold up the others. */
export class UnpublishableMessage extends Error {
  override readonly name = 'UnpublishableMessage';
}

/** Publishes to the stream, under the message's own id, so that what is tried twice is stored once. */
@Injectable()
export class JetStreamPublisher {
  private readonly logger = new Logger('JetStream');
  private acks: PubAcks | undefined;

  constructor(
    private readonly nats: NatsConnection,
    private readonly guard: StreamGuard,
    private readonly settings: NatsSettings,
  ) {}

  /** For health: whether events can leave, and if not why and what to do. */
  status(): StreamStatus {
    return this.guard.status();
  }

  /**
   * Sends at once and resolves with the stream's sequence number when the stream has stored the message.
   * @throws UnpublishableMessage
   * @throws Error when no acknowledgement came in time: it may be stored all the same
   */
  async publish(message: OutboxMessage, timeoutMs: number): Promise<number> {
    const nats = this.nats.current();
    if (nats === undefined) throw new Error('not connected to NATS');
    if (!SUBJECT.test(message.subject)) throw new UnpublishableMessage(`subject ${message.subject}`);
    try {
      const { seq, stream } = await this.send(nats, message, timeoutMs);
      if (stream !== STREAM) throw new Error(`stored by stream ${stream}, not by ${STREAM}`);
      return seq;
    } catch (error) {
      if (isAtFault(error)) {
        if (await this.nats.outgrewItsLimits()) throw new Error(LARGER_NOW, { cause: error });
        throw new UnpublishableMessage(error.message, { cause: error });
      }
      this.guard.recheck();
      throw error;
    }
  }

  /** Resolves when the broker has read what was sent before, or when there is nobody to read it. */
  async flushed(): Promise<void> {
    try {
      await this.nats.current()?.flush();
    } catch (error) {
      // The acknowledgements, which then do not come, say what matters.
      this.logger.debug(error);
    }
  }

  private send(nats: Nats, { id, ...message }: OutboxMessage, timeoutMs: number): Promise<PubAck> {
    const attributes = headers();
    for (const [name, value] of Object.entries(message.headers)) attributes.append(name, value);
    if (message.headers[MESSAGE_ID] !== id) attributes.set(MESSAGE_ID, id);
    return this.acksOf(nats).publish(message.subject, message.body, attributes, timeoutMs);
  }

  private acksOf(nats: Nats): PubAcks {
    const connected = this.nats.interrupted();
    if (this.acks?.connected !== connected || !this.acks.isUsable()) {
      this.acks = new PubAcks(nats, connected, this.settings.inboxPrefix);
    }
    return this.acks;
  }
}

function isAtFault(error: unknown): error is Error {
  if (error instanceof JetStreamApiError) return error.code === MESSAGE_TOO_LARGE;
  return error instanceof InvalidArgumentError;
}
