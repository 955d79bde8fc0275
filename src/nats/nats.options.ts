import { credsAuthenticator, type NodeConnectionOptions } from '@nats-io/transport-node';
import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { checkServerIdentity as checkIdentity, type ConnectionOptions } from 'node:tls';
import type { NatsSettings } from '../config/settings.js';

const CONNECT_TIMEOUT_MS = 3_000;
const RECONNECT_WAIT_MS = 250;
const RECONNECT_JITTER_MS = 250;
/** Two unanswered pings end a connection whose broker froze or whose network fell silent: within 30 s. */
const PING_INTERVAL_MS = 10_000;

/**
 * How this service connects: for ever, also after refused credentials, since an operator may mend those.
 * @throws Error when the credentials file cannot be read
 */
export async function natsOptions(settings: NatsSettings, name: string): Promise<NodeConnectionOptions> {
  const options: NodeConnectionOptions = {
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
  };
  if (settings.user !== undefined) options.user = settings.user;
  if (settings.password !== undefined) options.pass = settings.password;
  if (settings.credsFile !== undefined) {
    options.authenticator = credsAuthenticator(await readFile(settings.credsFile));
  }
  if (settings.token !== undefined) options.token = settings.token;
  if (settings.tls || settings.tlsCaFile !== undefined) options.tls = tlsOptions(settings);
  return options;
}

/** With these the client sends nothing, our password included, before the broker has shown its certificate. */
function tlsOptions({ servers, tlsCaFile }: NatsSettings): TlsOptions {
  const hosts = servers.map((server) => new URL(server).hostname.replace(/^\[|\]$/g, ''));
  // The client gives no name for a server that is known by its address, and Node takes it for localhost then.
  const unnamed = hosts.filter((host) => isIP(host) !== 0 || host === UNNAMED);
  const checkServerIdentity: typeof checkIdentity = (name, certificate) => {
    const names = name === UNNAMED && unnamed.length > 0 ? unnamed : [name];
    const refusals = names.map((one) => checkIdentity(one, certificate));
    return refusals.includes(undefined) ? undefined : refusals[0];
  };
  const options = { checkServerIdentity };
  return tlsCaFile === undefined ? options : { ...options, caFile: tlsCaFile };
}

const UNNAMED = 'localhost';

type TlsOptions = NonNullable<NodeConnectionOptions['tls']> & Pick<ConnectionOptions, 'checkServerIdentity'>;
