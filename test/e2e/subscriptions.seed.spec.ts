import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { randomUUID } from 'node:crypto';
import {
  type BillingStage,
  billingStage,
  type CustomerBody,
  DAY_S,
  HOUR_S,
  send,
  type SubscriptionBody,
  type TokenBody,
} from '../support/harness/billing.stage.js';
import { mexicanPurchase, openAtProvider, type PaymentBody, purchase } from '../support/harness/calls.js';
import { eventually } from '../support/harness/eventually.js';
import type { LegacyOrders } from '../support/harness/legacy.orders.js';
import type { LocalService } from '../support/harness/service.local.js';
import type { StreamedEvent, StreamReader } from '../support/harness/stream.reader.js';
import { startWorld, type World } from '../support/harness/world.js';

const PERSON = { name: 'El Fulanito', email: 'fulanito@example.com', phone: '+525555555555' };
const KEY = (): Record<string, string> => ({ 'idempotency-key': randomUUID() });

interface ChargeBody extends PaymentBody {
  readonly customerId: string | null;
  readonly failure: { reason: string } | null;
}

describe.each([
  ['conekta', 'snapshot'],
  ['stripe', 'snapshot'],
  ['stripe', 'thin'],
] as const)('the life of a subscription at %s, told by %s events', (provider, payload) => {
  let world: World;
  let service: LocalService;
  let stream: StreamReader;
  let stage: BillingStage;
  let orders: LegacyOrders;
  let nats: NatsConnection;

  beforeAll(async () => {
    world = await startWorld({
      services: 0,
      conekta: provider === 'conekta',
      payload,
      // A step of the guide registers an endpoint where nobody listens.
      retryScheduleMs: [100, 100],
    });
    service = await world.startLocalService({
      PUBLIC_URL: 'https://payments.shop.example',
      REDIRECT_ORIGINS: 'https://shop.example',
      ENCRYPTION_KEY: 'ab'.repeat(32),
    });
    stream = await world.openStream();
    stage = billingStage(world, provider);
    orders = await world.startOrders();
    nats = await connect({ servers: world.nats.url });
  }, 120_000);
  afterAll(async () => {
    await nats?.close();
    await world?.stop();
  });

  const ask = async (subject: string, data: object): Promise<unknown> => {
    const packet = { pattern: subject, data, id: randomUUID() };
    return (await nats.request(subject, JSON.stringify(packet), { timeout: 20_000 })).json();
  };
  const eventsOf = async (subscriptionId: string): Promise<StreamedEvent[]> =>
    (await stream.all()).filter(
      ({ type, data }) => type.startsWith('subscription.') && data['subscriptionId'] === subscriptionId,
    );
  const typesOf = async (subscriptionId: string): Promise<string[]> =>
    (await eventsOf(subscriptionId)).map(({ type }) => type.replace('subscription.', ''));
  const read = async (subscriptionId: string): Promise<SubscriptionBody> =>
    (await send<SubscriptionBody>(service, 'GET', `/subscriptions/${subscriptionId}`)).body;
  const later = async (seconds: number): Promise<void> => {
    await stage.advance(seconds);
    await stage.settled();
    await eventually(async () => expect(await world.waitingEvents()).toEqual([]));
  };
  /** Until two hours after the present cycle, whatever day of which month it is. */
  const nextCycle = async (subscriptionId: string): Promise<void> => {
    const { currentPeriodEnd } = await read(subscriptionId);
    const at = provider === 'stripe' ? world.stripe.state().now : world.conekta.state().now;
    await later(Date.parse(currentPeriodEnd ?? '') / 1000 - at + 2 * HOUR_S);
  };
  const plan = async (extra: object = {}): Promise<string> => {
    const planId = `plan_${randomUUID().slice(0, 8)}`;
    const body = {
      planId,
      provider,
      name: 'Plan',
      amount: 77_700,
      currency: 'MXN',
      interval: 'month',
      ...extra,
    };
    const made = await send(service, 'POST', '/plans', body);
    expect(made).toMatchObject({ status: 201, body: { planId, active: true } });
    return planId;
  };
  const customer = async (): Promise<CustomerBody> => {
    const body = { ...PERSON, provider, token: stage.newToken() };
    const made = await send<CustomerBody>(service, 'POST', '/customers', body);
    expect(made.status).toBe(201);
    return made.body;
  };
  const subscribe = (customerId: string, planId: string, extra: object = {}) =>
    send<SubscriptionBody>(service, 'POST', '/subscriptions', { customerId, planId, ...extra });
  const act = (id: string, verb: string, body: object = {}) =>
    send<SubscriptionBody>(service, 'POST', `/subscriptions/${id}/${verb}`, body);

  it('goes as the nine steps of the guide', async () => {
    // 1. A token, and what the card component is started with.
    const setup = await send<TokenBody>(service, 'POST', '/tokens', {
      provider,
      successUrl: 'https://shop.example/card',
    });
    expect(setup.status).toBe(201);
    expect(setup.body.url).toBe(`https://payments.shop.example/cards/new?setup=${setup.body.setupId}`);
    if (provider === 'conekta') {
      expect(setup.body).toMatchObject({
        checkoutId: expect.any(String),
        token: expect.stringMatching(/^tok_/),
      });
    } else expect(setup.body.clientSecret).toEqual(expect.any(String));

    // 2. The customer fills it in; the browser hands over what it got.
    const token = await stage.fillIn(setup.body);
    if (provider === 'conekta') expect(token).toBe(setup.body.token);
    const finished = await send<{ saved: boolean; continueTo: string }>(
      service,
      'POST',
      `/cards/new/${setup.body.setupId}`,
      token === undefined ? {} : { token },
    );
    expect(finished).toMatchObject({ status: 200, body: { saved: true } });
    const handedOn = new URL(finished.body.continueTo).searchParams.get('token');
    if (handedOn === null) throw new Error('no token was handed on');

    // 3. The customer, made with the token; and charges by token, by saved card and by the default one.
    const made = await send<CustomerBody>(service, 'POST', '/customers', {
      ...PERSON,
      provider,
      token: handedOn,
    });
    expect(made).toMatchObject({
      status: 201,
      body: {
        name: PERSON.name,
        email: PERSON.email,
        phone: PERSON.phone,
        paymentSources: [{ last4: '4242', brand: 'visa', default: true }],
      },
    });
    const { customerId, defaultPaymentSourceId } = made.body;
    expect(defaultPaymentSourceId).toBe(made.body.paymentSources[0]?.paymentSourceId);
    const charge = (source: object, extra: object = {}) =>
      send<ChargeBody>(
        service,
        'POST',
        '/payments/charge',
        { source, currency: 'MXN', items: [{ name: 'Taza', price: 150, quantity: 1 }], provider, ...extra },
        KEY(),
      );
    const paid = { status: 201, body: { status: 'succeeded', amount: 15_000 } };
    expect(await charge({ token: stage.newToken() }, { customer: PERSON })).toMatchObject(paid);
    expect(await charge({ paymentSourceId: defaultPaymentSourceId }, { customerId })).toMatchObject(paid);
    expect(await charge({ default: true }, { customerId })).toMatchObject(paid);
    const second = await send<{ paymentSourceId: string }>(
      service,
      'POST',
      `/customers/${customerId}/payment-sources`,
      { token: stage.newToken() },
    );
    expect(second.status).toBe(201);
    const asDefault = await send<CustomerBody>(
      service,
      'PUT',
      `/customers/${customerId}/payment-sources/${second.body.paymentSourceId}/default`,
    );
    expect(asDefault.status).toBe(200);
    const known = await send<CustomerBody>(service, 'GET', `/customers/${customerId}`);
    expect(known.body.defaultPaymentSourceId).toBe(second.body.paymentSourceId);

    // 4. A plan.
    const planId = 'Plan_API_TEST';
    const planBody = { name: 'Plan de elementos API', amount: 77_700, currency: 'MXN', interval: 'month' };
    const terms = { ...planBody, frequency: 1, trialDays: 30, expiryCount: 6 };
    const created = await send(service, 'POST', '/plans', { planId, provider, ...terms });
    expect(created).toMatchObject({ status: 201, body: { planId, livemode: false, ...terms } });

    // 5. A subscription to it, with a card of the customer's.
    const subscribed = await subscribe(customerId, planId, { paymentSourceId: defaultPaymentSourceId });
    expect(subscribed).toMatchObject({
      status: 201,
      body: { status: 'in_trial', planId, customerId, paymentSourceId: defaultPaymentSourceId },
    });
    const trialDays = (Date.parse(subscribed.body.trialEnd ?? '') - Date.now()) / (DAY_S * 1000);
    expect(Math.round(trialDays)).toBe(30);

    // 6. Customer, card and subscription in one call; one active subscription each.
    const both = await send<CustomerBody>(service, 'POST', '/customers', {
      ...PERSON,
      planId,
      token: stage.newToken(),
    });
    expect(both).toMatchObject({ status: 201, body: { subscription: { status: 'in_trial', planId } } });
    expect(await subscribe(both.body.customerId, planId)).toMatchObject({
      status: 409,
      body: { code: 'customer_subscribed' },
    });

    // 7 and 8. The provider tells it to an endpoint that was registered for it.
    const url = `https://payments.shop.example/webhooks/${provider}`;
    const endpoint = await send<{ id: string; events: string[] }>(service, 'POST', '/endpoints', {
      provider,
      url,
    });
    expect(endpoint.status).toBe(201);
    expect(endpoint.body.events.filter((name) => name.includes('subscription.')).length).toBeGreaterThan(6);

    // Nobody listens there: what is told would be tried again for ever.
    await send(service, 'DELETE', `/endpoints/${endpoint.body.id}`);

    // 9. What happens to it is told: the trial ends, and the first month is charged.
    await later(30 * DAY_S + HOUR_S);
    const { subscriptionId } = subscribed.body;
    await eventually(async () => {
      expect((await typesOf(subscriptionId)).filter((type) => type !== 'trial_ending')).toEqual([
        'created',
        'activated',
      ]);
    });
    const now = await read(subscriptionId);
    expect(now).toMatchObject({
      status: 'active',
      periods: [{ amount: 77_700, paidAt: expect.any(String) }],
    });
    const payment = await send<ChargeBody & { subscriptionId: string }>(
      service,
      'GET',
      `/payments/${now.periods?.[0]?.paymentId}`,
    );
    expect(payment.body).toMatchObject({ status: 'succeeded', orderId: null, subscriptionId, customerId });
    const [, activated] = (await eventsOf(subscriptionId)).filter(
      ({ type }) => !type.includes('trial_ending'),
    );
    expect(activated?.data).toMatchObject({
      customerId,
      planId,
      status: 'active',
      paymentId: payment.body.paymentId,
      amount: 77_700,
      currency: 'MXN',
    });
  }, 120_000);

  it('pays a year, month by month, through a card that fails in the fourth', async () => {
    const { subscriptionId, ...subscriber } = await (async () => {
      const who = await customer();
      const { status, body } = await subscribe(who.customerId, await plan());
      expect({ status, state: body.status }).toEqual({ status: 201, state: 'active' });
      return { ...who, subscriptionId: body.subscriptionId };
    })();
    for (let month = 2; month <= 12; month += 1) {
      if (month === 4) await stage.setCardOutcome(subscriber, 'insufficient_funds');
      await later(31 * DAY_S);
      if (month !== 4) continue;
      expect(await read(subscriptionId)).toMatchObject({ status: 'past_due' });
      await stage.setCardOutcome(subscriber, null);
      await later(8 * DAY_S);
      await eventually(async () => expect(await read(subscriptionId)).toMatchObject({ status: 'active' }));
    }
    await eventually(async () => {
      const { periods = [] } = await read(subscriptionId);
      const renewed = (await typesOf(subscriptionId)).filter((type) => type === 'renewed');
      expect([11, 12]).toContain(renewed.length);
      expect(periods).toHaveLength(renewed.length + 1);
      expect(periods.every(({ paidAt }) => paidAt !== null)).toBe(true);
    });
    const { periods = [] } = await read(subscriptionId);
    const ids = new Set(periods.map(({ paymentId }) => paymentId));
    expect(ids.size).toBe(periods.length);
    const successes = (await stream.all()).filter(
      ({ type, data }) => type === 'payment.succeeded' && ids.has(data.paymentId),
    );
    expect(successes).toHaveLength(periods.length);
    const events = await eventsOf(subscriptionId);
    const failed = events.filter(({ type }) => type === 'subscription.payment_failed');
    expect(failed.length).toBeGreaterThan(0);
    failed.forEach(({ data }, index) =>
      expect(data).toMatchObject({ attempt: index + 1, reason: 'insufficient_funds' }),
    );
    expect(events.filter(({ type }) => type === 'subscription.past_due')).toHaveLength(1);
    expect(events.map(({ data }) => data.version)).toEqual(events.map((_event, index) => index + 1));
  }, 120_000);

  it('is canceled when every retry failed', async () => {
    const who = await customer();
    const { body } = await subscribe(who.customerId, await plan());
    await stage.setCardOutcome(who, 'insufficient_funds');
    await later(31 * DAY_S);
    await later(20 * DAY_S);
    await eventually(async () =>
      expect(await read(body.subscriptionId)).toMatchObject({
        status: 'canceled',
        cancelReason: 'payment_failed',
      }),
    );
    const types = await typesOf(body.subscriptionId);
    expect(types.filter((type) => type === 'payment_failed')).toHaveLength(4);
    expect(types.at(-1)).toBe('canceled');
    const { periods = [] } = await read(body.subscriptionId);
    const ended = await send<ChargeBody>(service, 'GET', `/payments/${periods[0]?.paymentId}`);
    expect(ended.body).toMatchObject({ status: 'failed', subscriptionId: body.subscriptionId });
  }, 60_000);

  it('ends when its plan has run out', async () => {
    const who = await customer();
    const { body } = await subscribe(who.customerId, await plan({ expiryCount: 2 }));
    for (let month = 0; month < 3; month += 1) await later(31 * DAY_S);
    await eventually(async () =>
      expect(await read(body.subscriptionId)).toMatchObject({
        status: 'canceled',
        cancelReason: 'completed',
        periods: [expect.anything(), expect.anything()],
      }),
    );
    expect(await typesOf(body.subscriptionId)).toEqual(['created', 'activated', 'renewed', 'canceled']);
  }, 60_000);

  it('changes hands: paused, resumed, another plan, another card, canceled; also in the panel', async () => {
    const who = await customer();
    const [planA, planB] = [await plan(), await plan({ amount: 99_900 })];
    const { body } = await subscribe(who.customerId, planA);
    const { subscriptionId } = body;
    expect(await act(subscriptionId, 'pause')).toMatchObject({ status: 200, body: { status: 'paused' } });
    expect(await act(subscriptionId, 'resume')).toMatchObject({ status: 200, body: { status: 'active' } });
    const changed = await send(service, 'PATCH', `/subscriptions/${subscriptionId}`, { planId: planB });
    expect(changed).toMatchObject({ status: 200, body: { planId: planA, nextPlanId: planB } });
    await later(31 * DAY_S);
    await eventually(async () =>
      expect(await read(subscriptionId)).toMatchObject({
        planId: planB,
        nextPlanId: null,
        periods: [{ amount: 99_900 }, { amount: 77_700 }],
      }),
    );
    await stage.inPanel(body, 'pause');
    await eventually(async () => expect(await read(subscriptionId)).toMatchObject({ status: 'paused' }));
    await act(subscriptionId, 'resume');
    expect(await act(subscriptionId, 'cancel')).toMatchObject({
      status: 200,
      body: { status: 'canceled', cancelReason: 'requested' },
    });
    await eventually(async () =>
      expect(await typesOf(subscriptionId)).toEqual([
        'created',
        'activated',
        'paused',
        'resumed',
        'updated',
        'renewed',
        'updated',
        'paused',
        'resumed',
        'canceled',
      ]),
    );
  }, 60_000);

  /** A subscription whose first month, after a trial, is declined; it is to pay the order. `before` runs just before. */
  const overdue = async (before: (orderId: string) => Promise<void> = () => Promise.resolve()) => {
    const [who, orderId] = [await customer(), randomUUID()];
    const made = await subscribe(who.customerId, await plan({ trialDays: 10 }), { orderId });
    expect(made.status).toBe(201);
    const { subscriptionId } = made.body;
    await later(10 * DAY_S - 2 * HOUR_S);
    await before(orderId);
    await stage.setCardOutcome(who, 'insufficient_funds');
    await later(4 * HOUR_S);
    await eventually(async () => expect(await read(subscriptionId)).toMatchObject({ status: 'past_due' }));
    return { who, orderId, subscriptionId };
  };
  const monthOf = async (subscriptionId: string): Promise<ChargeBody> => {
    const { periods = [] } = await read(subscriptionId);
    return (await send<ChargeBody>(service, 'GET', `/payments/${periods[0]?.paymentId}`)).body;
  };
  const orderRequest = (orderId: string) =>
    provider === 'stripe' ? purchase({ orderId, provider }) : mexicanPurchase({ orderId });
  const successesOf = async (orderId: string) =>
    (await stream.of(orderId)).filter(({ type }) => type === 'payment.succeeded');

  it('T4d lets nobody pay its order twice: 409 while its first month is collected, over REST and NATS', async () => {
    const { who, orderId, subscriptionId } = await overdue();
    const pending = { code: 'order_payment_pending', details: { paymentId: expect.any(String) } };
    const request = orderRequest(orderId);
    const refused = { status: 409, body: pending };
    expect(await send(service, 'POST', '/payments/create-session', request)).toMatchObject(refused);
    const charge = { orderId, customerId: who.customerId, source: { default: true } };
    const taking = { ...charge, currency: 'MXN', amount: 5_000, description: 'Taza' };
    expect(await send(service, 'POST', '/payments/charge', taking, KEY())).toMatchObject(refused);
    expect(await ask('create.payment.session', request)).toMatchObject({ err: pending });
    const overNats = { ...taking, idempotencyKey: randomUUID() };
    expect(await ask('payments.charge', overNats)).toMatchObject({ err: pending });
    await act(subscriptionId, 'cancel');
    await eventually(async () => expect(await monthOf(subscriptionId)).toMatchObject({ status: 'failed' }));
    expect(await send(service, 'POST', '/payments/create-session', request)).toMatchObject({ status: 201 });
  }, 120_000);

  it('T4e has its month reviewed when a session of before has paid the order meanwhile, and the order is told once', async () => {
    let sessionId = '';
    const { who, orderId, subscriptionId } = await overdue(async (order) => {
      sessionId = (await openAtProvider(service, orderRequest(order))).sessionId;
    });
    if (provider === 'stripe') await world.stripe.payWithCard(sessionId);
    else await world.conekta.payWithCard(sessionId);
    await eventually(async () => expect(await successesOf(orderId)).toHaveLength(1));
    await stage.setCardOutcome(who, null);
    await later(8 * DAY_S);
    await eventually(async () =>
      expect(await monthOf(subscriptionId)).toMatchObject({
        status: 'review',
        reviewReason: 'duplicate_payment',
      }),
    );
    expect(await successesOf(orderId)).toHaveLength(1);
    await eventually(() => expect(orders.of(orderId)).toHaveLength(1));
    const told = await world.sql(`select id from outbox where channel = 'orders' and order_id = $1`, [
      orderId,
    ]);
    expect(told).toHaveLength(1);
  }, 120_000);

  if (provider === 'stripe') {
    it.each([
      ['out of band', 'pay', { paid_out_of_band: 'true' }],
      ['by a payment record', 'attach_payment', { payment_record: 'pr_1' }],
    ])(
      'T11c is paid %s in the panel: for itself, for its payment and for its order',
      async (_, verb, params) => {
        const { orderId, subscriptionId } = await overdue();
        const { latest_invoice: invoice } =
          world.stripe
            .state()
            .subscriptions.find(({ metadata }) => metadata['subscriptionId'] === subscriptionId) ?? {};
        await world.stripe.panel.call('POST', `/v1/invoices/${invoice}/${verb}`, params);
        await later(0);
        await eventually(async () => {
          expect(await read(subscriptionId)).toMatchObject({ status: 'active' });
          expect(await monthOf(subscriptionId)).toMatchObject({
            status: 'succeeded',
            amountCaptured: 77_700,
            providerIds: { charge: invoice },
          });
          expect(await successesOf(orderId)).toHaveLength(1);
        });
        await eventually(() =>
          expect(orders.of(orderId)).toMatchObject([{ data: { stripePaymentId: invoice, orderId } }]),
        );
      },
      60_000,
    );
  }

  /** One subscription to a plan of 777.00, and what is told of it and of its payments. */
  const oneLife = async () => {
    const who = await customer();
    const { body } = await subscribe(who.customerId, await plan());
    expect(body.status).toBe('active');
    const { subscriptionId } = body;
    const atProvider = body.providerIds.subscription ?? '';
    const last = async (type: string) =>
      (await eventsOf(subscriptionId)).findLast((event) => event.type === `subscription.${type}`)?.data;
    const now = () => read(subscriptionId);
    const paymentsOf = async () => {
      const path = `/payments?subscriptionId=${subscriptionId}&limit=100`;
      return (await send<{ data: ChargeBody[] }>(service, 'GET', path)).body.data;
    };
    /** The next month, and until it was heard of. */
    const month = async () => {
      const { periods = [] } = await now();
      await nextCycle(subscriptionId);
      await eventually(async () => expect((await now()).periods?.length).toBeGreaterThan(periods.length));
    };
    return { who, subscriptionId, atProvider, last, now, paymentsOf, month };
  };

  /** Its version grew with each event by one, and with nothing else. */
  const expectUnbroken = async (subscriptionId: string): Promise<void> => {
    const events = await eventsOf(subscriptionId);
    expect(events.map(({ data }) => data.version)).toEqual(events.map((_event, index) => index + 1));
    expect(await read(subscriptionId)).toMatchObject({ version: events.length });
  };

  if (provider === 'stripe') {
    const panel = (path: string, params: object = {}, method: 'POST' | 'DELETE' = 'POST') =>
      world.stripe.panel.call(method, `/v1/${path}`, params);
    const subscriptionAtStripe = (id: string) =>
      world.stripe.state().subscriptions.find((one) => one.id === id);
    const priceOf = async (amount: number): Promise<string> => {
      const made = await world.stripe.panel.call('POST', '/v1/prices', {
        unit_amount: String(amount),
        currency: 'mxn',
        recurring: { interval: 'month' },
        product_data: { name: 'Extra' },
      });
      return String(Reflect.get(made, 'id'));
    };

    it('S1a S2a S3a S4a S10a lives through seats, an add-on, a credit, a month out of band, a void one, a removed card and a late payment', async () => {
      const { who, subscriptionId, atProvider, last, now, paymentsOf, month } = await oneLife();
      const itemId = subscriptionAtStripe(atProvider)?.items.data[0]?.id ?? '';

      // Seats, in the middle of the month: a payment of ours, and no renewal.
      await later(15 * DAY_S);
      const before = await now();
      await panel(`subscriptions/${atProvider}`, {
        items: [{ id: itemId, quantity: '2' }],
        proration_behavior: 'always_invoice',
      });
      await later(0);
      await eventually(async () =>
        expect((await paymentsOf()).map(({ status }) => status)).toEqual(['succeeded', 'succeeded']),
      );
      expect(await typesOf(subscriptionId)).toEqual(['created', 'activated']);
      expect(await now()).toMatchObject({
        version: before.version,
        currentPeriodEnd: before.currentPeriodEnd,
        periods: [{ amount: 77_700 }],
      });

      // An add-on, and so many pending items that the month's line is on the second page of the next invoice.
      await panel(`subscriptions/${atProvider}`, {
        items: [{ price: await priceOf(5_000) }],
        proration_behavior: 'create_prorations',
      });
      for (let index = 0; index < 11; index += 1) {
        const customerId = who.providerIds['stripe'] ?? '';
        await panel('invoiceitems', {
          customer: customerId,
          subscription: atProvider,
          amount: '100',
          currency: 'mxn',
        });
      }
      await month();
      expect(await typesOf(subscriptionId)).toEqual(['created', 'activated', 'renewed']);
      const [second] = (await now()).periods ?? [];
      expect(second?.amount).toBeGreaterThan(2 * 77_700 + 5_000 + 11 * 100);
      expect(await last('renewed')).toMatchObject({
        amount: second?.amount,
        periodStart: before.currentPeriodEnd,
        periodEnd: (await now()).currentPeriodEnd,
      });

      // Another plan replaces the plan, with its seats, and nothing else.
      const cheaper = await plan({ amount: 50_000 });
      const patch = { planId: cheaper, proration: 'none' };
      const changed = await send(service, 'PATCH', `/subscriptions/${subscriptionId}`, patch);
      expect(changed).toMatchObject({ status: 200, body: { nextPlanId: cheaper } });
      expect(
        subscriptionAtStripe(atProvider)?.items.data.map(({ quantity, price }) => [
          price.unit_amount,
          quantity,
        ]),
      ).toEqual([
        [50_000, 2],
        [5_000, 1],
      ]);

      // A month that a credit pays: renewed, with nothing paid.
      await panel(`customers/${who.providerIds['stripe']}`, { balance: '-105000' });
      const payments = (await paymentsOf()).length;
      await month();
      expect(await last('renewed')).toMatchObject({
        amount: 0,
        currency: 'MXN',
      });
      expect(await last('renewed')).not.toHaveProperty('paymentId');
      expect(await now()).toMatchObject({
        planId: cheaper,
        periods: [{ amount: 0, paymentId: null }, {}, {}],
      });
      expect(await paymentsOf()).toHaveLength(payments);

      // A month that is paid out of band.
      const latestInvoice = () => subscriptionAtStripe(atProvider)?.latest_invoice ?? '';
      await stage.setCardOutcome(who, 'insufficient_funds');
      await month();
      await eventually(async () =>
        expect(await now()).toMatchObject({ status: 'past_due', failedAttempts: 1 }),
      );
      await panel(`invoices/${latestInvoice()}/pay`, { paid_out_of_band: 'true' });
      await later(0);
      await eventually(async () =>
        expect(await now()).toMatchObject({ status: 'active', failedAttempts: 0 }),
      );
      expect(await last('renewed')).toMatchObject({ amount: 105_000 });

      // A void month: nobody asks for it any more.
      await month();
      await eventually(async () =>
        expect(await now()).toMatchObject({ status: 'past_due', failedAttempts: 1 }),
      );
      await panel(`invoices/${latestInvoice()}/void`);
      await later(0);
      await eventually(async () =>
        expect(await now()).toMatchObject({ status: 'active', failedAttempts: 0, nextAttemptAt: null }),
      );
      expect(await last('updated')).toMatchObject({ status: 'active', closed: 'void' });
      expect((await paymentsOf())[0]).toMatchObject({ status: 'canceled', amount: 105_000 });

      // The card is removed, and another one pays the month.
      await stage.setCardOutcome(who, null);
      const card = world.stripe
        .state()
        .paymentMethods.find((one) => one.customer === who.providerIds['stripe']);
      await panel(`payment_methods/${card?.id}/detach`);
      await month();
      await eventually(async () => expect(await now()).toMatchObject({ status: 'past_due' }));
      const path = `/customers/${who.customerId}/payment-sources`;
      const added = await send<{ paymentSourceId: string }>(service, 'POST', path, {
        token: stage.newToken(),
      });
      expect(added.status).toBe(201);
      const { paymentSourceId } = added.body;
      await send(service, 'PATCH', `/subscriptions/${subscriptionId}`, { paymentSourceId });
      await act(subscriptionId, 'retry');
      await eventually(async () => expect(await now()).toMatchObject({ status: 'active', paymentSourceId }));
      const renewals = (await typesOf(subscriptionId)).filter((type) => type === 'renewed').length;
      expect(renewals).toBe(4);

      // It ends with a month open, which is paid all the same.
      await stage.setCardOutcome(who, 'insufficient_funds');
      await month();
      await eventually(async () => expect(await now()).toMatchObject({ status: 'past_due' }));
      await act(subscriptionId, 'cancel');
      await eventually(async () => expect((await paymentsOf())[0]).toMatchObject({ status: 'failed' }));
      await panel(`invoices/${latestInvoice()}/pay`, { paid_out_of_band: 'true' });
      await later(0);
      await eventually(async () => expect((await paymentsOf())[0]).toMatchObject({ status: 'succeeded' }));
      await eventually(async () =>
        expect(await last('updated')).toMatchObject({
          status: 'canceled',
          amount: 105_000,
          paymentId: (await paymentsOf())[0]?.paymentId,
        }),
      );
      await expectUnbroken(subscriptionId);
      expect((await typesOf(subscriptionId)).filter((type) => type === 'renewed')).toHaveLength(4);
    }, 180_000);

    it('S3h changes the plan of a subscription from the panel whose add-on comes first, or refuses it by name, over REST and NATS', async () => {
      const who = await customer();
      const [planA, planB] = [await plan(), await plan({ amount: 50_000 })];
      const priceAt = async (planId: string) =>
        (await send<{ providerIds: { plan: string } }>(service, 'GET', `/plans/${planId}`)).body.providerIds
          .plan;
      const items = [{ price: await priceOf(5_000) }, { price: await priceAt(planA), quantity: '3' }];
      const customerId = who.providerIds['stripe'] ?? '';
      const made = await panel('subscriptions', { customer: customerId, items });
      const id = String(Reflect.get(made, 'id'));
      await later(0);
      const list = `/subscriptions?customerId=${who.customerId}`;
      const adopted = async () =>
        (await send<{ data: SubscriptionBody[] }>(service, 'GET', list)).body.data[0];
      await eventually(async () =>
        expect(await adopted()).toMatchObject({ planId: planA, status: 'active' }),
      );
      const subscriptionId = (await adopted())?.subscriptionId ?? '';
      const patch = { planId: planB, proration: 'none' };
      const path = `/subscriptions/${subscriptionId}`;
      expect(await send(service, 'PATCH', path, patch)).toMatchObject({
        status: 200,
        body: { nextPlanId: planB },
      });
      const pricesAt = () =>
        subscriptionAtStripe(id)?.items.data.map(({ quantity, price }) => [price.unit_amount, quantity]);
      expect(pricesAt()).toEqual([
        [5_000, 1],
        [50_000, 3],
      ]);
      // In the panel the plan gets a price that is no plan here, and loses its mark: nobody can say which item it is.
      const planItem = subscriptionAtStripe(id)?.items.data[1]?.id ?? '';
      const unmarked = { id: planItem, price: await priceOf(7_000), metadata: { isPlan: '' } };
      await panel(`subscriptions/${id}`, { items: [unmarked], proration_behavior: 'none' });
      await later(0);
      const refusal = { code: 'transition_refused', details: { providerCode: 'plan_unclear' } };
      const back = { planId: planA, proration: 'none' };
      expect(await send(service, 'PATCH', path, back)).toMatchObject({ status: 409, body: refusal });
      const overNats = { subscriptionId, ...back };
      expect(await ask('payments.subscriptions.update', overNats)).toMatchObject({ err: refusal });
      expect(pricesAt()).toEqual([
        [5_000, 1],
        [7_000, 3],
      ]);
    }, 60_000);
  } else {
    it('S1b S3b S10b lives through another plan, a declined month, a removed card and a month that is paid after the end', async () => {
      const { who, subscriptionId, last, now, paymentsOf, month } = await oneLife();
      const other = await plan({ amount: 50_000 });
      await send(service, 'PATCH', `/subscriptions/${subscriptionId}`, { planId: other });
      await month();
      expect(await last('renewed')).toMatchObject({ amount: 50_000, status: 'active' });
      await stage.setCardOutcome(who, 'insufficient_funds');
      await month();
      await eventually(async () =>
        expect(await now()).toMatchObject({ status: 'past_due', failedAttempts: 1 }),
      );

      // The card is removed in the panel, and the one that is left pays.
      const path = `/customers/${who.customerId}/payment-sources`;
      const added = await send<{ paymentSourceId: string }>(service, 'POST', path, {
        token: stage.newToken(),
      });
      const { paymentSourceId } = added.body;
      await send(service, 'PATCH', `/subscriptions/${subscriptionId}`, { paymentSourceId });
      const customerId = who.providerIds['conekta'] ?? '';
      const [card] = world.conekta.state().sources.filter((one) => one.parent_id === customerId);
      await world.conekta.panel.deleteCard(customerId, card?.id ?? '');
      await act(subscriptionId, 'retry');
      await eventually(async () =>
        expect(await now()).toMatchObject({ status: 'active', paymentSourceId, failedAttempts: 0 }),
      );
      expect((await typesOf(subscriptionId)).filter((type) => type === 'renewed')).toHaveLength(2);

      // It ends with a month open, and the order of that month is paid all the same.
      await stage.setCardOutcome(who, 'insufficient_funds');
      await month();
      await eventually(async () => expect(await now()).toMatchObject({ status: 'past_due' }));
      await act(subscriptionId, 'cancel');
      await eventually(async () => expect((await paymentsOf())[0]).toMatchObject({ status: 'failed' }));
      const [latest] = await paymentsOf();
      const paid = await fetch(`${world.conekta.url}/orders/${latest?.providerIds.payment}/charges`, {
        method: 'POST',
        headers: {
          accept: 'application/vnd.conekta-v2.3.0+json',
          authorization: `Bearer ${world.conekta.privateKey}`,
          'content-type': 'application/json',
        },
        body: JSON.stringify({ payment_method: { type: 'card', token_id: stage.newToken() } }),
      });
      expect(paid.status).toBe(200);
      await later(0);
      await eventually(async () =>
        expect((await paymentsOf())[0]).toMatchObject({ status: 'succeeded', paymentId: latest?.paymentId }),
      );
      await eventually(
        async () =>
          expect(await last('updated')).toMatchObject({
            status: 'canceled',
            amount: 50_000,
            paymentId: latest?.paymentId,
          }),
        20_000,
      );
      await expectUnbroken(subscriptionId);
      expect((await typesOf(subscriptionId)).filter((type) => type === 'renewed')).toHaveLength(2);
    }, 180_000);
  }

  const overNats = (subscriptionId: string) => ask('payments.subscriptions.get', { subscriptionId });
  const cardOf = async ({ customerId }: CustomerBody): Promise<string> => {
    const path = `/customers/${customerId}/payment-sources`;
    const made = await send<{ paymentSourceId: string }>(service, 'POST', path, { token: stage.newToken() });
    expect(made.status).toBe(201);
    return made.body.paymentSourceId;
  };

  it('S5h S7g keeps the card that it charges; without it says why it is not paid and where it can be, over REST and NATS', async () => {
    const who = await customer();
    const { body } = await subscribe(who.customerId, await plan());
    const { subscriptionId } = body;
    const card = { customerId: who.customerId, paymentSourceId: who.defaultPaymentSourceId ?? '' };
    const path = `/customers/${card.customerId}/payment-sources/${card.paymentSourceId}`;
    const inUse = { code: 'card_in_use', details: { subscriptionIds: [subscriptionId] } };
    expect(await send(service, 'DELETE', path)).toMatchObject({ status: 409, body: inUse });
    expect(await ask('payments.sources.delete', card)).toMatchObject({ err: inUse });
    expect(await send(service, 'DELETE', `${path}?force=perhaps`)).toMatchObject({ status: 400 });
    expect(await ask('payments.sources.delete', { ...card, force: true })).toMatchObject({
      response: { paymentSourceId: card.paymentSourceId },
    });
    await eventually(async () => expect(await read(subscriptionId)).toMatchObject({ paymentSourceId: null }));

    await nextCycle(subscriptionId);
    const link = provider === 'stripe' ? expect.stringMatching(/^http:\/\/[^/]+\/i\/in_/) : null;
    const owed = {
      status: 'past_due',
      failedAttempts: 1,
      nextAttemptAt: expect.any(String),
      hostedInvoiceUrl: link,
    };
    await eventually(async () => expect(await read(subscriptionId)).toMatchObject(owed));
    expect(await overNats(subscriptionId)).toMatchObject({ response: owed });
    const failed = (await eventsOf(subscriptionId)).filter(
      ({ type }) => type === 'subscription.payment_failed',
    );
    expect(failed.map(({ data }) => data)).toEqual([
      expect.objectContaining({ attempt: 1, reason: 'no_payment_method', hostedInvoiceUrl: link }),
    ]);

    if (provider === 'stripe') {
      const { hostedInvoiceUrl } = await read(subscriptionId);
      const paying = { method: 'POST', body: new URLSearchParams({ number: '4242424242424242' }) };
      expect((await fetch(hostedInvoiceUrl ?? '', paying)).status).toBe(200);
    } else {
      const paymentSourceId = await cardOf(who);
      const changed = await send(service, 'PATCH', `/subscriptions/${subscriptionId}`, { paymentSourceId });
      expect(changed).toMatchObject({ status: 200, body: { paymentSourceId } });
      expect(await act(subscriptionId, 'retry')).toMatchObject({ status: 200 });
    }
    const paid = { status: 'active', failedAttempts: 0, nextAttemptAt: null, hostedInvoiceUrl: null };
    await eventually(async () => expect(await read(subscriptionId)).toMatchObject(paid));
    expect(await overNats(subscriptionId)).toMatchObject({ response: paid });
    await eventually(async () => expect((await typesOf(subscriptionId)).at(-1)).toBe('renewed'));
    expect((await eventsOf(subscriptionId)).at(-1)?.data).toMatchObject({ hostedInvoiceUrl: null });
  }, 120_000);

  it('S7h is not begun without a card, over REST and NATS, and nothing stays reserved', async () => {
    const made = await send<CustomerBody>(service, 'POST', '/customers', { ...PERSON, provider });
    const { customerId } = made.body;
    const planId = await plan();
    expect(await subscribe(customerId, planId)).toMatchObject({
      status: 422,
      body: { code: 'card_unusable' },
    });
    expect(await ask('payments.subscriptions.create', { customerId, planId })).toMatchObject({
      err: { code: 'card_unusable' },
    });
    await cardOf(made.body);
    expect(await subscribe(customerId, planId)).toMatchObject({ status: 201, body: { status: 'active' } });
  }, 60_000);

  if (provider === 'stripe') {
    it("S5i waits for the customer's consent, says so, and goes on when it is given on the bill's page", async () => {
      const who = await customer();
      const { body } = await subscribe(who.customerId, await plan());
      await stage.setCardOutcome(who, 'authentication_required');
      await nextCycle(body.subscriptionId);
      const owed = { status: 'past_due', failedAttempts: 1, nextAttemptAt: expect.any(String) };
      await eventually(async () => expect(await read(body.subscriptionId)).toMatchObject(owed));
      const { hostedInvoiceUrl } = await read(body.subscriptionId);
      const failed = (await eventsOf(body.subscriptionId)).filter(
        ({ type }) => type === 'subscription.payment_failed',
      );
      expect(failed.map(({ data }) => data)).toEqual([
        expect.objectContaining({ attempt: 1, reason: 'authentication_required', hostedInvoiceUrl }),
      ]);
      const approving = { method: 'POST', body: new URLSearchParams({ answer: 'approve' }) };
      expect((await fetch(hostedInvoiceUrl ?? '', approving)).status).toBe(200);
      const paid = { status: 'active', failedAttempts: 0, nextAttemptAt: null, hostedInvoiceUrl: null };
      await eventually(async () => expect(await read(body.subscriptionId)).toMatchObject(paid));
    }, 60_000);

    it.each(['unpaid', 'past_due'] as const)(
      "S6h by the account's rule is left %s: each retry pays the oldest month, and then says that none is owed",
      async (afterLast) => {
        await world.stripe.setDunning({ retryDays: [], afterLast });
        try {
          const who = await customer();
          const { body } = await subscribe(who.customerId, await plan());
          const { subscriptionId } = body;
          await stage.setCardOutcome(who, 'insufficient_funds');
          for (let month = 0; month < 3; month += 1) await later(31 * DAY_S);
          const theirs = world.stripe
            .state()
            .invoices.filter(
              ({ parent, status }) =>
                parent?.subscription_details?.subscription === body.providerIds.subscription &&
                status !== 'paid',
            );
          const piled = afterLast === 'unpaid' ? 'draft' : 'open';
          expect(theirs.map(({ status }) => status)).toEqual(['open', piled, piled]);
          const statusOf = () =>
            theirs.map(({ id }) => world.stripe.state().invoices.find((one) => one.id === id)?.status);
          expect(await act(subscriptionId, 'retry')).toMatchObject({
            status: 200,
            body: { status: 'past_due' },
          });

          await stage.setCardOutcome(who, null);
          expect(await act(subscriptionId, 'retry')).toMatchObject({
            status: 200,
            body: { status: 'past_due' },
          });
          expect(statusOf()).toEqual(['paid', piled, piled]);
          expect(await ask('payments.subscriptions.retry', { subscriptionId })).toMatchObject({
            response: { status: 'past_due' },
          });
          expect(statusOf()).toEqual(['paid', 'paid', piled]);
          expect(await act(subscriptionId, 'retry')).toMatchObject({
            status: 200,
            body: { status: 'active', failedAttempts: 0, hostedInvoiceUrl: null },
          });
          const none = {
            code: 'transition_refused',
            details: { from: 'active', reason: expect.any(String) },
          };
          expect(await act(subscriptionId, 'retry')).toMatchObject({ status: 409, body: none });
          expect(await ask('payments.subscriptions.retry', { subscriptionId })).toMatchObject({ err: none });
          const { periods = [] } = await read(subscriptionId);
          expect(periods.map(({ paidAt }) => paidAt !== null)).toEqual([true, true, true, true]);
          await later(0);
          await eventually(async () =>
            expect((await typesOf(subscriptionId)).filter((type) => type === 'renewed')).toHaveLength(3),
          );
        } finally {
          await world.stripe.setDunning({ retryDays: [3, 5, 7], afterLast: 'cancel' });
        }
      },
      120_000,
    );

    it('S7i ends disputed where a month of it is, in its event, over REST and NATS', async () => {
      await world.stripe.setDunning({ afterDispute: 'cancel' });
      try {
        const { customerId } = await customer();
        const { body } = await subscribe(customerId, await plan());
        const month = await monthOf(body.subscriptionId);
        await world.stripe.openDispute(month.providerIds.charge ?? '');
        await later(0);
        const ended = { status: 'canceled', cancelReason: 'disputed' };
        await eventually(async () => expect(await read(body.subscriptionId)).toMatchObject(ended));
        expect(await overNats(body.subscriptionId)).toMatchObject({ response: ended });
        await eventually(async () =>
          expect((await eventsOf(body.subscriptionId)).at(-1)?.data).toMatchObject({
            ...ended,
            type: 'subscription.canceled',
            reason: 'disputed',
          }),
        );
      } finally {
        await world.stripe.setDunning({ afterDispute: 'keep' });
      }
    }, 60_000);
  }

  it('refuses what cannot be, says why, and changes nothing at the provider', async () => {
    const [who, other] = [await customer(), await customer()];
    const planId = await plan();
    const { body } = await subscribe(who.customerId, planId);
    const otherCard = other.paymentSources[0]?.paymentSourceId;
    await stage.settled();
    const before = stage.statuses();
    const refused = async (
      answer: Promise<{ status: number; body: unknown }>,
      status: number,
      code: string,
    ) => expect(await answer).toMatchObject({ status, body: { code, message: expect.any(String) } });
    await refused(subscribe(who.customerId, planId), 409, 'customer_subscribed');
    await refused(
      subscribe(other.customerId, planId, { paymentSourceId: who.paymentSources[0]?.paymentSourceId }),
      422,
      'card_unusable',
    );
    await refused(
      send(service, 'PATCH', `/subscriptions/${body.subscriptionId}`, { paymentSourceId: otherCard }),
      422,
      'card_unusable',
    );
    await refused(
      send(
        service,
        'POST',
        '/payments/charge',
        {
          customerId: who.customerId,
          source: { paymentSourceId: otherCard },
          currency: 'MXN',
          amount: 5_000,
          description: 'Taza',
        },
        KEY(),
      ),
      422,
      'card_unusable',
    );
    await refused(act(body.subscriptionId, 'resume'), 409, 'transition_refused');
    await refused(act(body.subscriptionId, 'retry'), 409, 'transition_refused');
    expect(stage.statuses()).toEqual(before);

    if (provider === 'conekta') {
      const token = stage.newToken();
      const path = `/customers/${who.customerId}/payment-sources`;
      expect(await send(service, 'POST', path, { token })).toMatchObject({ status: 201 });
      await refused(send(service, 'POST', path, { token }), 422, 'card_unusable');
    }

    await stage.setCardOutcome(who, 'insufficient_funds');
    await nextCycle(body.subscriptionId);
    await eventually(async () =>
      expect(await read(body.subscriptionId)).toMatchObject({ status: 'past_due' }),
    );
    const retried = await act(body.subscriptionId, 'retry');
    expect(retried).toMatchObject({ status: 200, body: { status: 'past_due', failedAttempts: 2 } });
    const pause = await act(body.subscriptionId, 'pause');
    expect(pause).toMatchObject({
      status: 409,
      body: { code: 'transition_refused', details: { from: 'past_due', to: 'paused' } },
    });
    await act(body.subscriptionId, 'cancel');
    await refused(
      send(service, 'PATCH', `/subscriptions/${body.subscriptionId}`, { planId: await plan() }),
      409,
      'transition_refused',
    );
    // A declined charge is a result, not an error.
    const declined = await send<ChargeBody>(
      service,
      'POST',
      '/payments/charge',
      {
        customerId: who.customerId,
        source: { default: true },
        currency: 'MXN',
        amount: 5_000,
        description: 'Taza',
      },
      KEY(),
    );
    expect(declined).toMatchObject({
      status: 201,
      body: { status: 'failed', failure: { reason: expect.any(String) } },
    });
  }, 60_000);
});
