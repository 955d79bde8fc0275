import { describe, expect, it } from '@jest/globals';
import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto';
import { webhookKeyVariable } from './env.rules.js';
import { ENV_NAMES } from './env.schema.js';
import { type Environment, EnvironmentFaults, parseEnvironment } from './environment.js';

const STRIPE = { STRIPE_SECRET: 'sk_test_12345678', STRIPE_ENDPOINT_SECRET: 'whsec_12345678' };
const CONEKTA = { CONEKTA_PRIVATE_KEY: 'key_12345678' };
const DATABASE = { DATABASE_URL: 'postgres://payments@db/payments' };
const KEYS = { API_KEYS: `shop:service:${createHash('sha256').update('key').digest('hex')}` };
const PUBLIC = { PUBLIC_URL: 'https://pay.example' };
const PRODUCTION = { ...DATABASE, ...KEYS, ...PUBLIC, NODE_ENV: 'production' };

function faultsOf(environment: Environment): readonly string[] {
  try {
    parseEnvironment(environment);
  } catch (error) {
    if (error instanceof EnvironmentFaults) return error.faults;
    throw error;
  }
  return [];
}

const publicPem = (): string =>
  generateKeyPairSync('rsa', { modulusLength: 2048 })
    .publicKey.export({ type: 'spki', format: 'pem' })
    .toString();

const privatePem = (type: 'pkcs1' | 'pkcs8'): string =>
  generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type, format: 'pem' }).toString();

describe('the environment of Conekta', () => {
  it('needs nothing but its private key', () => {
    expect(parseEnvironment(CONEKTA)).toMatchObject({
      stripe: { secretKey: undefined },
      conekta: { privateKey: 'key_12345678', publicKey: undefined, livemode: false, webhookKeys: [] },
    });
  });

  describe('holds its webhook keys', () => {
    const [first, second] = [publicPem(), publicPem()];
    const keysIn = (text: string) =>
      parseEnvironment({ ...CONEKTA, CONEKTA_WEBHOOK_PUBLIC_KEYS: text }).conekta.webhookKeys;

    it.each([
      ['with its lines', (pem: string) => pem],
      ['in one line, its ends of lines escaped', (pem: string) => pem.replaceAll('\n', '\\n')],
      ['with carriage returns', (pem: string) => pem.replaceAll('\n', '\r\n')],
    ])('as PEM %s, one after the other', (_how, written) => {
      expect(keysIn(written(first))).toHaveLength(1);
      const both = keysIn(`${written(first)}${written(second)}`);
      expect(both.map((pem) => pem.replaceAll('\r', ''))).toEqual([first.trim(), second.trim()]);
    });

    it.each([
      ['a word', 'undefined'],
      ['half a PEM', first.slice(0, 100)],
      ['a PEM and something else', `${first}whsec_12345678`],
      ['a PEM of nothing', '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----'],
      [
        'a key of another kind',
        generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }).toString(),
      ],
    ])('and refuses %s', (_what, text) => {
      expect(faultsOf({ ...CONEKTA, CONEKTA_WEBHOOK_PUBLIC_KEYS: text })).toEqual([
        'CONEKTA_WEBHOOK_PUBLIC_KEYS must hold public RSA keys in PEM, one after the other',
      ]);
    });

    it.each([
      ['a private key', privatePem('pkcs8')],
      ['a private key', privatePem('pkcs1')],
      ['a certificate', '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----'],
    ])('S11d and says that it is %s', (told, text) => {
      for (const written of [text, text.replaceAll('\n', '\\n'), `"${text}"`]) {
        expect(faultsOf({ ...CONEKTA, CONEKTA_WEBHOOK_PUBLIC_KEYS: written })).toEqual([
          `CONEKTA_WEBHOOK_PUBLIC_KEYS must hold public RSA keys in PEM, one after the other, and holds ${told}`,
        ]);
      }
    });
  });

  it.each(['', ' ', 'undefined', 'short'])('with %j for a key is refused', (blank) => {
    for (const name of ['CONEKTA_PRIVATE_KEY', 'CONEKTA_PUBLIC_KEY']) {
      expect(faultsOf({ ...STRIPE, ...CONEKTA, [name]: blank }).join()).toContain(name);
    }
  });

  it('must say in production whether it is live, since its keys do not', () => {
    expect(faultsOf({ ...PRODUCTION, ...CONEKTA })).toEqual([expect.stringContaining('CONEKTA_LIVEMODE')]);
    for (const livemode of ['true', 'false', 'TRUE']) {
      expect(faultsOf({ ...PRODUCTION, ...CONEKTA, CONEKTA_LIVEMODE: livemode })).toEqual([]);
    }
    expect(faultsOf({ ...PRODUCTION, ...STRIPE })).toEqual([]);
  });

  it.each(['yes', '1', 'live'])('takes no %j for a mode', (livemode) => {
    expect(faultsOf({ ...CONEKTA, CONEKTA_LIVEMODE: livemode })).toEqual([
      expect.stringContaining('CONEKTA_LIVEMODE'),
    ]);
  });

  it('sends a live key to no other host, and into no database that may lose rows', () => {
    const live = { ...CONEKTA, ...KEYS, CONEKTA_LIVEMODE: 'true' };
    const elsewhere = {
      CONEKTA_API_BASE: 'https://api.conekta.io.evil.example',
      CONEKTA_COMPONENT_URL: 'http://pay.conekta.com/v1.0/js/conekta-checkout.min.js',
    };
    expect(faultsOf({ ...live, ...elsewhere })).toEqual([
      expect.stringContaining('CONEKTA_API_BASE'),
      expect.stringContaining('CONEKTA_COMPONENT_URL'),
      expect.stringContaining('DATABASE_URL is required with a live key'),
    ]);
    expect(faultsOf({ ...DATABASE, ...live, CONEKTA_API_BASE: 'https://x@api.conekta.io' })).toHaveLength(1);
    expect(faultsOf({ ...DATABASE, ...CONEKTA, ...elsewhere })).toEqual([]);
    const itself = {
      CONEKTA_API_BASE: 'https://api.conekta.io',
      CONEKTA_COMPONENT_URL: 'https://pay.conekta.com/v1.0/js/conekta-checkout.min.js',
    };
    expect(faultsOf({ ...DATABASE, ...live, ...itself })).toEqual([]);
  });
});

