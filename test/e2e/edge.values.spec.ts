import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { plainToInstance } from 'class-transformer';
import { getMetadataStorage } from 'class-validator';
import { randomUUID } from 'node:crypto';
import { CreateNamedSourceDto } from '../../src/customers/card/source.dto.js';
import { ListCustomersDto, UpdateNamedCustomerDto } from '../../src/customers/customer/customer.dto.js';
import { CreateSetupDto } from '../../src/customers/card/setup.dto.js';
import { RepublishDto } from '../../src/outbox/republish.dto.js';
import { ChargeMessageDto } from '../../src/payments/charge/charge.dto.js';
import { ListPaymentsDto } from '../../src/payments/payment/payments.dto.js';
import { CreateSessionDto } from '../../src/payments/session/session.dto.js';
import { CreatePlanDto, ListPlansDto, UpdatePlanByIdDto } from '../../src/subscriptions/plan/plan.dto.js';
import { SignupDto } from '../../src/subscriptions/signup/signup.dto.js';
import {
  CancelSubscriptionByIdDto,
  CreateSubscriptionDto,
  ListSubscriptionsDto,
  UpdateSubscriptionByIdDto,
} from '../../src/subscriptions/subscription/subscription.dto.js';
import { ListEndpointsDto, RegisterEndpointDto } from '../../src/webhooks/endpoint/endpoint.dto.js';
import { type CustomerBody, send, type SubscriptionBody } from '../support/harness/billing.stage.js';
import type { LegacyOrders } from '../support/harness/legacy.orders.js';
import type { LocalService } from '../support/harness/service.local.js';
import { startWorld, type World } from '../support/harness/world.js';

const PERSON = { name: 'Ana Pérez', email: 'ana@example.com', phone: '+525512345678' };
const SHIPPING = {
  receiver: 'Grace Canary',
  phone: '+52 55 8765 4321',
  address: {
    street1: 'Canary 254',
    street2: 'Depto. 404',
    postalCode: '06100',
    city: 'Ciudad de México',
    state: 'CDMX',
    country: 'mx',
  },
};
const WEEK = '2026-W05';
const CARD = '4242 4242 4242 4242';

/** What goes to every field, by both ways. */
const EVERYWHERE: readonly unknown[] = [null, '\ud800', '\u0000', WEEK, [], {}];

/** Of the rest each field gets every sixth, one way or the other; EDGE_VALUES=all: everything, which takes long. */
const STRIDE = process.env.EDGE_VALUES === 'all' ? 1 : 6;

/** Whatever else somebody may put where a text, a number, a list or an object belongs. */
const EDGES: readonly unknown[] = [
  ...[true, false, 0, -1, 1.5, 1e21, 2 ** 53, Number.MAX_SAFE_INTEGER, [null], [[]], { a: {} }],
  ...['', ' ', '0', '1', '-1', '1e3', 'NaN', 'a\u0000b', '\u202e', '𝕏', "';--", '%00'],
  ...['x'.repeat(300), '9'.repeat(300), 'constructor', '__proto__', 'uſd', 'ıdr', CARD, 'https://[', 'a@b'],
  ...['20260101', '2026-01-01T10:00:00,5Z', '2026-02-30', '+275760-09-13T00:00:00Z', '0000-01-01'],
  ...['9999-12-31T23:59:59-23:59', '2027-01-01', '2027-01-01T00:00:00Z', '2026-13-01T25:61:00Z'],
  ...['00000000-0000-0000-0000-000000000000', 'FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF', randomUUID()],
];

interface Asked {
  readonly dto: new () => object;
  readonly http?: readonly ['GET' | 'POST' | 'PATCH', string];
  readonly pattern?: string;
  /** Together they hold every field. */
  readonly bodies: readonly object[];
}

type Path = readonly (string | number)[];

/** Every place in a body that a value can stand at. */
function placesIn(value: unknown, path: Path = []): Path[] {
  const here = path.length === 0 ? [] : [path];
  if (typeof value !== 'object' || value === null) return here;
  return [
    ...here,
    ...Object.entries(value).flatMap(([key, one]) =>
      placesIn(one, [...path, Array.isArray(value) ? Number(key) : key]),
    ),
  ];
}

