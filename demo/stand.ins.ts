import { generateKeyPair } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const STRIPE_SECRET_KEY = 'sk_test_demo';
/** The stand-in's own: it takes no other. */
const STRIPE_PUBLISHABLE_KEY = 'pk_test_sandbox';
const STRIPE_WEBHOOK_SECRET = 'whsec_demo_on_this_machine';
const CONEKTA_PRIVATE_KEY = 'key_demo_private';
const CONEKTA_PUBLIC_KEY = 'key_demo_public';

interface Place {
  /** Nobody else may read it. */
  readonly folder: string;
  readonly stripe: { readonly port: string; readonly url: string };
  readonly conekta: { readonly port: string; readonly url: string };
  /** Where their webhooks go. */
  readonly paymentsUrl: string;
}

interface StandIns {
  /** How the stand-ins are started. */
  readonly args: readonly string[];
  /** What the service is told of them. */
  readonly env: Readonly<Record<string, string>>;
}

/** Keys are made before anything runs: the stand-ins and the service start together. */
export async function newStandIns({ folder, stripe, conekta, paymentsUrl }: Place): Promise<StandIns> {
  const webhookKey = await newWebhookKey(join(folder, 'conekta-webhook-key.pem'));
  const args = [
    ...['--port', stripe.port, '--secret-key', STRIPE_SECRET_KEY],
    ...['--webhook-url', `${paymentsUrl}/webhooks/stripe`, '--webhook-secret', STRIPE_WEBHOOK_SECRET],
    ...['--conekta-port', conekta.port, '--conekta-webhook-url', `${paymentsUrl}/webhooks/conekta`],
    ...['--conekta-private-key', CONEKTA_PRIVATE_KEY, '--conekta-public-key', CONEKTA_PUBLIC_KEY],
    ...['--conekta-webhook-key', webhookKey.file],
  ];
  const env = {
    STRIPE_API_BASE: stripe.url,
    STRIPE_SECRET: STRIPE_SECRET_KEY,
    STRIPE_ENDPOINT_SECRET: STRIPE_WEBHOOK_SECRET,
    STRIPE_PUBLISHABLE_KEY,
    STRIPE_JS_URL: `${stripe.url}/js/stripe.js`,
    CONEKTA_API_BASE: conekta.url,
    CONEKTA_PRIVATE_KEY,
    CONEKTA_PUBLIC_KEY,
    CONEKTA_WEBHOOK_PUBLIC_KEYS: webhookKey.publicPem,
    CONEKTA_COMPONENT_URL: `${conekta.url}/v1.0/js/conekta-checkout.min.js`,
  };
  return { args, env };
}

/** The private half is in the file, for the one who signs. */
async function newWebhookKey(file: string): Promise<{ file: string; publicPem: string }> {
  const { privateKey, publicKey } = await promisify(generateKeyPair)('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  await writeFile(file, privateKey, { mode: 0o600 });
  return { file, publicPem: publicKey };
}
