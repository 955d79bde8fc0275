import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EnvironmentFaults, parseEnvironment } from './environment.js';
import { Database } from '../database/database.js';

const PROVIDER = { STRIPE_SECRET: 'sk_test_12345678', STRIPE_ENDPOINT_SECRET: 'whsec_12345678' };
const URL = 'postgres://payments:s3cret@db.example:6432/payments';

const faultsOf = (environment: Record<string, string>): readonly string[] => {
  try {
    parseEnvironment({ ...PROVIDER, ...environment });
    return [];
  } catch (error) {
    if (error instanceof EnvironmentFaults) return error.faults;
    throw error;
  }
};

describe('what is asked of TLS to Postgres', () => {
  let folder: string;
  let [ca, other, unreadable] = ['', '', ''];
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'authorities-'));
    [ca, other, unreadable] = ['ca.pem', 'other.pem', 'none.pem'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    await Promise.all([writeFile(ca, 'CA'), writeFile(other, 'OTHER')]);
  });
  afterAll(() => rm(folder, { recursive: true }));

  /** As the driver has it at last: its own reading of the URL comes after ours. */
  function tlsOf(parameters: string, tlsCa?: string): unknown {
    const database = Database.open({ url: `${URL}${parameters}`, tlsCa, onError: () => undefined });
    const client = new (Reflect.get(database.pool, 'Client'))(database.pool.options);
    const { ssl, host, port, password } = client;
    expect({ host, port, password }).toEqual({ host: 'db.example', port: 6432, password: 's3cret' });
    if (typeof ssl !== 'object' || ssl === null) return ssl;
    const isNamed = ssl.checkServerIdentity === undefined;
    return { ca: ssl.ca, isChecked: ssl.rejectUnauthorized !== false, isNamed };
  }
  const whole = (authority?: string) => ({ ca: authority, isChecked: true, isNamed: true });

  it('the authority holds where the URL asks for nothing', () => {
    expect(tlsOf('', 'CA')).toEqual(whole('CA'));
  });

  it.each(['?sslmode=allow', '?sslmode=prefer', '?sslmode=require', '?sslmode=verify-ca'])(
    'S13a the authority holds, whatever less the URL asks for: %s',
    (parameters) => {
      expect(tlsOf(parameters, 'CA')).toEqual(whole('CA'));
      expect(faultsOf({ DATABASE_URL: `${URL}${parameters}`, DATABASE_TLS_CA: ca })).toEqual([]);
    },
  );

  it.each([
    '?sslmode=verify-full',
    '?ssl=true',
    '?ssl=1&application_name=payments',
    '?uselibpqcompat=true&sslmode=prefer',
    '?uselibpqcompat=true&sslmode=require',
    '?uselibpqcompat=true&sslmode=verify-full',
    '?sslnegotiation=direct',
    '?sslmode=verify-full&sslrootcert=system',
  ])('S13b and whatever else it asks for: %s', (parameters) => {
    expect(tlsOf(parameters, 'CA')).toEqual(whole('CA'));
    expect(faultsOf({ DATABASE_URL: `${URL}${parameters}`, DATABASE_TLS_CA: ca })).toEqual([]);
  });

  it.each(['sslmode=disable', 'sslmode=no-verify', 'ssl=0', 'ssl=false', 'ssl=no-verify'])(
    'S13c the start is refused where it forbids what the authority is for: %s',
    (parameter) => {
      for (const name of ['DATABASE_URL', 'MIGRATION_DATABASE_URL']) {
        const environment = { DATABASE_URL: URL, DATABASE_TLS_CA: ca, [name]: `${URL}?${parameter}` };
        expect(faultsOf(environment)).toEqual([
          `DATABASE_TLS_CA asks for a verified connection and ${parameter} in ${name} forbids it: remove one of them`,
        ]);
      }
    },
  );

  it('S13d an authority in the URL counts as one in the variable; two that differ are refused', () => {
    expect(tlsOf(`?sslrootcert=${ca}`)).toEqual(whole('CA'));
    expect(tlsOf(`?sslmode=require&sslrootcert=${ca}`)).toEqual(whole('CA'));
    expect(tlsOf(`?sslmode=require&sslrootcert=${ca}`, 'CA')).toEqual(whole('CA'));
    const faultsWith = (parameters: string, authority?: string) =>
      faultsOf({ DATABASE_URL: `${URL}?${parameters}`, ...(authority && { DATABASE_TLS_CA: authority }) });
    expect(faultsWith(`sslrootcert=${other}`, ca)).toEqual([
      'DATABASE_TLS_CA and sslrootcert in DATABASE_URL name two authorities: keep one',
    ]);
    expect(faultsWith(`sslmode=disable&sslrootcert=${ca}`)).toEqual([
      expect.stringMatching(/^sslrootcert in DATABASE_URL .*sslmode=disable/),
    ]);
    expect(faultsWith(`sslrootcert=${unreadable}`)).toEqual([
      'sslrootcert in DATABASE_URL names a file that cannot be read',
    ]);
    expect(faultsWith(`sslcert=${unreadable}&sslkey=${unreadable}`)).toEqual([
      'sslcert in DATABASE_URL names a file that cannot be read',
    ]);
  });

  it.each([
    ['', false],
    ['?sslmode=disable', false],
    ['?sslmode=no-verify', { ca: undefined, isChecked: false, isNamed: true }],
    ['?uselibpqcompat=true&sslmode=require', { ca: undefined, isChecked: false, isNamed: true }],
    ...['allow', 'prefer', 'require', 'verify-ca', 'verify-full'].map(
      (mode) => [`?sslmode=${mode}`, whole()] as const,
    ),
  ])('without an authority the URL holds, as before: %s', (parameters, expected) => {
    expect(tlsOf(parameters)).toEqual(expected);
    expect(faultsOf({ DATABASE_URL: `${URL}${parameters}` })).toEqual([]);
  });

  it('S13e ssl=false in the URL is no TLS', () => {
    expect(tlsOf('?ssl=false')).toBe(false);
  });

  it('S13f libpq’s meaning of the modes is had for the asking, but for the variable’s authority', () => {
    const compatible = (mode: string) => `?uselibpqcompat=true&sslmode=${mode}&sslrootcert=${ca}`;
    const unnamed = { ca: 'CA', isChecked: true, isNamed: false };
    expect(tlsOf(compatible('verify-ca'))).toEqual(unnamed);
    expect(tlsOf(compatible('require'))).toEqual(unnamed);
    expect(tlsOf(compatible('verify-ca'), 'CA')).toEqual(whole('CA'));
    expect(faultsOf({ DATABASE_URL: `${URL}?uselibpqcompat=true&sslmode=verify-ca` })).toEqual([
      'sslmode=verify-ca in DATABASE_URL wants an authority: add sslrootcert',
    ]);
  });

  it.each([
    ['sslmode=verify_full', /^sslmode in DATABASE_URL must be one of disable, .*verify-full/],
    ['sslmode=disable&ssl=true', /^ssl and sslmode in DATABASE_URL contradict each other/],
    ['ssl=maybe', /^ssl in DATABASE_URL must be true or false/],
    ['sslmode=disable&sslnegotiation=direct', /^sslnegotiation=direct in DATABASE_URL wants TLS/],
  ])('S13g what contradicts itself is refused: %s', (parameters, fault) => {
    expect(faultsOf({ DATABASE_URL: `${URL}?${parameters}` })).toEqual([expect.stringMatching(fault)]);
  });

  it('S13q is told with every other fault of the environment', () => {
    const faults = faultsOf({ DATABASE_URL: `${URL}?sslmode=disable`, DATABASE_TLS_CA: ca, PORT: '70000' });
    expect(faults).toEqual([expect.stringContaining('PORT'), expect.stringContaining('DATABASE_TLS_CA')]);
  });

  it('S14s a direct connection for migrations goes with a database', () => {
    expect(faultsOf({ MIGRATION_DATABASE_URL: URL })).toEqual([
      'MIGRATION_DATABASE_URL is set, and DATABASE_URL is not',
    ]);
    expect(faultsOf({ DATABASE_URL: URL, MIGRATION_DATABASE_URL: 'mysql://db' })).toEqual([
      'MIGRATION_DATABASE_URL must be a URL that begins with postgres:// or postgresql://',
    ]);
  });
});

