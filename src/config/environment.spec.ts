import { describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { type Environment, EnvironmentFaults, parseEnvironment } from './environment.js';

const STRIPE = { STRIPE_SECRET: 'sk_test_12345678', STRIPE_ENDPOINT_SECRET: 'whsec_12345678' };
const CONEKTA = { CONEKTA_PRIVATE_KEY: 'key_12345678' };
const HASH = createHash('sha256').update('key').digest('hex');
const PRODUCTION = {
  ...STRIPE,
  NODE_ENV: 'production',
  DATABASE_URL: 'postgres://payments@db/payments',
  API_KEYS: `shop:service:${HASH}`,
};

function faultsOf(environment: Environment): readonly string[] {
  try {
    parseEnvironment(environment);
  } catch (error) {
    if (error instanceof EnvironmentFaults) return error.faults;
    throw error;
  }
  return [];
}

describe('the environment', () => {
  it('needs nothing but the keys of one provider', () => {
    const settings = parseEnvironment(STRIPE);
    expect(settings).toMatchObject({
      service: { port: 3003, nodeEnv: 'development', publicUrl: 'http://127.0.0.1:3003' },
      stores: { databaseUrl: undefined, dataDir: './data' },
      nats: { servers: ['nats://127.0.0.1:4222'] },
      orders: { findSubject: 'findOneOrder', currency: 'USD', adoptSince: undefined },
      stripe: { secretKey: 'sk_test_12345678', webhookSecrets: ['whsec_12345678'], apiBase: undefined },
      conekta: { privateKey: undefined, livemode: false, webhookKeys: [] },
      access: { apiKeys: [] },
      encryption: { key: undefined },
    });
  });

  it('S15c serves on for 5 s when it is asked to end, in production, and elsewhere ends at once', () => {
    const drainOf = (environment: Environment) => parseEnvironment(environment).service.shutdownDrainMs;
    const production = { ...PRODUCTION, PUBLIC_URL: 'https://pay.example' };
    expect([drainOf(production), drainOf(STRIPE)]).toEqual([5_000, 0]);
    expect(drainOf({ ...production, SHUTDOWN_DRAIN_MS: '0' })).toBe(0);
    expect(drainOf({ ...STRIPE, SHUTDOWN_DRAIN_MS: '250' })).toBe(250);
    expect(faultsOf({ ...STRIPE, SHUTDOWN_DRAIN_MS: '-1' })).toEqual([
      expect.stringContaining('SHUTDOWN_DRAIN_MS'),
    ]);
  });

  it('lists every fault at once, each by the name of its variable', () => {
    const faults = faultsOf({
      PORT: '70000',
      LOG_LEVEL: 'loud',
      PUBLIC_URL: 'ftp://shop.example',
      CORS_ORIGINS: 'https://shop.example/path',
      DATABASE_URL: 'mysql://db/payments',
      DATABASE_TLS_CA: '/nowhere/ca.pem',
      ADOPT_SINCE: 'yesterday',
      ORDERS_CURRENCY: 'dollars',
      STREAM_REPLICAS: '9',
      PROVIDER_ROUTES: 'MXN:conekta',
      API_KEYS: 'shop:admin:00',
      NODE_ENV: 'production',
    });
    const named = [
      ...[
        'PORT',
        'LOG_LEVEL',
        'PUBLIC_URL',
        'CORS_ORIGINS',
        'DATABASE_URL',
        'DATABASE_TLS_CA',
        'ADOPT_SINCE',
      ],
      ...['ORDERS_CURRENCY', 'STREAM_REPLICAS', 'PROVIDER_ROUTES', 'API_KEYS', 'STRIPE_SECRET'],
    ];
    for (const name of named) expect(faults.filter((fault) => fault.includes(name))).toHaveLength(1);
    expect(faults).toHaveLength(named.length);
  });

  it.each([
    ['PUBLIC_URL', 'pay.shop.example', 'must be a whole http or https URL'],
    ['CONEKTA_API_BASE', 'ftp://pay.shop.example', 'must be a whole http or https URL'],
    ['DATABASE_URL', 'mysql://db', 'must be a URL that begins with postgres:// or postgresql://'],
    ['ORDERS_CURRENCY', 'dollars', 'must be an ISO 4217 currency code such as USD'],
    ['ADOPT_SINCE', 'yesterday', 'must be in ISO 8601, such as 2026-01-31T00:00:00Z'],
    ['CONEKTA_LIVEMODE', 'yes', 'must be true or false'],
    ['MULTIPLE_SUBSCRIPTIONS', 'many', 'must be true or false'],
    ['CARD_FORM_STYLE', 'rounded', 'must be JSON'],
  ])('says what %s must be', (name, value, rule) => {
    expect(faultsOf({ ...STRIPE, [name]: value })).toEqual([`${name} ${rule}`]);
  });

  it('names the part of CARD_FORM_STYLE that is wrong, and takes a right one', () => {
    const style = (value: object) => ({ ...STRIPE, CARD_FORM_STYLE: JSON.stringify(value) });
    expect(faultsOf(style({ inputType: 'round' }))).toEqual([
      'CARD_FORM_STYLE: inputType must be one of [basic, rounded, line]',
    ]);
    expect(faultsOf(style({ button: { textColor: 'white' } }))).toEqual([
      'CARD_FORM_STYLE: button.textColor must be a colour such as #301007',
    ]);
    const right = { inputType: 'line', button: { backgroundColor: '#301007' } };
    expect(parseEnvironment(style(right)).cardForm).toEqual(right);
  });

  it('without any provider names what is missing of each', () => {
    expect(faultsOf({})).toEqual([
      'no provider is configured: Stripe wants STRIPE_SECRET and STRIPE_ENDPOINT_SECRET, ' +
        'Conekta wants CONEKTA_PRIVATE_KEY and CONEKTA_WEBHOOK_PUBLIC_KEYS',
    ]);
  });

  it('with a key and no webhook secret is for the database to decide, which may know a registered one', () => {
    expect(parseEnvironment({ STRIPE_SECRET: 'sk_test_12345678' }).stripe.webhookSecrets).toEqual([]);
    expect(parseEnvironment(CONEKTA).conekta.webhookKeys).toEqual([]);
  });

  it.each(['', ' ', '\t\n', 'undefined', 'null', ' undefined ', 'short'])(
    'with %j for a secret is refused, whichever the secret is',
    (blank) => {
      for (const name of [
        'STRIPE_SECRET',
        'STRIPE_ENDPOINT_SECRET',
        'STRIPE_SECRET_KEY',
        'STRIPE_WEBHOOK_SECRET',
      ]) {
        expect(faultsOf({ ...STRIPE, [name]: blank }).join()).toContain(name);
      }
    },
  );

  it.each([
    'whsec_12345678,',
    'whsec_12345678,,whsec_87654321',
    'whsec_12345678, ,',
    'whsec_12345678,undefined',
    'null,whsec_12345678',
  ])('with a comma list of webhook secrets that holds a blank one (%s) is refused', (list) => {
    expect(faultsOf({ ...STRIPE, STRIPE_ENDPOINT_SECRET: list }).join()).toContain('STRIPE_ENDPOINT_SECRET');
  });

  it('takes two webhook secrets while one is being rotated', () => {
    const settings = parseEnvironment({
      ...STRIPE,
      STRIPE_ENDPOINT_SECRET: ' whsec_12345678 , whsec_87654321 ',
    });
    expect(settings.stripe.webhookSecrets).toEqual(['whsec_12345678', 'whsec_87654321']);
  });

  it('takes the other names that services of this kind use', () => {
    const settings = parseEnvironment({
      STRIPE_SECRET_KEY: 'sk_test_other123',
      STRIPE_WEBHOOK_SECRET: 'whsec_other123',
    });
    expect(settings.stripe).toMatchObject({
      secretKey: 'sk_test_other123',
      webhookSecrets: ['whsec_other123'],
    });
  });

  it('prefers its own names where both are set', () => {
    const settings = parseEnvironment({ ...STRIPE, STRIPE_SECRET_KEY: 'sk_test_other123' });
    expect(settings.stripe.secretKey).toBe('sk_test_12345678');
  });

  it.each(['sk_live_12345678', 'rk_live_12345678'])(
    'with the live key %s wants a database that keeps rows',
    (key) => {
      const { API_KEYS } = PRODUCTION;
      const faults = faultsOf({ ...STRIPE, API_KEYS, STRIPE_SECRET: key });
      expect(faults).toEqual([expect.stringContaining('DATABASE_URL is required with a live key')]);
      const other = { STRIPE_WEBHOOK_SECRET: 'whsec_12345678', API_KEYS, STRIPE_SECRET_KEY: key };
      expect(faultsOf(other)).toEqual(faults);
    },
  );

  it.each([
    'http://api.stripe.com',
    'https://api.stripe.com.evil.example',
    'https://api.stripe.com@evil.example',
    'https://evil.example/https://api.stripe.com',
    'http://127.0.0.1:4010',
  ])('with a live key sends it to no other server: %s', (base) => {
    const environment = { ...PRODUCTION, STRIPE_SECRET: 'sk_live_12345678', STRIPE_API_BASE: base };
    expect(faultsOf(environment).join()).toContain('STRIPE_API_BASE');
    expect(faultsOf({ ...STRIPE, STRIPE_API_BASE: base })).toEqual([]);
  });

  it('with a live key may name the provider itself', () => {
    const base = { STRIPE_SECRET: 'sk_live_12345678', STRIPE_API_BASE: 'https://api.stripe.com' };
    expect(faultsOf({ ...PRODUCTION, ...base })).toEqual([]);
  });

  it('in production wants a database and a key', () => {
    expect(faultsOf({ ...STRIPE, NODE_ENV: 'production' })).toEqual([
      expect.stringContaining('DATABASE_URL is required'),
      expect.stringContaining('API_KEYS is required'),
    ]);
    expect(faultsOf(PRODUCTION)).toEqual([]);
  });

  it.each([',', ' , ', '   '])(
    'whose API_KEYS hold nothing but %j is not taken for an open service',
    (keys) => {
      expect(faultsOf({ ...PRODUCTION, API_KEYS: keys }).join()).toContain('API_KEYS');
      expect(faultsOf({ ...STRIPE, API_KEYS: keys }).join()).toContain('API_KEYS');
    },
  );

  it('ignores a failpoint in production', () => {
    expect(
      parseEnvironment({ ...PRODUCTION, FAILPOINT: 'inbox-committed' }).service.failpoint,
    ).toBeUndefined();
    expect(parseEnvironment({ ...STRIPE, FAILPOINT: 'inbox-committed' }).service.failpoint).toBe(
      'inbox-committed',
    );
  });

  it('reads API_KEYS as name, role and hash', () => {
    const keys = `shop:service:${HASH}, ops.1:operator:${HASH.toUpperCase()},eye:viewer:${HASH}`;
    expect(parseEnvironment({ ...STRIPE, API_KEYS: keys }).access.apiKeys).toEqual([
      { name: 'shop', group: 'shop', role: 'service', hash: Buffer.from(HASH, 'hex') },
      { name: 'ops.1', group: 'ops.1', role: 'operator', hash: Buffer.from(HASH, 'hex') },
      { name: 'eye', group: 'eye', role: 'viewer', hash: Buffer.from(HASH, 'hex') },
    ]);
  });

  it('T6r reads a group behind a key’s name', () => {
    const keys = `old:service:${HASH},new@old:service:${HASH},desk@nats:service:${HASH}`;
    const groups = parseEnvironment({ ...STRIPE, API_KEYS: keys }).access.apiKeys;
    expect(groups.map(({ name, group }) => [name, group])).toEqual([
      ['old', 'old'],
      ['new', 'old'],
      ['desk', 'nats'],
    ]);
  });

  it('T24a takes no ſ for an S in a currency', () => {
    expect(faultsOf({ ...STRIPE, ORDERS_CURRENCY: 'uſd' }).join()).toContain('ORDERS_CURRENCY');
    expect(parseEnvironment({ ...STRIPE, ORDERS_CURRENCY: 'mxn' }).orders.currency).toBe('MXN');
  });

  it.each([
    ['a key in clear', 'shop:service:my-very-secret-key'],
    ['no role', `shop:${HASH}`],
    ['a role that is none', `shop:root:${HASH}`],
    ['a hash that is too short', `shop:service:${HASH.slice(2)}`],
    ['a hash that is too long', `shop:service:${HASH}00`],
    ['no name', `:service:${HASH}`],
    ['a name with a space', `my shop:service:${HASH}`],
    ['one name twice', `shop:service:${HASH},shop:operator:${HASH}`],
    ['T6r one name in two groups', `shop@a:service:${HASH},shop@b:service:${HASH}`],
    ['T6r no group behind the @', `shop@:service:${HASH}`],
    ['T6r two groups', `shop@a@b:service:${HASH}`],
    ['T6r the group of browsers', `shop@public:service:${HASH}`],
    ['T6r the group of nobody’s key', `shop@open:service:${HASH}`],
    ['T6r the group of the providers’ panels', `shop@provider:service:${HASH}`],
    ['T6r the name of the providers’ panels', `provider:service:${HASH}`],
    ['T6r the name of NATS in another group', `nats@shop:service:${HASH}`],
  ])('refuses API_KEYS with %s', (_what, keys) => {
    expect(faultsOf({ ...STRIPE, API_KEYS: keys })).toEqual([expect.stringContaining('API_KEYS')]);
  });

  it('reads PROVIDER_ROUTES in their order', () => {
    const routes = ' mxn = conekta, stripe ; * = stripe;';
    expect(parseEnvironment({ ...STRIPE, PROVIDER_ROUTES: routes }).routing.routes).toEqual([
      { currency: 'MXN', providers: ['conekta', 'stripe'] },
      { currency: '*', providers: ['stripe'] },
    ]);
  });

  it.each(['MXN', 'MXN=', 'MXN= , ', '=stripe', 'MEX1=stripe', 'MXN=stripe;USD', 'MXN=Stripe', '*=paypal'])(
    'refuses PROVIDER_ROUTES like %j',
    (routes) => {
      expect(faultsOf({ ...STRIPE, PROVIDER_ROUTES: routes })).toEqual([
        expect.stringContaining('PROVIDER_ROUTES'),
      ]);
    },
  );

  it.each([
    'null',
    'https://shop.example/',
    '*',
    'shop.example',
    'https://shop.example,{{evil}}',
    'https://{{#a',
  ])('refuses origins like %j, and says so', (origin) => {
    expect(faultsOf({ ...STRIPE, REDIRECT_ORIGINS: origin })).toEqual([
      expect.stringContaining('REDIRECT_ORIGINS'),
    ]);
  });

  it('takes an empty text for not set, except where a secret belongs', () => {
    const unset = {
      PORT: '',
      DATABASE_URL: '',
      NATS_SERVERS: '',
      API_KEYS: '',
      PROVIDER_ROUTES: '',
      ADOPT_SINCE: '',
    };
    expect(parseEnvironment({ ...STRIPE, ...unset })).toEqual(parseEnvironment(STRIPE));
  });

  it('cuts the slashes off the end of its URLs, whose paths are appended to', () => {
    const settings = parseEnvironment({ ...STRIPE, PUBLIC_URL: 'https://pay.example//' });
    expect(settings.service.publicUrl).toBe('https://pay.example');
  });
});

describe('a fault of the environment', () => {
  it('never repeats the value of a secret', () => {
    const canary = 'c4n4ry';
    const secrets = {
      STRIPE_SECRET: `${canary}`,
      STRIPE_SECRET_KEY: `${canary}`,
      STRIPE_ENDPOINT_SECRET: `${canary},${canary}`,
      STRIPE_PUBLISHABLE_KEY: canary,
      CONEKTA_PRIVATE_KEY: canary,
      CONEKTA_PUBLIC_KEY: canary,
      CONEKTA_WEBHOOK_PUBLIC_KEYS: canary,
      ENCRYPTION_KEY: canary,
      STRIPE_WEBHOOK_SECRET: canary,
      API_KEYS: `shop:service:${canary}`,
      DATABASE_URL: `mysql://payments:${canary}@db/payments`,
      NATS_SERVERS: `nats://user:${canary}@broker`,
      STRIPE_API_BASE: `ftp://${canary}`,
      NODE_ENV: 'production',
    };
    const faults = faultsOf(secrets);
    expect(faults.length).toBeGreaterThan(4);
    expect(faults.join('\n')).not.toContain(canary);
    expect(new EnvironmentFaults(faults).message).not.toContain(canary);
  });
});
