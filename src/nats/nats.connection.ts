import type { NatsConnection as Nats } from '@nats-io/transport-node';
import { Injectable, Logger } from '@nestjs/common';
import { setMaxListeners } from 'node:events';
import { NatsSettings } from '../config/settings.js';
import { connectUntilAborted, drainAndClose, maxPayloadNow } from './nats.connect.js';

/** Shared by everything but the request server. Made in the background, and never given up. */
@Injectable()
export class NatsConnection {
  private readonly logger = new Logger('Nats');
  private readonly stopping = new AbortController();
  private readonly listeners: (() => void)[] = [];
  private nats: Nats | undefined;
  private since = 0;
  private interruption: AbortController | undefined;
  private lost = new Date();
  private reportedAway = false;
  private reportedFault: string | undefined;
  private running: Promise<void> | undefined;

  constructor(private readonly settings: NatsSettings) {}

  /** Returns at once. */
  open(): void {
    this.running ??= this.run();
  }

  /** Undefined while the broker is out of reach. */
  current(): Nats | undefined {
    return this.isConnected() ? this.nats : undefined;
  }

  isConnected(): boolean {
    return this.interruption !== undefined;
  }

  /** Aborted when the present connection is interrupted; already aborted while there is none. */
  interrupted(): AbortSignal {
    return this.interruption?.signal ?? AbortSignal.abort();
  }

  /** Milliseconds since the last (re)connection; 0 while there is none. */
  connectedFor(): number {
    return this.isConnected() ? performance.now() - this.since : 0;
  }

  /** When the last connection was lost, or when this process began to look for the first one. */
  awaySince(): Date {
    return this.lost;
  }

  /** Whether the broker takes larger messages by now, which no connected client is told. Then it connects again. */
  async outgrewItsLimits(): Promise<boolean> {
    const nats = this.current();
    const known = nats?.info?.max_payload;
    if (nats === undefined || known === undefined) return false;
    const present = await maxPayloadNow(this.settings);
    if (present === undefined || present <= known) return false;
    // Somebody else may have done it meanwhile.
    if (this.nats === nats && nats.info?.max_payload === known) await nats.reconnect();
    return true;
  }

  /** Calls the listener after each (re)connection. */
  onConnected(listener: () => void): void {
    this.listeners.push(listener);
  }

  /** Sends what is buffered, and ends the connection or the attempts. */
  async close(): Promise<void> {
    this.stopping.abort();
    if (this.nats !== undefined) await drainAndClose(this.nats);
    await this.running;
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      this.nats = await connectUntilAborted(this.settings, 'payments', signal, (error) => this.away(error));
      if (this.nats === undefined) return;
      this.here(this.nats);
      await this.follow(this.nats);
      this.interruption?.abort();
      this.interruption = undefined;
    }
  }

  private async follow(nats: Nats): Promise<void> {
    for await (const status of nats.status()) {
      if (status.type === 'disconnect') this.away(undefined);
      if (status.type === 'reconnect') this.here(nats);
      if (status.type === 'error') this.fault(status.error.message);
    }
  }

  private here(nats: Nats): void {
    this.reportedAway = false;
    this.reportedFault = undefined;
    this.interruption = new AbortController();
    // Every message under way listens to it.
    setMaxListeners(0, this.interruption.signal);
    this.since = performance.now();
    this.logger.log(`connected to ${nats.getServer()}`);
    for (const listener of this.listeners) listener();
  }

  private away(error: unknown): void {
    if (this.isConnected()) this.lost = new Date();
    this.interruption?.abort();
    this.interruption = undefined;
    if (this.reportedAway || this.stopping.signal.aborted) return;
    this.reportedAway = true;
    this.logger.warn(error instanceof Error ? `not connected: ${error.message}` : 'not connected');
  }

  /** Refused credentials and permissions come again with every attempt; once is enough. */
  private fault(message: string): void {
    if (message === this.reportedFault) return;
    this.reportedFault = message;
    this.logger.error(message);
  }
}

/** Settles as the work does, or fails at once when the connection that it waits for is interrupted. */
export function unlessInterrupted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onInterruption = (): void => reject(new Error('the connection to NATS was interrupted'));
    if (signal.aborted) onInterruption();
    signal.addEventListener('abort', onInterruption, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onInterruption));
  });
}
