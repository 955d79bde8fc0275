import {
  connect,
  credsAuthenticator,
  type NatsConnection as Nats,
  type NodeConnectionOptions,
} from '@nats-io/transport-node';
import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { checkServerIdentity as checkIdentity, type ConnectionOptions } from 'node:tls';
import type { NatsSettings } from '../config/settings.js';

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
