import { Injectable, Logger } from '@nestjs/common';
import {
  JetStreamApiCodes,
  JetStreamApiError,
  type JetStreamManager,
  jetstreamManager,
  type StreamInfo,
} from '@nats-io/jetstream';
import type { NatsConnection as Nats } from '@nats-io/transport-node';
import { NatsSettings, OrdersSettings } from '../../config/settings.js';
import { PollLoop } from '../../kernel/poll.loop.js';
import { NatsConnection, unlessInterrupted } from '../../nats/nats.connection.js';
import { describeError } from '../../kernel/errors.js';
import { OutboxStore } from '../outbox.store.js';
import { STREAM, streamConfig, streamFault } from './stream.config.js';

const CHECK_MS = 3_000;
const RETRY_MS = 1_000;
const API_TIMEOUT_MS = 4_000;
const NOT_CONNECTED = 'not connected to NATS';
const UNCHECKED = 'not checked yet';

export interface StreamStatus {
  ready: boolean;
  /** Why not, and what to do about it. */
  reason?: string;
}

/** Knows whether the stream may be published to: makes it where it is missing, and looks again and again. */
@Injectable()
export class StreamGuard {
  private readonly logger = new Logger('JetStream');
  private readonly loop = new PollLoop(() => this.check(), {
    idleMs: CHECK_MS,
    failureMs: RETRY_MS,
    onError: (error) => this.failed(error),
  });
  private readonly listeners: (() => void)[] = [];
  private fault: string | undefined = UNCHECKED;
  private legacyFault: string | undefined = UNCHECKED;
  private seen = false;

  constructor(
    private readonly nats: NatsConnection,
    private readonly settings: NatsSettings,
    private readonly store: OutboxStore,
    private readonly orders: OrdersSettings,
  ) {}

  start(): void {
    this.nats.onConnected(() => {
      // What was true of the broker before need not be true of the one that came back.
      this.fault = UNCHECKED;
      this.recheck();
    });
    this.loop.start();
  }

  stop(): Promise<void> {
    return this.loop.stop();
  }

  recheck(): void {
    this.loop.wake();
  }

  status(): StreamStatus {
    const reason = this.nats.isConnected() ? this.fault : NOT_CONNECTED;
    return reason === undefined ? { ready: true } : { ready: false, reason };
  }

  /**
   * Why the orders service's own subject must not be used just now: a stream that captures it answers in
   * place of a subscriber, and the message would count as delivered.
   */
  legacyHold(): string | undefined {
    return this.nats.isConnected() ? this.legacyFault : NOT_CONNECTED;
  }

  /** For health: the stream that captures the subject, once that was looked at. */
  capturedBy(): string | undefined {
    return this.nats.isConnected() && this.legacyFault !== UNCHECKED ? this.legacyFault : undefined;
  }

  /** Calls the listener each time that the stream becomes ready. */
  onReady(listener: () => void): void {
    this.listeners.push(listener);
  }

  private async check(): Promise<number> {
    const nats = this.nats.current();
    if (nats !== undefined) await unlessInterrupted(this.inspect(nats), this.nats.interrupted());
    return 0;
  }

  private async inspect(nats: Nats): Promise<void> {
    const manager = await jetstreamManager(nats, { checkAPI: false, timeout: API_TIMEOUT_MS });
    await this.checkLegacySubject(manager);
    const found = await infoOf(manager);
    if (found !== undefined) this.judge(found);
    else if (this.seen) this.become(VANISHED);
    else await this.create(manager);
  }

  private judge(info: StreamInfo): void {
    const fault = streamFault(info.config);
    this.become(fault === undefined ? undefined : `stream ${STREAM} is refused: ${fault}`);
  }

  private async create(manager: JetStreamManager): Promise<void> {
    this.judge(await manager.streams.add(streamConfig(this.settings)));
    this.logger.log(`created stream ${STREAM}`);
    if (await this.store.hasPublished()) {
      this.logger.error(`stream ${STREAM} was missing, and events had been published to it: ${REPUBLISH}`);
    }
  }

  private async checkLegacySubject(manager: JetStreamManager): Promise<void> {
    const before = this.legacyFault;
    this.legacyFault = await captureOf(manager, this.orders.eventSubject);
    if (this.legacyFault !== undefined && this.legacyFault !== before) this.logger.error(this.legacyFault);
  }

  private failed(error: unknown): void {
    const message = describeError(error);
    if (this.nats.isConnected()) this.become(`JetStream does not answer: ${message}`);
  }

  private become(fault: string | undefined): void {
    const before = this.fault;
    this.fault = fault;
    if (fault === before) return;
    if (fault !== undefined) {
      this.logger.error(fault);
      return;
    }
    this.seen = true;
    this.logger.log(`stream ${STREAM} is ready`);
    for (const listener of this.listeners) listener();
  }
}

const REPUBLISH = 'publish the lost span again (POST /outbox/republish)';
const VANISHED =
  `stream ${STREAM} has vanished while this process ran; ` +
  `a restart of the process creates it anew, then ${REPUBLISH}`;

async function infoOf(manager: JetStreamManager): Promise<StreamInfo | undefined> {
  try {
    return await manager.streams.info(STREAM);
  } catch (error) {
    if (error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamNotFound)
      return undefined;
    throw error;
  }
}

async function captureOf(manager: JetStreamManager, subject: string): Promise<string | undefined> {
  try {
    const [name] = await manager.streams.names(subject).next();
    if (name === undefined) return undefined;
    return `stream ${name} captures ${subject}: remove that subject from it; nothing is sent until then`;
  } catch (error) {
    // A broker without JetStream captures nothing.
    if (error instanceof Error && error.name === 'JetStreamNotEnabled') return undefined;
    throw error;
  }
}
