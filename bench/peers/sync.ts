import Fastify from 'fastify';
import { createRequire } from 'node:module';

/** Its CommonJS build: the migrations of the other one need `__dirname`, which modules do not have. */
const { runMigrations, StripeSync }: typeof import('@supabase/stripe-sync-engine') = createRequire(
  import.meta.url,
)('@supabase/stripe-sync-engine');

/** Supabase's engine behind Fastify: each event's object is kept in Postgres before the answer. It tells nobody. */
const databaseUrl = process.env.DATABASE_URL ?? '';
await runMigrations({ databaseUrl, schema: 'stripe' });
const sync = new StripeSync({
  poolConfig: { connectionString: databaseUrl, max: 10 },
  stripeSecretKey: 'sk_test_bench',
  stripeWebhookSecret: process.env.STRIPE_ENDPOINT_SECRET ?? '',
});
const app = Fastify({ logger: false });
app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) =>
  done(null, body),
);
app.post<{ Body: Buffer }>('/webhooks/stripe', async ({ body, headers }) => {
  await sync.processWebhook(body, String(headers['stripe-signature']));
  return { received: true };
});
app.get('/health/ready', () => ({ status: 'ok' }));
await app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' });
