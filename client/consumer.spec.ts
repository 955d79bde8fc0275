import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { AckPolicy, jetstreamManager, type JetStreamManager } from '@nats-io/jetstream';
import { connect, headers, type NatsConnection } from '@nats-io/transport-node';
import { until } from '../test/support/outbox/until.js';
import { startNatsServer, type NatsServer } from '../sandbox/servers/nats.server.js';
import { consumePaymentEvents, type PaymentEventsConsumer } from './consumer.js';
import type { DeliveryProblem } from './delivery.js';
import { covers, filterFor } from './durable.js';
import { subjectOf, type EventType, type MoneyEventType, type PaymentEventType } from './event.types.js';
import { samplePaymentEvent } from './sample.events.js';

let server: NatsServer;
let connection: NatsConnection;
let manager: JetStreamManager;
let consumer: PaymentEventsConsumer | undefined;

beforeAll(async () => {
  server = await startNatsServer({ jetstream: true });
  connection = await connect({ servers: server.url, maxReconnectAttempts: -1, reconnectTimeWait: 50 });
  manager = await jetstreamManager(connection);
});
beforeEach(() => createStream());
afterEach(async () => {
  await consumer?.stop();
  consumer = undefined;
  await manager.streams.delete('PAYMENTS');
});
afterAll(async () => {
  await connection.close();
  await server.stop();
});

async function createStream(): Promise<void> {
  await manager.streams.add({ name: 'PAYMENTS', subjects: ['payments.events.>'] });
}

async function publish(type: PaymentEventType, eventId: string): Promise<void> {
  const data = samplePaymentEvent(type, { eventId });
  await publishRaw(type, JSON.stringify({ pattern: subjectOf(type), data }), eventId);
}

async function publishRaw(type: EventType, body: string, eventId: string): Promise<void> {
  const withId = headers();
  withId.set('Nats-Msg-Id', eventId);
  await manager.jetstream().publish(subjectOf(type), body, { headers: withId, timeout: 1_000, retries: 20 });
}

/** A list that can be awaited until it holds so many. */
function collector<Item>() {
  const items: Item[] = [];
  const waiting = new Set<() => void>();
  return {
    items,
    add(item: Item): void {
      items.push(item);
      waiting.forEach((check) => check());
    },
    reaches: (count: number) =>
      new Promise<Item[]>((resolve) => {
        const check = (): void => {
          if (items.length >= count) resolve(items);
        };
        waiting.add(check);
        check();
      }),
  };
}

