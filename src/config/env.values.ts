import type { ApiKey, RoutingSettings, ServiceSettings } from './settings.js';

/** The variables as the schema leaves them: converted, with defaults. */
export interface EnvValues {
  PORT: number;
  HOST: string;
  NODE_ENV: ServiceSettings['nodeEnv'];
  LOG_LEVEL: ServiceSettings['logLevel'];
  PUBLIC_URL?: string;
  TRUSTED_PROXIES?: string[];
  RATE_LIMIT: number;
  CORS_ORIGINS?: string[];
  REDIRECT_ORIGINS?: string[];
  FAILPOINT?: string;
  DATABASE_URL?: string;
  DATA_DIR: string;
  DATABASE_TLS_CA?: string;
  RETENTION_DAYS: number;
  NATS_SERVERS: string[];
  NATS_USER?: string;
  NATS_PASSWORD?: string;
  NATS_CREDS?: string;
  NATS_TLS_CA?: string;
  STREAM_MAX_AGE_DAYS: number;
  STREAM_REPLICAS: number;
  ORDERS_FIND_SUBJECT: string;
  ORDERS_TIMEOUT_MS: number;
  ORDERS_CURRENCY: string;
  ADOPT_SINCE?: Date;
  STRIPE_SECRET?: string;
  STRIPE_SECRET_KEY?: string;
  STRIPE_ENDPOINT_SECRET?: string;
  STRIPE_WEBHOOK_SECRET?: string;
  STRIPE_SUCCESS_URL?: string;
  STRIPE_CANCEL_URL?: string;
  STRIPE_API_BASE?: string;
  SUCCESS_URL?: string;
  CANCEL_URL?: string;
  PROVIDER_ROUTES?: RoutingSettings['routes'];
  API_KEYS?: ApiKey[];
}
