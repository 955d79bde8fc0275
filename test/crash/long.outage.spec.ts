import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { call, openAtProvider, purchase } from '../support/harness/calls.js';
import { eventually } from '../support/harness/eventually.js';
import { expectNoWebhookLost, expectOneSuccessEach } from '../support/harness/invariants.js';
import { startWorld, type World } from '../support/harness/world.js';

const OUTAGE_MS = 60_000;
/** Long past the twenty seconds after which a client of the older kind gives up for good. */
const PURCHASES = 30;

describe('NATS away for a whole minute', () => {
  let world: World;

  beforeAll(async () => {
    world = await startWorld({ services: 2 });
  });
  afterAll(() => world?.stop());

  it.each(['stopped', 'frozen'] as const)(
    'and %s: every webhook is taken, every event arrives once',
    async (how) => {
      const orders = await world.startOrders();
      const stream = await world.openStream();
      const requests = Array.from({ length: PURCHASES }, () => purchase());
      const sessions = await Promise.all(requests.map((request) => openAtProvider(world.service, request)));
      const logged = world.stripe.delivery.log.length;

      if (how === 'stopped') await world.nats.kill();
      else world.nats.pause();
      const until = Date.now() + OUTAGE_MS;
      for (const { sessionId } of sessions) {
        await world.stripe.payWithCard(sessionId);
        await delay(OUTAGE_MS / PURCHASES);
      }
      await delay(Math.max(0, until - Date.now()));
      const answers = world.stripe.delivery.log.slice(logged).map(({ status }) => status);
      expect(new Set(answers)).toEqual(new Set([200]));
      expect(await call(world.service, '/health/ready')).toMatchObject({
        status: 200,
        body: { degraded: expect.arrayContaining([expect.objectContaining({ what: 'nats' })]) },
      });

      if (how === 'stopped') await world.nats.restart();
      else world.nats.resume();
      await eventually(async () => {
        for (const { orderId } of requests) {
          expect(await stream.typesOf(orderId)).toEqual(['payment.created', 'payment.succeeded']);
          expect(orders.of(orderId)).toHaveLength(1);
        }
      }, 120_000);
      const ids = (await stream.all()).map(({ id }) => id);
      expect(new Set(ids).size).toBe(ids.length);
      await Promise.all(world.services.map((service) => service.ready()));
      await expectNoWebhookLost(world);
      await expectOneSuccessEach(world);
      await orders.stop();
    },
  );
});
