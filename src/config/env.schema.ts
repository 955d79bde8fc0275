import Joi from 'joi';
import { FAILPOINTS } from '../kernel/failpoint.js';
import {
  apiKeys,
  cardFormStyle,
  commaList,
  currencyCode,
  encryptionKey,
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
  type EnvValues,
} from './env.types.js';
import { eventKeys, eventSubject, findSubject, ordersPreset, requestSubjects } from './env.orders.js';

const optionalText = Joi.string().empty('');

const service = {
  PORT: Joi.number().port().empty('').default(3003),
  HOST: optionalText.default('0.0.0.0'),
  NODE_ENV: optionalText.valid('production', 'development', 'test').default('development'),
  LOG_LEVEL: optionalText.valid('fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent').default('info'),
  PUBLIC_URL: httpUrl(),
  TRUSTED_PROXIES: commaList(),
  RATE_LIMIT: Joi.number().integer().min(0).empty('').default(120),
  CORS_ORIGINS: origins(),
  REDIRECT_ORIGINS: origins(),
  SHUTDOWN_DRAIN_MS: Joi.number().integer().min(0).max(600_000).empty(''),
  FAILPOINT: optionalText.valid(...FAILPOINTS),
  INSTALLATION_ID: optionalText.pattern(/^[\w.:-]{1,64}$/).messages({
    'string.pattern.base':
      '{{#label}} must have at most 64 letters, digits, dots, colons, dashes or underscores',
  }),
};

const postgresUrl = optionalText.uri({ scheme: ['postgres', 'postgresql'] }).messages({
  'string.uriCustomScheme': '{{#label}} must be a URL that begins with postgres:// or postgresql://',
});

const stores = {
  DATABASE_URL: postgresUrl,
  MIGRATION_DATABASE_URL: postgresUrl,
  DATA_DIR: optionalText.default('./data'),
  DATABASE_POOL: Joi.number().integer().min(1).max(1_000).empty('').default(10),
  DATABASE_WORKER_POOL: Joi.number().integer().min(1).max(1_000).empty('').default(10),
  DATABASE_TLS_CA: pemFile(),
  RETENTION_DAYS: Joi.number().integer().min(1).empty('').default(90),
};

const nats = {
  NATS_SERVERS: serverList().default(['nats://127.0.0.1:4222']),
  NATS_USER: optionalText,
  NATS_PASSWORD: optionalText,
  NATS_CREDS: optionalText,
  NATS_TLS_CA: optionalText,
  NATS_INBOX_PREFIX: optionalText
    .pattern(/^[\w-]+(\.[\w-]+)*$/)
    .messages({ 'string.pattern.base': '{{#label}} must be a NATS subject without wildcards' })
    .default('_INBOX'),
  STREAM_MAX_AGE_DAYS: Joi.number().min(1).empty('').default(30),
  STREAM_REPLICAS: Joi.number().integer().min(1).max(5).empty('').default(1),
};

const orders = {
  ORDERS_FIND_SUBJECT: findSubject().default('findOneOrder'),
  ORDERS_PRESET: ordersPreset(),
  ORDERS_REQUEST_SUBJECTS: requestSubjects(),
  ORDERS_EVENT_SUBJECT: eventSubject(),
  ORDERS_EVENT_KEYS: eventKeys(),
  ORDERS_ID_TYPE: optionalText.valid('string', 'number').default('string'),
  ORDERS_TIMEOUT_MS: Joi.number().integer().min(100).empty('').default(5000),
  ORDERS_CURRENCY: currencyCode().default('USD'),
  ADOPT_SINCE: isoDate(),
};

const stripe = {
  STRIPE_SECRET: secret(),
  STRIPE_SECRET_KEY: secret(),
  STRIPE_API_KEY: secret(),
  STRIPE_ENDPOINT_SECRET: secret(),
  STRIPE_WEBHOOK_SECRET: secret(),
  STRIPE_ENPOINT_SECRET: secret(),
  ENDPOINT_SECRET: secret(),
  STRIPE_SUCCESS_URL: returnUrl(),
  STRIPE_CANCEL_URL: returnUrl(),
  STRIPE_API_BASE: httpUrl(),
  STRIPE_PUBLISHABLE_KEY: optionalText.pattern(/^pk_(test|live)_\w+$/).messages({
    'string.pattern.base': '{{#label}} must begin with pk_test_ or pk_live_: browsers are sent it',
  }),
  STRIPE_JS_URL: httpUrl(),
};

const conekta = {
  CONEKTA_PRIVATE_KEY: secret(),
  CONEKTA_PUBLIC_KEY: secret(),
  CONEKTA_LIVEMODE: flag(),
  CONEKTA_WEBHOOK_PUBLIC_KEYS: publicKeys(),
  CONEKTA_API_BASE: httpUrl(),
  CONEKTA_COMPONENT_URL: httpUrl(),
};

const shared = {
  SUCCESS_URL: returnUrl(),
  CANCEL_URL: returnUrl(),
  PROVIDER_ROUTES: providerRoutes(),
  API_KEYS: apiKeys(),
  ENCRYPTION_KEY: encryptionKey(),
  MULTIPLE_SUBSCRIPTIONS: flag(),
  CARD_FORM_STYLE: cardFormStyle(),
};

/** Every variable that the service reads. A test holds `.env.example` to it. */
export const ENV_SCHEMA = Joi.object<EnvValues>({
  ...service,
  ...stores,
  ...nats,
  ...orders,
  ...stripe,
  ...conekta,
  ...shared,
}).unknown(true);

export const ENV_NAMES: readonly string[] = Object.keys({
  ...service,
  ...stores,
  ...nats,
  ...orders,
  ...stripe,
  ...conekta,
  ...shared,
});
