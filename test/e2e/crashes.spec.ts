import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { call, type ErrorAnswer, openSession, purchase, readPayment } from '../support/harness/calls.js';
import { type CrashStage, expectPaidOnceDespite } from '../support/harness/crash.story.js';
import { eventually } from '../support/harness/eventually.js';
import { startWorld } from '../support/harness/world.js';

const CREATE = '/v1/checkout/sessions';

let stage: CrashStage;

beforeAll(async () => {
  const world = await startWorld();
  stage = { world, stream: await world.openStream(), orders: await world.startOrders() };
}, 120_000);
afterAll(() => stage?.world.stop());

describe('killed between two steps of a payment', () => {
  // All of them are played in test/crash; these are the ones that change hands.
  it.each(['inbox-committed', 'event-published', 'orders-published'] as const)(
    'at %s, the order is told of its payment once',
    (failpoint) => expectPaidOnceDespite(failpoint, stage),
    120_000,
  );
});

describe('a session whose making was interrupted', () => {
  function sessionsOf(orderId: string): string[] {
    const { sessions } = stage.world.stripe.state();
    return sessions.filter(({ metadata }) => metadata.orderId === orderId).map(({ id }) => id);
  }

  /** As if the time had passed after which somebody else may take the call over. */
  async function leaseRunsOut(paymentId: string): Promise<void> {
    const release = `update provider_operations set lease_until = payments_now() - interval '1 second'
      where payment_id = $1 and state in ('prepared', 'sent', 'unknown') returning id`;
    await eventually(async () => expect(await stage.world.sql(release, [paymentId])).toHaveLength(1));
  }

  async function paymentOf(orderId: string): Promise<string> {
    const rows = await stage.world.sql<{ id: string }>('select id from payments where order_id = $1', [orderId]);
    expect(rows).toHaveLength(1);
    return rows[0]?.id ?? '';
  }

  it('by a crash after Stripe had answered, is the same session when it is asked for again', async () => {
    const { world } = stage;
    const request = purchase();
    await world.service.restart({ failpoint: 'provider-answered' });
    await expect(openSession(world.service, request)).rejects.toThrow();
    expect(await world.service.exited).toEqual({ code: null, signal: 'SIGKILL' });
    expect(sessionsOf(request.orderId)).toHaveLength(1);

    const paymentId = await paymentOf(request.orderId);
    await leaseRunsOut(paymentId);
    await world.service.start();
    const session = await openSession(world.service, request);
    expect(session).toMatchObject({ paymentId, status: 'created' });
    expect(await readPayment(world.service, paymentId)).toMatchObject({
      providerIds: { session: sessionsOf(request.orderId)[0] },
    });
    expect(sessionsOf(request.orderId)).toHaveLength(1);
  }, 120_000);

  it('by an answer that never came, is unknown and never failed, until the janitor has found out', async () => {
    const { world, stream } = stage;
    const request = purchase();
    world.stripe.faults.add({ kind: 'hang_after_acting', method: 'POST', path: CREATE, exact: true, count: 0 });
    const answer = await call<ErrorAnswer>(world.service, '/payments/create-session', request);
    world.stripe.faults.clear();
    world.stripe.faults.release();
    const paymentId = await paymentOf(request.orderId);
    expect(answer).toMatchObject({ status: 503, body: { code: 'unknown_outcome', details: { paymentId } } });
    expect(await readPayment(world.service, paymentId)).toMatchObject({ status: 'unknown' });

    await leaseRunsOut(paymentId);
    await eventually(async () => {
      expect(await readPayment(world.service, paymentId)).toMatchObject({ status: 'created' });
    });
    expect(sessionsOf(request.orderId)).toHaveLength(1);
    expect(await openSession(world.service, request)).toMatchObject({ paymentId });
    expect(sessionsOf(request.orderId)).toHaveLength(1);
    expect(await stream.typesOf(request.orderId)).toEqual(['payment.created']);
  }, 180_000);
});
