import Fastify from 'fastify';
import pg from 'pg';
import Stripe from 'stripe';

/** More in one statement gains nothing. */
const MAX_BATCH = 200;

interface Waiting {
  readonly id: string;
  readonly type: string;
  readonly body: Buffer;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** The least that takes a webhook in for good: verify, store under a unique id (one commit for all that wait), answer. */
async function main(): Promise<void> {
  const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 1 });
  await pool.query(
    `create table if not exists events (id text primary key, type text not null, body bytea not null,
       received_at timestamptz not null default now())`,
  );
  const waiting: Waiting[] = [];
  let writing = false;
  const drain = async (): Promise<void> => {
    writing = true;
    while (waiting.length > 0) {
      const batch = waiting.splice(0, MAX_BATCH);
      await pool
        .query({
          name: 'insert',
          text: `insert into events (id, type, body) select * from unnest($1::text[], $2::text[], $3::bytea[])
                 on conflict do nothing`,
          values: [batch.map(({ id }) => id), batch.map(({ type }) => type), batch.map(({ body }) => body)],
        })
        .then(
          () => batch.forEach(({ resolve }) => resolve()),
          (error: unknown) => batch.forEach(({ reject }) => reject(error)),
        );
    }
    writing = false;
  };
  const store = (id: string, type: string, body: Buffer): Promise<void> =>
    new Promise((resolve, reject) => {
      waiting.push({ id, type, body, resolve, reject });
      if (!writing) void drain();
    });

  const app = Fastify({ logger: false });
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) =>
    done(null, body),
  );
  app.post<{ Body: Buffer }>('/webhooks/stripe', async ({ headers, body }, reply) => {
    const signature = String(headers['stripe-signature']);
    const secret = process.env.STRIPE_ENDPOINT_SECRET ?? '';
    let event: { id: string; type: string };
    try {
      event = Stripe.webhooks.constructEvent(body, signature, secret);
    } catch {
      return reply.code(400).send({ error: 'signature' });
    }
    await store(event.id, event.type, body);
    return { received: true };
  });
  app.get('/health/ready', () => ({ status: 'ok' }));
  await app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' });
}

void main();
