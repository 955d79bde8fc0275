import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { randomUUID } from 'node:crypto';
import {
  billingStage,
  type BillingStage,
  DAY_S,
  send,
  type SubscriptionBody,
} from '../support/harness/billing.stage.js';
import { eventually } from '../support/harness/eventually.js';
import type { LocalService } from '../support/harness/service.local.js';
import type { StreamReader } from '../support/harness/stream.reader.js';
import { startWorld, type World } from '../support/harness/world.js';

const PERSON = { name: 'Ana Pérez', email: 'ana@example.com', phone: '+525512345678' };

interface Reply {
  readonly response?: Record<string, unknown>;
  readonly err?: { code: string; message: string; details: unknown };
}

describe('customers and subscriptions over NATS, and without any webhook', () => {
  let world: World;
  let service: LocalService;
  let stream: StreamReader;
  let stage: BillingStage;
  let caller: NatsConnection;

  beforeAll(async () => {
    world = await startWorld({ services: 0, conekta: true, retryScheduleMs: [100, 100] });
    service = await world.startLocalService();
    stream = await world.openStream();
    stage = billingStage(world, 'conekta');
    caller = await connect({ servers: world.nats.url });
  }, 120_000);
  afterAll(async () => {
    await caller?.close();
    await world?.stop();
  });

  const ask = async (subject: string, data: object): Promise<Reply> => {
    const packet = { pattern: subject, data, id: randomUUID() };
    const message = await caller.request(subject, JSON.stringify(packet), { timeout: 20_000 });
    return message.json<Reply>();
  };
  const answer = async <Body>(subject: string, data: object): Promise<Body> => {
    const { response, err } = await ask(subject, data);
    expect(err).toBeUndefined();
    return response as Body;
  };

  it('are asked for by the verbs of the routes, with the same answers and errors', async () => {
    const planId = `plan_${randomUUID().slice(0, 8)}`;
    const terms = { name: 'Café', amount: 29_900, currency: 'MXN', interval: 'month', provider: 'conekta' };
    await answer('payments.plans.create', { planId, ...terms });
    const customer = await answer<{ customerId: string; defaultPaymentSourceId: string }>(
      'payments.customers.create',
      { ...PERSON, provider: 'conekta', token: stage.newToken() },
    );
    const { customerId } = customer;
    expect(await answer('payments.sources.list', { customerId })).toMatchObject({
      data: [{ last4: '4242' }],
    });
    const { subscriptionId } = await answer<SubscriptionBody>('payments.subscriptions.create', {
      customerId,
      planId,
    });
    for (const [verb, status] of [
      ['pause', 'paused'],
      ['resume', 'active'],
      ['get', 'active'],
    ] as const) {
      const told = await answer<SubscriptionBody>(`payments.subscriptions.${verb}`, { subscriptionId });
      expect(told.status).toBe(status);
    }
    const charge = {
      customerId,
      source: { default: true },
      currency: 'MXN',
      amount: 5_000,
      description: 'Taza',
      idempotencyKey: randomUUID(),
    };
    const paid = await answer<{ paymentId: string }>('payments.charge', charge);
    expect(await answer('payments.charge', charge)).toEqual(paid);
    expect(await answer('payments.subscriptions.cancel', { subscriptionId })).toMatchObject({
      status: 'canceled',
    });
    expect((await ask('payments.subscriptions.pause', { subscriptionId })).err).toMatchObject({
      code: 'transition_refused',
      details: { from: 'canceled', to: 'paused' },
    });
    expect((await ask('payments.charge', { ...charge, idempotencyKey: undefined })).err).toMatchObject({
      code: 'idempotency_key_required',
    });
    expect((await ask('payments.plans.get', { planId: 'nobody' })).err).toMatchObject({ code: 'not_found' });
  });

  it('renew without a single webhook: the provider is asked when something is due', async () => {
    const made = await send<{ customerId: string; subscription: SubscriptionBody }>(
      service,
      'POST',
      '/plans',
      {
        planId: 'quiet',
        provider: 'conekta',
        name: 'Quiet',
        amount: 10_000,
        currency: 'MXN',
        interval: 'month',
      },
    ).then(() =>
      send<{ customerId: string; subscription: SubscriptionBody }>(service, 'POST', '/customers', {
        ...PERSON,
        planId: 'quiet',
        token: stage.newToken(),
      }),
    );
    const { subscriptionId } = made.body.subscription;
    world.conekta.setWebhooks([]);
    await stage.advance(31 * DAY_S);
    // As if the month had passed here as well.
    await world.sql(`update subscriptions set next_check_at = now() where id = $1`, [subscriptionId]);
    await eventually(async () => {
      const renewed = (await stream.all()).filter(
        ({ type, data }) => type === 'subscription.renewed' && data['subscriptionId'] === subscriptionId,
      );
      expect(renewed).toHaveLength(1);
    });
  });
});
