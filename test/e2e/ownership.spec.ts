import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createHash, randomUUID } from 'node:crypto';
import { OrdersResponder } from '../support/domain/orders.responder.js';
import {
  billingStage,
  type CustomerBody,
  send,
  type SubscriptionBody,
} from '../support/harness/billing.stage.js';
import type { ErrorAnswer, PaymentBody, SessionBody } from '../support/harness/calls.js';
import { eventually } from '../support/harness/eventually.js';
import type { LegacyOrders } from '../support/harness/legacy.orders.js';
import type { LocalService } from '../support/harness/service.local.js';
import { startWorld, type World } from '../support/harness/world.js';

const LINES = [{ name: 'Silla', price: 850.5, quantity: 1 }];
const OTHER_LINES = [{ name: 'Silla', price: 850.5, quantity: 2 }];
const PERSON = { name: 'Ana Pérez', email: 'ana@example.com', phone: '+525512345678' };
const NOT_YOURS = { status: 409, body: { code: 'order_not_yours', details: [] } };
const NO_SUCH = { status: 404, body: { code: 'not_found' } };

const entry = (name: string, role = 'service'): string =>
  `${name}:${role}:${createHash('sha256').update(`key-of-${name}`).digest('hex')}`;
const keyOf = (name: string): Record<string, string> => ({ authorization: `Bearer key-of-${name}` });
const browser: Record<string, string> = {};

