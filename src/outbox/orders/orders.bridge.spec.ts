import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection as Nats } from '@nats-io/transport-node';
import { migratedDatabase, type MigratedDatabase } from '../../../test/support/outbox/migrated.database.js';
import { legacy, OutboxBed } from '../../../test/support/outbox/outbox.bed.js';
import { until } from '../../../test/support/outbox/until.js';
import type { OrdersSettings } from '../../config/settings.js';
import { type NatsServer, startNatsServer } from '../../../sandbox/servers/nats.server.js';
import { serviceFacts } from '../../database/service.tables.js';
import { outbox, type OutboxState } from '../outbox.tables.js';

type Row = typeof outbox.$inferSelect;

const HOUR_MS = 3_600_000;

describe('the orders bridge', () => {
  let server: NatsServer;
  let fresh: MigratedDatabase;
  let bed: OutboxBed;
  let orders: Nats;
  const others: OutboxBed[] = [];

  beforeAll(async () => {
    [server, fresh] = await Promise.all([startNatsServer(), migratedDatabase()]);
  });

  beforeEach(async () => {
    await start();
    orders = await connect({ servers: server.url });
  });

  afterEach(async () => {
    jest.restoreAllMocks();
    server.resume();
    await Promise.all([bed, ...others.splice(0)].map((each) => each.stop()));
    await orders.close();
    await fresh.database.db.delete(outbox);
    await fresh.database.db.delete(serviceFacts);
  });

  afterAll(async () => {
    await Promise.all([server.stop(), fresh.drop()]);
  });

  /** An orders service that listens; what it received. */
  async function listen(): Promise<string[]> {
    const received: string[] = [];
    orders.subscribe('payment.succeeded', {
      callback: (_error, message) => void received.push(message.string()),
    });
    await orders.flush();
    return received;
  }

  /** An orders service that answers lookups; the requests that it got. */
  async function answerLookups(answer: () => object): Promise<unknown[]> {
    const requests: unknown[] = [];
    orders.subscribe('findOneOrder', {
      callback: (_error, message) => {
        requests.push(message.json());
        message.respond(JSON.stringify({ ...answer(), isDisposed: true }));
      },
    });
    await orders.flush();
    return requests;
  }

  const order = (paid: boolean) => ({ response: { id: 'o1', paid, status: paid ? 'PAID' : 'PENDING' } });

  async function append(change: Partial<Row> = {}): Promise<string> {
    const message = legacy('o1');
    await fresh.database.db.insert(outbox).values({ ...message, ...change });
    return message.id;
  }

  /** What is logged as an error from now on. */
  function loggedErrors(): string[] {
    const lines: string[] = [];
    jest
      .spyOn(Logger.prototype, 'error')
      .mockImplementation((line: unknown) => void lines.push(String(line)));
    return lines;
  }

  function reached(id: string, state: OutboxState): Promise<Row> {
    return until(async () => {
      const row = await bed.row(id);
      return row.state === state && row;
    });
  }

  /** The process, with its settings. */
  async function start(settings: Partial<OrdersSettings> = {}): Promise<void> {
    bed = new OutboxBed(server.url, fresh.database, settings).start();
    await until(() => bed.bridge.hold() === undefined);
  }

  async function lookupsWereAnsweredBefore(): Promise<void> {
    await fresh.database.db.insert(serviceFacts).values({ name: 'orders_lookup_answered' });
  }

  /** As if the minutes until the next lookup had passed. */
  async function afterTheWait(id: string): Promise<void> {
    await until(async () => (await bed.row(id)).leaseUntil === null);
    await bed.makeDue();
    bed.bridge.wake();
  }

  it('holds a message back while nobody listens, and delivers it once when somebody does', async () => {
    const id = await append();
    const held = await until(async () => {
      const row = await bed.row(id);
      return row.attempts >= 2 && row.leaseUntil === null && row;
    });
    expect(held).toMatchObject({
      state: 'pending',
      sends: 0,
      inFlight: false,
      lastError: 'no orders service is subscribed',
    });
    const received = await listen();
    expect(await reached(id, 'sent')).toMatchObject({ sends: 1, inFlight: false });
    expect(received.map((body) => JSON.parse(body))).toEqual([
      {
        pattern: 'payment.succeeded',
        data: { stripePaymentId: 'ch_1', orderId: 'o1', receiptUrl: 'https://pay.example.com/receipt' },
      },
    ]);
  });

  it('leaves alone what waits while nobody listens, but for one message at a time, and then lets all out', async () => {
    await bed.append(...Array.from({ length: 120 }, (_, index) => legacy(`order-${index}`)));
    bed.bridge.wake();
    const attempts = async () => (await bed.rows()).map((row) => row.attempts);
    const sum = (numbers: number[]) => numbers.reduce((all, one) => all + one, 0);
    // One batch met nobody; after it, three messages asked whether somebody is there.
    await until(async () => sum(await attempts()) >= 53);
    expect(sum(await attempts())).toBeLessThan(60);
    expect((await attempts()).filter((count) => count === 0).length).toBeGreaterThanOrEqual(60);
    const received = await listen();
    await until(async () => (await bed.rows()).every((row) => row.state === 'sent'));
    expect(received).toHaveLength(120);
  });

  it('asks about a message that was sent while others wait for a subscriber', async () => {
    await answerLookups(() => order(true));
    const waiting = await append();
    await until(async () => (await bed.row(waiting)).lastError === 'no orders service is subscribed');
    const sent = await append({ state: 'sent', sends: 1 });
    bed.bridge.wake();
    await reached(sent, 'published');
    expect(await bed.row(waiting)).toMatchObject({ state: 'pending', sends: 0 });
  });

  it('T24l sends what waited with an unusable receipt with a page of ours', async () => {
    const received = await listen();
    const { body } = legacy('o1');
    const receiptUrl = 'javascript:alert(1)';
    const id = await append({ key: 'p1', body: body.replace('https://pay.example.com/receipt', receiptUrl) });
    await reached(id, 'sent');
    const ours = 'https://pay.example/payments/p1/receipt';
    expect(received.map((text) => JSON.parse(text))).toMatchObject([{ data: { receiptUrl: ours } }]);
  });

  it('looks the order up after a minute, as a Nest client does, and is done when it is paid', async () => {
    const received = await listen();
    const requests = await answerLookups(() => order(true));
    const id = await append();
    const sent = await reached(id, 'sent');
    expect(sent.nextAttemptAt.getTime() - sent.createdAt.getTime()).toBeGreaterThan(55_000);
    await afterTheWait(id);
    expect(await reached(id, 'published')).toMatchObject({ lastError: null });
    expect(requests).toEqual([{ pattern: 'findOneOrder', data: { id: 'o1' }, id: expect.any(String) }]);
    expect(received).toHaveLength(1);
  });

  it('T16a sends again what had no effect, also after the fifth time, with an alert', async () => {
    const alerts = loggedErrors();
    const received = await listen();
    await answerLookups(() => order(false));
    const id = await append();
    for (let send = 1; send <= 6; send += 1) {
      await until(async () => {
        const row = await bed.row(id);
        return row.state === 'sent' && row.sends === send;
      });
      expect(alerts.filter((line) => line.includes(id))).toHaveLength(send > 5 ? 1 : 0);
      await bed.age(id, 6 * HOUR_MS);
    }
    await until(() => received.length === 7);
    expect(alerts.join()).toMatch(/not paid after 5 messages/);
    expect(await bed.orders.countSentInVain(5)).toBe(1);
  });

  it('T16b ends an order that stays unpaid as unconfirmed after seven days, never as dead', async () => {
    await listen();
    await answerLookups(() => order(false));
    const id = await append();
    await reached(id, 'sent');
    await bed.age(id, 7 * 24 * HOUR_MS);
    expect(await reached(id, 'unconfirmed')).toMatchObject({
      lastError: expect.stringMatching(/seven days, and the order is not paid/),
    });
  });

  it('T15g keeps what only a monitor heard, and sends it to the orders service days later', async () => {
    const monitored = await listen();
    await lookupsWereAnsweredBefore();
    const id = await append();
    await reached(id, 'sent');
    for (const ms of [60_000, 9 * 60_000, 4 * 60_000, 3 * 24 * HOUR_MS]) {
      await bed.age(id, ms);
      const row = await until(async () => {
        const found = await bed.row(id);
        return found.leaseUntil === null && found.nextAttemptAt > new Date() && found;
      });
      expect(row).toMatchObject({ state: 'sent', lastError: expect.stringMatching(/no responders/i) });
    }
    let paid = false;
    await answerLookups(() => order(paid));
    await bed.age(id, HOUR_MS);
    await until(() => monitored.length === 2);
    paid = true;
    await reached(id, 'sent');
    await bed.age(id, 60_000);
    expect(await reached(id, 'published')).toMatchObject({ lastError: null, sends: 2 });
  });

  it('T15h takes silence of a subscriber to everything for unconfirmed, with an alert, never for published', async () => {
    const alerts = loggedErrors();
    orders.subscribe('>', { callback: () => undefined });
    await orders.flush();
    await lookupsWereAnsweredBefore();
    const id = await append();
    await reached(id, 'sent');
    await bed.age(id, 60_000);
    await until(async () => (await bed.row(id)).checks === 1);
    await bed.age(id, 9 * 60_000);
    expect(await reached(id, 'unconfirmed')).toMatchObject({ lastError: expect.stringMatching(/timeout/i) });
    expect(alerts.join()).toContain(id);
  });

  it('T15i without an answer ever ends as unconfirmed after a day, with one alert for all that names the setting', async () => {
    const alerts = loggedErrors();
    await listen();
    const ids = [await append(), await append()];
    for (const id of ids) {
      await reached(id, 'sent');
      await bed.age(id, 23 * HOUR_MS);
      await until(async () => {
        const row = await bed.row(id);
        return row.leaseUntil === null && row.nextAttemptAt > new Date() && row.state === 'sent';
      });
      expect(await bed.orders.isLookupMissed()).toBe(id !== ids[0]);
      await bed.age(id, HOUR_MS);
      await reached(id, 'unconfirmed');
    }
    expect(await bed.orders.isLookupMissed()).toBe(true);
    expect(alerts.filter((line) => line.includes('ORDERS_FIND_SUBJECT'))).toHaveLength(1);
    expect(alerts).toHaveLength(1);
  });

  it('T15j asks again about what was unconfirmed, and trusted by earlier versions, at the first answer ever', async () => {
    await listen();
    const earlier = {
      state: 'published',
      lastError: 'delivered, not confirmed',
      publishedAt: new Date(),
    } as const;
    const [given, trusted] = [await append({ state: 'unconfirmed', sends: 1 }), await append(earlier)];
    const fine = await append({ state: 'published', publishedAt: new Date() });
    const requests = await answerLookups(() => order(true));
    const first = await append({ state: 'sent', sends: 1 });
    bed.bridge.wake();
    for (const id of [first, given, trusted]) {
      expect(await reached(id, 'published')).toMatchObject({ lastError: null });
    }
    await until(() => requests.length >= 3);
    expect((await bed.row(fine)).attempts).toBe(0);
    expect(await bed.orders.isLookupAnswered()).toBe(true);
    expect(await bed.orders.isLookupMissed()).toBe(false);
  });

  it('T15k asks again at its start about what an earlier version beside it trusted', async () => {
    const id = await append({ state: 'published', lastError: 'delivered, not confirmed' });
    await answerLookups(() => order(true));
    await lookupsWereAnsweredBefore();
    await bed.stop();
    await start();
    const row = await until(async () => {
      const found = await bed.row(id);
      return found.lastError === null && found.state === 'published' && found;
    });
    expect(row.attempts).toBeGreaterThan(0);
  });

  describe('where ORDERS_FIND_SUBJECT says that nobody answers', () => {
    it('T15l is done with a clean send, and says that it is not confirmable', async () => {
      await bed.stop();
      const received = await listen();
      await start({ findSubject: undefined });
      const [id, waiting] = [await append(), await append({ state: 'sent', sends: 1 })];
      bed.bridge.wake();
      for (const each of [id, waiting]) {
        expect(await reached(each, 'published')).toMatchObject({ lastError: 'not confirmable' });
      }
      expect(received).toHaveLength(1);
    });

    it('T15m does not send again what is in doubt, and shows it', async () => {
      await bed.stop();
      await start({ findSubject: undefined });
      const received = await listen();
      const id = await append({ inFlight: true });
      bed.bridge.wake();
      expect(await reached(id, 'unconfirmed')).toMatchObject({
        lastError: expect.stringMatching(/ORDERS_FIND_SUBJECT=none/),
      });
      expect(received).toEqual([]);
    });
  });

  it('T16c gives an order that the orders service twice does not know, hours apart, to the operator', async () => {
    await listen();
    await answerLookups(() => ({ err: { status: 404, message: 'Order with id o1 not found' } }));
    const id = await append({ state: 'sent', sends: 1 });
    bed.bridge.wake();
    await until(async () => {
      const { lastError, leaseUntil } = await bed.row(id);
      return lastError !== null && leaseUntil === null;
    });
    expect((await bed.row(id)).state).toBe('sent');
    await bed.age(id, HOUR_MS);
    expect(await bed.row(id)).toMatchObject({ state: 'sent' });
    await bed.age(id, 2 * HOUR_MS);
    expect(await reached(id, 'dead')).toMatchObject({ lastError: expect.stringMatching(/not found/) });
  });

  it.each([
    { status: 500, message: 'getaddrinfo ENOTFOUND orders-db' },
    { status: 400, message: 'Validation failed (uuid is expected)' },
    'the order was not found, since the cache is cold',
  ])('T16i keeps a message whose lookup failed by %j', async (err) => {
    await listen();
    let answer: object = { err };
    await answerLookups(() => answer);
    const id = await append({ state: 'sent', sends: 1 });
    bed.bridge.wake();
    const row = await until(async () => {
      const found = await bed.row(id);
      return found.lastError !== null && found.leaseUntil === null && found;
    });
    expect(row).toMatchObject({ state: 'sent', missingSince: null });
    answer = order(true);
    await bed.age(id, 5 * 60_000);
    await reached(id, 'published');
  });

  it('T17a follows the configured subject, with rows that waited from before', async () => {
    await bed.stop();
    const waited = await append();
    const received: unknown[] = [];
    const subject = '{"cmd":"charge.succeeded"}';
    orders.subscribe(subject, { callback: (_error, message) => void received.push(message.json()) });
    await orders.flush();
    const eventKeys = { stripePaymentId: 'paymentChargeId', orderId: 'idOrder', receiptUrl: '' };
    await start({ eventSubject: subject, eventKeys });
    await reached(waited, 'sent');
    expect(received).toEqual([
      { pattern: { cmd: 'charge.succeeded' }, data: { paymentChargeId: 'ch_1', idOrder: 'o1' } },
    ]);
    const manager = await jetstreamManager(orders);
    await manager.streams.add({ name: 'GREEDY', subjects: [subject] });
    await until(() => bed.bridge.hold()?.includes('GREEDY'));
    await manager.streams.delete('GREEDY');
  });

  it('T17b asks for a numeric order by its number, and tells it as a number', async () => {
    const received = await listen();
    const requests = await answerLookups(() => order(true));
    const message = legacy(7);
    await bed.append(message);
    bed.bridge.wake();
    await reached(message.id, 'sent');
    await bed.age(message.id, 60_000);
    await reached(message.id, 'published');
    expect(received.map((body) => JSON.parse(body))).toMatchObject([{ data: { orderId: 7 } }]);
    expect(requests).toMatchObject([{ data: { id: 7 } }]);
    expect(await bed.row(message.id)).toMatchObject({ orderId: '7' });
  });

  describe('with a message that a crash left in flight', () => {
    it('does not send it again when the order is paid', async () => {
      const received = await listen();
      await answerLookups(() => order(true));
      const id = await append({ inFlight: true });
      await reached(id, 'published');
      expect(received).toEqual([]);
    });

    it('sends it again when the order is not paid, and counts both', async () => {
      const received = await listen();
      await answerLookups(() => order(false));
      const id = await append({ inFlight: true });
      expect(await reached(id, 'sent')).toMatchObject({ sends: 2, inFlight: false });
      expect(received).toHaveLength(1);
    });

    it('does not send it while nobody answers, and shows it to the operator in the end', async () => {
      const received = await listen();
      orders.subscribe('findOneOrder', { callback: () => undefined });
      await orders.flush();
      await lookupsWereAnsweredBefore();
      const id = await append({ inFlight: true });
      const delays: number[] = [];
      for (let checks = 1; checks <= 7; checks += 1) {
        const row = await until(async () => {
          const found = await bed.row(id);
          return found.checks === checks && found.leaseUntil === null && found;
        });
        expect(row).toMatchObject({ state: 'pending', inFlight: true });
        delays.push(row.nextAttemptAt.getTime() - Date.now());
        await afterTheWait(id);
      }
      expect(await reached(id, 'unconfirmed')).toMatchObject({
        lastError: expect.stringMatching(/timeout/i),
      });
      expect(delays.reduce((sum, delay) => sum + delay)).toBeGreaterThan(590_000);
      expect(await bed.store.backlog()).toMatchObject([
        { channel: 'orders', state: 'unconfirmed', count: 1 },
      ]);
      expect(received).toEqual([]);
    });
  });

  it('sends nothing while a stream captures the subject', async () => {
    const manager = await jetstreamManager(orders);
    await manager.streams.add({ name: 'GREEDY', subjects: ['payment.*'] });
    await until(() => bed.bridge.hold()?.includes('GREEDY'));
    const id = await append();
    expect(await bed.bridge.runOnce()).toBe(0);
    await manager.streams.delete('GREEDY');
    const received = await listen();
    await reached(id, 'sent');
    expect(received).toHaveLength(1);
  });

  it('gives each message to one of two processes', async () => {
    const other = new OutboxBed(server.url, fresh.database).start();
    others.push(other);
    const received = await listen();
    const messages = Array.from({ length: 120 }, (_, index) => legacy(`order-${index}`));
    await until(() => other.bridge.hold() === undefined);
    await bed.append(...messages);
    bed.bridge.wake();
    other.bridge.wake();
    await until(async () => (await bed.rows()).every((row) => row.state === 'sent'));
    await orders.flush();
    expect(received.sort()).toEqual(messages.map((message) => message.body).sort());
  });

  it('keeps a message in flight when the broker froze while it went out, and asks before it sends again', async () => {
    const received = await listen();
    let paid = false;
    const requests = await answerLookups(() => order(paid));
    server.pause();
    const id = await append();
    bed.bridge.wake();
    await until(async () => (await bed.row(id)).lastError !== null);
    expect(await bed.row(id)).toMatchObject({ state: 'pending', inFlight: true, sends: 0 });
    server.resume();
    await until(() => received.length === 1);
    paid = true;
    await reached(id, 'published');
    expect(requests.length).toBeGreaterThanOrEqual(1);
    expect(received).toHaveLength(1);
  });
});
