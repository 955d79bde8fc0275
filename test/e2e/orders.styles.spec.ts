import 'reflect-metadata';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, type INestMicroservice, type Type, ValidationPipe, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  type ClientProxy,
  ClientProxyFactory,
  EventPattern,
  MessagePattern,
  Payload,
  RpcException,
  Transport,
} from '@nestjs/microservices';
import { IsInt, IsString, IsUrl } from 'class-validator';
import { randomInt, randomUUID } from 'node:crypto';
import { lastValueFrom, timeout } from 'rxjs';
import { mexicanPurchase, purchase } from '../support/harness/calls.js';
import { eventually } from '../support/harness/eventually.js';
import type { LocalService } from '../support/harness/service.local.js';
import { startWorld, type World } from '../support/harness/world.js';

type Pattern = string | { cmd: string };

/** How one orders service of the architecture speaks: its patterns, and the DTO of what it is told. */
interface Style {
  env: Record<string, string>;
  request: Pattern;
  event: Pattern;
  find?: Pattern;
  keys: { charge: string; order: string; receipt?: string };
  numeric?: boolean;
}

const REFERENCE = { charge: 'stripePaymentId', order: 'orderId', receipt: 'receiptUrl' };

const STYLES: Record<string, Style> = {
  reference: { env: {}, request: 'create.payment.session', event: 'payment.succeeded', keys: REFERENCE },
  typo: {
    env: { ORDERS_PRESET: 'typo' },
    request: 'create.payment.session',
    event: 'payment.succeded',
    keys: REFERENCE,
  },
  charge: {
    env: { ORDERS_PRESET: 'charge' },
    request: 'create.payment.session',
    event: 'charge.succeeded',
    keys: { charge: 'paymentChargeId', order: 'orderId', receipt: 'receipt_url' },
  },
  cmd: {
    env: { ORDERS_PRESET: 'cmd', ORDERS_FIND_SUBJECT: '{"cmd":"find_one_order"}' },
    request: { cmd: 'create.payment.session' },
    event: { cmd: 'payment.succeeded' },
    find: { cmd: 'find_one_order' },
    keys: REFERENCE,
  },
  'its own': {
    env: {
      ORDERS_REQUEST_SUBJECTS: 'createSession;{"cmd":"create-session-payment"}',
      ORDERS_EVENT_SUBJECT: 'payment_succeeded',
      ORDERS_EVENT_KEYS: 'stripePaymentId=idStripe,orderId=idOrder,receiptUrl=',
    },
    request: { cmd: 'create-session-payment' },
    event: 'payment_succeeded',
    keys: { charge: 'idStripe', order: 'idOrder' },
  },
  numeric: {
    env: {},
    request: 'create.payment.session',
    event: 'payment.succeeded',
    keys: REFERENCE,
    numeric: true,
  },
};

interface OrdersService {
  /** What its handler got, past its DTO. */
  told: unknown[];
  /** The ids that it was asked for. */
  asked: unknown[];
  client: ClientProxy;
  stop(): Promise<void>;
}

/** The orders service as its framework builds it: a DTO that refuses what it does not know. */
async function startOrders(style: Style, natsUrl: string): Promise<OrdersService> {
  const { keys, numeric = false } = style;
  const told: unknown[] = [];
  const asked: unknown[] = [];

  class PaidOrderDto {}
  IsString()(PaidOrderDto.prototype, keys.charge);
  if (keys.receipt !== undefined) {
    IsString()(PaidOrderDto.prototype, keys.receipt);
    IsUrl()(PaidOrderDto.prototype, keys.receipt);
  }
  (numeric ? IsInt() : IsString())(PaidOrderDto.prototype, keys.order);

  @Controller()
  class OrdersController {
    @EventPattern(style.event)
    paid(@Payload() body: PaidOrderDto): void {
      told.push({ ...body });
    }

    @MessagePattern(style.find ?? 'findOneOrder')
    find(@Payload('id') id: unknown): object {
      asked.push(id);
      if (typeof id !== (numeric ? 'number' : 'string'))
        throw new RpcException({ status: 400, message: 'id' });
      const paid = told.some((one) => JSON.stringify(one).includes(JSON.stringify(id)));
      return {
        id,
        status: paid ? 'PAID' : 'PENDING',
        paid,
        orderItems: [{ product: 'Silla', price: 5, quantity: 2 }],
      };
    }
  }
  // What the compiler would write for a type that it can see.
  Reflect.defineMetadata('design:paramtypes', [PaidOrderDto], OrdersController.prototype, 'paid');
  const options = { servers: [natsUrl] };
  const service = await microservice(OrdersController, options);
  const client = ClientProxyFactory.create({ transport: Transport.NATS, options });
  const stop = async (): Promise<void> => {
    await client.close();
    await service.close();
  };
  return { told, asked, client, stop };
}

async function microservice(controller: Type, options: { servers: string[] }): Promise<INestMicroservice> {
  @Module({ controllers: [controller] })
  class OrdersModule {}
  const transport = { transport: Transport.NATS as const, options, logger: false as const };
  const service = await NestFactory.createMicroservice(OrdersModule, transport);
  service.useGlobalPipes(new ValidationPipe({ whitelist: true, forbidNonWhitelisted: true }));
  await service.listen();
  return service;
}

