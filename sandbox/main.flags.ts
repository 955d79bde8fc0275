import { Command, Option } from 'commander';
import { DEFAULT_PRIVATE_KEY, DEFAULT_PUBLIC_KEY } from './conekta/conekta.sandbox.js';
import { type Payload, PAYLOADS } from './stripe/event.log.js';
import { DEFAULT_SECRET_KEY, DEFAULT_THIN_SECRET, DEFAULT_WEBHOOK_SECRET } from './stripe/stripe.sandbox.js';

const STRIPE_PORT = '12111';
const CONEKTA_PORT = '12112';
const STRIPE_WEBHOOK = 'http://127.0.0.1:3003/webhooks/stripe';
const CONEKTA_WEBHOOK = 'http://127.0.0.1:3003/webhooks/conekta';

export interface SandboxFlags {
  host: string;
  port: number;
  webhookUrl: string[];
  webhookSecret: string[];
  payload: Payload;
  thinSecret: string;
  secretKey: string;
  receiptBase?: string;
  conektaPort: number;
  conektaWebhookUrl: string[];
  conektaPrivateKey: string;
  conektaPublicKey: string;
  /** File with the private half of the key that signs webhooks. */
  conektaWebhookKey?: string;
}

type Written = Partial<Omit<SandboxFlags, 'port' | 'conektaPort'>> & { port: string; conektaPort: string };

const collect = (value: string, before: string[] | undefined): string[] => [...(before ?? []), value];

/** Reads the command line; throws an Error that says what is wrong with it. */
export function readFlags(argv: string[]): SandboxFlags {
  const program = new Command('sandbox')
    .description('Stand-in payment providers for development and tests. No money moves.')
    .option('--host <host>', 'address to listen on', '127.0.0.1')
    .option('--port <port>', 'port of the stand-in Stripe', STRIPE_PORT)
    .option('--webhook-url <url>', `where webhooks go, repeatable (default: ${STRIPE_WEBHOOK})`, collect)
    .option(
      '--webhook-secret <secret>',
      `signing secret, repeatable (default: ${DEFAULT_WEBHOOK_SECRET})`,
      collect,
    )
    .addOption(
      new Option('--payload <payload>', 'what webhooks tell: the object, its name only, or one of each')
        .choices(PAYLOADS)
        .default('snapshot'),
    )
    .option('--thin-secret <secret>', 'signing secret of thin webhooks', DEFAULT_THIN_SECRET)
    .option('--secret-key <key>', 'the API key that callers use', DEFAULT_SECRET_KEY)
    .option('--receipt-base <url>', 'beginning of receipt URLs (default: the sandbox itself)')
    .option('--conekta-port <port>', 'port of the stand-in Conekta', CONEKTA_PORT)
    .option(
      '--conekta-webhook-url <url>',
      `where its webhooks go, repeatable (default: ${CONEKTA_WEBHOOK})`,
      collect,
    )
    .option('--conekta-private-key <key>', 'the API key that callers use', DEFAULT_PRIVATE_KEY)
    .option('--conekta-public-key <key>', 'the key of the payment component', DEFAULT_PUBLIC_KEY)
    .option('--conekta-webhook-key <file>', 'private key (PEM) that signs its webhooks (default: a new one)');
  const flags = program.parse(argv).opts<Written>();
  return {
    host: flags.host ?? '127.0.0.1',
    port: portIn('--port', flags.port),
    webhookUrl: flags.webhookUrl ?? [STRIPE_WEBHOOK],
    webhookSecret: flags.webhookSecret ?? [DEFAULT_WEBHOOK_SECRET],
    payload: flags.payload ?? 'snapshot',
    thinSecret: flags.thinSecret ?? DEFAULT_THIN_SECRET,
    secretKey: flags.secretKey ?? DEFAULT_SECRET_KEY,
    receiptBase: flags.receiptBase,
    conektaPort: portIn('--conekta-port', flags.conektaPort),
    conektaWebhookUrl: flags.conektaWebhookUrl ?? [CONEKTA_WEBHOOK],
    conektaPrivateKey: flags.conektaPrivateKey ?? DEFAULT_PRIVATE_KEY,
    conektaPublicKey: flags.conektaPublicKey ?? DEFAULT_PUBLIC_KEY,
    conektaWebhookKey: flags.conektaWebhookKey,
  };
}

function portIn(flag: string, text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new Error(`${flag} must be a number from 0 to 65535, not "${text}"`);
}
