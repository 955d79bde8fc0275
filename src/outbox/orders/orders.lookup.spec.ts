import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, type INestMicroservice, Module, ParseUUIDPipe } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { MessagePattern, Payload, RpcException, Transport } from '@nestjs/microservices';
import { connect, type NatsConnection as Nats } from '@nats-io/transport-node';
import { migratedDatabase, type MigratedDatabase } from '../../../test/support/outbox/migrated.database.js';
import { natsSettings, ordersSettings } from '../../../test/support/outbox/outbox.bed.js';
import { until } from '../../../test/support/outbox/until.js';
import { ServiceFacts } from '../../database/service.store.js';
import { NatsConnection } from '../../nats/nats.connection.js';
import { freePort } from '../../../sandbox/servers/free-port.js';
import { type NatsServer, startNatsServer } from '../../../sandbox/servers/nats.server.js';
import { OrdersLookup } from './orders.lookup.js';
import { OrdersStore } from './orders.store.js';

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

  @MessagePattern('findOneOrderByItsId')
  findBare(@Payload(ParseUUIDPipe) id: string): object {
    if (id === UNKNOWN) throw new RpcException({ status: 404, message: `Order with id ${id} not found` });
    return ORDER;
  }

  @MessagePattern({ cmd: 'find_one_order' })
  findByCmd(@Payload('id', ParseUUIDPipe) _id: string): object {
    return ORDER;
  }

  /** As an ORM does that takes an id that is undefined for no condition. */
  @MessagePattern('findAnyOrder')
  findAny(@Payload('id') id: string | undefined): object {
    if (id !== undefined) throw new Error('database down');
    return { ...ORDER, id: UNKNOWN, paid: true };
  }

  @MessagePattern('findNumberedOrder')
  findNumbered(@Payload('id') id: unknown): object {
    if (typeof id !== 'number') throw new RpcException({ status: 400, message: 'id must be a number' });
    return { ...ORDER, id };
  }
}

@Module({ controllers: [OrdersController] })
class OrdersModule {}

describe('the lookup of an order', () => {
  let server: NatsServer;
  let nats: NatsConnection;
  let orders: INestMicroservice;
  let other: Nats;
  let fresh: MigratedDatabase;

  beforeAll(async () => {
    [server, fresh] = await Promise.all([startNatsServer(), migratedDatabase()]);
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
    await Promise.all([server.stop(), fresh.drop()]);
  });

  function lookup(findSubject = 'findOneOrder', connection = nats): OrdersLookup {
    const settings = ordersSettings({ findSubject, timeoutMs: 400 });
    return new OrdersLookup(connection, settings, new OrdersStore(fresh.database, new ServiceFacts()));
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

  it.each([
    { status: '410', message: 'gone' },
    { status: '404', message: 'no such order' },
    { statusCode: 404 },
  ])('T16l takes the status of %j for an order that does not exist', async (err) => {
    const found = await (
      await answerWith(`err.${JSON.stringify(err).length}`, JSON.stringify({ err }))
    ).find(KNOWN);
    expect(found).toMatchObject({ answered: true, order: undefined });
  });

  it.each([
    ['a name server', { err: { status: 500, message: 'getaddrinfo ENOTFOUND orders-db' } }],
    ['an id', { err: { status: 400, message: 'Validation failed' } }],
    ['a text', { err: 'Order not found' }],
    ['an empty list', { response: [], isDisposed: true }],
  ])('T16m takes a complaint about %s for no answer, and no silence either', async (what, reply) => {
    const subject = `complaint.${what.replaceAll(' ', '-')}`;
    const found = await (await answerWith(subject, JSON.stringify(reply))).find(KNOWN);
    expect(found).toMatchObject({ answered: false, why: 'fault' });
  });

  it('T16n takes an answer that is null for an order that does not exist', async () => {
    const found = await (await answerWith('empty', 'null')).find(KNOWN);
    expect(found).toMatchObject({ answered: true, order: undefined });
  });

  it('T18a finds the order of a service that wants the bare id, and does not take its first refusal for an answer', async () => {
    const bare = lookup('findOneOrderByItsId');
    expect(await bare.find(KNOWN)).toEqual({ answered: true, order: ORDER });
    expect(await bare.find(UNKNOWN)).toMatchObject({ answered: true, order: undefined });
    expect(await bare.find(KNOWN)).toEqual({ answered: true, order: ORDER });
  });

  it('asks on a subject that is written as {cmd}', async () => {
    expect(await lookup('{"cmd":"find_one_order"}').find(KNOWN)).toEqual({ answered: true, order: ORDER });
  });

  it('T18c does not take another order for the one that it asked for', async () => {
    expect(await lookup('findAnyOrder').find(KNOWN)).toMatchObject({ answered: false, why: 'fault' });
  });

  it('T17c asks for a numeric order by its number', async () => {
    expect(await lookup('findNumberedOrder').find(7)).toMatchObject({ answered: true, order: { id: 7 } });
    const settings = ordersSettings({ findSubject: 'findNumberedOrder', idType: 'number' });
    const adopted = new OrdersLookup(nats, settings, new OrdersStore(fresh.database, new ServiceFacts()));
    expect(await adopted.find('7')).toMatchObject({ answered: true, order: { id: 7 } });
    expect(await adopted.find('07')).toMatchObject({ answered: false });
  });

  it('T15n tells that nobody is there from silence', async () => {
    expect(await lookup('nobody').find(KNOWN)).toMatchObject({ answered: false, why: 'away' });
    const silent = await answerWith('silent', undefined);
    expect(await silent.find(KNOWN)).toMatchObject({ answered: false, why: 'silent' });
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
