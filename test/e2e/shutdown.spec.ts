import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { call, openAtProvider, purchase, readPayment } from '../support/harness/calls.js';
import { eventually } from '../support/harness/eventually.js';
import { expectNoWebhookLost, expectOneSuccessEach } from '../support/harness/invariants.js';
import { startWorld, type World } from '../support/harness/world.js';

const PURCHASES = 10;
const COPIES = 20;

describe('asked to end while webhooks pour in', () => {
  let world: World;

  beforeAll(async () => {
    world = await startWorld();
  }, 120_000);
  afterAll(() => world?.stop());

  it('the process keeps every webhook that it acknowledged, ends with 0, and the next one goes on', async () => {
    const { service, stripe } = world;
    const sessions = await Promise.all(
      Array.from({ length: PURCHASES }, () => openAtProvider(service, purchase())),
    );
    stripe.delivery.set({ duplicate: COPIES, concurrency: 32, paused: true });
    for (const { sessionId } of sessions) await stripe.payWithCard(sessionId);
    stripe.delivery.set({ paused: false });
    const acknowledged = (): number => stripe.delivery.log.filter(({ status }) => status === 200).length;
    await eventually(() => expect(acknowledged()).toBeGreaterThan(PURCHASES));
    const exit = await service.stop();
    expect(stripe.delivery.log.some(({ outcome }) => outcome === 'retrying')).toBe(true);
    expect(exit).toEqual({ code: 0, signal: null });
    await expectNoWebhookLost(world);

    await service.start();
    await stripe.delivery.settled();
    await eventually(async () => {
      for (const { paymentId } of sessions) {
        expect(await readPayment(service, paymentId)).toMatchObject({ status: 'succeeded' });
      }
    });
    await expectNoWebhookLost(world);
    await expectOneSuccessEach(world);
  }, 90_000);

  it('a request that is under way gets its answer first', async () => {
    const { service, stripe } = world;
    stripe.faults.add({ kind: 'delay', method: 'POST', path: '/v1/checkout/sessions', delayMs: 1_500 });
    const asked = call<{ url: string }>(service, '/payments/create-session', purchase());
    await eventually(() => expect(stripe.faults.fired().delay).toBe(1));
    const exit = service.stop();
    expect(await asked).toMatchObject({ status: 201, body: { url: expect.stringContaining('http') } });
    expect(await exit).toEqual({ code: 0, signal: null });
  }, 60_000);
});

describe('asked to end while NATS is away', () => {
  it('the process ends with 0 all the same', async () => {
    const world = await startWorld({ nats: false });
    try {
      expect(await world.service.stop()).toEqual({ code: 0, signal: null });
    } finally {
      await world.stop();
    }
  }, 90_000);
});
