import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type Stripe from 'stripe';
import { newReceiver, type Receiver } from '../../test/support/sandbox/receiver.js';
import { sdkFor, sessionParams } from '../../test/support/sandbox/stripe.sdk.js';
import { startStripeSandbox, type StripeSandbox } from './stripe.sandbox.js';

describe('webhook endpoints of the stand-in Stripe', () => {
  let receiver: Receiver;
  let sandbox: StripeSandbox;
  let stripe: Stripe;

  beforeEach(async () => {
    receiver = await newReceiver('stripe-signature');
    sandbox = await startStripeSandbox({ retryScheduleMs: [1] });
    stripe = sdkFor(sandbox);
  });

  afterEach(async () => {
    await sandbox.close();
    await receiver.close();
  });

  const register = (...events: Stripe.WebhookEndpointCreateParams.EnabledEvent[]) =>
    stripe.webhookEndpoints.create({ url: receiver.url, enabled_events: events, metadata: { of: 'a test' } });
  const pay = async (): Promise<void> => {
    const session = await stripe.checkout.sessions.create(sessionParams());
    await sandbox.payWithCard(session.id);
    await sandbox.delivery.settled();
  };
  /** Says which of the secrets signed a delivery. */
  const signersOf = (index: number, secrets: (string | undefined)[]) =>
    secrets.map((secret) => {
      const { body = '', signature = '' } = receiver.received[index] ?? {};
      try {
        stripe.webhooks.constructEvent(body, signature, secret ?? '');
        return true;
      } catch {
        return false;
      }
    });

  it('are told their secret once, and listed without it', async () => {
    const made = await register('charge.succeeded');
    expect(made).toMatchObject({ url: receiver.url, status: 'enabled', metadata: { of: 'a test' } });
    expect(made.secret).toMatch(/^whsec_\w{32}$/);
    const { data } = await stripe.webhookEndpoints.list();
    expect(data).toMatchObject([{ id: made.id, enabled_events: ['charge.succeeded'] }]);
    expect(data[0]).not.toHaveProperty('secret');
    expect(await stripe.webhookEndpoints.retrieve(made.id)).not.toHaveProperty('secret');
  });

  it('get the events that they asked for, signed with their own secret', async () => {
    const one = await register('charge.succeeded');
    const every = await register('*');
    await pay();
    expect(receiver.received.map(({ type }) => type).sort()).toEqual([
      'charge.succeeded',
      'charge.succeeded',
      'checkout.session.completed',
      'payment_intent.created',
      'payment_intent.succeeded',
    ]);
    const signers = receiver.received.map((_, index) => signersOf(index, [one.secret, every.secret]));
    expect(signers.filter(([byOne, byEvery]) => byOne && !byEvery)).toHaveLength(1);
    expect(signers.filter(([byOne, byEvery]) => byEvery && !byOne)).toHaveLength(4);
  });

  it('get nothing once they are disabled or deleted', async () => {
    const disabled = await register('charge.succeeded');
    await stripe.webhookEndpoints.update(disabled.id, { disabled: true });
    const deleted = await register('charge.succeeded');
    expect(await stripe.webhookEndpoints.del(deleted.id)).toMatchObject({ deleted: true });
    await pay();
    expect(receiver.received).toEqual([]);
    await expect(stripe.webhookEndpoints.del(deleted.id)).rejects.toMatchObject({ statusCode: 404 });
  });

  it('are 16 at most, and of addresses and events that there may be', async () => {
    await expect(
      stripe.webhookEndpoints.create({ url: 'shop', enabled_events: ['*'] }),
    ).rejects.toMatchObject({
      param: 'url',
    });
    await expect(register('*', 'charge.failed')).rejects.toMatchObject({ param: 'enabled_events' });
    for (let count = 0; count < 16; count += 1) await register('*');
    await expect(register('*')).rejects.toThrow(/maximum of 16/);
  });
});
