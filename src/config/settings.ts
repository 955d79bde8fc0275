/** The typed slices of the environment. Each one is a class, so that Nest can inject it by type. */

export class ServiceSettings {
  readonly port!: number;
  readonly host!: string;
  readonly nodeEnv!: 'production' | 'development' | 'test';
  readonly logLevel!: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';
  /** Where customers and providers reach this service, without a trailing slash. */
  readonly publicUrl!: string;
  /** Addresses or CIDR ranges whose X-Forwarded-* headers are believed. */
  readonly trustedProxies!: readonly string[];
  /** Requests per minute and caller address on public routes; 0 switches the limit off. */
  readonly rateLimit!: number;
  readonly corsOrigins!: readonly string[];
  /** Origins that successUrl and cancelUrl of a request may point to, besides our own and the configured ones. */
  readonly redirectOrigins!: readonly string[];
  /** Milliseconds that it still serves, not ready, once asked to end: balancers notice meanwhile. */
  readonly shutdownDrainMs!: number;
  readonly failpoint!: string | undefined;
  /** Tells our payments from another installation's on one provider account; undefined: the database keeps one. */
  readonly installationId!: string | undefined;
}

export class StoreSettings {
  /** Undefined: the embedded database in `dataDir`. */
  readonly databaseUrl!: string | undefined;
  /** A direct connection for what changes the schema, where `databaseUrl` leads through a pooler. */
  readonly migrationDatabaseUrl!: string | undefined;
  readonly dataDir!: string;
  /** Connections for requests. */
  readonly databasePool!: number;
  /** Connections for the intake of webhooks and all that goes on by itself. */
  readonly databaseWorkerPool!: number;
  /** PEM text of the authority that signed the database's certificate. */
  readonly databaseTlsCa!: string | undefined;
  readonly retentionDays!: number;
}

export class NatsSettings {
  /** `nats://host:port` or `tls://host:port`, without user and password. */
  readonly servers!: readonly string[];
  readonly user!: string | undefined;
  readonly password!: string | undefined;
  readonly token!: string | undefined;
  /** Nothing is sent to a broker that does not speak TLS. */
  readonly tls!: boolean;
  /** Path of a .creds file. */
  readonly credsFile!: string | undefined;
  /** Path of a PEM file. */
  readonly tlsCaFile!: string | undefined;
  /** Of our own reply inboxes. */
  readonly inboxPrefix!: string;
  readonly streamMaxAgeDays!: number;
  readonly streamReplicas!: number;
}

export class OrdersSettings {
  /** NATS subject that answers with an order by its id; undefined: nobody answers there. */
  readonly findSubject!: string | undefined;
  readonly timeoutMs!: number;
  /** Currency of an order whose owner does not name one. */
  readonly currency!: string;
  /** Payments that we did not create and that were paid before this moment are announced to nobody. */
  readonly adoptSince!: Date | undefined;
  /** NATS subjects on which sessions are asked for, besides `create.payment.session`. */
  readonly requestSubjects!: readonly string[];
  /** NATS subject on which the orders service hears that an order is paid. */
  readonly eventSubject!: string;
  /** Our name of a value → the name under which it goes out; empty: it is left out. */
  readonly eventKeys!: Readonly<Record<'stripePaymentId' | 'orderId' | 'receiptUrl', string>>;
  /** `number`: order ids that are numbers go out as numbers, however they came. */
  readonly idType!: 'string' | 'number';
}

export class ReturnUrlSettings {
  /** Provider name → where the customer returns to; `*` for every other provider. */
  readonly success!: Readonly<Record<string, string>>;
  readonly cancel!: Readonly<Record<string, string>>;
}

export class StripeSettings {
  /** Undefined: the provider is not offered. */
  readonly secretKey!: string | undefined;
  /** More than one while a secret is being rotated. */
  readonly webhookSecrets!: readonly string[];
  readonly apiBase!: string | undefined;
  /** The API base is not the provider's own: no money moves. */
  readonly standIn!: boolean;
  /** For browsers; undefined: checkouts are not embedded. */
  readonly publishableKey!: string | undefined;
  /** Another server's Stripe.js than Stripe's own, such as a stand-in's. */
  readonly scriptUrl!: string | undefined;
}

export class ConektaSettings {
  /** Undefined: the provider is not offered. */
  readonly privateKey!: string | undefined;
  /** For browsers; undefined: checkouts are not embedded. */
  readonly publicKey!: string | undefined;
  /** Conekta's keys do not say whether they are live. */
  readonly livemode!: boolean;
  /** PEM texts; more than one while a key is being rotated. */
  readonly webhookKeys!: readonly string[];
  readonly apiBase!: string | undefined;
  /** The API base is not the provider's own: no money moves. */
  readonly standIn!: boolean;
  /** Another server's component script than Conekta's own. */
  readonly componentUrl!: string | undefined;
}

export class RoutingSettings {
  /** First match wins; `*` matches every currency. */
  readonly routes!: readonly { currency: string; providers: readonly string[] }[];
}

export interface ApiKey {
  name: string;
  /** Whose rows it reads and writes: its own name, unless API_KEYS says `name@group`. */
  group: string;
  role: 'service' | 'operator' | 'viewer';
  /** SHA-256 of the key, 32 bytes. */
  hash: Buffer;
}

export class AccessSettings {
  /** Empty: every caller may do everything. */
  readonly apiKeys!: readonly ApiKey[];
}

export class EncryptionSettings {
  /** 32 bytes, for secrets that are kept in the database; undefined: none can be kept there. */
  readonly key!: Buffer | undefined;
}

export class SubscriptionSettings {
  /** A customer may have more than one at a time. */
  readonly multiple!: boolean;
}

/** How the form for a card looks; every part that is absent is as the provider has it. Colours are `#rrggbb`. */
export class CardFormSettings {
  readonly inputType?: 'basic' | 'rounded' | 'line';
  readonly buttonType?: 'basic' | 'rounded' | 'sharp';
  readonly borderColors?: { empty?: string; invalid?: string; valid?: string };
  readonly button?: { text?: string; textColor?: string; backgroundColor?: string };
  readonly frame?: { textColor?: string; backgroundColor?: string };
  /** In place of the browser's. */
  readonly language?: 'es' | 'en';
}

/** Each slice by its name in {@link Settings}. */
export const SLICES = {
  service: ServiceSettings,
  stores: StoreSettings,
  nats: NatsSettings,
  orders: OrdersSettings,
  returnUrls: ReturnUrlSettings,
  stripe: StripeSettings,
  conekta: ConektaSettings,
  routing: RoutingSettings,
  access: AccessSettings,
  encryption: EncryptionSettings,
  subscriptions: SubscriptionSettings,
  cardForm: CardFormSettings,
};

export type Settings = { [K in keyof typeof SLICES]: InstanceType<(typeof SLICES)[K]> } & {
  /** What an operator should know about the variables, and nothing is refused for; one line each. */
  warnings: readonly string[];
};