describe('an orders service in the style of', () => {
  let world: World;
  let service: LocalService | undefined;
  let orders: OrdersService | undefined;

  beforeAll(async () => {
    world = await startWorld({ services: 0, conekta: true });
  }, 120_000);
  afterEach(async () => {
    await service?.stop();
    await orders?.stop();
    [service, orders] = [undefined, undefined];
  });
  afterAll(() => world?.stop());

  async function begin(style: Style, env: Record<string, string> = {}): Promise<OrdersService> {
    service = await world.startLocalService({ PUBLIC_URL: 'https://pay.shop.example', ...style.env, ...env });
    orders = await startOrders(style, world.nats.url);
    return orders;
  }

  function send(pattern: Pattern, data: object): Promise<Record<string, unknown>> {
    const client = orders?.client;
    if (client === undefined) throw new Error('nobody is there to ask');
    return lastValueFrom(client.send<Record<string, unknown>>(pattern, data).pipe(timeout(10_000)));
  }

  const paidAt = async (provider: 'stripe' | 'conekta', url: unknown): Promise<void> => {
    const sessionId = String(url).split('/').at(-1) ?? '';
    if (provider === 'stripe') await world.stripe.payWithCard(sessionId);
    else await world.conekta.payWithCard(sessionId);
  };

  const CASES = Object.keys(STYLES).flatMap((name) => [
    { name, provider: 'stripe' as const },
    { name, provider: 'conekta' as const },
  ]);

  it.each(CASES)(
    'T17n $name gets its session and hears that it is paid at $provider',
    async ({ name, provider }) => {
      const style = STYLES[name];
      if (style === undefined) throw new Error(name);
      const { told } = await begin(style);
      const orderId = style.numeric === true ? randomInt(1, 2 ** 47) : randomUUID();
      const request = provider === 'stripe' ? purchase({ orderId }) : mexicanPurchase({ orderId });
      const session = await eventually(() => send(style.request, request));
      expect(session).toMatchObject({
        orderId,
        url: expect.any(String),
        sessionUrl: session.url,
        success_url: session.successUrl,
        cancel_url: session.cancelUrl,
      });
      await paidAt(provider, session.url);
      const { charge, order, receipt } = style.keys;
      const expected = {
        [charge]: expect.any(String),
        [order]: orderId,
        ...(receipt !== undefined && { [receipt]: expect.stringMatching(/^https:/) }),
      };
      await eventually(() => expect(told).toEqual([expected]));
    },
  );

  it('T17o numeric is asked for by its number, keeps text on the stream, and shares its order with the text', async () => {
    const style = STYLES.numeric;
    if (style === undefined) throw new Error('no such style');
    const { asked } = await begin(style);
    const stream = await world.openStream();
    const orderId = randomInt(1, 2 ** 47);
    const first = await eventually(() => send(style.request, { orderId }));
    const [again, byText] = [
      await send(style.request, {
        orderId,
        currency: 'usd',
        items: [{ name: 'Silla', price: 5, quantity: 2 }],
      }),
      await send(style.request, {
        orderId: String(orderId),
        currency: 'usd',
        items: [{ name: 'Silla', price: 5, quantity: 2 }],
      }),
    ];
    expect(asked).toContain(orderId);
    expect([again.paymentId, byText.paymentId]).toEqual([first.paymentId, first.paymentId]);
    expect([first.orderId, byText.orderId]).toEqual([orderId, String(orderId)]);
    const payment = await send('payments.get', { paymentId: first.paymentId });
    expect(payment).toMatchObject({ orderId: String(orderId), metadata: { orderIdType: 'number' } });
    expect(await send('payments.list', { orderId })).toMatchObject({
      data: [{ paymentId: first.paymentId }],
    });
    await eventually(async () => expect(await stream.typesOf(String(orderId))).toEqual(['payment.created']));
  });

  it.each([[1.5], [-1], [2 ** 53]])('T17p numeric is refused %d for an order', async (orderId) => {
    const style = STYLES.numeric;
    if (style === undefined) throw new Error('no such style');
    await begin(style);
    await eventually(() =>
      expect(send(style.request, purchase({ orderId }))).rejects.toMatchObject({
        status: 400,
        code: 'invalid_request',
        details: [{ field: 'orderId' }],
      }),
    );
  });

  it('T18l any gets a name with line breaks as one line, and REST refuses it', async () => {
    const style = STYLES.reference;
    if (style === undefined) throw new Error('no such style');
    await begin(style);
    const items = [{ name: 'Silla\r\nroja\u2028grande', price: 5, quantity: 1 }];
    const session = await eventually(() => send(style.request, purchase({ items })));
    const [row] = await world.sql<{ items: { name: string }[] }>(
      `select items from payments where id = '${String(session.paymentId)}'`,
    );
    expect(row?.items).toMatchObject([{ name: 'Silla roja grande' }]);
    const rest = await fetch(`${service?.url}/payments/create-session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(purchase({ items })),
    });
    expect(rest.status).toBe(400);
  });

  it.each([
    [{ name: 'Silla', price: '5', quantity: 1 }, 'items[0].price', 'must be a number'],
    [{ name: 'Silla', price: 5, quantity: '1' }, 'items[0].quantity', 'must be a whole number'],
  ])('T18m any is told by number and word what is wrong with %j', async (item, field, rule) => {
    const style = STYLES.reference;
    if (style === undefined) throw new Error('no such style');
    await begin(style);
    await eventually(() =>
      expect(send(style.request, { ...purchase(), items: [item] })).rejects.toMatchObject({
        status: 400,
        message: `${field} ${rule}`,
        details: [{ field, rule }],
      }),
    );
  });
});