describe('consumePaymentEvents', () => {
  it('delivers what was published before it started, and acknowledges it', async () => {
    await publish('payment.created', 'e1');
    await publish('payment.succeeded', 'e2');
    const seen = collector<string>();
    consumer = consumePaymentEvents({
      connection,
      durable: 'orders',
      handle: async (event, { eventId, seq, redelivered }) =>
        seen.add(`${eventId} ${event.type} ${event.amount} ${seq} ${redelivered}`),
    });
    await seen.reaches(2);
    await consumer.stop();
    expect(seen.items).toEqual(['e1 payment.created 3998 1 false', 'e2 payment.succeeded 3998 2 false']);
    const info = await manager.consumers.info('PAYMENTS', 'orders');
    expect(info).toMatchObject({ num_ack_pending: 0, num_pending: 0, ack_floor: { stream_seq: 2 } });
  });

  it('delivers only the types that were asked for, and leaves none of the others behind', async () => {
    await publish('payment.created', 'e1');
    await publish('payment.failed', 'e2');
    await publishRaw('subscription.created', '{}', 'e3');
    await publish('payment.succeeded', 'e4');
    const seen = collector<string>();
    consumer = consumePaymentEvents({
      connection,
      durable: 'orders',
      types: ['payment.succeeded', 'payment.failed'],
      handle: async (event) => seen.add(event.type),
    });
    await seen.reaches(2);
    await consumer.stop();
    expect(seen.items).toEqual(['payment.failed', 'payment.succeeded']);
    const info = await manager.consumers.info('PAYMENTS', 'orders');
    expect(info).toMatchObject({ num_ack_pending: 0, num_pending: 0 });
  });

  it('delivers again, with a delay, what the handler failed on', async () => {
    await publish('payment.succeeded', 'e1');
    const seen = collector<boolean>();
    const problems: DeliveryProblem[] = [];
    consumer = consumePaymentEvents({
      connection,
      durable: 'orders',
      onError: (_error, problem) => problems.push(problem),
      handle: async (_event, { redelivered }) => {
        seen.add(redelivered);
        if (!redelivered) throw new Error('the database is away');
      },
    });
    expect(await seen.reaches(2)).toEqual([false, true]);
    expect(problems).toEqual([{ kind: 'handler', eventId: 'e1', seq: 1, retryInMs: 250 }]);
  });

  it('stops delivering an event that failed maxDeliver times', async () => {
    await publish('payment.succeeded', 'poison');
    const problems = collector<DeliveryProblem>();
    consumer = consumePaymentEvents({
      connection,
      durable: 'orders',
      maxDeliver: 2,
      onError: (_error, problem) => problems.add(problem),
      handle: async (_event, { eventId }) => {
        if (eventId === 'poison') throw new Error('never works');
        problems.add({ kind: 'broker' });
      },
    });
    await problems.reaches(2);
    await publish('payment.succeeded', 'good');
    const kinds = (await problems.reaches(3)).map((problem) => problem.kind);
    expect(kinds).toEqual(['handler', 'handler', 'broker']);
  });

  it.each([
    ['no JSON', 'not json'],
    ['no envelope', '[]'],
    ['an event of another type', JSON.stringify({ data: samplePaymentEvent('payment.failed') })],
    ['an event that lacks its order', JSON.stringify({ data: { type: 'payment.succeeded' } })],
  ])('takes off what is not ours (%s) and goes on', async (_what, body) => {
    await publishRaw('payment.succeeded', body, 'bad');
    await publish('payment.succeeded', 'good');
    const seen = collector<string>();
    const problems: DeliveryProblem[] = [];
    consumer = consumePaymentEvents({
      connection,
      durable: 'orders',
      onError: (_error, problem) => {
        problems.push(problem);
        throw new Error('a report that fails changes nothing');
      },
      handle: async (_event, { eventId }) => seen.add(eventId),
    });
    expect(await seen.reaches(1)).toEqual(['good']);
    await consumer.stop();
    const subject = 'payments.events.payment.succeeded';
    expect(problems).toEqual([{ kind: 'not_an_event', subject, seq: 1 }]);
    expect(await manager.consumers.info('PAYMENTS', 'orders')).toMatchObject({ num_ack_pending: 0 });
  });

  it('waits for a stream that is missing', async () => {
    await manager.streams.delete('PAYMENTS');
    const seen = collector<string>();
    const problems = collector<DeliveryProblem>();
    consumer = consumePaymentEvents({
      connection,
      durable: 'orders',
      onError: (_error, problem) => problems.add(problem),
      handle: async (_event, { eventId }) => seen.add(eventId),
    });
    expect(await problems.reaches(1)).toEqual([{ kind: 'broker' }]);
    await createStream();
    await publish('payment.succeeded', 'e1');
    expect(await seen.reaches(1)).toEqual(['e1']);
  });

  it('makes its durable consumer again when the stream was made again', async () => {
    const seen = collector<string>();
    consumer = consumePaymentEvents({
      connection,
      durable: 'orders',
      handle: async (_event, { eventId }) => seen.add(eventId),
    });
    await publish('payment.succeeded', 'e1');
    await seen.reaches(1);
    await manager.streams.delete('PAYMENTS');
    await createStream();
    await publish('payment.succeeded', 'e2');
    expect(await seen.reaches(2)).toEqual(['e1', 'e2']);
  });

  it('goes on after a restart of the broker, from where it was', async () => {
    const seen = collector<string>();
    consumer = consumePaymentEvents({
      connection,
      durable: 'orders',
      handle: async (_event, { eventId }) => seen.add(eventId),
    });
    await publish('payment.succeeded', 'e1');
    await seen.reaches(1);
    // It is acknowledged after the handler has ended; a broker that was not told so would deliver it again.
    await until(async () => (await manager.consumers.info('PAYMENTS', 'orders')).ack_floor.stream_seq === 1);
    await server.restart();
    await publish('payment.succeeded', 'e2');
    expect(await seen.reaches(2)).toEqual(['e1', 'e2']);
  });

  it('lets the event at hand finish on stop, and gives the others back to the next instance', async () => {
    await publish('payment.created', 'e1');
    await publish('payment.pending', 'e2');
    const started = collector<string>();
    const release = collector<string>();
    consumer = consumePaymentEvents({
      connection,
      durable: 'orders',
      handle: async (_event, { eventId }) => {
        started.add(eventId);
        await release.reaches(1);
      },
    });
    await started.reaches(1);
    const stopped = consumer.stop();
    release.add('go on');
    await stopped;
    expect(started.items).toEqual(['e1']);

    const seen = collector<string>();
    consumer = consumePaymentEvents({
      connection,
      durable: 'orders',
      handle: async (_event, { eventId }) => seen.add(eventId),
    });
    expect(await seen.reaches(1)).toEqual(['e2']);
  });

  it('keeps an event to itself beyond ackWaitMs while the handler says that it goes on', async () => {
    await publish('payment.succeeded', 'slow');
    const deliveries: string[] = [];
    const finished = collector<string>();
    consumer = consumePaymentEvents({
      connection,
      durable: 'orders',
      ackWaitMs: 300,
      handle: async (_event, { eventId, inProgress }) => {
        deliveries.push(eventId);
        const since = Date.now();
        // The broker's own clock has to pass: ask it for something until it has.
        while (Date.now() - since < 700) {
          inProgress();
          await connection.flush();
        }
        finished.add(eventId);
      },
    });
    await finished.reaches(1);
    await publish('payment.succeeded', 'next');
    expect(await finished.reaches(2)).toEqual(['slow', 'next']);
    expect(deliveries).toEqual(['slow', 'next']);
  });

  it('reports that its connection was closed for good, and ends', async () => {
    const own = await connect({ servers: server.url });
    const problems = collector<DeliveryProblem>();
    const closing = consumePaymentEvents({
      connection: own,
      durable: 'orders',
      onError: (_error, problem) => problems.add(problem),
      handle: async () => undefined,
    });
    await own.close();
    expect(await problems.reaches(1)).toEqual([{ kind: 'closed' }]);
    await closing.stop();
  });
});

