import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect, PermissionViolationError, type NatsConnection } from '@nats-io/transport-node';
import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { consumePaymentEvents, type MoneyEvent } from '../../client/index.js';
import { freePort } from '../../sandbox/servers/free-port.js';
import { startNatsServer, type NatsServer } from '../../sandbox/servers/nats.server.js';
import { startStripeSandbox, type StripeSandbox } from '../../sandbox/stripe/stripe.sandbox.js';
import { call } from '../support/harness/calls.js';
import { eventually } from '../support/harness/eventually.js';
import { startLocalService, type LocalService } from '../support/harness/service.local.js';

const PASSWORDS = {
  NATS_PAYMENTS_PASSWORD: 'payments-secret',
  NATS_ORDERS_PASSWORD: 'orders-secret',
  NATS_LISTENER_PASSWORD: 'listener-secret',
  NATS_BACKOFFICE_PASSWORD: 'backoffice-secret',
};
type User = 'payments' | 'orders' | 'listener' | 'backoffice';
const PREFIXES: Partial<Record<User, string>> = {
  payments: '_INBOX_payments',
  backoffice: '_INBOX_backoffice',
};

const CONFIG = new URL('../../docker/nats/nats.conf', import.meta.url);
const REQUEST_SUBJECTS = ['createSession', 'payments.create', '{"cmd":"create-session-payment"}'];
const EVENT_SUBJECTS = [
  'payment.succeeded',
  'payment.succeded',
  'charge.succeeded',
  '{"cmd":"payment.succeeded"}',
  'paymentSucceeded',
];
const ITEMS = [{ name: 'Keyboard', price: 39.99, quantity: 1 }];

let folder: string;
let nats: NatsServer;
let stripe: StripeSandbox;
let service: LocalService;
let orders: NatsConnection;

/** The shipped file, but for the place of its store, and with the passwords that its environment would give. */
async function startShippedServer(storeDir: string): Promise<NatsServer> {
  const shipped = await readFile(CONFIG, 'utf8');
  const passwords = Object.entries(PASSWORDS)
    .filter(([name]) => shipped.includes(`$${name}`))
    .map(([name, password]) => `${name}: ${password}\n`);
  const config = shipped.replace('store_dir: /data', `store_dir: ${JSON.stringify(storeDir)}`);
  return startNatsServer({ config: passwords.join('') + config, jetstream: false, name: 'payments-nats' });
}

function connectAs(user: User): Promise<NatsConnection> {
  const inboxPrefix = PREFIXES[user] ?? '_INBOX';
  return connect({ servers: nats.url, user, pass: `${user}-secret`, inboxPrefix });
}

/** Asks as the orders services of this architecture do: Nest's envelope, no headers. */
async function askForSession(subject: string, data: object): Promise<{ url: string }> {
  const request = JSON.stringify({ pattern: subject, data, id: randomUUID() });
  const reply = await orders.request(subject, request, { timeout: 10_000 });
  const { response, err } = reply.json<{ response?: { url: string }; err?: unknown }>();
  if (response === undefined) throw new Error(JSON.stringify(err));
  return response;
}

/** The subjects that the broker refuses while `act` runs. */
async function refusedDuring(user: User, act: (connection: NatsConnection) => void): Promise<string[]> {
  const connection = await connectAs(user);
  const refused: string[] = [];
  const marker = 'refused.for.everybody';
  const watching = (async () => {
    for await (const status of connection.status()) {
      if (status.type !== 'error' || !(status.error instanceof PermissionViolationError)) continue;
      if (status.error.subject === marker) return;
      // The broker quotes the subject that it refuses.
      refused.push(status.error.subject.replaceAll('\\"', '"'));
    }
  })();
  act(connection);
  // The broker judges in order: once it has refused this one, it has judged everything before it.
  connection.publish(marker);
  await watching;
  await connection.close();
  return refused;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nats-permissions-'));
  nats = await startShippedServer(folder);
  const port = await freePort();
  stripe = await startStripeSandbox({
    webhookUrls: [`http://127.0.0.1:${port}/webhooks/stripe`],
    receiptBase: 'https://receipts.example.com',
  });
  service = await startLocalService(
    { port, natsUrl: nats.url, stripeUrl: stripe.url, database: { directory: join(folder, 'database') } },
    {
      NATS_USER: 'payments',
      NATS_PASSWORD: PASSWORDS.NATS_PAYMENTS_PASSWORD,
      NATS_INBOX_PREFIX: '_INBOX_payments',
      ORDERS_REQUEST_SUBJECTS: REQUEST_SUBJECTS.join(';'),
    },
  );
  orders = await connectAs('orders');
  await eventually(async () => {
    expect(await call(service, '/health/ready')).toMatchObject({ status: 200, body: { degraded: [] } });
  });
}, 60_000);

