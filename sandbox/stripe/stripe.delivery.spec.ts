import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type Stripe from 'stripe';
import { newReceiver, type Receipt, type Receiver } from '../../test/support/sandbox/receiver.js';
import { sdkFor, sessionParams } from '../../test/support/sandbox/stripe.sdk.js';
import { DEFAULT_THIN_SECRET, DEFAULT_WEBHOOK_SECRET, startStripeSandbox } from './stripe.sandbox.js';
import type { StripeSandbox } from './stripe.sandbox.types.js';

const PAID = [
  'payment_intent.created',
  'charge.succeeded',
  'payment_intent.succeeded',
  'checkout.session.completed',
];

describe('webhooks of the stand-in Stripe', () => {
  let receiver: Receiver;
  let sandbox: StripeSandbox;
  let stripe: Stripe;

  beforeEach(async () => {
    receiver = await newReceiver('stripe-signature');
    sandbox = await startStripeSandbox({ webhookUrls: [receiver.url], retryScheduleMs: [1, 1] });
    stripe = sdkFor(sandbox);
  });

  afterEach(async () => {
    await sandbox.close();
    await receiver.close();
  });

  const pay = async (): Promise<void> => {
    const session = await stripe.checkout.sessions.create(sessionParams());
    await sandbox.payWithCard(session.id);
  };
  const types = () => receiver.received.map(({ type }) => type);

  it('are sent again until they are taken, and later ones do not wait for them', async () => {
    receiver.answers.push(500, 503);
    await pay();
    await sandbox.delivery.settled();
    expect([...types()].sort()).toEqual([...PAID, 'charge.succeeded', 'payment_intent.created'].sort());
    const first = sandbox.delivery.log.filter(({ type }) => type === 'payment_intent.created');
    expect(first.map(({ outcome, status }) => [outcome, status])).toEqual([
      ['retrying', 500],
      ['delivered', 200],
    ]);
    expect((await stripe.events.list({ delivery_success: false })).data).toEqual([]);
  });

  it('have failed when the schedule is used up, and then show as undelivered', async () => {
    receiver.answers.push(500, 500, 500, 500, 500, 500);
    const session = await stripe.checkout.sessions.create(sessionParams());
    await sandbox.expire(session.id);
    await sandbox.delivery.settled();
    expect(sandbox.delivery.log.map(({ outcome }) => outcome)).toEqual(['retrying', 'retrying', 'failed']);
    const missed = await stripe.events.list({ delivery_success: false });
    expect(missed.data).toMatchObject([{ type: 'checkout.session.expired', pending_webhooks: 1 }]);
    receiver.answers.length = 0;
    sandbox.delivery.resend(missed.data[0]?.id ?? '');
    await sandbox.delivery.settled();
    expect((await stripe.events.list({ delivery_success: false })).data).toEqual([]);
  });

  it('count a receiver that breaks the connection as a failure', async () => {
    await receiver.close();
    const session = await stripe.checkout.sessions.create(sessionParams());
    await sandbox.expire(session.id);
    await sandbox.delivery.settled();
    expect(sandbox.delivery.log.at(-1)).toMatchObject({ outcome: 'failed', status: null });
    receiver = await newReceiver('stripe-signature');
  });

  it('are duplicated', async () => {
    sandbox.delivery.set({ duplicate: 3 });
    await pay();
    await sandbox.delivery.settled();
    expect(types()).toEqual(PAID.flatMap((type) => [type, type, type]));
    expect(new Set(receiver.received.map(({ id }) => id)).size).toBe(4);
  });

  it('are shuffled the same way by the same seed', async () => {
    const shuffled = async (seed: number): Promise<string[]> => {
      receiver.received.length = 0;
      sandbox.delivery.set({ reorder: { seed }, paused: true });
      await pay();
      sandbox.delivery.set({ paused: false });
      await sandbox.delivery.settled();
      return types();
    };
    const once = await shuffled(7);
    expect(once).not.toEqual(PAID);
    expect([...once].sort()).toEqual([...PAID].sort());
    expect(await shuffled(7)).toEqual(once);
  });

  it('are dropped by count, by type, or all', async () => {
    sandbox.delivery.set({ drop: { next: 2 } });
    await pay();
    sandbox.delivery.set({ drop: { types: ['charge.succeeded'] } });
    await pay();
    sandbox.delivery.set({ drop: { all: true } });
    await pay();
    await sandbox.delivery.settled();
    expect(types()).toEqual([...PAID.slice(2), ...PAID.filter((type) => type !== 'charge.succeeded')]);
    expect(sandbox.delivery.log.filter(({ outcome }) => outcome === 'dropped')).toHaveLength(7);
  });

  it('wait while paused, and for the delay', async () => {
    sandbox.delivery.set({ paused: true, delayMs: 20 });
    const before = Date.now();
    await pay();
    expect(receiver.received).toEqual([]);
    sandbox.delivery.set({ paused: false });
    await sandbox.delivery.settled();
    expect(types()).toEqual(PAID);
    expect(Date.now() - before).toBeGreaterThanOrEqual(20);
  });

  it('carry the request that caused them, or none', async () => {
    const customer = await stripe.customers.create({ email: 'a@example.com' }, { idempotencyKey: 'k-1' });
    await pay();
    const [created, intent] = sandbox.events;
    expect(created?.request).toEqual({ id: customer.lastResponse.requestId, idempotency_key: 'k-1' });
    expect(intent?.request).toEqual({ id: null, idempotency_key: null });
  });

  describe('that are thin', () => {
    const notification = ({ body, signature }: Receipt) =>
      stripe.parseEventNotification(body, signature, DEFAULT_THIN_SECRET);

    it('name their object, which is read, and their snapshot, and are signed with a secret of their own', async () => {
      sandbox.setPayload('thin');
      sandbox.setEnvelope({ context: 'acct_sandbox' });
      await pay();
      await sandbox.delivery.settled();
      expect(types()).toEqual(PAID.map((type) => `v1.${type}`));
      const objects = await Promise.all(
        receiver.received.map(async (receipt) => {
          expect(JSON.parse(receipt.body)).not.toHaveProperty('data');
          const told = notification(receipt);
          expect(told).toMatchObject({ object: 'v2.core.event', livemode: false });
          expect(told.context?.toString()).toBe('acct_sandbox');
          expect(new Date(told.created).toISOString()).toBe(told.created);
          const snapshot = await stripe.events.retrieve(told.snapshot_event ?? '');
          expect([snapshot.id === told.id, `v1.${snapshot.type}`]).toEqual([false, told.type]);
          return 'fetchRelatedObject' in told ? told.fetchRelatedObject() : undefined;
        }),
      );
      expect(objects).toMatchObject([
        { object: 'payment_intent' },
        { object: 'charge' },
        { object: 'payment_intent' },
        { object: 'checkout.session' },
      ]);
    });

    it('have one id however often they are sent', async () => {
      sandbox.setPayload('thin');
      await pay();
      for (const { id } of sandbox.events) sandbox.delivery.resend(id);
      await sandbox.delivery.settled();
      const ids = receiver.received.map(({ id }) => id);
      expect([ids.length, new Set(ids).size]).toEqual([8, 4]);
    });

    it('come beside snapshots where both are wished', async () => {
      sandbox.setPayload('both');
      await pay();
      await sandbox.delivery.settled();
      expect(types()).toEqual(PAID.flatMap((type) => [type, `v1.${type}`]));
      const [snapshot, thin] = receiver.received;
      if (snapshot === undefined || thin === undefined) throw new Error('nothing came');
      expect(
        stripe.webhooks.constructEvent(snapshot.body, snapshot.signature, DEFAULT_WEBHOOK_SECRET),
      ).toMatchObject({ type: 'payment_intent.created' });
      expect(notification(thin)).toMatchObject({ type: 'v1.payment_intent.created' });
      expect(() =>
        stripe.parseEventNotification(thin.body, thin.signature, DEFAULT_WEBHOOK_SECRET),
      ).toThrow();
    });

    it('never go to endpoints that were made through the API of snapshots', async () => {
      sandbox.setPayload('thin');
      sandbox.setWebhooks([]);
      await stripe.webhookEndpoints.create({ url: receiver.url, enabled_events: ['charge.succeeded'] });
      await pay();
      await sandbox.delivery.settled();
      expect(types()).toEqual(['charge.succeeded']);
    });
  });
});
