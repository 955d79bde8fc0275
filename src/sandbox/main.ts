import { Command } from 'commander';
import { DEFAULT_SECRET_KEY, DEFAULT_WEBHOOK_SECRET, startStripeSandbox } from './stripe/stripe.sandbox.js';

const DEFAULT_PORT = '12111';
const DEFAULT_WEBHOOK = 'http://127.0.0.1:3003/webhooks/stripe';

interface SandboxFlags {
  host: string;
  port: string;
  webhookUrl: string[];
  webhookSecret: string[];
  secretKey: string;
  receiptBase?: string;
}

const collect = (value: string, before: string[] | undefined): string[] => [...(before ?? []), value];

function readFlags(argv: string[]): SandboxFlags {
  const program = new Command('sandbox')
    .description('Stand-in payment providers for development and tests. No money moves.')
    .option('--port <port>', 'port of the stand-in Stripe', DEFAULT_PORT)
    .option('--host <host>', 'address to listen on', '127.0.0.1')
    .option('--webhook-url <url>', `where webhooks go, repeatable (default: ${DEFAULT_WEBHOOK})`, collect)
    .option(
      '--webhook-secret <secret>',
      `signing secret, repeatable (default: ${DEFAULT_WEBHOOK_SECRET})`,
      collect,
    )
    .option('--secret-key <key>', 'the API key that callers use', DEFAULT_SECRET_KEY)
    .option('--receipt-base <url>', 'beginning of receipt URLs (default: the sandbox itself)');
  const flags = program.parse(argv).opts<Partial<SandboxFlags>>();
  return {
    host: flags.host ?? '127.0.0.1',
    port: flags.port ?? DEFAULT_PORT,
    webhookUrl: flags.webhookUrl ?? [DEFAULT_WEBHOOK],
    webhookSecret: flags.webhookSecret ?? [DEFAULT_WEBHOOK_SECRET],
    secretKey: flags.secretKey ?? DEFAULT_SECRET_KEY,
    receiptBase: flags.receiptBase,
  };
}

function portOf(flags: SandboxFlags): number {
  const port = Number(flags.port);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new Error(`--port must be a number from 0 to 65535, not "${flags.port}"`);
}

async function main(): Promise<void> {
  if (process.env['NODE_ENV'] === 'production') {
    throw new Error('The sandbox does not run with NODE_ENV=production: it would take play money for real.');
  }
  const flags = readFlags(process.argv);
  const stripe = await startStripeSandbox({
    port: portOf(flags),
    host: flags.host,
    secretKey: flags.secretKey,
    webhookUrls: flags.webhookUrl,
    webhookSecrets: flags.webhookSecret,
    receiptBase: flags.receiptBase,
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      stripe.close().then(
        () => process.exit(0),
        () => process.exit(1),
      );
    });
  }
  process.stdout.write(
    [
      `Stand-in Stripe on ${stripe.url}: API /v1, payment pages /c/pay, controls /_sandbox. No money moves.`,
      `Webhooks go to ${flags.webhookUrl.join(', ')}`,
      '',
      'Point the payments service at it:',
      `STRIPE_API_BASE=${stripe.url}`,
      `STRIPE_SECRET=${flags.secretKey}`,
      `STRIPE_ENDPOINT_SECRET=${flags.webhookSecret.join(',')}`,
      '',
    ].join('\n'),
  );
}

main().catch((cause: unknown) => {
  process.stderr.write(`${cause instanceof Error ? cause.message : String(cause)}\n`);
  process.exit(1);
});
