import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect, headers, type NatsConnection, type Subscription } from '@nats-io/transport-node';
import { Logger } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { samplePaymentEvent, subjectOf, type MoneyEvent, type PaymentEvent } from 'payments-client';
import { freePort } from '../../sandbox/servers/free-port.js';
import { startNatsServer, type NatsServer } from '../../sandbox/servers/nats.server.js';
import { type FreshDatabase, freshDatabase } from '../../test/support/servers/database.js';
import type { Order } from './order.js';
import { startOrders } from './orders.app.js';
import type { Listener } from './orders.settings.js';

const RECEIPT = 'https://pay.example.com/receipts/ch_1';

let server: NatsServer;
let connection: NatsConnection;
let payments: Subscription;
const sessionRequests = new Map<string, unknown>();
let fresh: FreshDatabase;
let app: NestFastifyApplication;

beforeAll(async () => {
  Logger.overrideLogger(false);
  fresh = await freshDatabase();
  server = await startNatsServer({ jetstream: true });
  connection = await connect({ servers: server.url, maxReconnectAttempts: -1 });
  const manager = await jetstreamManager(connection);
  await manager.streams.add({ name: 'PAYMENTS', subjects: ['payments.events.>'] });
  // Stands for the payments service, as it looks on the wire.
  payments = connection.subscribe('create.payment.session', {
    callback: (_error, message) => {
      const packet = message.json<{ id: string; data: { orderId: string } }>();
      sessionRequests.set(packet.data.orderId, { ...packet, id: typeof packet.id });
      const base = 'https://shop.example.com';
      const response = { url: `${base}/pay/${packet.data.orderId}`, successUrl: base, cancelUrl: base };
      message.respond(JSON.stringify({ id: packet.id, response, isDisposed: true }));
    },
  });
});
afterAll(async () => {
  payments.unsubscribe();
  await connection.close();
  await server.stop();
  await fresh.drop();
});

/** All tests share one database; each makes orders of its own. */
async function start(listener: Listener, servers = [server.url]): Promise<void> {
  const databaseUrl = fresh.url;
  app = await startOrders({ port: 0, host: '127.0.0.1', nats: { servers }, listener, databaseUrl });
}

/** Resolves when the service listens to the broker. */
async function startOnBroker(listener: Listener): Promise<void> {
  await start(listener);
  await until(
    () => send('findOneOrder', {}),
    (answer) => answer !== 'nobody',
  );
}

async function http<Answer>(path: string, body?: object): Promise<Answer> {
  const options = body && { method: 'POST', body: JSON.stringify(body) };
  const response = await fetch(`${await app.getUrl()}${path}`, {
    ...options,
    headers: { 'content-type': 'application/json' },
  });
  return response.json() as Promise<Answer>;
}

async function createOrder(): Promise<Order> {
  const items = [
    { name: 'Teclado', price: 19.99, quantity: 2 },
    { productId: 'mouse-1', name: 'Mouse', price: 0.1, quantity: 3 },
  ];
  const { order } = await http<{ order: Order }>('/orders', { items, currency: 'usd' });
  return order;
}

/** One Nest request over NATS; 'nobody' while nobody listens. */
async function send(pattern: string, data: object, over = connection): Promise<unknown> {
  const packet = JSON.stringify({ pattern, data, id: 'request-1' });
  const reply = await over.request(pattern, packet).catch(() => undefined);
  return reply ? reply.json() : 'nobody';
}

function emitLegacy(orderId: string, extra: object = {}): void {
  const data = { stripePaymentId: 'ch_1', orderId, receiptUrl: RECEIPT, ...extra };
  connection.publish('payment.succeeded', JSON.stringify({ pattern: 'payment.succeeded', data }));
}

async function publishDurable(event: MoneyEvent): Promise<void> {
  const withId = headers();
  withId.set('Nats-Msg-Id', event.eventId);
  const body = JSON.stringify({ pattern: subjectOf(event.type), data: event });
  await jetstream(connection).publish(subjectOf(event.type), body, { headers: withId });
}

function paidEvent(orderId: string, overrides: Partial<Omit<PaymentEvent, 'type'>> = {}): PaymentEvent {
  const unique = { eventId: randomUUID(), paymentId: randomUUID() };
  return samplePaymentEvent('payment.succeeded', { ...unique, orderId, ...overrides });
}

async function until<Value>(read: () => Promise<Value>, holds: (value: Value) => boolean): Promise<Value> {
  for (;;) {
    const value = await read();
    if (holds(value)) return value;
  }
}

function orderWhen(id: string, holds: (order: Order) => boolean): Promise<Order> {
  return until(() => http<Order>(`/orders/${id}`), holds);
}

