import type { ConektaSandbox } from '../../../sandbox/conekta/conekta.sandbox.types.js';
import {
  DEFAULT_SECRET_KEY,
  DEFAULT_THIN_SECRET,
  DEFAULT_WEBHOOK_SECRET,
} from '../../../sandbox/stripe/stripe.sandbox.js';

/** What one process of the service is told; everything is private to the test. */
export interface ServiceSurroundings {
  readonly port: number;
  readonly natsUrl: string;
  /** Base URL of the stand-in Stripe. */
  readonly stripeUrl: string;
  /** The stand-in Conekta, where the test has one. */
  readonly conekta?: Pick<ConektaSandbox, 'url' | 'privateKey' | 'publicKey' | 'publicKeyPem'> | undefined;
  /** A Postgres URL, or a directory for the embedded database. */
  readonly database: { readonly url: string } | { readonly directory: string };
}

/** The service's environment, with nothing inherited from ours. `extra` wins. */
export function serviceEnvironment(
  surroundings: ServiceSurroundings,
  extra: Record<string, string> = {},
): Record<string, string> {
  const { port, natsUrl, stripeUrl, conekta, database } = surroundings;
  return {
    NODE_ENV: 'test',
    HOST: '127.0.0.1',
    PORT: String(port),
    RATE_LIMIT: '0',
    NATS_SERVERS: natsUrl,
    ORDERS_TIMEOUT_MS: '1000',
    STRIPE_SECRET: DEFAULT_SECRET_KEY,
    STRIPE_ENDPOINT_SECRET: `${DEFAULT_WEBHOOK_SECRET},${DEFAULT_THIN_SECRET}`,
    STRIPE_API_BASE: stripeUrl,
    STRIPE_PUBLISHABLE_KEY: 'pk_test_sandbox',
    STRIPE_JS_URL: `${stripeUrl}/js/stripe.js`,
    ...(conekta !== undefined && conektaVariables(conekta)),
    ...('url' in database ? { DATABASE_URL: database.url } : { DATA_DIR: database.directory }),
    ...extra,
  };
}

function conektaVariables(conekta: NonNullable<ServiceSurroundings['conekta']>): Record<string, string> {
  return {
    CONEKTA_PRIVATE_KEY: conekta.privateKey,
    CONEKTA_PUBLIC_KEY: conekta.publicKey,
    CONEKTA_WEBHOOK_PUBLIC_KEYS: conekta.publicKeyPem,
    CONEKTA_API_BASE: conekta.url,
    CONEKTA_COMPONENT_URL: `${conekta.url}/v1.0/js/conekta-checkout.min.js`,
  };
}
