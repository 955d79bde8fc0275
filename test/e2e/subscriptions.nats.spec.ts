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

  it('S8p take back the end of a subscription, over both ways in, and say why it ended', async () => {
    const subscribed = async (provider: 'stripe' | 'conekta'): Promise<string> => {
      const planId = `plan_${randomUUID().slice(0, 8)}`;
      const terms = { name: 'Café', amount: 29_900, currency: 'MXN', interval: 'month', provider };
      await answer('payments.plans.create', { planId, ...terms });
      const token = billingStage(world, provider).newToken();
      const person = { ...PERSON, provider, token };
      const { customerId } = await answer<{ customerId: string }>('payments.customers.create', person);
      const made = await answer<SubscriptionBody>('payments.subscriptions.create', { customerId, planId });
      return made.subscriptionId;
    };
    const reason = 'demasiado cara';
    const subscriptionId = await subscribed('stripe');
    const rest = (verb: string, body: object = {}) =>
      send<Record<string, unknown>>(service, 'POST', `/subscriptions/${subscriptionId}/${verb}`, body);
    const asked = { subscriptionId, atPeriodEnd: true, reason, openInvoices: 'void' };
    expect(await answer('payments.subscriptions.cancel', asked)).toMatchObject({
      cancelAtPeriodEnd: true,
      cancelComment: reason,
    });
    expect(await answer('payments.subscriptions.undo-cancel', { subscriptionId })).toMatchObject({
      status: 'active',
      cancelAtPeriodEnd: false,
      cancelComment: null,
    });
    await rest('cancel', { atPeriodEnd: true });
    for (let times = 0; times < 2; times += 1) {
      expect(await rest('undo-cancel')).toMatchObject({ status: 200, body: { cancelAtPeriodEnd: false } });
    }
    expect(await rest('cancel', { reason })).toMatchObject({
      status: 200,
      body: { status: 'canceled', cancelComment: reason },
    });
    const refusal = { code: 'transition_refused', details: { from: 'canceled', to: 'active' } };
    expect(await rest('undo-cancel')).toMatchObject({ status: 409, body: refusal });
    expect((await ask('payments.subscriptions.undo-cancel', { subscriptionId })).err).toMatchObject(refusal);
    const theirs = world.stripe.state().subscriptions.at(-1);
    expect(theirs?.cancellation_details?.comment).toBe(reason);
    for (const [field, body] of [
      ['reason', { reason: 'x'.repeat(501) }],
      ['reason', { reason: 'my card is 4242 4242 4242 4242' }],
      ['reason', { reason: 'a\nb' }],
      ['openInvoices', { openInvoices: 'burn' }],
    ] as const) {
      expect(await rest('cancel', body)).toMatchObject({ status: 400, body: { details: [{ field }] } });
    }
    const atConekta = await subscribed('conekta');
    for (const [verb, body, field] of [
      ['undo-cancel', {}, 'provider'],
      ['cancel', { openInvoices: 'void' }, 'openInvoices'],
    ] as const) {
      const { err } = await ask(`payments.subscriptions.${verb}`, { subscriptionId: atConekta, ...body });
      expect(err).toMatchObject({ code: 'capability_not_supported', details: [{ field }] });
    }
    await answer('payments.subscriptions.cancel', { subscriptionId: atConekta, reason });
    expect(await answer('payments.subscriptions.get', { subscriptionId: atConekta })).toMatchObject({
      status: 'canceled',
      cancelComment: reason,
    });
    await eventually(async () => {
      const told = (await stream.all()).map(({ data }) => data);
      const ends = new Set(['subscription.updated', 'subscription.canceled']);
      const of = (id: string) =>
        told.filter(({ subscriptionId: about, type }) => about === id && ends.has(type));
      expect(of(subscriptionId)).toMatchObject([
        { type: 'subscription.updated', cancelAtPeriodEnd: true, cancelComment: reason },
        { type: 'subscription.updated', cancelAtPeriodEnd: false, cancelComment: null },
        { type: 'subscription.updated', cancelAtPeriodEnd: true, cancelComment: null },
        { type: 'subscription.updated', cancelAtPeriodEnd: false },
        { type: 'subscription.canceled', reason: 'requested', cancelComment: reason },
      ]);
      expect(of(atConekta)).toMatchObject([{ type: 'subscription.canceled', cancelComment: reason }]);
    });
  });

  it('S9q find customers by an address in any case, and name what Conekta does not take, over both ways in', async () => {
    const email = `Ana.${randomUUID()}@Example.com`;
    const { customerId } = await answer<{ customerId: string }>('payments.customers.create', {
      ...PERSON,
      email,
      provider: 'conekta',
    });
    const query = { email: email.toUpperCase() };
    const found = { data: [{ customerId, email }] };
    expect(await answer('payments.customers.list', query)).toMatchObject(found);
    const path = `/customers?email=${encodeURIComponent(query.email)}`;
    expect((await send(service, 'GET', path)).body).toMatchObject(found);
    const name = 'x'.repeat(250);
    const refusal = (field: string) => ({ code: 'invalid_request', details: [{ field }] });
    const person = { ...PERSON, name, provider: 'conekta' };
    expect(await send(service, 'POST', '/customers', person)).toMatchObject({
      status: 400,
      body: refusal('name'),
    });
    expect((await ask('payments.customers.create', person)).err).toMatchObject(refusal('name'));
    expect(await send(service, 'PATCH', `/customers/${customerId}`, { name })).toMatchObject({
      status: 400,
      body: refusal('name'),
    });
    expect((await ask('payments.customers.update', { customerId, name })).err).toMatchObject(refusal('name'));
    const session = {
      ...{ orderId: randomUUID(), currency: 'MXN', provider: 'conekta' },
      items: [{ name: 'Silla', price: 100, quantity: 1 }],
      shipping: [{ name: 'Envío', price: 0 }],
      shippingContact: {
        receiver: 'Grace',
        phone: '5512345678',
        address: { street1: 'Nuevo León 254', postalCode: '06100', country: 'mx' },
      },
    };
    const withLongName = { ...session, customer: { ...PERSON, name } };
    expect(await send(service, 'POST', '/payments/create-session', withLongName)).toMatchObject({
      status: 400,
      body: refusal('customer.name'),
    });
    await answer('create.payment.session', { ...session, customer: PERSON });
    const other = { ...session, orderId: randomUUID(), customer: PERSON };
    expect((await send(service, 'POST', '/payments/create-session', other)).status).toBe(201);
    for (const { orderId } of [session, other]) {
      const order = world.conekta.state().orders.find(({ metadata }) => metadata.orderId === orderId);
      expect(order?.shipping_contact).toMatchObject({
        receiver: 'Grace',
        address: { street1: 'Nuevo León 254', postal_code: '06100', country: 'MX' },
      });
    }
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

describe('lists over NATS that are larger than the broker takes', () => {
  const ROWS = 4;
  let world: World;
  let stage: BillingStage;
  let caller: NatsConnection;

  beforeAll(async () => {
    world = await startWorld({ services: 0, conekta: true, natsConfig: 'max_payload: 3072' });
    await world.startLocalService();
    stage = billingStage(world, 'conekta');
    caller = await connect({ servers: world.nats.url });
  }, 120_000);
  afterAll(async () => {
    await caller?.close();
    await world?.stop();
  });

  const ask = async (subject: string, data: object): Promise<Reply> => {
    const message = await caller.request(subject, JSON.stringify({ data, id: '1' }), { timeout: 20_000 });
    return message.json<Reply>();
  };
  const made = async (subject: string, data: object): Promise<Record<string, unknown>> => {
    const { response, err } = await ask(subject, data);
    expect([subject, err]).toEqual([subject, undefined]);
    return response ?? {};
  };
  /** Every row, page by page as the answers say; and how many the first page had. */
  const all = async (subject: string, query: object) => {
    const rows: Record<string, unknown>[] = [];
    const sizes: number[] = [];
    let cursor: unknown;
    do {
      const { data, nextCursor } = await made(subject, { ...query, ...(cursor ? { cursor } : {}) });
      const page = Array.isArray(data) ? data : [];
      rows.push(...page);
      sizes.push(page.length);
      cursor = nextCursor;
    } while (cursor !== null);
    return { rows, first: sizes[0] ?? 0 };
  };

  it('T19d come with fewer rows and the cursor of the rest: payments, customers, plans, subscriptions, cards', async () => {
    await eventually(async () => expect((await ask('payments.list', {})).response).toBeDefined());
    const metadata = { note: 'x'.repeat(240), other: 'y'.repeat(240), third: 'z'.repeat(240) };
    const subscribed: unknown[] = [];
    for (let index = 0; index < ROWS; index += 1) {
      const terms = { name: 'Café', amount: 29_900, currency: 'MXN', interval: 'month', provider: 'conekta' };
      const planId = `plan_${randomUUID().slice(0, 8)}`;
      await made('payments.plans.create', { planId, ...terms });
      const person = { ...PERSON, provider: 'conekta', token: stage.newToken(), metadata };
      const { customerId } = await made('payments.customers.create', person);
      await made('payments.subscriptions.create', { customerId, planId, metadata });
      subscribed.push(customerId);
    }
    const more = { name: 'Té', amount: 9_900, currency: 'MXN', interval: 'month', provider: 'conekta' };
    for (let index = ROWS; index < 16; index += 1)
      await made('payments.plans.create', { planId: `plan_${randomUUID().slice(0, 8)}`, ...more });
    const paged = async (subject: string, key: string, count: number, query: object): Promise<void> => {
      const { rows, first } = await all(subject, query);
      expect([subject, new Set(rows.map((row) => row[key])).size, rows.length]).toEqual([
        subject,
        count,
        count,
      ]);
      expect([subject, first > 0 && first < count]).toEqual([subject, true]);
    };
    await paged('payments.list', 'paymentId', ROWS, { provider: 'conekta' });
    await paged('payments.customers.list', 'customerId', ROWS, {});
    await paged('payments.plans.list', 'planId', 16, {});
    await paged('payments.subscriptions.list', 'subscriptionId', ROWS, {});

    const [customerId] = subscribed;
    for (let card = 1; card < 16; card += 1)
      await ask('payments.sources.create', { customerId, token: stage.newToken() });
    await paged('payments.sources.list', 'paymentSourceId', 16, { customerId });
    // One row, which has all its cards in it.
    expect(await ask('payments.customers.get', { customerId })).toMatchObject({
      err: { code: 'answer_too_large', details: { maxPayload: 3_072 } },
    });
  }, 120_000);
});
