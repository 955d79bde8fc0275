import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DEFAULT_WEBHOOK_SECRET } from '../../sandbox/stripe/stripe.sandbox.js';
import { signed, stripeEvent } from '../support/domain/signed.event.js';
import { call, openAtProvider, openSession, purchase, readPayment } from '../support/harness/calls.js';
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

  it('S15a readiness says 503 for the drain, while requests and webhooks are served as before', async () => {
    const drainMs = 4_000;
    const draining = await world.newService({ SHUTDOWN_DRAIN_MS: String(drainMs) });
    await draining.start();
    await draining.ready();
    const asked = performance.now();
    const exit = draining.stop();
    const { connection, body } = await eventually(async () => {
      const answer = await fetch(`${draining.url}/health/ready`);
      expect(answer.status).toBe(503);
      return { connection: answer.headers.get('connection'), body: await answer.json() };
    });
    expect(body).toMatchObject({
      status: 'unavailable',
      degraded: [{ what: 'process', reason: 'shutting down' }],
    });
    // Clients that keep their connections go elsewhere for the next request.
    expect(connection).toBe('close');
    const event = stripeEvent();
    const webhook = await fetch(`${draining.url}/webhooks/stripe`, {
      method: 'POST',
      body: event.body,
      headers: {
        'content-type': 'application/json',
        'stripe-signature': signed(event.body, DEFAULT_WEBHOOK_SECRET),
      },
    });
    expect(webhook.status).toBe(200);
    expect(await openSession(draining, purchase())).toMatchObject({ status: 'created' });
    expect(await exit).toEqual({ code: 0, signal: null });
    expect(performance.now() - asked).toBeGreaterThan(drainMs);
  }, 60_000);

  it.each(['SIGTERM', 'SIGINT'] as const)(
    'S15b a second signal, %s, ends the drain at once, with 0',
    async (second) => {
      const draining = await world.newService({ SHUTDOWN_DRAIN_MS: '600000' });
      await draining.start();
      const exit = draining.stop();
      const isLeaving = async () =>
        expect(await call(draining, '/health/ready')).toMatchObject({ status: 503 });
      await eventually(isLeaving);
      // Still there long after the listener used to be closed.
      await openSession(draining, purchase());
      await isLeaving();
      draining.signal(second);
      expect(await exit).toEqual({ code: 0, signal: null });
    },
    60_000,
  );
});

describe('a start', () => {
  let world: World;

  beforeAll(async () => {
    world = await startWorld();
  }, 120_000);
  afterAll(() => world?.stop());

  it('S16g says once what it is, in one line of the log, without a secret', async () => {
    const started = await eventually(() => {
      const found = world.service.lines.filter((line) => line.includes('"msg":"started"'));
      expect(found).toHaveLength(1);
      return found.join();
    });
    expect(JSON.parse(started)).toMatchObject({
      level: 30,
      start: {
        environment: 'test',
        listening: world.service.url,
        providers: [
          { name: 'stripe', mode: `stand-in at ${world.stripe.url}`, verifiedBy: 'a key of the environment' },
        ],
        database: expect.stringMatching(/^[^@]+\/[\w-]+$/),
        broker: { servers: [world.nats.url], connected: true },
        degraded: [],
      },
    });
    expect(world.service.lines.join()).not.toMatch(/sk_test_|whsec_/);
  }, 60_000);

  it('S16d on a port in use ends with 1, and says so in one line', async () => {
    const second = await world.newService({}, { port: world.service.port });
    await second.start({ awaitLive: false });
    expect(await second.exited).toEqual({ code: 1, signal: null });
    const told = second.lines.filter((line) => /in use|EADDRINUSE/.test(line));
    expect(told).toEqual([
      `The service could not start: port ${world.service.port} of 127.0.0.1 is in use: ` +
        'end what listens there, or set PORT to another one',
    ]);
  }, 60_000);

  it('S11i with level warn keeps what is a warning, and nothing of the rest', async () => {
    const quiet = await world.newService({ LOG_LEVEL: 'warn', STRIPE_SECRT: 'sk_test_sandbox' });
    await quiet.start();
    const levels = quiet.lines.map((line) => JSON.parse(line));
    expect(levels).toEqual([
      expect.objectContaining({ level: 40, msg: 'STRIPE_SECRT is not read: did you mean STRIPE_SECRET?' }),
    ]);
  }, 60_000);

  it.each(['main', 'cli/main', '../sandbox/dist/main', '../demo/dist/main'])(
    'S16f with a Node that is too old says so in one line, and ends with 1: %s',
    async (program) => {
      const old = `data:text/javascript,Object.defineProperty(process.versions, 'node', { value: '16.20.2' })`;
      const ended = promisify(execFile)(process.execPath, ['--import', old, resolve(`dist/${program}.js`)], {
        env: { PATH: process.env.PATH },
        timeout: 30_000,
      });
      await expect(ended).rejects.toMatchObject({
        code: 1,
        stdout: '',
        stderr: 'Node 16.20.2 is too old for this program: it wants Node 20.19 or later.\n',
      });
    },
    40_000,
  );
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
