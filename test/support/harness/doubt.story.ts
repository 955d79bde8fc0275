import { expect } from '@jest/globals';
import type { FaultKind } from '../../../sandbox/faults.js';
import { call, type ErrorAnswer, openSession, purchase, readPayment } from './calls.js';
import type { CrashStage } from './crash.story.js';
import { eventually } from './eventually.js';
import type { World } from './world.js';

const CREATE_SESSION = { method: 'POST', path: '/v1/checkout/sessions', exact: true };

/** Ids of the sessions that Stripe has for an order. */
export function sessionsOf(world: World, orderId: string): string[] {
  const { sessions } = world.stripe.state();
  return sessions.filter(({ metadata }) => metadata.orderId === orderId).map(({ id }) => id);
}

/** The id of the order's one payment, also where no answer told it. */
export async function onlyPaymentOf(world: World, orderId: string): Promise<string> {
  const rows = await world.sql<{ id: string }>('select id from payments where order_id = $1', [orderId]);
  expect(rows).toHaveLength(1);
  return rows[0]?.id ?? '';
}

/** As if the time had passed after which somebody else may take the payment's call over. */
export async function leaseRunsOut(world: World, paymentId: string): Promise<void> {
  const release = `update provider_operations set lease_until = payments_now() - interval '1 second'
    where payment_id = $1 and state in ('prepared', 'sent', 'unknown') returning id`;
  await eventually(async () => expect(await world.sql(release, [paymentId])).toHaveLength(1));
}

/**
 * Stripe makes a session and its answer is lost: the caller is told that nobody knows, and the janitor finds
 * the one session.
 */
export async function expectUnknownUntilFound({ world, stream }: CrashStage, kind: FaultKind): Promise<void> {
  const request = purchase();
  world.stripe.faults.add({ kind, ...CREATE_SESSION, count: 0 });
  const answer = await call<ErrorAnswer>(world.service, '/payments/create-session', request);
  world.stripe.faults.clear();
  world.stripe.faults.release();
  const paymentId = await onlyPaymentOf(world, request.orderId);
  expect(answer).toMatchObject({ status: 503, body: { code: 'unknown_outcome', details: { paymentId } } });
  expect(await readPayment(world.service, paymentId)).toMatchObject({ status: 'unknown' });

  await leaseRunsOut(world, paymentId);
  await eventually(async () => {
    expect(await readPayment(world.service, paymentId)).toMatchObject({ status: 'created' });
  });
  expect(sessionsOf(world, request.orderId)).toHaveLength(1);
  expect(await openSession(world.service, request)).toMatchObject({ paymentId });
  expect(sessionsOf(world, request.orderId)).toHaveLength(1);
  await eventually(async () => expect(await stream.typesOf(request.orderId)).toEqual(['payment.created']));
}