afterAll(async () => {
  await orders?.close();
  await service?.stop();
  await stripe?.close();
  await nats?.stop();
  await rm(folder, { recursive: true, force: true });
});

describe('with the permissions that are shipped', () => {
  it('lets nobody in without a user', async () => {
    await expect(connect({ servers: nats.url, reconnect: false })).rejects.toThrow(/authorization/i);
  });

  it('lets the service create its stream and become ready', async () => {
    const payments = await connectAs('payments');
    const manager = await jetstreamManager(payments, { checkAPI: false });
    const { config } = await manager.streams.info('PAYMENTS');
    await payments.close();
    expect(config.subjects).toEqual(['payments.events.>']);
  });

  it.each(['create.payment.session', '{"cmd":"create.payment.session"}', ...REQUEST_SUBJECTS])(
    'T25b answers the orders user on %s',
    async (subject) => {
      const data = { orderId: randomUUID(), currency: 'usd', items: ITEMS };
      const session = await askForSession(subject, data);
      expect(session.url).toContain(`${stripe.url}/c/pay/`);
    },
  );

  it('lets the service ask the orders user for an order', async () => {
    const asked = orders.subscribe('findOneOrder', {
      max: 1,
      callback: (_error, message) => {
        const response = { id: 'any', status: 'PENDING', OrderItem: ITEMS };
        message.respond(JSON.stringify({ response, isDisposed: true }));
      },
    });
    const session = await askForSession('create.payment.session', { orderId: randomUUID() });
    expect(session.url).toContain(`${stripe.url}/c/pay/`);
    asked.unsubscribe();
  });

  it('brings a paid order to the orders user by the old subject, and to the listener by its durable consumer', async () => {
    const orderId = randomUUID();
    const events: MoneyEvent[] = [];
    const old: unknown[] = [];
    const problems: string[] = [];
    const listening = orders.subscribe('payment.succeeded', {
      callback: (_error, message) => void old.push(message.json<{ data: unknown }>().data),
    });
    const listener = await connectAs('listener');
    const consumer = consumePaymentEvents({
      connection: listener,
      durable: 'orders',
      handle: async (event) => void events.push(event),
      onError: (error) => problems.push(error.message),
    });
    const { url } = await askForSession('create.payment.session', { orderId, currency: 'usd', items: ITEMS });
    const sessionId = url.split('/').at(-1) ?? '';
    const { charge } = await stripe.payWithCard(sessionId);

    await eventually(() => expect(events.map(({ type }) => type)).toContain('payment.succeeded'));
    await eventually(() => expect(old).toHaveLength(1));
    await consumer.stop();
    await listener.close();
    listening.unsubscribe();
    const ours = events
      .filter((event) => event.orderId === orderId)
      .map(({ type, amount }) => ({ type, amount }));
    expect(ours).toContainEqual({ type: 'payment.succeeded', amount: 3999 });
    expect(old).toEqual([{ stripePaymentId: charge?.id, orderId, receiptUrl: charge?.receipt_url }]);
    expect(problems).toEqual([]);
  });

  it.each([
    'payments.events.payment.succeeded',
    'payment.succeeded',
    'findOneOrder',
    '$JS.API.STREAM.DELETE.PAYMENTS',
    '$JS.API.STREAM.PURGE.PAYMENTS',
    '$JS.API.STREAM.UPDATE.PAYMENTS',
    '$JS.API.STREAM.CREATE.PAYMENTS',
    '$JS.API.STREAM.CREATE.OTHER',
    '$JS.API.STREAM.MSG.DELETE.PAYMENTS',
    '$JS.API.CONSUMER.DELETE.PAYMENTS.orders',
    '$JS.API.CONSUMER.CREATE.PAYMENTS.somebody.payments.events.>',
    '$JS.API.CONSUMER.MSG.NEXT.PAYMENTS.somebody',
    '$JS.ACK.PAYMENTS.somebody.1.1.1.1.1',
    // With these it could aim what is on the stream at any subject, such as payment.succeeded.
    '$JS.API.CONSUMER.CREATE.PAYMENTS.orders.payments.events.>',
    '$JS.API.CONSUMER.DURABLE.CREATE.PAYMENTS.orders',
    '$JS.API.CONSUMER.MSG.NEXT.PAYMENTS.orders',
    '$JS.API.CONSUMER.INFO.PAYMENTS.orders',
    'payments.charge',
    'payments.refund',
    'payments.customers.create',
    'payments.subscriptions.cancel',
    ...EVENT_SUBJECTS.slice(1),
  ])('T25c does not let the orders user publish %s', async (subject) => {
    expect(await refusedDuring('orders', (connection) => connection.publish(subject, '{}'))).toEqual([
      subject,
    ]);
  });

  it.each([
    'create.payment.session',
    'payments.events.>',
    'payments.get',
    '_INBOX_payments.>',
    '_INBOX_backoffice.>',
    '_INBOX_backoffice.x',
    '*.>',
    '>',
  ])('T25d does not let the orders user subscribe to %s', async (subject) => {
    expect(await refusedDuring('orders', (connection) => void connection.subscribe(subject))).toEqual([
      subject,
    ]);
  });

  it.each(['_INBOX_payments.>', '_INBOX.>', 'payment.succeeded'])(
    'T25e does not let the backoffice user subscribe to %s',
    async (subject) => {
      const refused = refusedDuring('backoffice', (connection) => void connection.subscribe(subject));
      expect(await refused).toEqual([subject]);
    },
  );

  it.each(['_INBOX_backoffice.>', '_INBOX_payments.>', 'payments.events.>'])(
    'T25f does not let the listener subscribe to %s',
    async (subject) => {
      const refused = refusedDuring('listener', (connection) => void connection.subscribe(subject));
      expect(await refused).toEqual([subject]);
    },
  );

  it('T25g answers the backoffice user where nobody else can read it', async () => {
    const backoffice = await connectAs('backoffice');
    const read: string[] = [];
    orders.subscribe('_INBOX.>', { callback: (_error, message) => void read.push(message.subject) });
    await orders.flush();
    const request = JSON.stringify({
      pattern: 'payments.customers.get',
      data: { customerId: randomUUID() },
      id: '1',
    });
    const reply = await backoffice.request('payments.customers.get', request, { timeout: 10_000 });
    expect(reply.json()).toMatchObject({ err: { code: 'not_found', status: 404 } });
    await orders.flush();
    expect(read).toEqual([]);
    expect(reply.subject).toMatch(/^_INBOX_backoffice\./);
    await backoffice.close();
  });

  it('T25h asks the orders user where nobody else can read the answer', async () => {
    const inboxes: (string | undefined)[] = [];
    const asked = orders.subscribe('findOneOrder', {
      callback: (_error, message) => {
        inboxes.push(message.reply);
        const response = { id: 'any', status: 'PENDING', OrderItem: ITEMS };
        message.respond(JSON.stringify({ response, isDisposed: true }));
      },
    });
    await askForSession('create.payment.session', { orderId: randomUUID() });
    expect(inboxes).toEqual([expect.stringMatching(/^_INBOX_payments\./)]);
    asked.unsubscribe();
  });

  it.each(EVENT_SUBJECTS)('T25i lets the service tell, and the orders user hear, on %s', async (subject) => {
    const refused = await refusedDuring('payments', (connection) => connection.publish(subject, '{}'));
    expect(refused).toEqual([]);
    expect(await refusedDuring('orders', (connection) => void connection.subscribe(subject))).toEqual([]);
  });

  it.each([
    '$JS.API.STREAM.DELETE.PAYMENTS',
    '$JS.API.STREAM.PURGE.PAYMENTS',
    '$JS.API.STREAM.UPDATE.PAYMENTS',
    '$JS.API.STREAM.CREATE.OTHER',
    'createOrder',
  ])('does not let the payments user publish %s', async (subject) => {
    expect(await refusedDuring('payments', (connection) => connection.publish(subject, '{}'))).toEqual([
      subject,
    ]);
  });

  it('refuses nothing that is allowed', async () => {
    const allowed = ['payments.get', 'payments.list', 'create.payment.session'];
    const refused = await refusedDuring('orders', (connection) => {
      for (const subject of allowed) connection.publish(subject, '{}');
      connection.subscribe('createOrder');
    });
    const money = [
      'payments.charge',
      'payments.refund',
      'payments.customers.create',
      'payments.subscriptions.pause',
    ];
    const refusedToMoney = await refusedDuring('backoffice', (connection) => {
      for (const subject of [...allowed, ...money]) connection.publish(subject, '{}');
    });
    expect([refused, refusedToMoney]).toEqual([[], []]);
  });
});