describe('who we are at the broker', () => {
  const brokerOf = (environment: Record<string, string>) => {
    const { servers, user, password, token, tls } = parseEnvironment({ ...PROVIDER, ...environment }).nats;
    return { servers, user, password, token, tls };
  };
  const nobody = { user: undefined, password: undefined, token: undefined, tls: false };

  it('S13h is read out of NATS_SERVERS, percent-decoded, and does not stay there', () => {
    const user = 'p@yments';
    expect(brokerOf({ NATS_SERVERS: 'nats://p%40yments:s%3Acr%2Fet%25@nats-1:4222' })).toEqual({
      ...{ ...nobody, servers: ['nats://nats-1:4222'], user, password: 's:cr/et%' },
    });
    expect(brokerOf({ NATS_SERVERS: 'p:a:b@nats-1:4222, nats://p:a:b@[::1]:4222/' })).toEqual({
      ...nobody,
      servers: ['nats://nats-1:4222', 'nats://[::1]:4222'],
      user: 'p',
      password: 'a:b',
    });
    expect(brokerOf({ NATS_SERVERS: 'nats://s3cr%40t@nats-1:4222' })).toEqual({
      ...nobody,
      servers: ['nats://nats-1:4222'],
      token: 's3cr@t',
    });
    expect(brokerOf({ NATS_SERVERS: 'tls://a:4222;tls://b' })).toEqual({
      ...nobody,
      servers: ['tls://a:4222', 'tls://b'],
      tls: true,
    });
  });

  it('may be said twice, in NATS_USER and NATS_PASSWORD too, if it is the same', () => {
    const said = { NATS_USER: 'payments', NATS_PASSWORD: 's3cret' };
    expect(brokerOf(said)).toMatchObject({ user: 'payments', password: 's3cret' });
    expect(brokerOf({ ...said, NATS_SERVERS: 'nats://payments:s3cret@nats-1' })).toMatchObject({
      user: 'payments',
      password: 's3cret',
    });
  });

  it.each([
    [{ NATS_SERVERS: 'nats://a:s3cret@x,nats://a:0ther@y' }, /^NATS_SERVERS must hold the same user/],
    [{ NATS_SERVERS: 'nats://a:s3cret@x,nats://y' }, /^NATS_SERVERS must hold the same user/],
    [{ NATS_SERVERS: 'nats://a:s3cret@x', NATS_USER: 'b' }, /^NATS_SERVERS holds another user .*NATS_USER/],
    [
      { NATS_SERVERS: 'nats://a:s3cret@x', NATS_USER: 'a', NATS_PASSWORD: '0ther' },
      /^NATS_SERVERS holds another user .*NATS_PASSWORD/,
    ],
    [{ NATS_SERVERS: 'nats://s3cret@x', NATS_USER: 'a', NATS_PASSWORD: '0ther' }, /^NATS_SERVERS holds an/],
    [{ NATS_SERVERS: 'nats://a:s3cret@x', NATS_CREDS: '/creds' }, /^NATS_SERVERS .*NATS_CREDS/],
    [{ NATS_SERVERS: 'nats://a:s3cret%@x' }, /^NATS_SERVERS .*write %25/],
    [{ NATS_SERVERS: 'tls://a:s3cret@x,nats://a:s3cret@y' }, /^NATS_SERVERS mixes tls:\/\//],
    [{ NATS_SERVERS: 'tls://x,y:4222' }, /^NATS_SERVERS mixes tls:\/\//],
    [{ NATS_TLS_CA: '/nowhere/ca.pem' }, /^NATS_TLS_CA names a file that cannot be read/],
  ])('S13j is refused where two places disagree, without a word of a secret: %j', (environment, fault) => {
    const faults = faultsOf(environment);
    expect(faults).toEqual([expect.stringMatching(fault)]);
    expect(faults.join()).not.toMatch(/s3cret|0ther/);
  });
});