describe('a durable consumer of other types', () => {
  const NARROW = ['payment.succeeded'] as const;
  const WIDE = ['payment.succeeded', 'payment.failed', 'refund.created'] as const;
  const consumers: PaymentEventsConsumer[] = [];
  afterEach(async () => {
    await Promise.all(consumers.splice(0).map((one) => one.stop()));
  });

  function consume<Type extends MoneyEventType>(types: readonly Type[]) {
    const seen = collector<string>();
    const problems = collector<DeliveryProblem>();
    const started = consumePaymentEvents({
      connection,
      durable: 'orders',
      types,
      handle: async (_event, { eventId }) => seen.add(eventId),
      onError: (_error, problem) => problems.add(problem),
    });
    consumers.push(started);
    return { seen, problems, stop: () => started.stop() };
  }
  const publishRefund = (eventId: string): Promise<void> => {
    const data = { ...samplePaymentEvent('payment.created', { eventId }), type: 'refund.created' };
    const refund = { id: 're_1', amount: 1, status: 'pending' };
    return publishRaw('refund.created', JSON.stringify({ data: { ...data, refund } }), eventId);
  };
  /** What the client of before did with a filter that had changed, and does where it still runs. */
  const changeInPlace = (filter: string): Promise<unknown> =>
    manager.consumers.add('PAYMENTS', {
      durable_name: 'orders',
      ack_policy: AckPolicy.Explicit,
      ack_wait: 30_000 * 1_000_000,
      max_deliver: -1,
      filter_subject: filter,
    });
  const ids = (seen: { items: string[] }): string[] => [...new Set(seen.items)].sort();

  it('T20a is made anew from where it was, says so, and skips nothing', async () => {
    const before = consume(NARROW);
    await publish('payment.succeeded', 'e1');
    await before.seen.reaches(1);
    await before.stop();
    await publishRefund('e2');
    await publish('payment.succeeded', 'e3');

    const after = consume(WIDE);
    await after.seen.reaches(2);
    await publishRefund('e4');
    await publish('payment.failed', 'e5');
    await after.seen.reaches(4);
    expect(after.seen.items).toEqual(['e2', 'e3', 'e4', 'e5']);
    const [from, to] = ['payments.events.payment.succeeded', 'payments.events.>'];
    expect(after.problems.items).toEqual([{ kind: 'filter_changed', from, to, seq: 2 }]);
  });

  it('T20b delivers again what was fetched and not acknowledged', async () => {
    await changeInPlace('payments.events.payment.succeeded');
    await publish('payment.succeeded', 'e1');
    await publish('payment.succeeded', 'e2');
    const fetched = await manager.jetstream().consumers.get('PAYMENTS', 'orders');
    const messages = await fetched.fetch({ max_messages: 2, expires: 1_000 });
    for await (const message of messages) if (message.seq === 2) await message.ackAck();
    const after = consume(WIDE);
    await after.seen.reaches(2);
    expect(ids(after.seen)).toEqual(['e1', 'e2']);
  });

  it('T20c is made anew by two instances that start at once, and nothing is skipped', async () => {
    const before = consume(NARROW);
    await publish('payment.succeeded', 'e1');
    await before.seen.reaches(1);
    await before.stop();
    for (let index = 10; index < 40; index += 1) await publishRefund(`r${index}`);
    const both = [consume(WIDE), consume(WIDE)];
    const expected = Array.from({ length: 30 }, (_, index) => `r${index + 10}`);
    await until(() => {
      const got = new Set(both.flatMap(({ seen }) => seen.items));
      return expected.every((id) => got.has(id));
    });
    await publish('payment.failed', 'last');
    await until(() => both.some(({ seen }) => seen.items.includes('last')));
    // Each of them made it anew once at most, and then they left each other in peace.
    const remade = both.flatMap(({ problems }) => problems.items.map(({ kind }) => kind));
    expect(remade.filter((kind) => kind === 'filter_changed').length).toBeLessThanOrEqual(2);
  });

  it('T20d that the client of before has widened in place is found and mended', async () => {
    const before = consume(NARROW);
    await publish('payment.succeeded', 'e1');
    await before.seen.reaches(1);
    await before.stop();
    await publishRefund('e2');
    await publish('payment.succeeded', 'e3');
    await changeInPlace('payments.events.>');
    const lost = await manager.jetstream().consumers.get('PAYMENTS', 'orders');
    for await (const message of await lost.fetch({ max_messages: 2, expires: 1_000 })) message.nak();
    const after = consume(WIDE);
    await after.seen.reaches(2);
    expect(after.seen.items).toEqual(['e2', 'e3']);
  });

  it('T20e leaves to an instance with more types what it does not want itself', async () => {
    const narrow = consume(NARROW);
    await publish('payment.succeeded', 'e1');
    await narrow.seen.reaches(1);
    const wide = consume(WIDE);
    await wide.problems.reaches(1);
    for (let index = 10; index < 30; index += 1) await publishRefund(`r${index}`);
    const expected = Array.from({ length: 20 }, (_, index) => `r${index + 10}`);
    await until(() => expected.every((id) => wide.seen.items.includes(id)), 60_000);
    expect(narrow.seen.items.filter((id) => id.startsWith('r'))).toEqual([]);
  }, 90_000);

  it('T20f that somebody narrows under it is made anew, from before that', async () => {
    const wide = consume(WIDE);
    await publishRefund('e1');
    await wide.seen.reaches(1);
    await changeInPlace('payments.events.payment.succeeded');
    await publishRefund('e2');
    await publish('payment.succeeded', 'e3');
    await until(() => ['e2', 'e3'].every((id) => wide.seen.items.includes(id)), 60_000);
    expect(wide.problems.items.map(({ kind }) => kind)).toContain('filter_changed');
  }, 90_000);

  it.each([
    ['payments.events.>', 'payments.events.payment.*', true],
    ['payments.events.payment.*', 'payments.events.payment.failed', true],
    ['payments.events.payment.*', 'payments.events.>', false],
    ['payments.events.payment.failed', 'payments.events.payment.*', false],
    ['payments.events.payment.*', 'payments.events.refund.*', false],
    ['payments.events.refund.created', 'payments.events.refund.created', true],
    ['payments.events.>', 'payments.events', false],
  ])('T20g %s covers %s: %s', (wide, narrow, so) => {
    expect(covers(wide, narrow)).toBe(so);
  });
});

describe('the filter of the durable consumer', () => {
  it('is as narrow as one subject can be', () => {
    expect(filterFor(['payment.succeeded'])).toBe('payments.events.payment.succeeded');
    expect(filterFor(['payment.succeeded', 'payment.failed'])).toBe('payments.events.payment.*');
    expect(filterFor(['payment.succeeded', 'refund.created'])).toBe('payments.events.>');
    expect(filterFor([])).toBe('payments.events.>');
  });
});
