import { readFile } from 'node:fs/promises';
import { startConektaSandbox, type ConektaSandbox } from './conekta/conekta.sandbox.js';
import { readFlags, type SandboxFlags } from './main.flags.js';
import { DEFAULT_PUBLISHABLE_KEY, startStripeSandbox, type StripeSandbox } from './stripe/stripe.sandbox.js';

async function main(): Promise<void> {
  // Env files may leave quotes around it.
  if (/^["'`]?production["'`]?$/.test(process.env['NODE_ENV'] ?? '')) {
    throw new Error('The sandbox does not run with NODE_ENV=production: it would take play money for real.');
  }
  const flags = readFlags(process.argv);
  const webhookKey = flags.conektaWebhookKey && (await readFile(flags.conektaWebhookKey, 'utf8'));
  const stripe = await startStripeSandbox({
    port: flags.port,
    host: flags.host,
    secretKey: flags.secretKey,
    webhookUrls: flags.webhookUrl,
    webhookSecrets: flags.webhookSecret,
    payload: flags.payload,
    thinSecret: flags.thinSecret,
    receiptBase: flags.receiptBase,
  });
  const conekta = await startConektaSandbox({
    port: flags.conektaPort,
    host: flags.host,
    privateKey: flags.conektaPrivateKey,
    publicKey: flags.conektaPublicKey,
    webhookUrls: flags.conektaWebhookUrl,
    webhookKey,
    // Whoever runs this registers receivers on this very machine.
    refuseLocalWebhooks: false,
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      Promise.all([stripe.close(), conekta.close()]).then(
        () => process.exit(0),
        () => process.exit(1),
      );
    });
  }
  process.stdout.write([...stripeLines(stripe, flags), '', ...conektaLines(conekta, flags), ''].join('\n'));
}

function stripeLines({ url }: StripeSandbox, flags: SandboxFlags): string[] {
  return [
    `Stand-in Stripe on ${url}: API /v1, payment pages /c/pay, controls /_sandbox. No money moves.`,
    `Webhooks go to ${flags.webhookUrl.join(', ')}`,
    '',
    'Point the payments service at it:',
    `STRIPE_API_BASE=${url}`,
    `STRIPE_SECRET=${flags.secretKey}`,
    `STRIPE_ENDPOINT_SECRET=${[...flags.webhookSecret, flags.thinSecret].join(',')}`,
    `STRIPE_PUBLISHABLE_KEY=${DEFAULT_PUBLISHABLE_KEY}`,
    `STRIPE_JS_URL=${url}/js/stripe.js`,
  ];
}

function conektaLines({ url, publicKeyPem }: ConektaSandbox, flags: SandboxFlags): string[] {
  return [
    `Stand-in Conekta on ${url}: API /orders, payment pages /checkout, controls /_sandbox. No money moves.`,
    `Webhooks go to ${flags.conektaWebhookUrl.join(', ')}`,
    '',
    'Point the payments service at it:',
    `CONEKTA_API_BASE=${url}`,
    `CONEKTA_PRIVATE_KEY=${flags.conektaPrivateKey}`,
    `CONEKTA_PUBLIC_KEY=${flags.conektaPublicKey}`,
    `CONEKTA_WEBHOOK_PUBLIC_KEYS="${publicKeyPem.trim().replaceAll('\n', String.raw`\n`)}"`,
    `CONEKTA_COMPONENT_URL=${url}/v1.0/js/conekta-checkout.min.js`,
  ];
}

main().catch((cause: unknown) => {
  process.stderr.write(`${cause instanceof Error ? cause.message : String(cause)}\n`);
  process.exit(1);
});
