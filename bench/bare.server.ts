import { connect, type NatsConnection } from '@nats-io/transport-node';
import Fastify from 'fastify';
import Stripe from 'stripe';

/**
 * What is commonly run in this service's place: verify, publish to core NATS, answer 200, store nothing.
 * Started as a process of its own with PORT, NATS_SERVERS and STRIPE_ENDPOINT_SECRET.
 */
async function main(): Promise<void> {
  const nats: NatsConnection = await connect({ servers: process.env.NATS_SERVERS ?? '' });
  const app = Fastify({ logger: false });
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) =>
    done(null, body),
  );
  app.post('/webhooks/stripe', (request, reply) => {
    const signature = String(request.headers['stripe-signature']);
    const secret = process.env.STRIPE_ENDPOINT_SECRET ?? '';
    const event = Stripe.webhooks.constructEvent(request.body as Buffer, signature, secret);
    nats.publish(
      'payment.succeeded',
      JSON.stringify({ pattern: 'payment.succeeded', data: { id: event.id } }),
    );
    return reply.code(200).send({ received: true });
  });
  app.get('/health/live', () => ({ status: 'ok' }));
  await app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' });
}

void main();
