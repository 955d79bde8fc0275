import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FAILPOINTS } from '../../src/kernel/failpoint.js';
import { openSession, purchase, readPayment } from '../support/harness/calls.js';
import { type CrashStage, expectPaidOnceDespite, PAID_FAILPOINTS } from '../support/harness/crash.story.js';
import {
  expectUnknownUntilFound,
  leaseRunsOut,
  onlyPaymentOf,
  sessionsOf,
} from '../support/harness/doubt.story.js';
import { eventually } from '../support/harness/eventually.js';
import { startWorld } from '../support/harness/world.js';

describe('killed', () => {
  let stage: CrashStage;

  beforeAll(async () => {
    const world = await startWorld();
    stage = { world, stream: await world.openStream(), orders: await world.startOrders() };
  });
  afterAll(() => stage?.world.stop());

  it('at every failpoint that there is, this file has a test', () => {
    expect([...PAID_FAILPOINTS, 'provider-answered', 'migration'].sort()).toEqual([...FAILPOINTS].sort());
  });

  it.each(PAID_FAILPOINTS)('at %s, the order is told of its payment once', (failpoint) =>
    expectPaidOnceDespite([failpoint], stage),
  );

  it('three times over, a step further each time, the order is told of its payment once', () =>
    expectPaidOnceDespite(['inbox-committed', 'apply-inside-transaction', 'event-acknowledged'], stage));

  it('with everything claimed by the dead process, it goes on when the leases have run out', () =>
    expectPaidOnceDespite(['apply-inside-transaction', 'event-published'], stage, 'waited for'));

  it('after Stripe answered, the janitor finds the session though nobody asks again', async () => {
    const { world, stream } = stage;
    const request = purchase();
    await world.service.restart({ failpoint: 'provider-answered' });
    await expect(openSession(world.service, request)).rejects.toThrow();
    expect(await world.service.exited).toEqual({ code: null, signal: 'SIGKILL' });
    const paymentId = await onlyPaymentOf(world, request.orderId);
    await leaseRunsOut(world, paymentId);

    await world.service.start();
    await eventually(async () => {
      const [session] = sessionsOf(world, request.orderId);
      expect(await readPayment(world.service, paymentId)).toMatchObject({ providerIds: { session } });
      expect(await stream.typesOf(request.orderId)).toEqual(['payment.created']);
    });
    expect(sessionsOf(world, request.orderId)).toHaveLength(1);
  });

  it('by nobody, while Stripe acts and never answers, the outcome is unknown until it is found', () =>
    expectUnknownUntilFound(stage, 'hang_after_acting'));
});

describe('killed during a migration', () => {
  it('the next process, and two at once, bring the database up to date', async () => {
    const world = await startWorld({ failpoint: 'migration', awaitLive: false });
    try {
      expect(await world.service.exited).toEqual({ code: null, signal: 'SIGKILL' });
      const other = await world.newService();
      await Promise.all([world.service.start(), other.start()]);
      await Promise.all([world.service.ready(), other.ready()]);
      const session = await openSession(other, purchase());
      expect(await readPayment(world.service, session.paymentId)).toMatchObject({ status: 'created' });
    } finally {
      await world.stop();
    }
  });
});