describe('the publishable key of Stripe', () => {
  it.each([
    ['sk_test_12345678', 'pk_test_12345678'],
    ['sk_live_12345678', 'pk_live_12345678'],
    ['rk_live_12345678', 'pk_live_12345678'],
  ])('goes with a secret key of its mode (%s, %s)', (secret, publishable) => {
    const keys = {
      ...STRIPE,
      ...DATABASE,
      ...KEYS,
      STRIPE_SECRET: secret,
      STRIPE_PUBLISHABLE_KEY: publishable,
    };
    expect(parseEnvironment(keys).stripe.publishableKey).toBe(publishable);
  });

  it.each([
    ['sk_test_12345678', 'pk_live_12345678'],
    ['sk_live_12345678', 'pk_test_12345678'],
  ])('of another mode is refused (%s, %s)', (secret, publishable) => {
    const keys = {
      ...STRIPE,
      ...DATABASE,
      ...KEYS,
      STRIPE_SECRET: secret,
      STRIPE_PUBLISHABLE_KEY: publishable,
    };
    expect(faultsOf(keys)).toEqual(['STRIPE_PUBLISHABLE_KEY is of another mode than STRIPE_SECRET']);
  });

  it.each(['sk_test_12345678', 'pk_12345678', 'pk_test_', 'pk_test_1 2'])('is never %j', (publishable) => {
    expect(faultsOf({ ...STRIPE, STRIPE_PUBLISHABLE_KEY: publishable }).join()).toContain(
      'STRIPE_PUBLISHABLE_KEY must begin with pk_test_ or pk_live_',
    );
  });

  it('is shown with no other script than Stripe’s own while the key is live', () => {
    const live = { ...STRIPE, ...DATABASE, ...KEYS, STRIPE_SECRET: 'sk_live_12345678' };
    expect(faultsOf({ ...live, STRIPE_JS_URL: 'https://js.stripe.com/v3' })).toEqual([]);
    expect(faultsOf({ ...live, STRIPE_JS_URL: 'http://127.0.0.1:12111/v3' })).toEqual([
      expect.stringContaining('STRIPE_JS_URL'),
    ]);
    expect(faultsOf({ ...STRIPE, STRIPE_JS_URL: 'http://127.0.0.1:12111/v3' })).toEqual([]);
  });
});