/** Whose is it? Asked of every route and NATS request that names something of somebody's. */
describe('what belongs to a key', () => {
  let world: World;
  let service: LocalService;
  let gateway: LegacyOrders;
  let orders: OrdersResponder;

  beforeAll(async () => {
    world = await startWorld({ services: 0, conekta: true });
    orders = await OrdersResponder.start(world.nats.url);
    gateway = await world.startOrders({ answersFind: false });
    service = await world.startLocalService({
      ORDERS_CURRENCY: 'MXN',
      PUBLIC_URL: 'https://payments.shop.example',
      API_KEYS: [entry('shop'), entry('rival'), entry('ops', 'operator'), entry('eye', 'viewer')].join(),
    });
    await eventually(async () =>
      expect((await open(browser, { orderId: orders.sells(LINES) })).status).toBe(201),
    );
  }, 120_000);
  afterAll(async () => {
    await orders?.stop();
    await world?.stop();
  });

  const open = (as: Record<string, string>, body: object, at: LocalService = service) =>
    send<SessionBody & ErrorAnswer>(at, 'POST', '/payments/create-session', body, as);
  const charge = (as: Record<string, string>, body: object) =>
    send<PaymentBody & ErrorAnswer>(service, 'POST', '/payments/charge', body, {
      'idempotency-key': randomUUID(),
      ...as,
    });
  const statusesOf = async (orderId: string): Promise<string[]> =>
    (
      await world.sql<{ status: string }>(
        'select status from payments where order_id = $1 order by created_at',
        [orderId],
      )
    ).map(({ status }) => status);
  const overNats = (pattern: string, data: object) => gateway.send(pattern, data);

  describe.each(['stripe', 'conekta'] as const)('at %s', (provider) => {
    let orderId: string;
    const wish = () => ({
      orderId,
      provider,
      currency: 'MXN',
      items: LINES,
      customer: PERSON,
      metadata: { cart: 'of the shop' },
    });
    beforeEach(() => {
      orderId = orders.sells(LINES);
    });
    const openAsShop = async (): Promise<SessionBody> => {
      const { status, body } = await open(keyOf('shop'), wish());
      expect(status).toBe(201);
      return body;
    };

    it('T6a an order that one key is being paid through is closed to another key, without a word about it', async () => {
      await openAsShop();
      expect(await open(keyOf('rival'), wish())).toMatchObject(NOT_YOURS);
      expect(await open(keyOf('rival'), { ...wish(), items: OTHER_LINES })).toMatchObject(NOT_YOURS);
      expect(await statusesOf(orderId)).toEqual(['created']);
    });

    it('T6b a browser that sends an order’s id gets the page that the shop opened', async () => {
      const opened = await openAsShop();
      expect(await open(browser, { orderId })).toEqual({ status: 201, body: opened });
      expect(await statusesOf(orderId)).toEqual(['created']);
    });

    it('T6c a browser closes no session of a shop, though the order has other lines by now', async () => {
      const { paymentId } = await openAsShop();
      orders.sells(OTHER_LINES, orderId);
      expect(await open(browser, { orderId })).toMatchObject({
        status: 409,
        body: { code: 'order_payment_pending', details: { paymentId } },
      });
      expect(await statusesOf(orderId)).toEqual(['created']);
    });

    it('T6d a caller over NATS acts on every order, and owns what it opened', async () => {
      const { paymentId } = await openAsShop();
      const { orderId: id, ...rest } = wish();
      const same = await overNats('create.payment.session', { orderId: id, ...rest });
      expect(same.response).toMatchObject({ paymentId });
      const other = await overNats('create.payment.session', { orderId: id, ...rest, items: OTHER_LINES });
      expect(other.response).toMatchObject({ paymentId: expect.not.stringMatching(paymentId) });
      expect(await statusesOf(orderId)).toEqual(['canceled', 'created']);
      expect(await open(keyOf('shop'), wish())).toMatchObject(NOT_YOURS);
    });

    it('T6e no card is charged for another’s order, over REST', async () => {
      await openAsShop();
      const token = billingStage(world, provider).newToken();
      const wanted = {
        orderId,
        provider,
        currency: 'MXN',
        items: LINES,
        source: { token },
        customer: PERSON,
      };
      expect(await charge(keyOf('rival'), wanted)).toMatchObject(NOT_YOURS);
      expect(await statusesOf(orderId)).toEqual(['created']);
      // The key whose order it is takes its own session's place.
      const mine = await charge(keyOf('shop'), wanted);
      expect(mine).toMatchObject({ status: 201, body: { status: 'succeeded' } });
      const again = await charge(keyOf('rival'), { ...wanted, source: { token: 'tok_another' } });
      expect(again).toMatchObject(NOT_YOURS);
      expect(await open(keyOf('rival'), wish())).toMatchObject(NOT_YOURS);
      expect(await open(keyOf('shop'), wish())).toMatchObject({ body: { code: 'order_already_paid' } });
    });

    it('T6f no subscription pays for another’s order, and no customer is made for one', async () => {
      const planId = `plan_${randomUUID().slice(0, 8)}`;
      const plan = { planId, provider, name: 'Plan', amount: 77_700, currency: 'MXN', interval: 'month' };
      expect((await send(service, 'POST', '/plans', plan, keyOf('rival'))).status).toBe(201);
      await openAsShop();
      const customers = async (): Promise<number> =>
        (await world.sql<{ n: number }>('select count(*)::int as n from customers'))[0]?.n ?? 0;
      const before = await customers();
      const token = billingStage(world, provider).newToken();
      const signUp = { ...PERSON, planId, token, orderId };
      expect(await send(service, 'POST', '/customers', signUp, keyOf('rival'))).toMatchObject(NOT_YOURS);
      expect(await customers()).toBe(before);
      const made = await send<CustomerBody>(
        service,
        'POST',
        '/customers',
        { ...PERSON, provider, token },
        keyOf('rival'),
      );
      const { customerId } = made.body;
      expect(
        await send(service, 'POST', '/subscriptions', { customerId, planId, orderId }, keyOf('rival')),
      ).toMatchObject(NOT_YOURS);
    });

    it('customers, cards, plans, subscriptions and payments of one key are not there for another', async () => {
      const stage = billingStage(world, provider);
      const planId = `plan_${randomUUID().slice(0, 8)}`;
      const plan = { planId, provider, name: 'Plan', amount: 77_700, currency: 'MXN', interval: 'month' };
      await send(service, 'POST', '/plans', plan, keyOf('shop'));
      const signUp = { ...PERSON, planId, token: stage.newToken() };
      const { body: mine } = await send<CustomerBody & { subscription: SubscriptionBody }>(
        service,
        'POST',
        '/customers',
        signUp,
        keyOf('shop'),
      );
      const { customerId, defaultPaymentSourceId: card } = mine;
      const { subscriptionId } = mine.subscription;
      const { paymentId } = await openAsShop();
      const ask = (
        as: string,
        method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE',
        path: string,
        body?: object,
      ) => send<ErrorAnswer & { data: unknown[] }>(service, method, path, body, keyOf(as));

      for (const [method, path, body] of [
        ['GET', `/payments/${paymentId}`],
        ['GET', `/customers/${customerId}`],
        ['PATCH', `/customers/${customerId}`, { name: 'Eva' }],
        ['DELETE', `/customers/${customerId}`],
        ['GET', `/customers/${customerId}/payment-sources`],
        ['POST', `/customers/${customerId}/payment-sources`, { token: 'tok_mine' }],
        ['DELETE', `/customers/${customerId}/payment-sources/${card}`],
        ['PUT', `/customers/${customerId}/payment-sources/${card}/default`],
        ['POST', '/tokens', { customerId }],
        ['GET', `/plans/${planId}`],
        ['PATCH', `/plans/${planId}`, { name: 'Mine' }],
        ['DELETE', `/plans/${planId}`],
        ['GET', `/subscriptions/${subscriptionId}`],
        ['PATCH', `/subscriptions/${subscriptionId}`, { planId }],
        ['POST', `/subscriptions/${subscriptionId}/pause`, {}],
        ['POST', `/subscriptions/${subscriptionId}/resume`, {}],
        ['POST', `/subscriptions/${subscriptionId}/cancel`, {}],
        ['POST', `/subscriptions/${subscriptionId}/retry`, {}],
        ['POST', '/subscriptions', { customerId, planId }],
        [
          'POST',
          '/payments/create-session',
          { orderId: randomUUID(), currency: 'MXN', items: LINES, customerId },
        ],
      ] as const) {
        expect([method, path, await ask('rival', method, path, body)]).toMatchObject([method, path, NO_SUCH]);
      }
      const money = { currency: 'MXN', items: LINES, source: { default: true }, customerId };
      expect(await charge(keyOf('rival'), money)).toMatchObject(NO_SUCH);
      expect((await ask('rival', 'POST', '/plans', plan)).body).toMatchObject({ code: 'plan_exists' });
      for (const path of [
        `/payments?orderId=${orderId}`,
        `/payments?customerId=${customerId}`,
        `/payments?subscriptionId=${subscriptionId}`,
        `/customers?email=${PERSON.email}&limit=100`,
        `/subscriptions?customerId=${customerId}`,
      ]) {
        const theirs = JSON.stringify((await ask('rival', 'GET', path)).body);
        expect([path, theirs.includes(customerId) || theirs.includes(paymentId)]).toEqual([path, false]);
        expect([path, (await ask('shop', 'GET', path)).body.data.length > 0]).toEqual([path, true]);
        expect([path, (await ask('ops', 'GET', path)).body.data.length > 0]).toEqual([path, true]);
      }
      expect((await ask('shop', 'GET', `/payments/${paymentId}`)).status).toBe(200);
    });

    it('T6h an operator’s key acts on every order, another service’s does not', async () => {
      const { paymentId } = await openAsShop();
      expect(await open(keyOf('rival'), wish())).toMatchObject(NOT_YOURS);
      expect((await open(keyOf('ops'), wish())).body).toMatchObject({ paymentId });
      expect((await open(keyOf('ops'), { ...wish(), items: OTHER_LINES })).status).toBe(201);
      expect(await statusesOf(orderId)).toEqual(['canceled', 'created']);
    });
  });

  it('T6i what a browser opened is nobody’s: it is replaced when the lines change, and by any key', async () => {
    const orderId = orders.sells(LINES);
    const first = (await open(browser, { orderId })).body;
    expect((await open(browser, { orderId })).body).toEqual(first);
    orders.sells(OTHER_LINES, orderId);
    expect((await open(browser, { orderId })).body.paymentId).not.toBe(first.paymentId);
    const taken = await open(keyOf('rival'), { orderId, currency: 'MXN', items: LINES });
    expect(taken.status).toBe(201);
    expect(await statusesOf(orderId)).toEqual(['canceled', 'canceled', 'created']);
    expect(await open(keyOf('shop'), { orderId, currency: 'MXN', items: LINES })).toMatchObject(NOT_YOURS);
  });

  it('T6j what was made while no key was configured is nobody’s', async () => {
    const orderId = randomUUID();
    const wish = { orderId, currency: 'MXN', items: LINES };
    const { paymentId } = (await open(keyOf('shop'), wish)).body;
    await world.sql(`update payments set caller = 'open' where id = $1`, [paymentId]);
    expect((await send(service, 'GET', `/payments/${paymentId}`, undefined, keyOf('rival'))).status).toBe(
      200,
    );
    expect((await open(keyOf('rival'), wish)).body).toMatchObject({ paymentId });
    expect((await open(keyOf('rival'), { ...wish, items: OTHER_LINES })).status).toBe(201);
    expect(await statusesOf(orderId)).toEqual(['canceled', 'created']);
  });

  it('T6k what was adopted is nobody’s: any key may take over', async () => {
    const orderId = randomUUID();
    const wish = { orderId, currency: 'MXN', items: LINES };
    const { paymentId } = (await open(keyOf('shop'), wish)).body;
    await world.sql(`update payments set caller = 'nats', adopted = true where id = $1`, [paymentId]);
    expect((await send(service, 'GET', `/payments/${paymentId}`, undefined, keyOf('rival'))).status).toBe(
      200,
    );
    expect((await open(keyOf('rival'), { ...wish, items: OTHER_LINES })).status).toBe(201);
    expect(await statusesOf(orderId)).toEqual(['canceled', 'created']);
  });

  it('T6l a form of a browser leads to the shop’s page, and to ours while the order has other lines', async () => {
    const orderId = orders.sells(LINES);
    const { body: opened } = await open(keyOf('shop'), {
      orderId,
      currency: 'MXN',
      items: LINES,
      metadata: { a: 'b' },
    });
    const post = () =>
      fetch(`${service.url}/payments/create-session`, {
        method: 'POST',
        body: new URLSearchParams({ orderId }),
        redirect: 'manual',
      });
    const sent = await post();
    expect([sent.status, sent.headers.get('location')]).toEqual([303, opened.url]);
    orders.sells(OTHER_LINES, orderId);
    const told = await post();
    expect([told.status, told.headers.get('location')]).toEqual([
      303,
      `https://payments.shop.example/pay/${opened.paymentId}`,
    ]);
  });

  it('T6m two browsers may choose the same Idempotency-Key', async () => {
    const same = { 'idempotency-key': 'first' };
    const [left, right] = [orders.sells(LINES), orders.sells(LINES)];
    expect((await open(same, { orderId: left })).status).toBe(201);
    expect((await open(same, { orderId: right })).status).toBe(201);
  });

  it('T6n a viewer’s key opens nothing', async () => {
    const body = { orderId: randomUUID(), currency: 'MXN', items: LINES };
    expect(await open(keyOf('eye'), body)).toMatchObject({ status: 403, body: { code: 'forbidden' } });
  });

  describe('and its group', () => {
    let grouped: LocalService;
    beforeAll(async () => {
      grouped = await world.startLocalService({
        ORDERS_CURRENCY: 'MXN',
        API_KEYS: [entry('shop'), entry('next@shop'), entry('desk@nats'), entry('rival')].join(),
      });
    }, 60_000);
    const theirs = (name: string) => keyOf(name);

    it('T6o a new key of the group sees and goes on with what the old key made, and the other way round', async () => {
      const wish = { orderId: randomUUID(), currency: 'MXN', items: LINES };
      const { paymentId } = (await open(keyOf('shop'), wish, service)).body;
      expect(
        (await send(grouped, 'GET', `/payments/${paymentId}`, undefined, theirs('next@shop'))).status,
      ).toBe(200);
      const next = await open(theirs('next@shop'), { ...wish, items: OTHER_LINES }, grouped);
      expect(next.status).toBe(201);
      const read = await send<PaymentBody>(
        grouped,
        'GET',
        `/payments/${next.body.paymentId}`,
        undefined,
        keyOf('shop'),
      );
      expect(read.status).toBe(200);
      expect(await open(keyOf('rival'), wish, grouped)).toMatchObject(NOT_YOURS);
      // Whose it is is the group's; who did it is the key's.
      expect(
        await world.sql(
          'select p.caller, t.cause from payments p join payment_transitions t on t.payment_id = p.id where p.id = $1',
          [next.body.paymentId],
        ),
      ).toEqual([{ caller: 'shop', cause: 'api:next' }]);
    });

    it('T6p an Idempotency-Key is the group’s', async () => {
      const key = { 'idempotency-key': randomUUID() };
      const body = { ...PERSON, provider: 'stripe' };
      const made = await send<CustomerBody>(grouped, 'POST', '/customers', body, {
        ...keyOf('shop'),
        ...key,
      });
      const again = await send<CustomerBody>(grouped, 'POST', '/customers', body, {
        ...theirs('next@shop'),
        ...key,
      });
      expect(again).toEqual(made);
      const rivals = await send<CustomerBody>(grouped, 'POST', '/customers', body, {
        ...keyOf('rival'),
        ...key,
      });
      expect(rivals.body.customerId).not.toBe(made.body.customerId);
    });

    it('T6q a key of the group nats shares what was asked for over NATS', async () => {
      const wish = { orderId: randomUUID(), currency: 'MXN', items: LINES };
      const { response } = await overNats('create.payment.session', wish);
      const { paymentId } = Object(response);
      const asked = await send(grouped, 'GET', `/payments/${paymentId}`, undefined, theirs('desk@nats'));
      expect(asked.status).toBe(200);
      expect((await open(theirs('desk@nats'), wish, grouped)).body).toMatchObject({ paymentId });
      expect(await open(keyOf('shop'), wish, grouped)).toMatchObject(NOT_YOURS);
    });
  });
});
