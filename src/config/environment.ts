import { connectionFaults, natsBroker } from './env.connections.js';
import { ordersFaults, PRESETS } from './env.orders.js';
import { ENV_NAMES, ENV_SCHEMA, type EnvValues } from './env.schema.js';
import { splitList } from './env.types.js';
import { crossFaults, type Environment, isStandIn, NAMES_OF, slips, withoutQuotes } from './env.rules.js';
import type { OrdersSettings, Settings } from './settings.js';

export type { Environment };

/** Everything that is wrong with the variables, one line each. */
export class EnvironmentFaults extends Error {
  constructor(readonly faults: readonly string[]) {
    super(`The environment is not usable:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`);
    this.name = 'EnvironmentFaults';
  }
}

/** Reads the variables into typed settings. @throws EnvironmentFaults with every fault at once. */
export function parseEnvironment(environment: Environment): Settings {
  const { env, faults: quotes } = withoutQuotes(environment, ENV_NAMES);
  const { value, error } = ENV_SCHEMA.validate(env, {
    abortEarly: false,
    errors: { wrap: { label: false } },
  });
  const faults = error?.details.map((detail) => detail.message) ?? [];
  const wrong = error?.details.map(({ path }) => String(path[0])) ?? [];
  const orders = error === undefined ? ordersFaults(ordersSettings(value)) : [];
  const connections = connectionFaults(value, wrong);
  const slipped = slips(env, ENV_NAMES);
  const all = [...quotes, ...slipped.faults, ...faults, ...orders, ...connections, ...crossFaults(env)];
  if (all.length > 0) throw new EnvironmentFaults(all.map(withoutKeys));
  const settings = toSettings(value);
  return { ...settings, warnings: [...slipped.warnings, ...standInWarnings(settings)] };
}

/** A fault never repeats a key, whatever variable it was put into. */
function withoutKeys(fault: string): string {
  return fault.replace(/(?<![a-z])(sk|rk|whsec|key)_\w+/g, '$1_…').replace(/\/\/[^\s/]+@/g, '//…@');
}

function standInWarnings({ service, ...settings }: Omit<Settings, 'warnings'>): string[] {
  if (service.nodeEnv !== 'production') return [];
  const standIns = (['stripe', 'conekta'] as const).filter((name) => settings[name].standIn);
  return standIns.map(
    (name) =>
      `${name.toUpperCase()}_API_BASE names another server than the provider's: no money moves at ${name}`,
  );
}

function toSettings(env: EnvValues): Omit<Settings, 'warnings'> {
  const stripeKey = firstOf(env, NAMES_OF.STRIPE_SECRET);
  const secrets = firstOf(env, NAMES_OF.STRIPE_ENDPOINT_SECRET) ?? '';
  return {
    service: {
      port: env.PORT,
      host: env.HOST,
      nodeEnv: env.NODE_ENV,
      logLevel: env.LOG_LEVEL,
      publicUrl: env.PUBLIC_URL ?? `http://127.0.0.1:${env.PORT}`,
      trustedProxies: env.TRUSTED_PROXIES ?? [],
      rateLimit: env.RATE_LIMIT,
      corsOrigins: env.CORS_ORIGINS ?? [],
      redirectOrigins: env.REDIRECT_ORIGINS ?? [],
      shutdownDrainMs: env.SHUTDOWN_DRAIN_MS ?? (env.NODE_ENV === 'production' ? 5_000 : 0),
      failpoint: env.NODE_ENV === 'production' ? undefined : env.FAILPOINT,
      installationId: env.INSTALLATION_ID,
    },
    stores: {
      databaseUrl: env.DATABASE_URL,
      migrationDatabaseUrl: env.MIGRATION_DATABASE_URL,
      dataDir: env.DATA_DIR,
      databasePool: env.DATABASE_POOL,
      databaseWorkerPool: env.DATABASE_WORKER_POOL,
      databaseTlsCa: env.DATABASE_TLS_CA,
      retentionDays: env.RETENTION_DAYS,
    },
    nats: {
      ...natsBroker(env),
      credsFile: env.NATS_CREDS,
      tlsCaFile: env.NATS_TLS_CA,
      inboxPrefix: env.NATS_INBOX_PREFIX,
      streamMaxAgeDays: env.STREAM_MAX_AGE_DAYS,
      streamReplicas: env.STREAM_REPLICAS,
    },
    orders: ordersSettings(env),
    returnUrls: {
      success: defined({ stripe: env.STRIPE_SUCCESS_URL, '*': env.SUCCESS_URL }),
      cancel: defined({ stripe: env.STRIPE_CANCEL_URL, '*': env.CANCEL_URL }),
    },
    stripe: {
      secretKey: stripeKey,
      webhookSecrets: splitList(secrets),
      apiBase: env.STRIPE_API_BASE,
      standIn: stripeKey !== undefined && isStandIn('stripe', env.STRIPE_API_BASE),
      publishableKey: env.STRIPE_PUBLISHABLE_KEY,
      scriptUrl: env.STRIPE_JS_URL,
    },
    conekta: {
      privateKey: env.CONEKTA_PRIVATE_KEY,
      publicKey: env.CONEKTA_PUBLIC_KEY,
      livemode: env.CONEKTA_LIVEMODE,
      webhookKeys: env.CONEKTA_WEBHOOK_PUBLIC_KEYS ?? [],
      apiBase: env.CONEKTA_API_BASE,
      standIn: env.CONEKTA_PRIVATE_KEY !== undefined && isStandIn('conekta', env.CONEKTA_API_BASE),
      componentUrl: env.CONEKTA_COMPONENT_URL,
    },
    routing: { routes: env.PROVIDER_ROUTES ?? [] },
    access: { apiKeys: env.API_KEYS ?? [] },
    encryption: { key: env.ENCRYPTION_KEY },
    subscriptions: { multiple: env.MULTIPLE_SUBSCRIPTIONS },
    cardForm: env.CARD_FORM_STYLE ?? {},
  };
}

function ordersSettings(env: EnvValues): OrdersSettings {
  const preset = PRESETS[env.ORDERS_PRESET];
  return {
    findSubject: env.ORDERS_FIND_SUBJECT === 'none' ? undefined : env.ORDERS_FIND_SUBJECT,
    timeoutMs: env.ORDERS_TIMEOUT_MS,
    currency: env.ORDERS_CURRENCY,
    adoptSince: env.ADOPT_SINCE,
    requestSubjects: env.ORDERS_REQUEST_SUBJECTS ?? preset.requestSubjects,
    eventSubject: env.ORDERS_EVENT_SUBJECT ?? preset.eventSubject,
    eventKeys: { ...preset.eventKeys, ...env.ORDERS_EVENT_KEYS },
    idType: env.ORDERS_ID_TYPE,
  };
}

function firstOf<K extends keyof EnvValues>(env: EnvValues, names: readonly K[]): EnvValues[K] | undefined {
  return names.map((name) => env[name]).find((value) => value !== undefined);
}

function defined(record: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(record).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
