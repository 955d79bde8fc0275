import { describe, expect, it } from '@jest/globals';
import { type Environment, parseEnvironment } from './environment.js';
import { type Running, startReport, startText } from './start.report.js';

const BARE = {
  STRIPE_SECRET: 'sk_test_c4n4ry1234',
  STRIPE_ENDPOINT_SECRET: 'whsec_c4n4ry1234',
  CONEKTA_PRIVATE_KEY: 'key_c4n4ry1234',
};
const WHOLE = {
  ...BARE,
  NODE_ENV: 'production',
  PUBLIC_URL: 'https://pay.example/',
  DATABASE_URL: 'postgres://payments:c4n4ry@db.example:5433/books?sslmode=require&password=c4n4ry',
  NATS_SERVERS: 'nats://payments:c4n4ry@a.example:4222;payments:c4n4ry@c:4222',
  NATS_PASSWORD: 'c4n4ry',
  API_KEYS: `shop:service:${'0'.repeat(64)}`,
  ENCRYPTION_KEY: 'c4'.repeat(32),
  STRIPE_PUBLISHABLE_KEY: 'pk_test_c4n4ry1234',
  CONEKTA_PUBLIC_KEY: 'key_c4n4ry5678',
  CONEKTA_LIVEMODE: 'true',
  STRIPE_API_BASE: 'http://u:c4n4ry@stand-in:12111/path',
};
const RUNNING: Running = {
  url: 'http://127.0.0.1:3003',
  providers: [
    { name: 'stripe', livemode: false, hasWebhookKeys: true, registeredKeys: 2 },
    { name: 'conekta', livemode: true, hasWebhookKeys: false, registeredKeys: 1 },
  ],
  readiness: { degraded: [], notes: ['an index is missing'] },
};

const reportOf = (environment: Environment, running: Partial<Running> = {}) =>
  startReport(parseEnvironment(environment), { ...RUNNING, ...running });

describe('what a start says of itself', () => {
  it('S16a is where it listens, who takes the money, how events come in, and what it stores and sends', () => {
    expect(reportOf(WHOLE)).toEqual({
      environment: 'production',
      listening: 'http://127.0.0.1:3003',
      publicUrl: 'https://pay.example',
      providers: [
        {
          name: 'stripe',
          mode: 'stand-in at http://stand-in:12111',
          webhooks: 'https://pay.example/webhooks/stripe',
          verifiedBy: 'a key of the environment and keys of registered endpoints',
        },
        {
          name: 'conekta',
          mode: 'live',
          webhooks: 'https://pay.example/webhooks/conekta',
          verifiedBy: 'keys of registered endpoints',
        },
      ],
      database: 'db.example:5433/books',
      broker: { servers: ['nats://a.example:4222', 'nats://c:4222'], connected: true },
      missing: [],
      degraded: [],
      notes: [expect.stringContaining('STRIPE_API_BASE names another server'), 'an index is missing'],
    });
  });

  it('S16b is what is missing, and what is away', () => {
    const degraded = [{ what: 'nats', reason: 'not connected to NATS' }];
    const report = reportOf(BARE, { readiness: { degraded, notes: [] } });
    expect(report.missing.map((line) => line.split(':')[0])).toEqual([
      'PUBLIC_URL',
      'DATABASE_URL',
      'API_KEYS',
      'ENCRYPTION_KEY',
      'STRIPE_PUBLISHABLE_KEY',
      'CONEKTA_PUBLIC_KEY',
    ]);
    expect(report).toMatchObject({
      database: 'embedded in ./data',
      broker: { servers: ['nats://127.0.0.1:4222'], connected: false },
      degraded: ['nats: not connected to NATS'],
      notes: [],
    });
    const providers = [{ name: 'stripe', livemode: false, hasWebhookKeys: true, registeredKeys: 0 }];
    expect(reportOf(BARE, { providers }).providers).toMatchObject([{ mode: 'test' }]);
  });

  it('S16c is the same in words, and holds no secret', () => {
    const report = reportOf(WHOLE);
    const text = startText(report);
    const { providers, broker, ...rest } = report;
    const told = [
      ...providers.flatMap((one) => Object.values(one)),
      ...broker.servers,
      ...Object.values(rest).flat(),
    ];
    for (const word of told) expect(text).toContain(word);
    expect(`${text}${JSON.stringify(report)}`).not.toContain('c4n4ry');
    expect(startText(reportOf(BARE)).trim().split('\n')).toEqual(
      expect.arrayContaining([
        '  broker     nats://127.0.0.1:4222, connected',
        '  missing    PUBLIC_URL: links lead to this machine',
        '             DATABASE_URL: the embedded database is for development',
      ]),
    );
  });
});
