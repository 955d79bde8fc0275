import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection as Nats } from '@nats-io/transport-node';
import { migratedDatabase, type MigratedDatabase } from '../../test/support/outbox/migrated.database.js';
import { legacy, OutboxBed } from '../../test/support/outbox/outbox.bed.js';
import { until } from '../../test/support/outbox/until.js';
import { type NatsServer, startNatsServer } from '../sandbox/servers/nats.server.js';
import { outbox, type OutboxState } from './outbox.tables.js';

type Row = typeof outbox.$inferSelect;

describe('the orders bridge', () => {
  let server: NatsServer;
  let fresh: MigratedDatabase;
  let bed: OutboxBed;
  let orders: Nats;
  const others: OutboxBed[] = [];

  beforeAll(async () => {
    [server, fresh] = await Promise.all([startNatsServer(), migratedDatabase()]);
    bed = new OutboxBed(server.url, fresh.database).start();
    orders = await connect({ servers: server.url });
  });

  afterEach(async () => {
    server.resume();
    await Promise.all([orders.close(), ...others.splice(0).map((other) => other.stop())]);
    await fresh.database.db.delete(outbox);
    orders = await connect({ servers: server.url });
  });

  afterAll(async () => {
    await Promise.all([bed.stop(), orders.close()]);
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

  function reached(id: string, state: OutboxState): Promise<Row> {
    return until(async () => {
      const row = await bed.row(id);
      return row.state === state && row;
    });
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

  it('sends again what had no effect, five times at most', async () => {
    const received = await listen();
    await answerLookups(() => order(false));
    const id = await append();
    for (let send = 1; send <= 5; send += 1) {
      await until(async () => {
        const row = await bed.row(id);
        return row.state === 'sent' && row.sends === send;
      });
      await afterTheWait(id);
    }
    expect(await reached(id, 'dead')).toMatchObject({ lastError: expect.stringMatching(/5 times/) });
    expect(received).toHaveLength(5);
  });

  it('is content after two lookups that nobody answers', async () => {
    const received = await listen();
    const id = await append();
    await reached(id, 'sent');
    await afterTheWait(id);
    const asked = await until(async () => {
      const row = await bed.row(id);
      return row.checks === 1 && row;
    });
    expect(asked.nextAttemptAt.getTime() - asked.createdAt.getTime()).toBeGreaterThan(8 * 60_000);
    await afterTheWait(id);
    expect(await reached(id, 'published')).toMatchObject({ lastError: 'delivered, not confirmed' });
    expect(received).toHaveLength(1);
  });

  it('gives an order that the orders service does not know to the operator', async () => {
    await listen();
    await answerLookups(() => ({ err: { status: 404, message: 'Order with id o1 not found' } }));
    const id = await append({ state: 'sent', sends: 1 });
    bed.bridge.wake();
    expect(await reached(id, 'dead')).toMatchObject({ lastError: expect.stringMatching(/not found/) });
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
        lastError: expect.stringMatching(/no responders/i),
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
