import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, type INestMicroservice, Module, ParseUUIDPipe } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { MessagePattern, Payload, RpcException, Transport } from '@nestjs/microservices';
import { connect, type NatsConnection as Nats } from '@nats-io/transport-node';
import { natsSettings } from '../../test/support/outbox/outbox.bed.js';
import { until } from '../../test/support/outbox/until.js';
import { NatsConnection } from '../nats/nats.connection.js';
import { freePort } from '../sandbox/servers/free-port.js';
import { type NatsServer, startNatsServer } from '../sandbox/servers/nats.server.js';
import { OrdersLookup } from './orders.lookup.js';

const KNOWN = '6f0f0b34-3433-40a2-b3ad-c3c1af437d6e';
const UNKNOWN = '6f0f0b34-3433-40a2-b3ad-c3c1af437d6f';
const BROKEN = '6f0f0b34-3433-40a2-b3ad-c3c1af437d70';
const GONE = '6f0f0b34-3433-40a2-b3ad-c3c1af437d71';
const ORDER = { id: KNOWN, paid: false, OrderItem: [{ name: 'Teclado', price: 19.99, quantity: 2 }] };

@Controller()
class OrdersController {
  @MessagePattern('findOneOrder')
  find(@Payload('id', ParseUUIDPipe) id: string): object | null {
    if (id === UNKNOWN) throw new RpcException({ status: 404, message: `Order with id ${id} not found` });
    if (id === BROKEN) throw new Error('database down');
    return id === GONE ? null : ORDER;
  }
}

@Module({ controllers: [OrdersController] })
class OrdersModule {}

describe('the lookup of an order', () => {
  let server: NatsServer;
  let nats: NatsConnection;
  let orders: INestMicroservice;
  let other: Nats;

  beforeAll(async () => {
    server = await startNatsServer();
    orders = await NestFactory.createMicroservice(OrdersModule, {
      transport: Transport.NATS,
      options: { servers: [server.url] },
      logger: false,
    });
    await orders.listen();
    other = await connect({ servers: server.url });
    nats = new NatsConnection(natsSettings(server.url));
    nats.open();
    await until(() => nats.isConnected());
  });

  afterAll(async () => {
    await Promise.all([nats.close(), orders.close(), other.close()]);
    await server.stop();
  });

  function lookup(findSubject = 'findOneOrder', connection = nats): OrdersLookup {
    return new OrdersLookup(connection, {
      findSubject,
      timeoutMs: 400,
      currency: 'USD',
      adoptSince: undefined,
    });
  }

  /** A service that is not Nest's. */
  async function answerWith(subject: string, body: string | undefined): Promise<OrdersLookup> {
    other.subscribe(subject, {
      callback: (_error, message) => void (body !== undefined && message.respond(body)),
    });
    await other.flush();
    return lookup(subject);
  }

  it('gets the order from a Nest service', async () => {
    expect(await lookup().find(KNOWN)).toEqual({ answered: true, order: ORDER });
  });

  it.each([UNKNOWN, GONE])('learns from a Nest service that there is no order %s', async (id) => {
    const answer = await lookup().find(id);
    expect(answer).toEqual({ answered: true, order: undefined, reason: expect.any(String) });
  });

  it('takes an error that says nothing about the order for no answer', async () => {
    expect(await lookup().find(BROKEN)).toMatchObject({ answered: false });
  });

  it('takes an order that comes without an envelope', async () => {
    const found = await (await answerWith('bare', JSON.stringify(ORDER))).find(KNOWN);
    expect(found).toEqual({ answered: true, order: ORDER });
  });

  it.each([
    ['junk', 'hello'],
    ['a list', '[]'],
    ['nothing in time', undefined],
  ])('takes %s for no answer', async (what, body) => {
    const found = await (await answerWith(`other.${what.replaceAll(' ', '-')}`, body)).find(KNOWN);
    expect(found).toMatchObject({ answered: false, reason: expect.any(String) });
  });

  it('has no answer where nobody listens, and at once', async () => {
    const started = performance.now();
    expect(await lookup('nobody').find(KNOWN)).toMatchObject({ answered: false });
    expect(performance.now() - started).toBeLessThan(350);
  });

  it('has no answer while NATS is away', async () => {
    const away = new NatsConnection(natsSettings(`nats://127.0.0.1:${await freePort()}`));
    expect(await lookup('findOneOrder', away).find(KNOWN)).toMatchObject({ answered: false });
  });
});
