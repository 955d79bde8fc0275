import {
  connect,
  credsAuthenticator,
  type NatsConnection as Nats,
  type NodeConnectionOptions,
} from '@nats-io/transport-node';
import { Injectable, Logger } from '@nestjs/common';
import { setMaxListeners } from 'node:events';
import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { checkServerIdentity as checkIdentity, type ConnectionOptions } from 'node:tls';
import { NatsSettings } from '../config/settings.js';

const CONNECT_TIMEOUT_MS = 3_000;
const RECONNECT_WAIT_MS = 250;
const RECONNECT_JITTER_MS = 250;
/** Two unanswered pings end a connection whose broker froze or whose network fell silent: within 30 s. */
const PING_INTERVAL_MS = 10_000;

/** Reconnects for ever, also after refused credentials: an operator may mend those. */
async function natsOptions(settings: NatsSettings, name: string): Promise<NodeConnectionOptions> {
  const { user, password, token, credsFile } = settings;
  return {
    name,
    servers: [...settings.servers],
    inboxPrefix: settings.inboxPrefix,
    timeout: CONNECT_TIMEOUT_MS,
    reconnect: true,
    maxReconnectAttempts: -1,
    reconnectTimeWait: RECONNECT_WAIT_MS,
    reconnectJitter: RECONNECT_JITTER_MS,
    reconnectJitterTLS: RECONNECT_JITTER_MS,
    ignoreAuthErrorAbort: true,
    pingInterval: PING_INTERVAL_MS,
    maxPingOut: 2,
    ...(user !== undefined && { user }),
    ...(password !== undefined && { pass: password }),
    ...(token !== undefined && { token }),
    ...(credsFile !== undefined && { authenticator: credsAuthenticator(await readFile(credsFile)) }),
    ...((settings.tls || settings.tlsCaFile !== undefined) && { tls: tlsOptions(settings) }),
  };
}

/** With these the client sends nothing before the broker has shown its certificate. */
function tlsOptions({ servers, tlsCaFile }: NatsSettings): TlsOptions {
  const hosts = servers.map((server) => new URL(server).hostname.replace(/^\[|\]$/g, ''));
  // The client gives no name for a server that is known by its address, and Node takes it for localhost then.
  const unnamed = hosts.filter((host) => isIP(host) !== 0 || host === UNNAMED);
  const checkServerIdentity: typeof checkIdentity = (name, certificate) => {
    const names = name === UNNAMED && unnamed.length > 0 ? unnamed : [name];
    const refusals = names.map((one) => checkIdentity(one, certificate));
    return refusals.includes(undefined) ? undefined : refusals[0];
  };
  return { checkServerIdentity, ...(tlsCaFile !== undefined && { caFile: tlsCaFile }) };
}

const UNNAMED = 'localhost';

type TlsOptions = NonNullable<NodeConnectionOptions['tls']> & Pick<ConnectionOptions, 'checkServerIdentity'>;

const RETRY_MS = 500;
const DRAIN_MS = 2_000;

/**
 * Connects however long the broker is away; undefined when the signal ended the attempts. The client's own
 * waitOnFirstConnect cannot be stopped.
 * @param name shown by the broker's monitoring.
 */
export async function connectUntilAborted(
  settings: NatsSettings,
  name: string,
  signal: AbortSignal,
  onFailure: (error: unknown) => void,
): Promise<Nats | undefined> {
  while (!signal.aborted) {
    try {
      const nats = await connect(await natsOptions(settings, name));
      if (!signal.aborted) return nats;
      await nats.close();
    } catch (error) {
      onFailure(error);
      await delay(RETRY_MS, undefined, { signal }).catch(() => undefined);
    }
  }
  return undefined;
}

/** The largest message that the broker takes at present; undefined where it cannot be asked. */
export async function maxPayloadNow(settings: NatsSettings): Promise<number | undefined> {
  try {
    const options = await natsOptions(settings, 'payments-limits');
    const nats = await connect({ ...options, reconnect: false });
    const limit = nats.info?.max_payload;
    await nats.close();
    return limit;
  } catch {
    return undefined;
  }
}

/** Sends what is buffered and closes; a broker that is away or frozen delays that by 2 s at most. */
export async function drainAndClose(nats: Nats): Promise<void> {
  if (nats.isClosed()) return;
  const drained = nats.drain().catch(() => undefined);
  await Promise.race([drained, delay(DRAIN_MS, undefined, { ref: false })]);
  await nats.close();
}

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