describe('creating an order', () => {
  beforeAll(() => startOnBroker('both'));
  afterAll(() => app.close());

  it('asks for a payment session with the bytes that the payments service expects', async () => {
    const items = [{ name: 'Teclado', price: 19.99, quantity: 2 }];
    const answer = await http<{ order: Order; paymentSession: object }>('/orders', {
      items,
      currency: 'usd',
    });
    const { id } = answer.order;
    expect(answer.paymentSession).toMatchObject({ url: `https://shop.example.com/pay/${id}` });
    expect(sessionRequests.get(id)).toEqual({
      pattern: 'create.payment.session',
      data: { orderId: id, currency: 'usd', items },
      id: 'string',
    });
  });

  it('passes on how the customer wants to pay, and refuses what no payments service takes', async () => {
    const items = [{ name: 'Silla', price: 850.5, quantity: 1 }];
    const customer = { name: 'Ana Pérez', email: 'ana@example.com', phone: '+525512345678' };
    const checkout = { provider: 'conekta', ui: 'embedded', paymentMethods: ['cash'], customer };
    const { order } = await http<{ order: Order }>('/orders', { items, currency: 'mxn', checkout });
    expect(sessionRequests.get(order.id)).toMatchObject({ data: { currency: 'mxn', ...checkout } });
    const refused = await http('/orders', { items, currency: 'mxn', checkout: { price: 1 } });
    expect(refused).toMatchObject({ status: 400 });
  });

  it('is possible over NATS too, and findOneOrder gives the order as the course does', async () => {
    const items = [{ productId: 'p-1', name: 'Teclado', price: 19.99, quantity: 2 }];
    const created = await send('createOrder', { items, currency: 'MXN' });
    expect(created).toMatchObject({ response: { order: { OrderItem: items }, paymentSession: {} } });
    const [{ id }] = await http<[Order]>('/orders');
    const found = await send('findOneOrder', { id });
    const order = { status: 'PENDING', paid: false, totalAmount: 39.98, totalItems: 2, OrderItem: items };
    expect(found).toMatchObject({ response: order });
  });

  it.each([
    ['no items', { items: [], currency: 'usd' }],
    ['no currency', { items: [{ name: 'x', price: 1, quantity: 1 }] }],
    ['a price of zero', { items: [{ name: 'x', price: 0, quantity: 1 }], currency: 'usd' }],
    [
      'a field that is not known',
      { items: [{ name: 'x', price: 1, quantity: 1 }], currency: 'usd', paid: true },
    ],
  ])('is refused with %s, over both ways', async (_what, body) => {
    const before = sessionRequests.size;
    expect(await http('/orders', body)).toEqual({ status: 400, message: [expect.any(String)] });
    expect(await send('createOrder', body)).toMatchObject({ err: { status: 400 } });
    expect(sessionRequests.size).toBe(before);
  });

  it('answers 404 for an order that does not exist, over both ways', async () => {
    const id = '7c9e6679-7425-40de-944b-e07fc1f90ae7';
    const refusal = { status: 404, message: `Order ${id} not found` };
    expect(await http(`/orders/${id}`)).toEqual(refusal);
    expect(await send('findOneOrder', { id })).toMatchObject({ err: refusal });
  });

  it('shows the orders on a page, as text and not as markup', async () => {
    const items = [{ name: '<script>alert(1)</script>', price: 1, quantity: 1 }];
    await http('/orders', { items, currency: 'usd' });
    const page = await (await fetch(`${await app.getUrl()}/`)).text();
    expect(page).toContain('1 × &lt;script&gt;alert(1)&lt;/script&gt;');
    expect(page).not.toContain('<script>');
  });
});

describe('the legacy listener', () => {
  beforeAll(() => startOnBroker('legacy'));
  afterAll(() => app.close());

  it('marks the order paid and keeps the receipt', async () => {
    const { id } = await createOrder();
    emitLegacy(id);
    const order = await orderWhen(id, ({ paid }) => paid);
    const receipts = [{ kind: 'legacy', receiptUrl: RECEIPT }];
    expect(order).toMatchObject({ status: 'PAID', stripeChargeId: 'ch_1', receipts, legacyEvents: 1 });
    expect(order).toMatchObject({ totalAmount: 40.28, totalItems: 5, durableEvents: 0, paidByEvent: null });
  });

  it('drops an event with a fourth key, and stays up', async () => {
    const { id } = await createOrder();
    emitLegacy(id, { amount: 3998 });
    const other = await createOrder();
    emitLegacy(other.id);
    await orderWhen(other.id, ({ paid }) => paid);
    expect(await http(`/orders/${id}`)).toMatchObject({ paid: false, legacyEvents: 0, receipts: [] });
  });

  it('throws on a duplicate, which leaves one receipt', async () => {
    const { id } = await createOrder();
    emitLegacy(id);
    emitLegacy(id);
    const order = await orderWhen(id, ({ paid, legacyEvents }) => paid && legacyEvents === 2);
    expect(order.receipts).toHaveLength(1);
  });
});