describe('the ENCRYPTION_KEY', () => {
  const key = randomBytes(32);
  const keyOf = (text: string) => parseEnvironment({ ...STRIPE, ENCRYPTION_KEY: text }).encryption.key;

  it('is 32 bytes, in hexadecimal or base64', () => {
    for (const text of [key.toString('hex'), key.toString('hex').toUpperCase(), key.toString('base64')]) {
      expect(keyOf(text)).toEqual(key);
    }
    expect(keyOf(` ${key.toString('hex')}\n`)).toEqual(key);
    expect(keyOf('')).toBeUndefined();
  });

  it.each([
    ['too short', key.subarray(0, 31).toString('hex')],
    ['too long', `${key.toString('hex')}00`],
    ['a password', 'correct horse battery staple'],
    ['of 64 letters that are no digits', 'z'.repeat(64)],
  ])('is refused when it is %s, and never repeated', (_how, text) => {
    expect(faultsOf({ ...STRIPE, ENCRYPTION_KEY: text })).toEqual([
      'ENCRYPTION_KEY must be 32 bytes, as 64 hexadecimal digits or as base64',
    ]);
  });
});

describe('the variable of a provider’s webhook keys', () => {
  it.each(['stripe', 'conekta'])('of %s is one that the service reads', (provider) => {
    expect(ENV_NAMES).toContain(webhookKeyVariable(provider));
  });
});

describe('a live key without API_KEYS', () => {
  const OPEN = expect.stringContaining('API_KEYS is required with');
  const LIVE_KEYS = [
    ['a secret key', 'sk_live_12345678'],
    ['a restricted key', 'rk_live_12345678'],
    ['the key of an organization', 'sk_org_live_12345678'],
    ['a key in double quotes', '"sk_live_12345678"'],
    ['a key in single quotes, with spaces', " 'sk_live_12345678' "],
    ['a restricted key in quotes', '"rk_live_12345678"'],
    ['the key of an organization in quotes', '"sk_org_live_12345678"'],
  ] as const;

  describe.each(['development', 'test', 'production', undefined])('with NODE_ENV=%s', (mode) => {
    const around = { ...DATABASE, ...PUBLIC, ...(mode !== undefined && { NODE_ENV: mode }) };

    it.each(LIVE_KEYS)('T21a is refused: %s of Stripe', (_what, key) => {
      for (const name of ['STRIPE_SECRET', 'STRIPE_SECRET_KEY']) {
        expect(faultsOf({ ...around, [name]: key })).toEqual([OPEN]);
        expect(faultsOf({ ...around, ...KEYS, [name]: key })).toEqual([]);
        for (const none of ['', '  ', '""'])
          expect(faultsOf({ ...around, [name]: key, API_KEYS: none }).join()).toContain('API_KEYS');
      }
    });

    it.each(['true', 'TRUE'])('T21b is refused: Conekta with CONEKTA_LIVEMODE=%s', (livemode) => {
      for (const key of ['key_12345678', '"key_12345678"'])
        expect(faultsOf({ ...around, CONEKTA_PRIVATE_KEY: key, CONEKTA_LIVEMODE: livemode })).toEqual([OPEN]);
    });
  });

  it.each(LIVE_KEYS)(
    'T21c goes to the provider alone, and into no database that may lose rows: %s',
    (_what, key) => {
      const environment = { ...KEYS, STRIPE_SECRET: key, STRIPE_API_BASE: 'http://127.0.0.1:12111' };
      expect(faultsOf({ ...environment })).toEqual([
        expect.stringContaining('STRIPE_API_BASE must be unset'),
        expect.stringContaining('DATABASE_URL is required with a live key'),
      ]);
    },
  );

  it('T21d is read without the quotes around it', () => {
    const quoted = {
      ...KEYS,
      ...DATABASE,
      STRIPE_SECRET: '"sk_live_12345678"',
      CONEKTA_PRIVATE_KEY: "'key_12345678'",
    };
    const { stripe, conekta } = parseEnvironment(quoted);
    expect([stripe.secretKey, conekta.privateKey]).toEqual(['sk_live_12345678', 'key_12345678']);
  });

  it('S11c is refused in two pairs of quotes, and is a live key all the same', () => {
    const environment = { ...DATABASE, STRIPE_SECRET: `'"sk_live_12345678"'` };
    expect(faultsOf(environment)).toEqual(['STRIPE_SECRET has more than one pair of quotes around it', OPEN]);
  });

  it.each(['""', "' '", '"undefined"', '"short"'])('T21e is no secret with only %s in it', (blank) => {
    expect(faultsOf({ ...CONEKTA, STRIPE_SECRET: blank }).join()).toContain('STRIPE_SECRET');
  });
});
