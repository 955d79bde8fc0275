import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  type Answer,
  call,
  paymentsOf,
  purchase,
  type ErrorAnswer,
  type SessionBody,
} from '../support/harness/calls.js';
import { sessionsOf } from '../support/harness/doubt.story.js';
import { startWorld, type World } from '../support/harness/world.js';

const AT_ONCE = 150;
const OTHERS = 50;
const PROVIDER_MS = 2_000;
const READINESS_EVERY_MS = 100;

describe('150 requests at once for one order, and 50 for others, at a provider that answers in 2 s', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld();
  }, 120_000);
  afterAll(() => world?.stop());
  beforeEach(() => {
    const path = '/v1/checkout/sessions';
    world.stripe.faults.add({
      kind: 'delay',
      method: 'POST',
      path,
      exact: true,
      delayMs: PROVIDER_MS,
      count: 0,
    });
  });
  afterEach(() => world.stripe.faults.clear());

  const create = (request: object, key?: string): Promise<Answer<SessionBody & Partial<ErrorAnswer>>> =>
    call(
      world.service,
      '/payments/create-session',
      request,
      key === undefined ? {} : { 'idempotency-key': key },
    );

  /** What readiness says until `work` has ended. */
  const readinessDuring = async (work: Promise<unknown>): Promise<number[]> => {
    let goesOn = true;
    const ended = work.finally(() => (goesOn = false));
    const statuses: number[] = [];
    while (goesOn) {
      statuses.push((await call(world.service, '/health/ready')).status);
      await new Promise((resolve) => setTimeout(resolve, READINESS_EVERY_MS));
    }
    await ended;
    return statuses;
  };

  it.each<[string, () => string | undefined]>([
    ['without a key', () => undefined],
    ['each with a key of its own', () => randomUUID()],
    ['with one key', () => 'the-hot-one'],
  ])(
    '%s: all get the one session, readiness never fails, and each other order gets its own',
    async (_how, key) => {
      const hot = purchase();
      const asked = Array.from({ length: AT_ONCE }, () => create(hot, key()));
      const others = Array.from({ length: OTHERS }, () => create(purchase()));
      const all = Promise.all([Promise.all(asked), Promise.all(others)]);
      const readiness = await readinessDuring(all);
      const [same, different] = await all;
      expect(
        new Set(same.map(({ status, body }) => `${status} ${body.code} ${body.paymentId} ${body.url}`)),
      ).toEqual(new Set([`201 undefined ${same[0]?.body.paymentId} ${same[0]?.body.url}`]));
      expect(new Set(different.map(({ status, body }) => `${status} ${body.code}`))).toEqual(
        new Set(['201 undefined']),
      );
      expect(new Set(different.map(({ body }) => body.paymentId)).size).toBe(OTHERS);
      expect(new Set(readiness)).toEqual(new Set([200]));
      expect(await paymentsOf(world.service, hot.orderId)).toHaveLength(1);
      expect(sessionsOf(world, hot.orderId)).toHaveLength(1);
    },
  );

  it('with different contents: no two sessions are open, and nobody is answered 503', async () => {
    const hot = purchase();
    const contents = Array.from({ length: 5 }, (_, table) => ({
      ...hot,
      metadata: { table: String(table) },
    }));
    const asked = contents.flatMap((content) => Array.from({ length: 30 }, () => create(content)));
    const readiness = await readinessDuring(Promise.all(asked));
    const statuses = new Set((await Promise.all(asked)).map(({ status }) => status));
    expect([...statuses].filter((status) => status !== 201 && status !== 409)).toEqual([]);
    expect(new Set(readiness)).toEqual(new Set([200]));
    const open = world.stripe
      .state()
      .sessions.filter(({ metadata, status }) => metadata.orderId === hot.orderId && status === 'open');
    expect(open.length).toBeLessThanOrEqual(1);
  });
});
