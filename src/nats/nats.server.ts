import { type BaseRpcContext, ServerNats, type WritePacket } from '@nestjs/microservices';
import type { Msg, NatsConnection as Nats, Subscription } from '@nats-io/transport-node';
import { setTimeout as delay } from 'node:timers/promises';
import type { Observable } from 'rxjs';
import type { NatsSettings } from '../config/settings.js';
import { Patience, withPatience } from '../kernel/patience.js';
import { ServiceError } from '../kernel/errors.js';
import { connectUntilAborted, drainAndClose } from './nats.connect.js';
import { NatsDeserializer } from './nats.deserializer.js';
import { PendingWork } from './pending.work.js';

/** One instance of all answers a request: every subscription is in this queue group. */
const QUEUE_GROUP = 'payments';
/** Where only we speak, or the broker: a caller must not put words there by naming it for its answer. */
const NOT_FOR_REPLIES = /^(payments?\.|\$)/;
const UNSUBSCRIBE_MS = 2_000;
const DRAIN_MS = 20_000;

/** The transport for `app.connectMicroservice({ strategy }, { inheritAppConfig: true })`. */
export function natsStrategy(settings: NatsSettings): NatsServer {
  return new NatsServer(settings);
}

/**
 * Nest's NATS transport with three differences: a broker that is away neither ends nor delays the process,
 * every message with a reply subject is answered, and a close lets the requests under way finish.
 */
export class NatsServer extends ServerNats {
  private readonly stopping = new AbortController();
  private readonly taken: Subscription[] = [];
  private readonly requests = new PendingWork();
  private client: Nats | undefined;
  private listening: Promise<void> | undefined;
  private onFirstFailure: () => void = () => undefined;

  constructor(private readonly settings: NatsSettings) {
    super({ deserializer: new NatsDeserializer((channel) => this.isEvent(channel)) });
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
    const client = await connectUntilAborted(this.settings, {
      name: 'payments-requests',
      signal,
      onFailure: () => this.onFirstFailure(),
    });
    if (client === undefined) throw new Error('closed before the first connection');
    this.client = client;
    return client;
  }

  override bindEvents(client: Nats): void {
    for (const channel of this.messageHandlers.keys()) {
      const callback = (error: Error | null, message: Msg): void => {
        if (error) this.logger.error(error.message);
        else void this.handleMessage(channel, message);
      };
      this.taken.push(client.subscribe(channel, { queue: QUEUE_GROUP, callback }));
    }
  }

  override async handleMessage(channel: string, message: Msg): Promise<void> {
    if (message.reply !== undefined && NOT_FOR_REPLIES.test(message.reply)) {
      this.logger.warn(`a request on ${channel} wanted its answer on ${message.reply}: ignored`);
      return;
    }
    try {
      await super.handleMessage(channel, message);
    } catch (error) {
      if (!(error instanceof ServiceError)) this.logger.error(error);
      if (message.reply) message.respond(JSON.stringify({ err: bodyOf(error), isDisposed: true }));
    }
  }

  protected override handleRequest(
    context: BaseRpcContext,
    produce: () => Promise<Observable<unknown>>,
    respond: (packet: WritePacket) => Promise<unknown> | void,
  ): void {
    const ended = this.requests.begin();
    const patience = new Patience();
    const finish = (): void => {
      patience.end();
      ended();
    };
    const produceOrFinish = async (): Promise<Observable<unknown>> => {
      try {
        return await withPatience(patience, produce);
      } catch (error) {
        finish();
        throw error;
      }
    };
    return super.handleRequest(context, produceOrFinish, (packet) => {
      try {
        return respond(packet);
      } catch (error) {
        // An answer that cannot be sent, such as one larger than the broker takes.
        this.logger.error(error);
        return respond({ err: bodyOf(error), isDisposed: true });
      } finally {
        if (packet.isDisposed) finish();
      }
    });
  }

  /** The shared connection reports what becomes of the broker; here only faults of this one are said. */
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
    await this.requests.settled(DRAIN_MS);
    await drainAndClose(client);
    await super.close();
  }

  private isEvent(channel: string): boolean {
    return this.getHandlerByPattern(channel)?.isEventHandler === true;
  }
}

function bodyOf(error: unknown): object {
  const known = error instanceof ServiceError ? error : new ServiceError('internal', 'Internal error');
  return known.toBody();
}
