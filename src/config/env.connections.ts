import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';
import type { EnvValues } from './env.schema.js';

/**
 * One line for each fault of Postgres and NATS over several variables, and in their URLs.
 * @param wrong variables that are at fault by themselves: nothing more is said of those.
 */
export function connectionFaults(env: EnvValues, wrong: readonly string[]): string[] {
  const isUsable = (...names: (keyof EnvValues)[]): boolean => !names.some((name) => wrong.includes(name));
  const faults: string[] = [];
  for (const name of ['DATABASE_URL', 'MIGRATION_DATABASE_URL'] as const) {
    const url = env[name];
    if (url === undefined || !isUsable(name, 'DATABASE_TLS_CA')) continue;
    faults.push(...faultOf(() => postgresConnection(url, env.DATABASE_TLS_CA, name)));
  }
  if (env.MIGRATION_DATABASE_URL !== undefined && env.DATABASE_URL === undefined) {
    faults.push('MIGRATION_DATABASE_URL is set, and DATABASE_URL is not');
  }
  if (isUsable('NATS_SERVERS', 'NATS_USER', 'NATS_PASSWORD', 'NATS_CREDS'))
    faults.push(...faultOf(() => natsBroker(env)));
  return faults;
}

function faultOf(read: () => unknown): string[] {
  try {
    read();
    return [];
  } catch (error) {
    if (error instanceof ConnectionFault) return [error.message];
    throw error;
  }
}

class ConnectionFault extends Error {}

interface PostgresConnection {
  /** Without its TLS parameters. */
  connectionString: string;
  /** Undefined: nothing was asked for. */
  ssl?: false | ConnectionOptions;
  sslnegotiation?: 'direct';
}

const TLS_PARAMETERS = [
  'ssl',
  'sslmode',
  'sslrootcert',
  'sslcert',
  'sslkey',
  'sslnegotiation',
  'uselibpqcompat',
];

/** Authority and name are checked, the authority only, nothing is, or there is no TLS. */
type Strictness = 'full' | 'authority' | 'none' | 'off';

/**
 * Takes what the URL says about TLS out of it: the driver would let that replace the authority (`tlsCa`, PEM text), with
 * which nothing less than the whole check will do.
 * @param name of the variable, for the faults.
 * @throws Error when one part forbids what another one asks for, or names a file that cannot be read.
 */
export function postgresConnection(
  url: string,
  tlsCa: string | undefined,
  name = 'DATABASE_URL',
): PostgresConnection {
  const [address = '', query = ''] = url.split(/\?(.*)/s, 2);
  const asked = new URLSearchParams(query);
  const rest = query.split('&').filter((pair) => !TLS_PARAMETERS.includes(pair.split('=', 1)[0] ?? ''));
  const connectionString = rest.join('') === '' ? address : `${address}?${rest.join('&')}`;
  const file = (parameter: string): string | undefined => readNamed(asked.get(parameter), parameter, name);
  const root = asked.get('sslrootcert') === 'system' ? undefined : file('sslrootcert');
  const [cert, key] = [file('sslcert'), file('sslkey')];
  if (tlsCa !== undefined && root !== undefined && root.trim() !== tlsCa.trim()) {
    throw new ConnectionFault(`DATABASE_TLS_CA and sslrootcert in ${name} name two authorities: keep one`);
  }
  const ca = tlsCa ?? root;
  const strictness = strictnessOf(asked, ca !== undefined, name);
  if (ca !== undefined && (strictness === 'off' || strictness === 'none')) {
    const authority = tlsCa === undefined ? `sslrootcert in ${name}` : 'DATABASE_TLS_CA';
    const mode = asked.has('sslmode') ? `sslmode=${asked.get('sslmode')}` : `ssl=${asked.get('ssl')}`;
    throw new ConnectionFault(
      `${authority} asks for a verified connection and ${mode} in ${name} forbids it: remove one of them`,
    );
  }
  if (strictness === 'off') return { connectionString, ssl: false };
  const isDirect = asked.get('sslnegotiation') === 'direct';
  if (strictness === undefined && ca === undefined && cert === undefined && !isDirect) {
    return { connectionString };
  }
  return {
    connectionString,
    ssl: {
      rejectUnauthorized: strictness !== 'none',
      ...(ca !== undefined && { ca }),
      ...(cert !== undefined && { cert }),
      ...(key !== undefined && { key }),
      ...(strictness === 'authority' && tlsCa === undefined && { checkServerIdentity: () => undefined }),
    },
    ...(isDirect && { sslnegotiation: 'direct' }),
  };
}

