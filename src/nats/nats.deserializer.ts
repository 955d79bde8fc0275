import {
  type ConsumerDeserializer,
  type IncomingEvent,
  type IncomingRequest,
  IncomingRequestDeserializer,
} from '@nestjs/microservices';
import { ServiceError } from '../kernel/errors.js';

interface MessageOptions {
  channel: string;
  replyTo?: string;
}

/**
 * Reads Nest's envelope, and a body without one. Nest takes a message without an `id` for an event and never
 * answers it; a caller that left a reply subject is waiting, so the reply subject stands in for the id.
 */
export class NatsDeserializer implements ConsumerDeserializer {
  private readonly envelope = new IncomingRequestDeserializer();
  private readonly packets = new WeakMap<object, IncomingRequest | IncomingEvent>();

  /** @param isEvent whether a subject's handler is an event handler: those are never answered */
  constructor(private readonly isEvent: (channel: string) => boolean) {}

  /** @throws ServiceError `invalid_request` when the message is not JSON */
  async deserialize(
    message: { json: () => unknown },
    options: MessageOptions,
  ): Promise<IncomingRequest | IncomingEvent> {
    const packet = await this.envelope.deserialize(jsonOf(message), options);
    const awaited = Boolean(options.replyTo) && !this.isEvent(options.channel);
    const answerable =
      !awaited || ('id' in packet && packet.id !== undefined) ? packet : { ...packet, id: options.replyTo };
    this.packets.set(message, answerable);
    return answerable;
  }

  /** What a message was read as: the very object that its handler gets. */
  of(message: object): IncomingRequest | IncomingEvent | undefined {
    return this.packets.get(message);
  }
}

function jsonOf(message: { json: () => unknown }): unknown {
  try {
    return message.json();
  } catch (error) {
    throw new ServiceError(
      'invalid_request',
      'the message is not JSON',
      [{ field: '', rule: 'must be JSON' }],
      {
        cause: error,
      },
    );
  }
}
