import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import {
  call,
  mexicanPurchase,
  openSession,
  type PaymentBody,
  purchase,
  readPayment,
} from '../support/harness/calls.js';
import { type CrashStage, expectPaidOnceDespite } from '../support/harness/crash.story.js';
import {
  expectUnknownUntilFound,
  leaseRunsOut,
  onlyPaymentOf,
  sessionsOf,
} from '../support/harness/doubt.story.js';
import { eventually } from '../support/harness/eventually.js';
import { startWorld } from '../support/harness/world.js';

const CARD = { number: '4242424242424242', name: 'Ana Pérez' };

let stage: CrashStage;

beforeAll(async () => {
  const world = await startWorld({ conekta: true });
  stage = { world, stream: await world.openStream(), orders: await world.startOrders() };
}, 120_000);
afterAll(() => stage?.world.stop());

describe('killed between two steps of a payment', () => {
  // All of them are played in test/crash; these are the ones that change hands.
  it.each(['inbox-committed', 'event-published', 'orders-published'] as const)(
    'at %s, the order is told of its payment once',
    (failpoint) => expectPaidOnceDespite([failpoint], stage),
    120_000,
  );
});

describe('a session whose making was interrupted', () => {
  it('by a crash after Stripe had answered, is the same session when it is asked for again', async () => {
    const { world } = stage;
    const request = purchase();
    await world.service.restart({ failpoint: 'provider-answered' });
    await expect(openSession(world.service, request)).rejects.toThrow();
    expect(await world.service.exited).toEqual({ code: null, signal: 'SIGKILL' });
    expect(sessionsOf(world, request.orderId)).toHaveLength(1);

    const paymentId = await onlyPaymentOf(world, request.orderId);
    await leaseRunsOut(world, paymentId);
    await world.service.start();
    const session = await openSession(world.service, request);
    expect(session).toMatchObject({ paymentId, status: 'created' });
    expect(await readPayment(world.service, paymentId)).toMatchObject({
      providerIds: { session: sessionsOf(world, request.orderId)[0] },
    });
    expect(sessionsOf(world, request.orderId)).toHaveLength(1);
  }, 120_000);

  it('by a crash after Conekta had answered, is the same order there, though nothing but its metadata tells', async () => {
    const { world } = stage;
    const request = mexicanPurchase();
    const before = world.conekta.state().orders.length;
    await world.service.restart({ failpoint: 'provider-answered' });
    await expect(openSession(world.service, request)).rejects.toThrow();
    expect(await world.service.exited).toEqual({ code: null, signal: 'SIGKILL' });
    const [, ...others] = world.conekta.state().orders.slice(before);
    expect(others).toEqual([]);

    const paymentId = await onlyPaymentOf(world, request.orderId);
    await leaseRunsOut(world, paymentId);
    await world.service.start();
    const session = await openSession(world.service, request);
    expect(session).toMatchObject({ paymentId, provider: 'conekta', status: 'created' });
    const orders = world.conekta.state().orders.slice(before);
    expect(orders.map(({ metadata }) => metadata.paymentId)).toEqual([paymentId]);
    expect(await readPayment(world.service, paymentId)).toMatchObject({
      providerIds: { payment: orders[0]?.id, session: orders[0]?.checkout?.id },
    });
  }, 120_000);

  it('by a connection that broke after Stripe had acted, is unknown and never failed, until it is found out', async () => {
    await expectUnknownUntilFound(stage, 'reset_after_acting');
  }, 120_000);
});

describe('a charge whose answer nobody lived to read', () => {
  const PERSON = { name: 'Ana Pérez', email: 'ana@example.com', phone: '+525512345678' };

  it.each(['stripe', 'conekta'] as const)(
    'is found at %s, and never made again',
    async (provider) => {
      const { world, stream } = stage;
      const orderId = randomUUID();
      const token = provider === 'stripe' ? 'pm_card_visa' : world.conekta.acts.createToken(CARD).id;
      const items = [{ name: 'Taza', price: 150, quantity: 1 }];
      const body = { orderId, provider, source: { token }, customer: PERSON, currency: 'MXN', items };
      const charge = () =>
        call<PaymentBody>(world.service, '/payments/charge', body, { 'idempotency-key': orderId });

      await world.service.restart({ failpoint: 'provider-answered' });
      await expect(charge()).rejects.toThrow();
      expect(await world.service.exited).toEqual({ code: null, signal: 'SIGKILL' });
      await leaseRunsOut(world, await onlyPaymentOf(world, orderId));
      await world.sql(`update idempotency_keys set lease_until = now() where key = $1`, [orderId]);
      await world.service.start();

      // Asked again at once, it is in doubt; then the provider has told what became of it.
      await eventually(async () =>
        expect(await charge()).toMatchObject({ status: 201, body: { status: 'succeeded' } }),
      );
      const { paymentIntents } = world.stripe.state();
      const made = [...paymentIntents, ...world.conekta.state().orders];
      expect(made.filter(({ metadata }) => metadata.orderId === orderId)).toHaveLength(1);
      await eventually(async () =>
        expect(await stream.typesOf(orderId)).toEqual(['payment.created', 'payment.succeeded']),
      );
    },
    120_000,
  );
});