/** As node-postgres reads it: TLS with the whole check, unless `uselibpqcompat` asks for libpq's meaning. */
function strictnessOf(asked: URLSearchParams, hasAuthority: boolean, name: string): Strictness | undefined {
  const [mode, ssl] = [asked.get('sslmode'), asked.get('ssl')];
  const switched = ssl === null ? undefined : BY_SSL[ssl];
  if (ssl !== null && switched === undefined)
    throw new ConnectionFault(`ssl in ${name} must be true or false`);
  const isCompatible = asked.get('uselibpqcompat') === 'true';
  const compatible = isCompatible && mode !== null ? byLibpq(mode, hasAuthority) : undefined;
  const byMode = mode === null ? undefined : (compatible ?? BY_MODE[mode]);
  if (mode !== null && byMode === undefined) {
    throw new ConnectionFault(`sslmode in ${name} must be one of ${Object.keys(BY_MODE).join(', ')}`);
  }
  if (isCompatible && mode === 'verify-ca' && !hasAuthority) {
    throw new ConnectionFault(`sslmode=verify-ca in ${name} wants an authority: add sslrootcert`);
  }
  if (byMode !== undefined && switched !== undefined && (byMode === 'off') !== (switched === 'off')) {
    throw new ConnectionFault(`ssl and sslmode in ${name} contradict each other: keep sslmode`);
  }
  if (asked.get('sslnegotiation') === 'direct' && (byMode ?? switched) === 'off') {
    throw new ConnectionFault(`sslnegotiation=direct in ${name} wants TLS, and ${name} switches it off`);
  }
  return byMode ?? switched ?? (hasAuthority || asked.has('sslrootcert') ? 'full' : undefined);
}

const BY_SSL: Readonly<Record<string, Strictness>> = {
  true: 'full',
  '1': 'full',
  false: 'off',
  '0': 'off',
  'no-verify': 'none',
};

const BY_MODE: Readonly<Record<string, Strictness>> = {
  disable: 'off',
  allow: 'full',
  prefer: 'full',
  require: 'full',
  'verify-ca': 'full',
  'verify-full': 'full',
  'no-verify': 'none',
};

function byLibpq(mode: string, hasAuthority: boolean): Strictness | undefined {
  if (mode === 'verify-ca') return 'authority';
  if (mode === 'prefer' || mode === 'require') return hasAuthority ? 'authority' : 'none';
  return undefined;
}

function readNamed(path: string | null, parameter: string, name: string): string | undefined {
  if (path === null || path === '') return undefined;
  try {
    return readFileSync(path, 'utf8');
  } catch {
    throw new ConnectionFault(`${parameter} in ${name} names a file that cannot be read`);
  }
}

/**
 * From `nats://user:password@host:4222` or `nats://token@host:4222`, percent-encoded, or NATS_USER and NATS_PASSWORD.
 * @throws Error when the servers, or the variables, disagree. Its text holds no secret.
 */
export function natsBroker(env: EnvValues) {
  const servers = env.NATS_SERVERS.map(serverOf);
  const [first] = servers;
  if (servers.some(({ isTls }) => isTls !== first?.isTls)) {
    throw new ConnectionFault(
      'NATS_SERVERS mixes tls:// with other schemes: write tls:// before every server, or before none',
    );
  }
  if (servers.some(({ identity }) => JSON.stringify(identity) !== JSON.stringify(first?.identity))) {
    throw new ConnectionFault('NATS_SERVERS must hold the same user and password with every server');
  }
  const { user, password, token } = first?.identity ?? {};
  const isNamed = user !== undefined || token !== undefined;
  if (isNamed && env.NATS_CREDS !== undefined) {
    throw new ConnectionFault('NATS_SERVERS names a user and NATS_CREDS another one: keep one of them');
  }
  const isOther =
    (env.NATS_USER !== undefined && env.NATS_USER !== user) ||
    (env.NATS_PASSWORD !== undefined && env.NATS_PASSWORD !== password);
  if (isNamed && isOther) {
    throw new ConnectionFault(
      'NATS_SERVERS holds another user or password than NATS_USER and NATS_PASSWORD: keep one of them',
    );
  }
  return {
    servers: servers.map(({ address }) => address),
    user: user ?? env.NATS_USER,
    password: password ?? env.NATS_PASSWORD,
    token,
    tls: first?.isTls === true,
  };
}

function serverOf(entry: string) {
  const [, scheme = 'nats', who, host = entry] =
    /^(?:([a-z][a-z0-9+.-]*):\/\/)?(?:(.*)@)?(.*)$/is.exec(entry) ?? [];
  return {
    address: `${scheme}://${host.replace(/\/+$/, '')}`,
    isTls: scheme.toLowerCase() === 'tls',
    identity: who === undefined ? {} : identityOf(who),
  };
}

function identityOf(who: string): { user?: string; password?: string; token?: string } {
  const [name = '', password] = who.split(/:(.*)/s, 2);
  try {
    const decoded = decodeURIComponent(name);
    return password === undefined
      ? { token: decoded }
      : { user: decoded, password: decodeURIComponent(password) };
  } catch {
    throw new ConnectionFault(
      'NATS_SERVERS holds a user or password with a % that encodes nothing: write %25 for it',
    );
  }
}
