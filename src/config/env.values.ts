import type {
  ApiKey,
  CardFormSettings,
  OrdersSettings,
  RoutingSettings,
  ServiceSettings,
} from './settings.js';

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
  SHUTDOWN_DRAIN_MS?: number;
  FAILPOINT?: string;
  INSTALLATION_ID?: string;
  DATABASE_URL?: string;
  MIGRATION_DATABASE_URL?: string;
  DATA_DIR: string;
  DATABASE_POOL: number;
  DATABASE_WORKER_POOL: number;
  DATABASE_TLS_CA?: string;
  RETENTION_DAYS: number;
  NATS_SERVERS: string[];
  NATS_USER?: string;
  NATS_PASSWORD?: string;
  NATS_CREDS?: string;
  NATS_TLS_CA?: string;
  NATS_INBOX_PREFIX: string;
  STREAM_MAX_AGE_DAYS: number;
  STREAM_REPLICAS: number;
  ORDERS_FIND_SUBJECT: string;
  ORDERS_PRESET: 'reference' | 'typo' | 'charge' | 'cmd';
  ORDERS_REQUEST_SUBJECTS?: string[];
  ORDERS_EVENT_SUBJECT?: string;
  ORDERS_EVENT_KEYS?: Partial<OrdersSettings['eventKeys']>;
  ORDERS_ID_TYPE: OrdersSettings['idType'];
  ORDERS_TIMEOUT_MS: number;
  ORDERS_CURRENCY: string;
  ADOPT_SINCE?: Date;
  STRIPE_SECRET?: string;
  STRIPE_SECRET_KEY?: string;
  STRIPE_API_KEY?: string;
  STRIPE_ENDPOINT_SECRET?: string;
  STRIPE_WEBHOOK_SECRET?: string;
  STRIPE_ENPOINT_SECRET?: string;
  ENDPOINT_SECRET?: string;
  STRIPE_SUCCESS_URL?: string;
  STRIPE_CANCEL_URL?: string;
  STRIPE_API_BASE?: string;
  STRIPE_PUBLISHABLE_KEY?: string;
  STRIPE_JS_URL?: string;
  CONEKTA_PRIVATE_KEY?: string;
  CONEKTA_PUBLIC_KEY?: string;
  CONEKTA_LIVEMODE: boolean;
  CONEKTA_WEBHOOK_PUBLIC_KEYS?: string[];
  CONEKTA_API_BASE?: string;
  CONEKTA_COMPONENT_URL?: string;
  SUCCESS_URL?: string;
  CANCEL_URL?: string;
  PROVIDER_ROUTES?: RoutingSettings['routes'];
  API_KEYS?: ApiKey[];
  ENCRYPTION_KEY?: Buffer;
  MULTIPLE_SUBSCRIPTIONS: boolean;
  CARD_FORM_STYLE?: CardFormSettings;
}
