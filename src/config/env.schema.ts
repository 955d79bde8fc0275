import Joi from 'joi';
import { FAILPOINTS } from '../kernel/failpoint.js';
import {
  apiKeys,
  cardFormStyle,
  commaList,
  currencyCode,
  encryptionKey,
  filePath,
  flag,
  httpUrl,
  isoDate,
  origins,
  pemFile,
  providerRoutes,
  publicKeys,
  returnUrl,
  secret,
  serverList,
} from './env.types.js';
import { eventKeys, eventSubject, findSubject, ordersPreset, requestSubjects } from './env.orders.js';

const text = Joi.string().empty('');
const optionalText = Joi.string<string | undefined>().empty('');
const integer = Joi.number().integer().empty('');

function oneOf<T extends string>(...values: readonly T[]): Joi.StringSchema<T> {
  return Joi.string<T>()
    .empty('')
    .valid(...values);
}

const postgresUrl = optionalText.uri({ scheme: ['postgres', 'postgresql'] }).messages({
  'string.uriCustomScheme': '{{#label}} must be a URL that begins with postgres:// or postgresql://',
});

/** Every variable that the service reads. A test holds `.env.example` to it. */
const VARIABLES = {
  PORT: Joi.number().port().empty('').default(3003),
  HOST: text.default('0.0.0.0'),
  NODE_ENV: oneOf('production', 'development', 'test').default('development'),
  LOG_LEVEL: oneOf('fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent').default('info'),
  PUBLIC_URL: httpUrl,
  TRUSTED_PROXIES: commaList,
  RATE_LIMIT: integer.min(0).default(120),
  CORS_ORIGINS: origins,
  REDIRECT_ORIGINS: origins,
  SHUTDOWN_DRAIN_MS: Joi.number<number | undefined>().integer().min(0).max(600_000).empty(''),
  FAILPOINT: optionalText.valid(...FAILPOINTS),
  INSTALLATION_ID: optionalText.pattern(/^[\w.:-]{1,64}$/).messages({
    'string.pattern.base':
      '{{#label}} must have at most 64 letters, digits, dots, colons, dashes or underscores',
  }),

  DATABASE_URL: postgresUrl,
  MIGRATION_DATABASE_URL: postgresUrl,
  DATA_DIR: text.default('./data'),
  DATABASE_POOL: integer.min(1).max(1_000).default(10),
  DATABASE_WORKER_POOL: integer.min(1).max(1_000).default(10),
  DATABASE_TLS_CA: pemFile,
  RETENTION_DAYS: integer.min(1).default(90),

  NATS_SERVERS: serverList(['nats://127.0.0.1:4222']),
  NATS_USER: optionalText,
  NATS_PASSWORD: optionalText,
  NATS_CREDS: optionalText,
  NATS_TLS_CA: filePath,
  NATS_INBOX_PREFIX: text
    .pattern(/^[\w-]+(\.[\w-]+)*$/)
    .messages({ 'string.pattern.base': '{{#label}} must be a NATS subject without wildcards' })
    .default('_INBOX'),
  STREAM_MAX_AGE_DAYS: Joi.number().min(1).empty('').default(30),
  STREAM_REPLICAS: integer.min(1).max(5).default(1),

  ORDERS_FIND_SUBJECT: findSubject('findOneOrder'),
  ORDERS_PRESET: ordersPreset,
  ORDERS_REQUEST_SUBJECTS: requestSubjects,
  ORDERS_EVENT_SUBJECT: eventSubject,
  ORDERS_EVENT_KEYS: eventKeys,
  ORDERS_ID_TYPE: oneOf('string', 'number').default('string'),
  ORDERS_TIMEOUT_MS: integer.min(100).default(5000),
  ORDERS_CURRENCY: currencyCode('USD'),
  ADOPT_SINCE: isoDate,

  STRIPE_SECRET: secret,
  STRIPE_SECRET_KEY: secret,
  STRIPE_API_KEY: secret,
  STRIPE_ENDPOINT_SECRET: secret,
  STRIPE_WEBHOOK_SECRET: secret,
  STRIPE_ENPOINT_SECRET: secret,
  ENDPOINT_SECRET: secret,
  STRIPE_SUCCESS_URL: returnUrl,
  STRIPE_CANCEL_URL: returnUrl,
  STRIPE_API_BASE: httpUrl,
  STRIPE_PUBLISHABLE_KEY: optionalText.pattern(/^pk_(test|live)_\w+$/).messages({
    'string.pattern.base': '{{#label}} must begin with pk_test_ or pk_live_: browsers are sent it',
  }),
  STRIPE_JS_URL: httpUrl,

  CONEKTA_PRIVATE_KEY: secret,
  CONEKTA_PUBLIC_KEY: secret,
  CONEKTA_LIVEMODE: flag,
  CONEKTA_WEBHOOK_PUBLIC_KEYS: publicKeys,
  CONEKTA_API_BASE: httpUrl,
  CONEKTA_COMPONENT_URL: httpUrl,

  SUCCESS_URL: returnUrl,
  CANCEL_URL: returnUrl,
  PROVIDER_ROUTES: providerRoutes,
  API_KEYS: apiKeys,
  ENCRYPTION_KEY: encryptionKey,
  MULTIPLE_SUBSCRIPTIONS: flag,
  CARD_FORM_STYLE: cardFormStyle,
};

type ValueOf<S> = S extends Joi.AnySchema<infer T> ? T : never;

/** The variables as the schema leaves them: converted, with defaults. */
export type EnvValues = { readonly [K in keyof typeof VARIABLES]: ValueOf<(typeof VARIABLES)[K]> };

export const ENV_SCHEMA = Joi.object<EnvValues>(VARIABLES).unknown(true);

export const ENV_NAMES: readonly string[] = Object.keys(VARIABLES);
