import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { Controller, type INestApplication, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { EventPattern, MessagePattern, Payload } from '@nestjs/microservices';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { connect, type NatsConnection, StringCodec } from 'nats';
import { natsSettings, ordersSettings } from '../../test/support/outbox/outbox.bed.js';
import { until } from '../../test/support/outbox/until.js';
import type { OrdersSettings } from '../config/settings.js';
import { freePort } from '../../sandbox/servers/free-port.js';
import { type NatsServer, startNatsServer } from '../../sandbox/servers/nats.server.js';
import { NatsServer as RequestServer } from './nats.server.js';

const CODEC = StringCodec();
const SUBJECT = 'create.payment.session';

/** What the handlers of one process were asked, and what holds their answers back. */
class Handled {
  readonly requests: unknown[] = [];
  readonly events: unknown[] = [];
  until: Promise<void> = Promise.resolve();
}

function applicationOf(handled: Handled) {
  @Controller()
  class SessionsController {
    @MessagePattern([SUBJECT, { cmd: SUBJECT }])
    async create(@Payload() data: unknown): Promise<unknown> {
      handled.requests.push(data);
      await handled.until;
      return { url: 'https://pay.example.com', got: data };
    }

    /** Fifty rows of so many bytes. */
    @MessagePattern('rows.list')
    rows(@Payload() query: { size: number; limit: number; cursor?: string }): unknown {
      handled.requests.push(query);
      const from = Number(query.cursor ?? 0);
      const to = Math.min(from + query.limit, 50);
      const text = 'x'.repeat(query.size);
      const data = Array.from({ length: to - from }, (_, index) => ({ row: from + index, text }));
      return { data, nextCursor: to < 50 ? String(to) : null };
    }

    @MessagePattern('too.large')
    tooLarge(): string {
      return 'x'.repeat(5000);
    }

    @EventPattern('something.happened')
    happened(@Payload() data: unknown): void {
      handled.events.push(data);
    }
  }
  @Module({ controllers: [SessionsController] })
  class TestModule {}
  return NestFactory.create(TestModule, new FastifyAdapter(), { logger: false });
}

describe('the NATS request server', () => {
  const servers: NatsServer[] = [];
  const applications: INestApplication[] = [];
  const callers: NatsConnection[] = [];

  afterEach(async () => {
    await Promise.all(callers.splice(0).map((caller) => caller.close()));
    await Promise.all(applications.splice(0).map((application) => application.close()));
    await Promise.all(servers.splice(0).map((server) => server.stop()));
  });

  async function serve(options: Parameters<typeof startNatsServer>[0] = {}): Promise<NatsServer> {
    const server = await startNatsServer({ config: 'max_payload: 4096', ...options });
    servers.push(server);
    return server;
  }

  async function start(
    url: string,
    orders: Partial<OrdersSettings> = {},
  ): Promise<{ handled: Handled; application: INestApplication }> {
    const handled = new Handled();
    const application = await applicationOf(handled);
    application.connectMicroservice({
      strategy: new RequestServer(natsSettings(url), ordersSettings(orders)),
    });
    await application.startAllMicroservices();
    applications.push(application);
    return { handled, application };
  }

  /** An orders service of old, on the client package that those use. */
  async function call(url: string): Promise<NatsConnection> {
    const caller = await connect({ servers: url });
    callers.push(caller);
    return caller;
  }

  async function ask(caller: NatsConnection, subject: string, body: string): Promise<unknown> {
    const reply = await caller.request(subject, CODEC.encode(body), { timeout: 5_000 });
    return JSON.parse(CODEC.decode(reply.data));
  }

  it.each([SUBJECT, JSON.stringify({ cmd: SUBJECT })])('answers a Nest request on %s', async (subject) => {
    const { url } = await serve();
    await start(url);
    const data = { orderId: 'o1', currency: 'usd', items: [{ name: 'Teclado', price: 19.99, quantity: 2 }] };
    const answer = await ask(
      await call(url),
      subject,
      JSON.stringify({ pattern: subject, data, id: 'nuid1' }),
    );
    expect(answer).toEqual({
      id: 'nuid1',
      response: { url: 'https://pay.example.com', got: data },
      isDisposed: true,
    });
  });

  it('T17l answers on the further subjects of ORDERS_REQUEST_SUBJECTS, once with two processes', async () => {
    const { url } = await serve();
    const requestSubjects = ['createSession', '{"cmd":"create_payment_session"}', SUBJECT];
    await Promise.all([start(url, { requestSubjects }), start(url, { requestSubjects })]);
    const caller = await call(url);
    let replies = 0;
    caller.subscribe('inbox', { callback: () => (replies += 1) });
    for (const subject of requestSubjects) {
      caller.publish(subject, CODEC.encode('{"data":{"orderId":"o1"},"id":"1"}'), { reply: 'inbox' });
      const body = JSON.stringify({ pattern: subject, data: { orderId: 'o1' }, id: '2' });
      expect(await ask(caller, subject, body)).toMatchObject({ response: { got: { orderId: 'o1' } } });
    }
    await until(() => replies === requestSubjects.length);
  });

  it('T17m puts no answer on the subject on which orders services hear of payments, whatever its name', async () => {
    const { url } = await serve();
    const { handled } = await start(url, { eventSubject: 'charge.succeeded' });
    const caller = await call(url);
    caller.publish(SUBJECT, CODEC.encode('{"data":{"forged":true},"id":"1"}'), { reply: 'charge.succeeded' });
    await ask(caller, SUBJECT, '{"data":{"honest":true},"id":"2"}');
    expect(handled.requests).toEqual([{ honest: true }]);
  });

  it.each([
    ['a body that is no JSON', 'hello', { code: 'invalid_request', status: 400 }],
    ['an answer that is too large', undefined, { code: 'answer_too_large', status: 500 }],
  ])('T18f answers %s with a numeric status', async (_what, body, err) => {
    const { url } = await serve();
    await start(url);
    const answer = await ask(await call(url), body === undefined ? 'too.large' : SUBJECT, body ?? '{}');
    expect(answer).toMatchObject({ err });
  });

  it.each([
    ['a bare body', '{"orderId":"o1"}', { orderId: 'o1' }],
    ['an envelope without id', '{"pattern":"x","data":{"orderId":"o1"}}', { orderId: 'o1' }],
    ['null', 'null', null],
    ['a list', '[1]', [1]],
  ])('answers %s when the caller waits for a reply', async (_what, body, data) => {
    const { url } = await serve();
    await start(url);
    expect(await ask(await call(url), SUBJECT, body)).toMatchObject({ response: { got: data } });
  });

  it.each([
    ['nothing', ''],
    ['text', 'hello'],
    ['half of an object', '{"pattern":'],
  ])('answers invalid_request to %s', async (_what, body) => {
    const { url } = await serve();
    const { handled } = await start(url);
    expect(await ask(await call(url), SUBJECT, body)).toMatchObject({
      err: { code: 'invalid_request', message: expect.any(String), details: [{ rule: 'must be JSON' }] },
    });
    expect(handled.requests).toEqual([]);
  });

  it('T19a answers a page that is too large with as many rows as fit, and the rest after it', async () => {
    const { url } = await serve();
    const { handled } = await start(url);
    const caller = await call(url);
    const got: number[] = [];
    let cursor: string | null = null;
    do {
      const data = { size: 500, limit: 50, ...(cursor === null ? {} : { cursor }) };
      const reply = await ask(caller, 'rows.list', JSON.stringify({ data, id: '1' }));
      const { response } = reply as { response: { data: { row: number }[]; nextCursor: string | null } };
      if (response.nextCursor !== null) expect(response.data.length).toBeGreaterThan(3);
      got.push(...response.data.map(({ row }) => row));
      cursor = response.nextCursor;
    } while (cursor !== null);
    expect(got).toEqual(Array.from({ length: 50 }, (_, row) => row));
    expect(handled.requests.length).toBeLessThan(30);
  });

  it('T19b says so when a single row is too large', async () => {
    const { url } = await serve();
    await start(url);
    const reply = await ask(await call(url), 'rows.list', '{"data":{"size":5000,"limit":50},"id":"1"}');
    expect(reply).toMatchObject({
      err: {
        code: 'answer_too_large',
        details: { bytes: expect.any(Number), maxPayload: 4096 },
        message: expect.stringContaining('the broker takes 4096'),
      },
    });
  });

  it('T19c answers an error when the answer itself cannot be sent', async () => {
    const { url } = await serve();
    await start(url);
    expect(
      await ask(await call(url), 'too.large', '{"pattern":"too.large","data":{},"id":"1"}'),
    ).toMatchObject({
      err: { code: 'answer_too_large' },
    });
  });

  it('leaves an event an event, also when it has a reply subject', async () => {
    const { url } = await serve();
    const { handled } = await start(url);
    const caller = await call(url);
    const replies = jest.fn();
    caller.subscribe('inbox', { callback: replies });
    caller.publish('something.happened', CODEC.encode('{"pattern":"x","data":1}'), { reply: 'inbox' });
    await until(() => handled.events.length === 1);
    await ask(caller, SUBJECT, '{}');
    expect(replies).not.toHaveBeenCalled();
  });

  it.each(['payments.events.payment.succeeded', 'payment.succeeded', '$JS.API.STREAM.DELETE.PAYMENTS'])(
    'puts no answer on %s, whoever names it as the place for one',
    async (subject) => {
      const { url } = await serve();
      const { handled } = await start(url);
      const caller = await call(url);
      const heard: string[] = [];
      caller.subscribe(subject, { callback: (_error, message) => heard.push(CODEC.decode(message.data)) });
      caller.publish(SUBJECT, CODEC.encode('{"data":{"forged":true},"id":"1"}'), { reply: subject });
      // Handled after the one above, which is what makes its silence telling.
      await ask(caller, SUBJECT, '{"data":{"honest":true},"id":"2"}');
      expect(heard).toEqual([]);
      expect(handled.requests).toEqual([{ honest: true }]);
    },
  );

  it('answers a request once with two processes at work', async () => {
    const { url } = await serve();
    const [one, other] = [await start(url), await start(url)];
    const caller = await call(url);
    let replies = 0;
    caller.subscribe('inbox', { callback: () => (replies += 1) });
    for (let index = 0; index < 20; index += 1) {
      caller.publish(SUBJECT, CODEC.encode(`{"data":${index},"id":"${index}"}`), { reply: 'inbox' });
    }
    await until(() => replies === 20);
    await Promise.all([ask(caller, SUBJECT, '{}'), ask(caller, JSON.stringify({ cmd: SUBJECT }), '{}')]);
    expect(replies).toBe(20);
    expect(one.handled.requests.length + other.handled.requests.length).toBe(22);
  });

  it('starts without a broker, and answers when there is one', async () => {
    const port = await freePort();
    const url = `nats://127.0.0.1:${port}`;
    await start(url);
    await serve({ port });
    const caller = await call(url);
    const answer = await until(() => ask(caller, SUBJECT, '{"data":1}').catch(() => undefined));
    expect(answer).toMatchObject({ response: { got: 1 } });
  });

  it('closes before it was ever connected', async () => {
    const { application } = await start(`nats://127.0.0.1:${await freePort()}`);
    await application.close();
  });

  it('answers again after the broker was gone', async () => {
    const server = await serve();
    await start(server.url);
    await server.kill();
    await server.restart();
    const caller = await call(server.url);
    const answer = await until(() => ask(caller, SUBJECT, '{"data":1}').catch(() => undefined));
    expect(answer).toMatchObject({ response: { got: 1 } });
  });

  it('lets requests under way finish when it closes, and takes no more', async () => {
    const { url } = await serve();
    const { handled, application } = await start(url);
    let finish: () => void = () => undefined;
    handled.until = new Promise((resolve) => (finish = resolve));
    const caller = await call(url);
    const answer = ask(caller, SUBJECT, '{"data":1}');
    await until(() => handled.requests.length === 1);
    const closed = application.close();
    await until(async () => {
      const refused = await caller
        .request(SUBJECT, CODEC.encode('{"data":2}'), { timeout: 200 })
        .catch(codeOf);
      return refused === '503';
    });
    finish();
    expect(await answer).toMatchObject({ response: { got: 1 } });
    await closed;
  });
});

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : error;
}
