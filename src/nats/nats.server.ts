import type { Msg, NatsConnection as Nats, Subscription } from '@nats-io/transport-node';
import {
  type BaseRpcContext,
  type ConsumerDeserializer,
  type IncomingEvent,
  type IncomingRequest,
  IncomingRequestDeserializer,
  type NatsContext,
  ServerNats,
  type WritePacket,
} from '@nestjs/microservices';
import { setTimeout as delay } from 'node:timers/promises';
import type { Observable } from 'rxjs';
import type { NatsSettings, OrdersSettings } from '../config/settings.js';
import { rpcBodyOf, ServiceError } from '../kernel/errors.js';
import { Patience, withPatience } from '../kernel/patience.js';
import { connectUntilAborted, drainAndClose } from './nats.connection.js';

/** One instance of all answers a request: every subscription is in this queue group. */
const QUEUE_GROUP = 'payments';
/** The request that orders services know by many names. */
const SESSION_REQUEST = 'create.payment.session';
/** Where only we speak, or the broker: no caller may name it for its answer. */
const NOT_FOR_REPLIES = /^(payments?\.|\$)/;
/** What an answer's envelope takes beside it. */
const ENVELOPE_BYTES = 512;
const UNSUBSCRIBE_MS = 2_000;
const DRAIN_MS = 20_000;

/**
 * Nest's NATS transport, but: a broker that is away neither ends nor delays the process, every message with a reply
 * subject is answered, a request may have further subjects, a page larger than the broker takes is answered with fewer
 * rows, and a close lets the requests under way finish. Connect it with `inheritAppConfig`.
 */
export class NatsServer extends ServerNats {
  private readonly stopping = new AbortController();
  private readonly taken: Subscription[] = [];
  private readonly requests = new Set<Promise<void>>();
  private client: Nats | undefined;
  private listening: Promise<void> | undefined;
  private onFirstFailure: () => void = () => undefined;

  private readonly packets: NatsDeserializer;
  private readonly asked = new WeakMap<BaseRpcContext, IncomingRequest | IncomingEvent>();

  constructor(
    private readonly settings: NatsSettings,
    private readonly orders: Pick<OrdersSettings, 'requestSubjects' | 'eventSubject'>,
  ) {
    const packets = new NatsDeserializer(
      (channel) => this.getHandlerByPattern(channel)?.isEventHandler === true,
    );
    super({ deserializer: packets });
    this.packets = packets;
  }

  /** Calls back once: when requests are being taken, or when the first attempt to connect has failed. */
  override listen(callback: (error?: unknown) => void): Promise<void> {
    let called = false;
    const callOnce = (error?: unknown): void => {
      if (!called) callback(error);
      called = true;
    };
    this.onFirstFailure = callOnce;
    this.listening = super.listen((error) => callOnce(this.stopping.signal.aborted ? undefined : error));
    return this.listening;
  }

  override async createNatsClient(): Promise<Nats> {
    const { signal } = this.stopping;
    const onFailure = (): void => this.onFirstFailure();
    const client = await connectUntilAborted(this.settings, 'payments-requests', signal, onFailure);
    if (client === undefined) throw new Error('closed before the first connection');
    this.client = client;
    return client;
  }

  override bindEvents(client: Nats): void {
    for (const channel of this.messageHandlers.keys()) this.take(client, channel, channel);
    if (!this.messageHandlers.has(SESSION_REQUEST)) return;
    for (const subject of this.orders.requestSubjects) {
      if (!this.messageHandlers.has(subject)) this.take(client, subject, SESSION_REQUEST);
    }
  }

  /** Takes what comes on the subject for a request of the channel. */
  private take(client: Nats, subject: string, channel: string): void {
    const callback = (error: Error | null, message: Msg): void => {
      if (error) this.logger.error(error.message);
      else void this.handleMessage(channel, message);
    };
    this.taken.push(client.subscribe(subject, { queue: QUEUE_GROUP, callback }));
  }

  override async handleMessage(channel: string, message: Msg): Promise<void> {
    const { reply = '' } = message;
    if (NOT_FOR_REPLIES.test(reply) || reply === this.orders.eventSubject) {
      this.logger.warn(`a request on ${channel} wanted its answer on ${reply}: ignored`);
      return;
    }
    try {
      await super.handleMessage(channel, message);
    } catch (error) {
      if (!(error instanceof ServiceError)) this.logger.error(error);
      if (reply !== '') message.respond(JSON.stringify({ err: bodyOf(error), isDisposed: true }));
    }
  }

