import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  call,
  type ErrorAnswer,
  openAtProvider,
  openSession,
  paymentsOf,
  purchase,
  readPayment,
  type SessionBody,
} from '../support/harness/calls.js';
import { sessionsOf } from '../support/harness/doubt.story.js';
import { eventually } from '../support/harness/eventually.js';
import type { LegacyOrders } from '../support/harness/legacy.orders.js';
import type { StreamReader } from '../support/harness/stream.reader.js';
import { startWorld, type World } from '../support/harness/world.js';

const AT_ONCE = 20;
const OTHER_ITEMS = [{ name: 'Mouse', price: 9.5, quantity: 1 }];

describe('one live attempt per order', () => {
  let world: World;
  let stream: StreamReader;
  let orders: LegacyOrders;

  beforeAll(async () => {
    world = await startWorld({ services: 2 });
    stream = await world.openStream();
    orders = await world.startOrders();
  }, 120_000);
  afterAll(() => world?.stop());

  async function paid(request: object & { orderId: string }): Promise<string> {
    const { sessionId, paymentId } = await openAtProvider(world.service, request);
    await world.stripe.payWithCard(sessionId);
    await eventually(async () => {
      expect(await readPayment(world.service, paymentId)).toMatchObject({ status: 'succeeded' });
    });
    return paymentId;
  }

  it('the same content again is the session that is open', async () => {
    const request = purchase();
    const first = await openSession(world.service, request);
    expect(await openSession(world.service, request)).toEqual(first);
    expect(await paymentsOf(world.service, request.orderId)).toHaveLength(1);
    expect(sessionsOf(world, request.orderId)).toHaveLength(1);
  });

  it('the same content twenty times at once, at two processes, is one session', async () => {
    const request = purchase();
    const asked = Array.from({ length: AT_ONCE }, (_, index) =>
      openSession(world.services[index % world.services.length] ?? world.service, request),
    );
    const answers = await Promise.all(asked);
    expect(new Set(answers.map(({ url }) => url)).size).toBe(1);
    expect(new Set(answers.map(({ paymentId }) => paymentId)).size).toBe(1);
    expect(sessionsOf(world, request.orderId)).toHaveLength(1);
  });

  it('other content expires the open session at Stripe first', async () => {
    const request = purchase();
    const first = await openAtProvider(world.service, request);
    const second = await openAtProvider(world.service, { ...request, items: OTHER_ITEMS });
    expect(second.paymentId).not.toBe(first.paymentId);
    const { sessions } = world.stripe.state();
    const statusOf = (id: string): unknown => sessions.find((session) => session.id === id)?.status;
    expect([statusOf(first.sessionId), statusOf(second.sessionId)]).toEqual(['expired', 'open']);
    expect(await readPayment(world.service, first.paymentId)).toMatchObject({ status: 'canceled' });
    expect(await readPayment(world.service, second.paymentId)).toMatchObject({
      status: 'created',
      amount: 950,
    });
    await world.stripe.delivery.settled();
    await eventually(async () => {
      const events = await stream.of(request.orderId);
      expect(events.map(({ type, data }) => [type, data.paymentId]).sort()).toEqual(
        [
          ['payment.created', first.paymentId],
          ['payment.canceled', first.paymentId],
          ['payment.created', second.paymentId],
        ].sort(),
      );
    });
  });

  it('different contents at once leave one session open', async () => {
    const { orderId } = purchase();
    const asked = Array.from({ length: 6 }, (_, index) => {
      const items = [{ name: 'Mouse', price: 1 + index, quantity: 1 }];
      const service = world.services[index % world.services.length] ?? world.service;
      return call<SessionBody>(service, '/payments/create-session', purchase({ orderId, items }));
    });
    const answers = await Promise.all(asked);
    expect(answers.map(({ status }) => status)).toEqual(new Array(asked.length).fill(201));
    const { sessions } = world.stripe.state();
    const ours = sessions.filter(({ metadata }) => metadata.orderId === orderId);
    expect(ours.filter(({ status }) => status === 'open')).toHaveLength(1);
    const open = (await paymentsOf(world.service, orderId)).filter(({ status }) => status === 'created');
    expect(open.map(({ providerIds }) => providerIds.session)).toEqual(
      ours.filter(({ status }) => status === 'open').map(({ id }) => id),
    );
  });

  it('an order that is paid gets no further session', async () => {
    const request = purchase();
    const paymentId = await paid(request);
    for (const again of [request, { ...request, items: OTHER_ITEMS }]) {
      const answer = await call<ErrorAnswer>(world.service, '/payments/create-session', again);
      expect(answer).toMatchObject({
        status: 409,
        body: { code: 'order_already_paid', details: { paymentId } },
      });
    }
    expect(sessionsOf(world, request.orderId)).toHaveLength(1);
  });

  it('a second paid payment for an order is for review, and its success is told to nobody', async () => {
    const request = purchase();
    const first = await paid(request);
    const legacy = await world.stripe.legacySession({ orderId: request.orderId });
    await world.stripe.payWithCard(legacy.id);
    const second = await eventually(async () => {
      const [other] = (await paymentsOf(world.service, request.orderId)).filter(
        (one) => one.paymentId !== first,
      );
      expect(other).toMatchObject({ status: 'review', reviewReason: 'duplicate_payment', amount: 3998 });
      return other?.paymentId;
    });
    await world.stripe.delivery.settled();
    await eventually(async () => {
      const events = await stream.of(request.orderId);
      expect(events.map(({ type, data }) => [type, data.paymentId])).toEqual([
        ['payment.created', first],
        ['payment.succeeded', first],
        ['payment.review', second],
      ]);
    });
    expect(orders.of(request.orderId)).toHaveLength(1);
    expect(await readPayment(world.service, first)).toMatchObject({ status: 'succeeded' });
  });

  it('a customer who pays while other content is being asked for has paid, and no session follows', async () => {
    const request = purchase();
    world.stripe.delivery.set({ paused: true });
    const { sessionId, paymentId } = await openAtProvider(world.service, request);
    // We hear of it only from Stripe's refusal to expire the session.
    await world.stripe.payWithCard(sessionId);
    const other = { ...request, items: OTHER_ITEMS };
    const answer = await call<ErrorAnswer>(world.service, '/payments/create-session', other);
    world.stripe.delivery.set({ paused: false });
    expect(answer).toMatchObject({
      status: 409,
      body: { code: 'order_already_paid', details: { paymentId } },
    });
    await world.stripe.delivery.settled();
    expect(await paymentsOf(world.service, request.orderId)).toMatchObject([
      { paymentId, status: 'succeeded' },
    ]);
    await eventually(() => expect(orders.of(request.orderId)).toHaveLength(1));
    expect(await stream.typesOf(request.orderId)).toEqual(['payment.created', 'payment.succeeded']);
  });
});
