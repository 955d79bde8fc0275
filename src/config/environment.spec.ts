import { describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { ENV_NAMES } from './env.schema.js';
import { type Environment, EnvironmentFaults, parseEnvironment } from './environment.js';

const STRIPE = { STRIPE_SECRET: 'sk_test_12345678', STRIPE_ENDPOINT_SECRET: 'whsec_12345678' };
const CONEKTA = { CONEKTA_PRIVATE_KEY: 'key_12345678' };
const HASH = createHash('sha256').update('key').digest('hex');
const PRODUCTION = {
  ...STRIPE,
  NODE_ENV: 'production',
  DATABASE_URL: 'postgres://payments@db/payments',
  API_KEYS: `shop:service:${HASH}`,
  PUBLIC_URL: 'https://pay.example',
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
    // S17f
    ['ORDERS_CURRENCY', 'BGN', 'must be EUR: BGN was withdrawn on 2026-01-01'],
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

  it.each([
    ['STRIPE_SECRET', 'STRIPE_SECRET_KEY', 'sk_test_'],
    ['STRIPE_SECRET', 'STRIPE_API_KEY', 'sk_test_'],
    ['STRIPE_ENDPOINT_SECRET', 'STRIPE_WEBHOOK_SECRET', 'whsec_'],
    ['STRIPE_ENDPOINT_SECRET', 'STRIPE_ENPOINT_SECRET', 'whsec_'],
    ['STRIPE_ENDPOINT_SECRET', 'ENDPOINT_SECRET', 'whsec_'],
  ])('S11h takes %s under the name %s, and refuses two values for it', (ours, theirs, prefix) => {
    const { [ours]: _own, ...rest }: Environment = STRIPE;
    const { secretKey, webhookSecrets } = parseEnvironment({ ...rest, [theirs]: `${prefix}other123` }).stripe;
    expect([secretKey, ...webhookSecrets]).toContain(`${prefix}other123`);
    expect(parseEnvironment({ ...STRIPE, [theirs]: STRIPE[ours as keyof typeof STRIPE] }).warnings).toEqual(
      [],
    );
    expect(faultsOf({ ...STRIPE, [theirs]: `${prefix}other123` })).toEqual([
      `${ours} and ${theirs} are names for the same thing and hold different values: keep one of them`,
    ]);
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

  it('S11e in production wants a database, a key and its own address', () => {
    expect(faultsOf({ ...STRIPE, NODE_ENV: 'production' })).toEqual([
      expect.stringContaining('DATABASE_URL is required'),
      expect.stringContaining('API_KEYS is required'),
      expect.stringContaining('PUBLIC_URL is required'),
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

describe('a page to return to', () => {
  const PAGES = ['STRIPE_SUCCESS_URL', 'STRIPE_CANCEL_URL', 'SUCCESS_URL', 'CANCEL_URL'] as const;
  const pagesOf = (url: string) => {
    const { success, cancel } = parseEnvironment({
      ...STRIPE,
      ...Object.fromEntries(PAGES.map((name) => [name, url])),
    }).returnUrls;
    return [success.stripe, cancel.stripe, success['*'], cancel['*']];
  };

  it.each([
    'https://shop.example/paid?session_id={CHECKOUT_SESSION_ID}',
    'https://shop.example/paid/{CHECKOUT_SESSION_ID}',
    'https://shop.example/paid#session={CHECKOUT_SESSION_ID}&next=/',
    'http://localhost:5173/paid?a=b%20c&session={CHECKOUT_SESSION_ID}&again={CHECKOUT_SESSION_ID}',
  ])('S12a is kept as it is written: %s', (url) => {
    expect(pagesOf(url)).toEqual([url, url, url, url]);
  });

  it.each([
    'https://shop.example/paid?session={SESSION_ID}',
    'https://shop.example/paid?session={checkout_session_id}',
    'https://shop.example/paid?session={{CHECKOUT_SESSION_ID}}',
    'https://{CHECKOUT_SESSION_ID}.shop.example/paid',
    'shop.example/{CHECKOUT_SESSION_ID}',
    'ftp://shop.example/{CHECKOUT_SESSION_ID}',
  ])('S12b is refused with other braces, or elsewhere: %s', (url) => {
    for (const name of PAGES) {
      expect(faultsOf({ ...STRIPE, [name]: url })).toEqual([
        expect.stringContaining(
          `${name} must be a whole http or https URL, with no braces but {CHECKOUT_SESSION_ID}`,
        ),
      ]);
    }
  });
});

describe('a value in quotes', () => {
  const RIGHT = {
    ...PRODUCTION,
    PORT: '3010',
    HOST: '127.0.0.1',
    LOG_LEVEL: 'warn',
    REDIRECT_ORIGINS: 'https://shop.example,https://other.example',
    RATE_LIMIT: '7',
    RETENTION_DAYS: '30',
    NATS_SERVERS: 'nats://a:4222,nats://b:4222',
    NATS_USER: 'payments',
    NATS_PASSWORD: 'pass "word" #1',
    NATS_INBOX_PREFIX: '_INBOX_payments',
    ORDERS_FIND_SUBJECT: '{"cmd":"find_order"}',
    ORDERS_REQUEST_SUBJECTS: 'create-session;{"cmd":"create"}',
    ORDERS_EVENT_KEYS: 'receiptUrl=',
    ADOPT_SINCE: '2026-01-31T00:00:00Z',
    STRIPE_SUCCESS_URL: 'https://shop.example/paid?session={CHECKOUT_SESSION_ID}',
    STRIPE_PUBLISHABLE_KEY: 'pk_test_12345678',
    CONEKTA_PRIVATE_KEY: 'key_12345678',
    CONEKTA_LIVEMODE: 'true',
    PROVIDER_ROUTES: 'MXN=conekta;*=stripe',
    ENCRYPTION_KEY: 'ab'.repeat(32),
    MULTIPLE_SUBSCRIPTIONS: 'true',
    CARD_FORM_STYLE: '{"inputType":"line"}',
    INSTALLATION_ID: 'shop-1',
  };

  it.each(["'", '"'])('S11a is read without them, whichever variable it is: %s', (quote) => {
    const quoted = Object.entries(RIGHT).map(([name, value]) => [name, `${quote}${value}${quote}`]);
    expect(parseEnvironment(Object.fromEntries(quoted))).toEqual(parseEnvironment(RIGHT));
  });

  it('S11b is checked behind them: a live key is one, and nothing in them is nothing', () => {
    expect(
      faultsOf({ STRIPE_SECRET: '"sk_live_12345678"', NODE_ENV: "'production'", DATABASE_URL: '""' }),
    ).toEqual([
      expect.stringContaining('DATABASE_URL is required with NODE_ENV=production'),
      expect.stringContaining('API_KEYS is required'),
      expect.stringContaining('PUBLIC_URL is required'),
    ]);
    expect(faultsOf({ ...PRODUCTION, STRIPE_SECRET: '""' })).toEqual(
      expect.arrayContaining(['STRIPE_SECRET is set but empty']),
    );
  });

  it.each([
    ['"', '', 'has a quote at one end only'],
    ['', "'", 'has a quote at one end only'],
    ['"', "'", 'has a quote at one end only'],
    [`'"`, `"'`, 'has more than one pair of quotes around it'],
    ['""', '""', 'has more than one pair of quotes around it'],
    ['""', '"', 'has more than one pair of quotes around it'],
  ])('S11c is refused by name where they do not match: %s…%s', (before, after, rule) => {
    for (const name of ['STRIPE_SECRET', 'PORT', 'NATS_SERVERS', 'SUCCESS_URL', 'DATABASE_URL'] as const) {
      const right = {
        ...PRODUCTION,
        PORT: '3003',
        NATS_SERVERS: 'nats://a',
        SUCCESS_URL: 'https://shop.example',
      };
      const broken = `${before}${right[name]}${after}`;
      expect(faultsOf({ ...right, [name]: broken })).toEqual([`${name} ${rule}`]);
    }
  });

  it('S11c is refused where each entry of a list has its own', () => {
    const list = '"whsec_12345678","whsec_87654321"';
    expect(faultsOf({ ...STRIPE, STRIPE_ENDPOINT_SECRET: list })).toEqual([
      'STRIPE_ENDPOINT_SECRET has quotes inside: take them out',
    ]);
    expect(faultsOf({ ...STRIPE, NATS_SERVERS: '"nats://a","nats://b"' })).toEqual([
      expect.stringContaining('NATS_SERVERS must be addresses'),
    ]);
  });
});

describe('a value of another kind', () => {
  it.each([
    ['STRIPE_SECRET', 'pk_test_12345678', 'holds a publishable key of Stripe'],
    ['STRIPE_SECRET_KEY', 'pk_live_12345678', 'holds a publishable key of Stripe'],
    ['STRIPE_API_KEY', '"pk_live_12345678"', 'holds a publishable key of Stripe'],
    ['STRIPE_SECRET', 'whsec_12345678', 'holds the signing secret of a webhook endpoint'],
    ['STRIPE_SECRET', 'we_1234567890', 'holds the id of a webhook endpoint'],
    ['STRIPE_SECRET', 'key_1234567890', 'holds a key of Conekta'],
    ['STRIPE_SECRET', 'https://api.stripe.com', 'holds a URL'],
    ['STRIPE_ENDPOINT_SECRET', 'sk_test_12345678', 'holds a secret key of Stripe'],
    ['STRIPE_ENDPOINT_SECRET', 'whsec_12345678, rk_live_12345678', 'holds a secret key of Stripe'],
    ['STRIPE_WEBHOOK_SECRET', 'pk_test_12345678', 'holds a publishable key of Stripe'],
    ['STRIPE_ENPOINT_SECRET', 'we_1234567890', 'holds the id of a webhook endpoint'],
    ['ENDPOINT_SECRET', 'https://shop.example/hook', 'holds a URL'],
    ['CONEKTA_PRIVATE_KEY', 'sk_test_12345678', 'holds a secret key of Stripe'],
    ['CONEKTA_PRIVATE_KEY', '-----BEGIN PUBLIC KEY-----', 'holds a key or certificate in PEM'],
    ['CONEKTA_PUBLIC_KEY', 'pk_test_12345678', 'holds a publishable key of Stripe'],
    ['CONEKTA_PUBLIC_KEY', 'key_12345678', 'holds the private key, which browsers would be sent'],
  ])('S11d is refused by name: %s=%s', (name, value, told) => {
    const {
      STRIPE_SECRET: _key,
      STRIPE_ENDPOINT_SECRET: _secret,
      ...rest
    }: Environment = { ...STRIPE, ...CONEKTA };
    const faults = faultsOf({ ...rest, [name]: value });
    expect(faults).toEqual([expect.stringContaining(`${name} ${told}`)]);
  });

  it('S11d is told all at once, and a restricted key is a key', () => {
    const wrong = {
      STRIPE_SECRET: 'pk_test_12345678',
      STRIPE_ENDPOINT_SECRET: 'we_12345678',
      NATS_SERVERS: 'http://a',
    };
    expect(faultsOf(wrong)).toHaveLength(3);
    expect(faultsOf({ ...STRIPE, STRIPE_SECRET: 'rk_test_12345678' })).toEqual([]);
  });

  it.each(['sk_test_12345678', 'rk_live_12345678', 'whsec_12345678'])(
    'S11d in STRIPE_PUBLISHABLE_KEY would be shown to everybody: %s',
    (secret) => {
      expect(faultsOf({ ...STRIPE, STRIPE_PUBLISHABLE_KEY: secret }).join()).toContain(
        'STRIPE_PUBLISHABLE_KEY must begin with pk_test_ or pk_live_: browsers are sent it',
      );
    },
  );

  it.each([
    ['http://127.0.0.1:4222', 'holds one with http://'],
    ['nats://a:4222;postgres://u:c4n4ry@b:5432/x', 'holds one with postgres://'],
    ['redis://a', 'holds one with redis://'],
    ['wss://a:443', 'holds one with wss://'],
    ['nats://', 'holds something else'],
    ['a b', 'holds something else'],
  ])('S11d is no address of a broker: %s', (servers, told) => {
    expect(faultsOf({ ...STRIPE, NATS_SERVERS: servers })).toEqual([
      `NATS_SERVERS must be addresses such as nats://127.0.0.1:4222, and ${told}`,
    ]);
  });

  it.each([
    ['nats://a:4222', ['nats://a:4222']],
    ['tls://b.example', ['tls://b.example']],
    ['a:4222;b:4222 ; c', ['nats://a:4222', 'nats://b:4222', 'nats://c']],
    ['127.0.0.1', ['nats://127.0.0.1']],
    ['nats://[::1]:4222', ['nats://[::1]:4222']],
    ['nats://u:p@a/', ['nats://a']],
  ])('is an address of a broker: %s', (servers, read) => {
    expect(parseEnvironment({ ...STRIPE, NATS_SERVERS: servers }).nats.servers).toEqual(read);
  });
});

describe('a name that is one slip away from ours', () => {
  const warningsOf = (environment: Environment) => parseEnvironment(environment).warnings;

  it.each([
    ['a letter left out', 'STRIPE_SECRT'],
    ['a letter too many', 'STRIPE_SECREET'],
    ['another letter', 'STRIPE_SECRED'],
    ['two letters swapped', 'STRIPE_SERCET'],
    ['a dash', 'STRIPE-SECRET'],
    ['other case', 'Stripe_Secret'],
  ])('S11f is refused where the right one is needed and unset: %s', (_what, name) => {
    const { STRIPE_ENDPOINT_SECRET } = STRIPE;
    expect(faultsOf({ STRIPE_ENDPOINT_SECRET, [name]: 'sk_test_12345678' })).toEqual([
      `${name} is not read: did you mean STRIPE_SECRET?`,
      expect.stringContaining('no provider is configured'),
    ]);
    const line = [`${name} is not read: did you mean STRIPE_SECRET?`];
    expect(warningsOf({ ...STRIPE, [name]: 'sk_test_12345678' })).toEqual(line);
    expect(warningsOf({ ...CONEKTA, [name]: 'sk_test_12345678' })).toEqual(line);
    expect(warningsOf({ ...STRIPE, [name]: '' })).toEqual([]);
  });

  it.each([
    ['DATABASE_URI', 'DATABASE_URL', 'postgres://payments@db/payments'],
    ['API_KEY', 'API_KEYS', `shop:service:${HASH}`],
    ['PUBLIC_URLS', 'PUBLIC_URL', 'https://pay.example'],
  ])('S11f is refused where production needs the right one: %s', (name, meant, value) => {
    const { [meant]: _right, ...rest }: Environment = PRODUCTION;
    expect(faultsOf({ ...rest, [name]: value })).toEqual([
      `${name} is not read: did you mean ${meant}?`,
      expect.stringContaining(`${meant} is required`),
    ]);
  });

  it('S11g is told where the right one has a default, or is not needed', () => {
    const slipped = {
      NATS_SERVER: 'nats://a',
      STRIPE_ENDPOINT_SECRETS: 'whsec_12345678',
      DATABASE_URLL: 'x',
    };
    expect(warningsOf({ ...STRIPE, ...slipped })).toEqual([
      'NATS_SERVER is not read: did you mean NATS_SERVERS?',
      'STRIPE_ENDPOINT_SECRETS is not read: did you mean STRIPE_ENDPOINT_SECRET?',
      'DATABASE_URLL is not read: did you mean DATABASE_URL?',
    ]);
  });

  it('S11g is nothing that other programs use', () => {
    const usual = `PATH HOME HOST HOSTS HOSTNAME PORT PORTS POST SORT USER USERS SHELL PWD OLDPWD LANG LC_ALL TERM TZ
      NODE_ENV NODE_OPTIONS NODE_PATH NODE_VERSION NODE_TLS_REJECT_UNAUTHORIZED NODE_EXTRA_CA_CERTS YARN_VERSION
      npm_config_cache npm_lifecycle_event npm_package_name npm_execpath npm_node_execpath INIT_CWD
      HTTP_PROXY HTTPS_PROXY NO_PROXY http_proxy https_proxy no_proxy DEBUG CI LOGLEVEL LOG_FORMAT LOG_FILE
      DATABASE_HOST DATABASE_PORT DATABASE_USER DATABASE_PASSWORD DATABASE_NAME DATABASE_URI DB_URL DB_HOST PGHOST
      PGUSER PGPASSWORD PGDATABASE PGDATA PGSSLMODE POSTGRES_URL POSTGRES_PASSWORD REDIS_URL MONGO_URL AMQP_URL
      NATS_URL NATS_PORT NATS_HOST NATS_TOKEN NATS_SERVICE_HOST NATS_SERVICE_PORT NATS_PORT_4222_TCP
      NATS_PAYMENTS_PASSWORD NATS_ORDERS_PASSWORD STRIPE_DEVICE_NAME STRIPE_WEBHOOK_ID STRIPE_ACCOUNT
      STRIPE_PRICE_ID API_KEY API_URL API_TOKEN BASE_URL APP_URL PUBLIC_DIR DATA_PATH DATADIR XDG_DATA_DIRS
      CORS_ORIGIN CORS_ENABLED RATE_LIMIT_MAX JWT_SECRET SECRET_KEY SESSION_SECRET ENCRYPTION_SECRET
      KUBERNETES_SERVICE_HOST KUBERNETES_PORT AWS_REGION AWS_SECRET_ACCESS_KEY GOOGLE_APPLICATION_CREDENTIALS
      OTEL_SERVICE_NAME SENTRY_DSN EDITOR PAGER SSH_AUTH_SOCK _ SHLVL LOGNAME MAIL DISPLAY COLORTERM NO_COLOR`;
    const around = Object.fromEntries(
      usual.split(/\s+/).map((name) => [name, name === 'NODE_ENV' ? 'test' : '7']),
    );
    const { HOST: _host, PORT: _port, ...unrelated } = around;
    expect(warningsOf({ ...unrelated, ...STRIPE })).toEqual([]);
    // It is the slips that are looked for here: none of these is a reason to refuse either.
    expect(faultsOf({ ...unrelated, ...PRODUCTION })).toEqual([]);
  });
});

describe('a stand-in in production', () => {
  it.each([
    ['STRIPE', 'stripe'],
    ['CONEKTA', 'conekta'],
  ] as const)('S11j is allowed with a test key, and said: %s', (prefix, name) => {
    const environment = { ...PRODUCTION, ...CONEKTA, CONEKTA_LIVEMODE: 'false' };
    const standIn = parseEnvironment({ ...environment, [`${prefix}_API_BASE`]: 'http://stand-in:12111' });
    expect(standIn[name].standIn).toBe(true);
    expect(standIn.warnings).toEqual([
      `${prefix}_API_BASE names another server than the provider's: no money moves at ${name}`,
    ]);
    expect(parseEnvironment(environment).warnings).toEqual([]);
  });
});

describe('a fault of the environment', () => {
  it('S11k repeats no key, whatever variable it was put into', () => {
    for (const name of ENV_NAMES) {
      for (const key of ['sk_live_c4n4ry1234', 'rk_test_c4n4ry1234', 'whsec_c4n4ry1234', 'key_c4n4ry1234']) {
        const faults = faultsOf({ ...STRIPE, [name]: key, [`X_${name}`]: key });
        expect(faults.join('\n')).not.toContain('c4n4ry');
        expect(faultsOf({ ...STRIPE, [name]: `http://user:${key}@host` }).join('\n')).not.toContain('c4n4ry');
      }
    }
  });

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