  protected override handleRequest(
    context: BaseRpcContext,
    produce: () => Promise<Observable<unknown>>,
    respond: (packet: WritePacket) => Promise<unknown> | void,
  ): void {
    const patience = new Patience();
    let ended: () => void = () => undefined;
    const request = new Promise<void>((resolve) => (ended = resolve));
    this.requests.add(request);
    const finish = (): void => {
      patience.end();
      ended();
      this.requests.delete(request);
    };
    const produceOrFinish = async (): Promise<Observable<unknown>> => {
      try {
        return await withPatience(patience, produce);
      } catch (error) {
        finish();
        throw error;
      }
    };
    const answer = (packet: WritePacket): Promise<unknown> | void => {
      let askedAgain = false;
      try {
        return respond(packet);
      } catch (error) {
        // The client refuses to send what is larger than the broker said that it takes.
        askedAgain = this.asksForFewer(context, packet);
        if (askedAgain) return super.handleRequest(context, produceOrFinish, answer);
        return respond({ err: this.unsent(error, packet), isDisposed: true });
      } finally {
        if (packet.isDisposed && !askedAgain) finish();
      }
    };
    return super.handleRequest(context, produceOrFinish, answer);
  }

  /** Notes what was asked for beside the context of its handling. */
  override getPublisher(message: Msg, id: string, context: NatsContext): (response: unknown) => unknown {
    const packet = this.packets.of(message);
    if (packet !== undefined) this.asked.set(context, packet);
    return super.getPublisher(message, id, context);
  }

  /** True when a page that is too large was asked for again, with as many rows as should fit. */
  private asksForFewer(context: BaseRpcContext, { response }: WritePacket): boolean {
    const packet = this.asked.get(context);
    const most = this.client?.info?.max_payload;
    if (packet === undefined || most === undefined || !isPage(response)) return false;
    const rows = response.data.length;
    const fitting = Math.floor((rows * (most - ENVELOPE_BYTES)) / bytesOf(response));
    const limit = Math.max(1, Math.min(rows - 1, fitting));
    if (limit >= rows) return false;
    packet.data = { ...packet.data, limit };
    return true;
  }

  private unsent(error: unknown, { response }: WritePacket): object {
    this.logger.error(error);
    const [bytes, maxPayload] = [bytesOf(response), this.client?.info?.max_payload ?? 0];
    if (bytes + ENVELOPE_BYTES <= maxPayload) return bodyOf(error);
    const told = `the answer has ${bytes} bytes and the broker takes ${maxPayload}: ask for less, or over HTTP`;
    return bodyOf(new ServiceError('answer_too_large', told, { bytes, maxPayload }));
  }

  /** The shared connection reports what becomes of the broker. */
  override async handleStatusUpdates(client: Nats): Promise<void> {
    for await (const status of client.status()) {
      if (status.type === 'error') this.logger.error(status.error.message);
    }
  }

  /** Takes no more requests, waits for those under way (20 s at most), and closes the connection. */
  override async close(): Promise<void> {
    this.stopping.abort();
    await this.listening;
    const { client } = this;
    if (client === undefined) return;
    const noMore = Promise.allSettled(this.taken.map((subscription) => subscription.drain()));
    await Promise.race([noMore, delay(UNSUBSCRIBE_MS, undefined, { ref: false })]);
    await Promise.race([Promise.all(this.requests), delay(DRAIN_MS, undefined, { ref: false })]);
    await drainAndClose(client);
    await super.close();
  }
}

function isPage(response: unknown): response is { data: unknown[]; nextCursor: unknown } {
  return (
    typeof response === 'object' &&
    response !== null &&
    'nextCursor' in response &&
    'data' in response &&
    Array.isArray(response.data)
  );
}

function bytesOf(response: unknown): number {
  return Buffer.byteLength(JSON.stringify(response) ?? '');
}

function bodyOf(error: unknown): object {
  const known = error instanceof ServiceError ? error : new ServiceError('internal', 'Internal error');
  return rpcBodyOf(known.toBody());
}

/**
 * Reads Nest's envelope, and a body without one. Nest never answers a message without an `id`; a caller that left a reply
 * subject is waiting, so that stands in for the id.
 */
class NatsDeserializer implements ConsumerDeserializer {
  private readonly envelope = new IncomingRequestDeserializer();
  private readonly packets = new WeakMap<object, IncomingRequest | IncomingEvent>();

  /** @param isEvent whether a subject's handler is an event handler: those are never answered */
  constructor(private readonly isEvent: (channel: string) => boolean) {}

  /** @throws ServiceError `invalid_request` when the message is not JSON */
  async deserialize(
    message: { json: () => unknown },
    options: { channel: string; replyTo?: string },
  ): Promise<IncomingRequest | IncomingEvent> {
    const packet = await this.envelope.deserialize(jsonOf(message), options);
    const awaited = Boolean(options.replyTo) && !this.isEvent(options.channel);
    const isNamed = 'id' in packet && packet.id !== undefined;
    const answerable = !awaited || isNamed ? packet : { ...packet, id: options.replyTo };
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
    const details = [{ field: '', rule: 'must be JSON' }];
    throw new ServiceError('invalid_request', 'the message is not JSON', details, { cause: error });
  }
}