function withValue(body: unknown, [key, ...rest]: Path, value: unknown): unknown {
  if (key === undefined) return value;
  if (Array.isArray(body)) return body.map((one, at) => (at === key ? withValue(one, rest, value) : one));
  const fields = new Map<string, unknown>(Object.entries(Object(body)));
  return Object.fromEntries(fields.set(String(key), withValue(fields.get(String(key)), rest, value)));
}

/** Requests of one order wait for each other, unless its id is what is tried. */
function withOwnOrder(body: unknown, [field]: Path): unknown {
  return field !== 'orderId' && typeof body === 'object' && body !== null && 'orderId' in body
    ? { ...body, orderId: randomUUID() }
    : body;
}

/** Fields of the DTO, and of those in it, that no body holds. */
function missingFields(dto: new () => object, bodies: readonly object[]): string[] {
  const held = new Map<unknown, Set<string>>();
  const look = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    const known = held.get(value.constructor) ?? new Set();
    for (const [key, one] of Object.entries(value)) {
      if (one !== undefined) known.add(key);
      for (const item of Array.isArray(one) ? one : [one]) look(item);
    }
    held.set(value.constructor, known);
  };
  for (const body of bodies) look(plainToInstance(dto, body));
  return [...held].flatMap(([type, known]) =>
    typeof type !== 'function'
      ? []
      : getMetadataStorage()
          .getTargetValidationMetadatas(type, '', false, false)
          .map(({ propertyName }) => propertyName)
          .filter((name) => !known.has(name))
          .map((name) => `${type.name}.${name}`),
  );
}