describe('the durable listener', () => {
  beforeAll(() => startOnBroker('durable'));
  afterAll(() => app.close());

  it('applies an event once that is delivered twice under one id', async () => {
    const { id } = await createOrder();
    await publishDurable(paidEvent(id));
    await orderWhen(id, ({ paid }) => paid);
    // A consumer that was deleted at the broker is made again, and starts again at the oldest event.
    await (await jetstreamManager(connection)).consumers.delete('PAYMENTS', 'orders');
    const order = await orderWhen(id, ({ duplicatesIgnored }) => duplicatesIgnored === 1);
    expect(order).toMatchObject({
      status: 'PAID',
      stripeChargeId: 'ch_1',
      durableEvents: 2,
      legacyEvents: 0,
    });
    expect(order.receipts).toEqual([{ kind: 'durable', receiptUrl: RECEIPT }]);
  });

  it('T20h marks an order paid by a success that was healed, and comes after its refund', async () => {
    const { id } = await createOrder();
    const paid = paidEvent(id, { version: 3 });
    const refund = { id: `re_${id}`, amount: 4_028, status: 'succeeded' };
    const money = { amountRefunded: 4_028, status: 'refunded', version: 5 };
    await publishDurable({ ...paid, ...money, eventId: randomUUID(), type: 'refund.succeeded', refund });
    await orderWhen(id, ({ refunds }) => refunds.length === 1);
    await publishDurable(paid);
    // An event is counted before it is applied.
    const order = await orderWhen(id, ({ durableEvents, paid }) => durableEvents === 2 && paid);
    expect(order).toMatchObject({ status: 'PAID', stripeChargeId: 'ch_1', paidByEvent: paid.eventId });
    expect(order.receipts).toEqual([{ kind: 'durable', receiptUrl: RECEIPT }]);
    expect(order.refunds).toEqual([{ refundId: refund.id, amount: 4_028 }]);
    expect(order.payments).toEqual([{ paymentId: paid.paymentId, status: 'refunded', version: 5 }]);
  });

  it('keeps a payment from going back to what is older', async () => {
    const { id } = await createOrder();
    const paid = paidEvent(id, { version: 5 });
    const earlier = { ...paid, eventId: randomUUID(), version: 4, status: 'failed' };
    await publishDurable(paid);
    await publishDurable(samplePaymentEvent('payment.failed', earlier));
    // The second one has been applied when the third is counted.
    await publishDurable(samplePaymentEvent('payment.failed', { ...earlier, eventId: randomUUID() }));
    const order = await orderWhen(id, ({ durableEvents }) => durableEvents === 3);
    expect(order.payments).toEqual([{ paymentId: paid.paymentId, status: 'succeeded', version: 5 }]);
    expect(order.status).toBe('PAID');
  });

  it('passes over an event for an order that is not ours', async () => {
    const { id } = await createOrder();
    await publishDurable(paidEvent('not-ours'));
    const ours = paidEvent(id);
    await publishDurable(ours);
    const order = await orderWhen(id, ({ paid }) => paid);
    expect(order).toMatchObject({ paidByEvent: ours.eventId, durableEvents: 1 });
  });

  it('receives what was published while the service was down', async () => {
    const { id } = await createOrder();
    await app.close();
    const event = paidEvent(id);
    await publishDurable(event);
    await startOnBroker('durable');
    expect(await orderWhen(id, ({ paid }) => paid)).toMatchObject({ paidByEvent: event.eventId });
  });
});

describe('without a broker', () => {
  it('the service starts and shows its orders, and answers over NATS as soon as there is one', async () => {
    const port = await freePort();
    const servers = [`nats://127.0.0.1:${port}`];
    await start('both', servers);
    expect(await http('/orders')).toEqual(expect.any(Array));

    const late = await startNatsServer({ port });
    const own = await connect({ servers });
    await until(
      () => send('findOneOrder', {}, own),
      (answer) => answer !== 'nobody',
    );
    await app.close();
    await own.close();
    await late.stop();
  });
});

describe('both listeners together', () => {
  beforeAll(() => startOnBroker('both'));
  afterAll(() => app.close());

  it('each write their own receipt, and the order shows that both events arrived once', async () => {
    const { id } = await createOrder();
    const event = paidEvent(id);
    await publishDurable(event);
    const seenByOne = await orderWhen(id, ({ paidByEvent }) => paidByEvent === event.eventId);
    expect(seenByOne.paid).toBe(false);
    emitLegacy(id);
    const order = await orderWhen(id, ({ paid }) => paid);
    expect(order).toMatchObject({ legacyEvents: 1, durableEvents: 1, duplicatesIgnored: 0 });
    expect(order.receipts.map(({ kind }) => kind)).toEqual(['durable', 'legacy']);
  });
});