describe('a value that passes one check must not fail the next: no value of any field', () => {
  let world: World;
  let service: LocalService;
  let gateway: LegacyOrders;
  let customerId: string;
  let subscriptionId: string;
  let card: string;
  const planId = 'edge-plan';

  beforeAll(async () => {
    world = await startWorld({ services: 0 });
    gateway = await world.startOrders({ answersFind: false });
    service = await world.startLocalService({
      ENCRYPTION_KEY: 'ab'.repeat(32),
      REDIRECT_ORIGINS: 'https://shop.example',
    });
    const plan = { planId, name: 'Plan', amount: 77_700, currency: 'MXN', interval: 'month' };
    await send(service, 'POST', '/plans', plan);
    const made = await send<CustomerBody & { subscription: SubscriptionBody }>(
      service,
      'POST',
      '/customers',
      {
        ...PERSON,
        planId,
        token: 'pm_card_visa',
      },
    );
    ({ customerId, defaultPaymentSourceId: card } = {
      ...made.body,
      defaultPaymentSourceId: made.body.defaultPaymentSourceId ?? '',
    });
    ({ subscriptionId } = made.body.subscription);
  }, 120_000);
  afterAll(() => world?.stop());

  const lines = () => ({
    items: [
      { name: 'Silla', price: 100, quantity: 1 },
      { name: 'Mesa', unitAmount: 50_000, quantity: 1 },
    ],
    currency: 'MXN',
  });
  const urls = { successUrl: 'https://shop.example/ok', cancelUrl: 'https://shop.example/no' };
  const asked = (): Record<string, Asked> => ({
    'create-session': {
      dto: CreateSessionDto,
      http: ['POST', '/payments/create-session'],
      pattern: 'create.payment.session',
      bodies: [
        {
          ...{ ...lines(), ...urls, orderId: randomUUID(), provider: 'stripe', ui: 'hosted', locale: 'es' },
          ...{
            customer: PERSON,
            shippingContact: SHIPPING,
            paymentMethods: ['card'],
            capture: 'automatic',
            installments: [3],
            expiresIn: 3_600,
          },
          ...{ onDemand: false, threeDs: 'automatic', metadata: { cart: 'one' } },
          taxes: [
            { name: 'IVA', price: 16 },
            { name: 'IEPS', unitAmount: 100 },
          ],
          shipping: [{ name: 'Envío', price: 9 }],
          discounts: [{ name: 'Cupón', price: 5 }],
        },
        { ...lines(), orderId: randomUUID(), customerId },
      ],
    },
    charge: {
      dto: ChargeMessageDto,
      http: ['POST', '/payments/charge'],
      pattern: 'payments.charge',
      bodies: [
        {
          ...{
            ...lines(),
            orderId: randomUUID(),
            provider: 'stripe',
            capture: 'automatic',
            threeDs: 'automatic',
          },
          ...{
            metadata: { cart: 'one' },
            source: { token: 'pm_card_visa' },
            customer: PERSON,
            shippingContact: SHIPPING,
            installments: 3,
          },
          ...{ buyerPresent: true, returnUrl: urls.successUrl, locale: 'es', idempotencyKey: randomUUID() },
        },
        {
          currency: 'MXN',
          amount: 5_000,
          description: 'Taza',
          customerId,
          source: { paymentSourceId: card },
        },
        { currency: 'MXN', amount: 5_000, description: 'Taza', customerId, source: { default: true } },
      ],
    },
    'sign-up': {
      dto: SignupDto,
      http: ['POST', '/customers'],
      pattern: 'payments.customers.create',
      bodies: [
        {
          ...{ ...PERSON, metadata: { a: 'b' }, provider: 'stripe', token: 'pm_card_visa', planId },
          ...{ trialEnd: '2027-01-01T00:00:00Z', orderId: randomUUID(), subscriptionMetadata: { a: 'b' } },
        },
      ],
    },
    'change of a customer': {
      dto: UpdateNamedCustomerDto,
      pattern: 'payments.customers.update',
      bodies: [{ customerId, ...PERSON, metadata: { a: 'b' } }],
    },
    'new card': {
      dto: CreateNamedSourceDto,
      pattern: 'payments.sources.create',
      bodies: [{ customerId, token: 'pm_card_visa', provider: 'stripe', makeDefault: false }],
    },
    'form for a card': {
      dto: CreateSetupDto,
      http: ['POST', '/tokens'],
      pattern: 'payments.tokens.create',
      bodies: [{ provider: 'stripe', customerId, successUrl: urls.successUrl, locale: 'es' }],
    },
    plan: {
      dto: CreatePlanDto,
      http: ['POST', '/plans'],
      pattern: 'payments.plans.create',
      bodies: [
        {
          ...{
            planId: randomUUID(),
            name: 'Plan',
            amount: 5_000,
            currency: 'MXN',
            interval: 'month',
            frequency: 1,
          },
          ...{ trialDays: 1, expiryCount: 3, provider: 'stripe' },
        },
        {
          planId: randomUUID(),
          name: 'Plan',
          price: 50,
          currency: 'MXN',
          interval: 'month',
          maxRetries: 3,
          retryDelayHours: 50,
        },
      ],
    },
    'change of a plan': {
      dto: UpdatePlanByIdDto,
      pattern: 'payments.plans.update',
      bodies: [
        {
          ...{
            planId: 'no-plan',
            name: 'Plan',
            amount: 5_000,
            price: 50,
            currency: 'MXN',
            interval: 'month',
            frequency: 1,
          },
          ...{ trialDays: 1, expiryCount: 3, maxRetries: 3, retryDelayHours: 50 },
        },
      ],
    },
    subscription: {
      dto: CreateSubscriptionDto,
      http: ['POST', '/subscriptions'],
      pattern: 'payments.subscriptions.create',
      bodies: [
        {
          ...{ customerId: randomUUID(), planId, paymentSourceId: card, trialEnd: '2027-01-01T00:00:00Z' },
          ...{ orderId: randomUUID(), metadata: { a: 'b' } },
        },
      ],
    },
    'change of a subscription': {
      dto: UpdateSubscriptionByIdDto,
      pattern: 'payments.subscriptions.update',
      bodies: [{ subscriptionId, planId, proration: 'none', paymentSourceId: card }],
    },
    'end of a subscription': {
      dto: CancelSubscriptionByIdDto,
      pattern: 'payments.subscriptions.cancel',
      bodies: [{ subscriptionId: randomUUID(), atPeriodEnd: true, openInvoices: 'void', reason: 'too dear' }],
    },
    republication: {
      dto: RepublishDto,
      http: ['POST', '/outbox/republish'],
      bodies: [
        { ids: [randomUUID()] },
        { from: '2026-01-01T00:00:00Z', to: '2026-01-02' },
        { state: 'dead' },
      ],
    },
    endpoint: {
      dto: RegisterEndpointDto,
      http: ['POST', '/endpoints'],
      bodies: [
        { provider: 'stripe', url: 'https://pay.example/webhooks/stripe', events: ['charge.succeeded'] },
      ],
    },
    'list of payments': {
      dto: ListPaymentsDto,
      http: ['GET', '/payments'],
      pattern: 'payments.list',
      bodies: [
        {
          ...{ orderId: 'o-1', subscriptionId, customerId, status: 'created', provider: 'stripe', limit: 2 },
          ...{
            from: '2026-01-01T00:00:00Z',
            to: '2026-12-01',
            cursor: Buffer.from(randomUUID()).toString('base64url'),
          },
        },
      ],
    },
    'list of customers': {
      dto: ListCustomersDto,
      http: ['GET', '/customers'],
      pattern: 'payments.customers.list',
      bodies: [{ email: PERSON.email, limit: 2, cursor: Buffer.from(randomUUID()).toString('base64url') }],
    },
    'list of plans': {
      dto: ListPlansDto,
      http: ['GET', '/plans'],
      pattern: 'payments.plans.list',
      bodies: [{ provider: 'stripe', limit: 2, cursor: Buffer.from(randomUUID()).toString('base64url') }],
    },
    'list of subscriptions': {
      dto: ListSubscriptionsDto,
      http: ['GET', '/subscriptions'],
      pattern: 'payments.subscriptions.list',
      bodies: [
        {
          customerId,
          planId,
          status: 'active',
          limit: 2,
          cursor: Buffer.from(randomUUID()).toString('base64url'),
        },
      ],
    },
    'list of endpoints': {
      dto: ListEndpointsDto,
      http: ['GET', '/endpoints'],
      bodies: [{ provider: 'stripe' }],
    },
  });

  /** Where there were such values, and where there must be none either. */
  const NAMES: readonly (readonly [string, string])[] = [
    ...[
      'create-session',
      'charge',
      'sign-up',
      'change of a customer',
      'form for a card',
      'republication',
    ].map((name) => ['T24b leads', name] as const),
    ...['list of payments', 'list of customers', 'list of plans', 'list of subscriptions'].map(
      (name) => ['T24b leads', name] as const,
    ),
    ...['new card', 'plan', 'change of a plan', 'subscription', 'change of a subscription'].map(
      (name) => ['leads', name] as const,
    ),
    ...['end of a subscription', 'endpoint', 'list of endpoints'].map((name) => ['leads', name] as const),
  ];

  const codeOf = (answer: unknown): unknown => Object(answer)['code'];
  const overHttp = async ([method, path]: NonNullable<Asked['http']>, body: unknown): Promise<unknown> => {
    const headers = { 'idempotency-key': randomUUID() };
    if (method !== 'GET') {
      const { status, body: answer } = await send(service, method, path, Object(body), headers);
      return status === 500 ? 500 : codeOf(answer);
    }
    const query = Object.entries(Object(body)).map(
      ([name, value]) => `${name}=${encodeURIComponent(String(value).replace('\ud800', '\ufffd'))}`,
    );
    const { status, body: answer } = await send(service, 'GET', `${path}?${query.join('&')}`);
    return status === 500 ? 500 : codeOf(answer);
  };
  const overNats = async (pattern: string, body: unknown): Promise<unknown> =>
    codeOf((await gateway.send(pattern, body)).err);

  it.each(NAMES)(
    '%s to an error of ours: %s',
    async (_leads, name) => {
      const { dto, http, pattern, bodies } = asked()[name] ?? { dto: Object, bodies: [] };
      expect(missingFields(dto, bodies)).toEqual([]);
      const wishes = bodies.flatMap((body) =>
        placesIn(body).flatMap((path, place) => [
          ...EVERYWHERE.map((edge) => ({
            path,
            edge,
            ways: [true, true],
            body: withValue(body, path, edge),
          })),
          ...EDGES.filter((_edge, at) => (at + place) % STRIDE === 0).map((edge, at) => ({
            ...{ path, edge, body: withValue(body, path, edge) },
            ways: STRIDE === 1 ? [true, true] : [at % 2 === 0, at % 2 === 1],
          })),
        ]),
      );
      expect(wishes.length).toBeGreaterThan(0);
      const failed: unknown[] = [];
      const next = async (): Promise<void> => {
        for (let wish = wishes.pop(); wish !== undefined; wish = wishes.pop()) {
          const { path, edge, ways } = wish;
          const body = withOwnOrder(wish.body, path);
          const codes = [
            http !== undefined && (ways[0] === true || pattern === undefined)
              ? await overHttp(http, body)
              : undefined,
            pattern !== undefined && (ways[1] === true || http === undefined)
              ? await overNats(pattern, body)
              : undefined,
          ];
          if (codes.includes(500) || codes.includes('internal')) failed.push([path.join('.'), edge, codes]);
        }
      };
      await Promise.all(Array.from({ length: 6 }, next));
      expect(failed).toEqual([]);
    },
    180_000,
  );

  const IDS = [
    ['T24c leads', '%00'],
    ['T24c leads', 'a%00b'],
    ['leads', '%ED%A0%80'],
    ['leads', '%F0%9F%92%B3'],
    ['leads', '%2e%2e'],
    ['leads', '%252e'],
    ['leads', 'x'.repeat(251)],
    ['leads', '%C3%B1'.repeat(251)],
  ] as const;

  it.each(IDS)('%s to an error of ours, as the id in any path: %s', async (_leads, id) => {
    const paths: readonly (readonly ['GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE', string])[] = [
      ['GET', `/payments/${id}`],
      ['GET', `/payments/${id}/receipt`],
      ['GET', `/pay/${id}`],
      ...(['GET', 'PATCH', 'DELETE'] as const).map((method) => [method, `/customers/${id}`] as const),
      ['GET', `/customers/${id}/payment-sources`],
      ['POST', `/customers/${id}/payment-sources`],
      ['DELETE', `/customers/${customerId}/payment-sources/${id}`],
      ['PUT', `/customers/${customerId}/payment-sources/${id}/default`],
      ...(['GET', 'PATCH', 'DELETE'] as const).map((method) => [method, `/plans/${id}`] as const),
      ...(['GET', 'PATCH'] as const).map((method) => [method, `/subscriptions/${id}`] as const),
      ...['pause', 'resume', 'cancel', 'retry'].map(
        (verb) => ['POST', `/subscriptions/${id}/${verb}`] as const,
      ),
      ...['ping', 'rotate'].map((verb) => ['POST', `/endpoints/${id}/${verb}`] as const),
      ['DELETE', `/endpoints/${id}`],
      ['POST', `/webhooks/${id}`],
      ['GET', `/cards/new?setup=${id}`],
      ['POST', `/cards/new/${id}`],
      ['GET', `/payments/success?payment=${id}`],
      ['GET', `/payments/cancel?payment=${id}`],
    ];
    for (const [method, path] of paths) {
      const answer = await fetch(`${service.url}${path}`, {
        method,
        headers: {
          accept: 'application/json',
          ...(method === 'GET' ? {} : { 'content-type': 'application/json' }),
        },
        ...(method === 'GET' ? {} : { body: '{}' }),
      });
      expect([method, path, answer.status >= 200 && answer.status < 500]).toEqual([method, path, true]);
    }
  });

  it('T24d reads a plan of a provider’s panel whose id is long', async () => {
    const long = `plan-${'x'.repeat(200)}`;
    await world.sql(`update plans set id = $1 where id = $2`, [long, planId]);
    expect(await send(service, 'GET', `/plans/${long}`)).toMatchObject({
      status: 200,
      body: { planId: long },
    });
    await world.sql(`update plans set id = $2 where id = $1`, [long, planId]);
  });

  it.each([WEEK, '20260101', '2026-01-01T10:00:00,5Z', '2026-02-30', '2026-01-01T10:00:00', '10000-01-01'])(
    'T24e says by name that %s is no moment, over REST and NATS',
    async (moment) => {
      const refusal = (field: string) => ({
        code: 'invalid_request',
        details: [{ field, rule: expect.stringContaining('RFC 3339') }],
      });
      for (const field of ['from', 'to']) {
        expect(await send(service, 'GET', `/payments?${field}=${moment}`)).toMatchObject({
          status: 400,
          body: refusal(field),
        });
        expect((await gateway.send('payments.list', { [field]: moment })).err).toMatchObject(refusal(field));
        const span = { from: '2026-01-01', to: '2026-01-02', [field]: moment };
        expect(await send(service, 'POST', '/outbox/republish', span)).toMatchObject({
          status: 400,
          body: refusal(field),
        });
      }
      const customers = async (): Promise<unknown> => world.sql('select count(*) from customers');
      const before = await customers();
      const signUp = { ...PERSON, planId, token: 'pm_card_visa', trialEnd: moment };
      expect(await send(service, 'POST', '/customers', signUp)).toMatchObject({
        status: 400,
        body: refusal('trialEnd'),
      });
      expect((await gateway.send('payments.customers.create', signUp)).err).toMatchObject(
        refusal('trialEnd'),
      );
      const subscribe = { customerId, planId, trialEnd: moment };
      expect((await send(service, 'POST', '/subscriptions', subscribe)).body).toMatchObject(
        refusal('trialEnd'),
      );
      expect(await customers()).toEqual(before);
    },
  );

  it.each(['2026-01-31', '2026-01-31T18:00:00Z', '2026-01-31T18:00:00.123456+05:30', '2024-02-29'])(
    'takes %s for a moment',
    async (moment) => {
      const query = `/payments?from=${encodeURIComponent(moment)}&to=9999-12-31T23:59:59Z`;
      expect((await send(service, 'GET', query)).status).toBe(200);
    },
  );

  it.each(['uſd', 'ıdr'])('T24f refuses the currency %s by name, over REST and NATS', async (currency) => {
    const refusal = { code: 'invalid_request', details: [{ field: 'currency' }] };
    const session = { ...lines(), orderId: randomUUID(), currency };
    expect((await send(service, 'POST', '/payments/create-session', session)).body).toMatchObject(refusal);
    expect((await gateway.send('create.payment.session', session)).err).toMatchObject(refusal);
    const plan = { planId: randomUUID(), name: 'Plan', amount: 5_000, currency, interval: 'month' };
    expect((await send(service, 'POST', '/plans', plan)).body).toMatchObject(refusal);
    const charge = { currency, amount: 5_000, description: 'Taza', customerId, source: { default: true } };
    const key = { 'idempotency-key': randomUUID() };
    expect((await send(service, 'POST', '/payments/charge', charge, key)).body).toMatchObject(refusal);
  });

  it.each(['ang', 'BGN'])('S17j refuses %s, which went out, by name over REST and NATS', async (currency) => {
    const rule = expect.stringMatching(/^must be (XCG|EUR): (ANG|BGN) was withdrawn on 202[56]-/);
    const refusal = { code: 'invalid_request', details: [{ field: 'currency', rule }] };
    const session = { ...lines(), orderId: randomUUID(), currency };
    expect((await send(service, 'POST', '/payments/create-session', session)).body).toMatchObject(refusal);
    expect((await gateway.send('create.payment.session', session)).err).toMatchObject(refusal);
    const plan = { planId: randomUUID(), name: 'Plan', amount: 5_000, currency, interval: 'month' };
    expect((await send(service, 'POST', '/plans', plan)).body).toMatchObject(refusal);
    expect((await gateway.send('payments.plans.create', plan)).err).toMatchObject(refusal);
    const charge = { currency, amount: 5_000, description: 'Taza', customerId, source: { default: true } };
    const idempotencyKey = randomUUID();
    expect((await gateway.send('payments.charge', { ...charge, idempotencyKey })).err).toMatchObject(refusal);
    const caribbean = { ...lines(), orderId: randomUUID(), currency: 'xcg' };
    expect((await send(service, 'POST', '/payments/create-session', caribbean)).status).toBe(201);
  });

  it('S9p sends physical goods where they go, over REST and NATS, and tells nobody else', async () => {
    const shipping = [{ name: 'Envío', unitAmount: 0 }];
    const session = () => ({
      ...lines(),
      shipping,
      orderId: randomUUID(),
      shippingContact: SHIPPING,
    });
    const [byRest, byNats] = [session(), session()];
    expect((await send(service, 'POST', '/payments/create-session', byRest)).status).toBe(201);
    expect((await gateway.send('create.payment.session', byNats)).response).toMatchObject({
      url: expect.any(String),
    });
    const charge = {
      ...{ currency: 'MXN', amount: 5_000, description: 'Taza', customerId, source: { default: true } },
      ...{ shippingContact: SHIPPING, orderId: randomUUID(), idempotencyKey: randomUUID() },
    };
    expect((await gateway.send('payments.charge', charge)).response).toMatchObject({ status: 'succeeded' });
    for (const { orderId } of [byRest, byNats]) {
      const at = world.stripe.state().sessions.find(({ metadata }) => metadata?.orderId === orderId);
      await world.stripe.payWithCard(at?.id ?? '');
    }
    for (const { orderId } of [byRest, byNats, charge]) {
      const paid = world.stripe.state().charges.find(({ metadata }) => metadata.orderId === orderId);
      expect(paid?.shipping).toMatchObject({
        name: 'Grace Canary',
        address: { line1: 'Canary 254', country: 'MX' },
      });
    }
    for (const [field, contact] of [
      ['shippingContact.address', { ...SHIPPING, address: undefined }],
      ['shippingContact.receiver', { ...SHIPPING, receiver: CARD }],
      ['shippingContact.phone', { ...SHIPPING, phone: 'none' }],
      ['shippingContact.address.country', { ...SHIPPING, address: { ...SHIPPING.address, country: 'MEX' } }],
      ['shippingContact.address.street1', { ...SHIPPING, address: { ...SHIPPING.address, street1: 'x' } }],
      ['shippingContact.address.zip', { ...SHIPPING, address: { ...SHIPPING.address, zip: '06100' } }],
    ] as const) {
      const refusal = { code: 'invalid_request', details: [{ field }] };
      const body = { ...session(), shippingContact: contact };
      expect((await send(service, 'POST', '/payments/create-session', body)).body).toMatchObject(refusal);
      expect((await gateway.send('create.payment.session', body)).err).toMatchObject(refusal);
    }
    expect(await world.sql(`select 1 from outbox where body::text like '%Canary%'`)).toEqual([]);
  });

  it.each([
    ['4242424242424242'],
    ['card 4242 4242 4242 4242, exp 12/27'],
    ['4000-0566-5566-5556'],
    ['3782 822463 10005'],
    ['4242 4242 4242 4242 12 27 123'],
    ['４２４２ ４２４２ ４２４２ ４２４２'],
  ])('T24g broadcasts no card number: %s', async (text) => {
    const rule = expect.stringContaining('must not hold a card number');
    const session = { ...lines(), orderId: randomUUID() };
    const refusal = (field: string) => ({ code: 'invalid_request', details: [{ field, rule }] });
    for (const [field, body] of [
      ['metadata', { ...session, metadata: { note: text } }],
      ['items[0].name', { ...session, items: [{ name: text, price: 1, quantity: 1 }] }],
      ['customer.name', { ...session, customer: { ...PERSON, name: text } }],
    ] as const) {
      expect((await send(service, 'POST', '/payments/create-session', body)).body).toMatchObject(
        refusal(field),
      );
      expect((await gateway.send('create.payment.session', body)).err).toMatchObject(refusal(field));
    }
    const signUp = { ...PERSON, planId, token: 'pm_card_visa', subscriptionMetadata: { note: text } };
    expect((await send(service, 'POST', '/customers', signUp)).body).toMatchObject(
      refusal('subscriptionMetadata'),
    );
    const update = { customerId, metadata: { note: text } };
    expect((await gateway.send('payments.customers.update', update)).err).toMatchObject(refusal('metadata'));
    const told = await world
      .sql(`select 1 from outbox where convert_from(body, 'utf8') like '%' || $1 || '%'`, [text])
      .catch(() => world.sql(`select 1 from outbox where body like '%' || $1 || '%'`, [text]));
    expect(told).toEqual([]);
  });

  it.each([
    '+52 55 1234 5678',
    '2026-01-31 18:22:33',
    '424242424242',
    '4242424242424241',
    randomUUID(),
    'ord_4242424242424242',
  ])('takes %s for no card number', async (note) => {
    const session = { ...lines(), orderId: randomUUID(), metadata: { note } };
    expect((await send(service, 'POST', '/payments/create-session', session)).status).toBe(201);
  });

  it('T24h takes no true and no list for a number, over NATS either', async () => {
    for (const limit of [true, [5], '0x10', '1e1', ' 5'])
      expect((await gateway.send('payments.list', { limit })).err).toMatchObject({
        code: 'invalid_request',
        details: [{ field: 'limit' }],
      });
    expect((await send(service, 'GET', '/payments?limit=0x10')).status).toBe(400);
    expect((await gateway.send('payments.list', { limit: 5 })).response).toMatchObject({
      data: expect.any(Array),
    });
    expect((await send(service, 'GET', '/payments?limit=5')).status).toBe(200);
  });
});
