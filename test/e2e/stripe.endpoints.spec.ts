import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { RegisteredEndpoint } from '../../src/providers/webhook.ports.js';
import { StripeProvider } from '../../src/providers/stripe/stripe.provider.js';
import {
  DEFAULT_SECRET_KEY,
  startStripeSandbox,
  type StripeSandbox,
} from '../../sandbox/stripe/stripe.sandbox.js';
import { known, newReceiver, type Receiver } from '../support/stripe/adapter.bed.js';

const PATH = '/v1/webhook_endpoints';

describe('webhook endpoints of the Stripe adapter, at a stand-in Stripe', () => {
  let receiver: Receiver;
  let sandbox: StripeSandbox;
  let provider: StripeProvider;

  beforeEach(async () => {
    receiver = await newReceiver();
    sandbox = await startStripeSandbox({ retryScheduleMs: [1] });
    provider = new StripeProvider({
      secretKey: DEFAULT_SECRET_KEY,
      webhookSecrets: [],
      apiBase: sandbox.url,
    });
  });

  afterEach(async () => {
    await sandbox.close();
    await new Promise((resolve) => receiver.server.close(resolve));
  });

  const register = async (): Promise<RegisteredEndpoint> =>
    known(await provider.endpoints.create(receiver.url, provider.endpoints.events));

  /** Lets something happen, and says for each key which deliveries it verifies. */
  async function verifiedBy(...endpoints: RegisteredEndpoint[]): Promise<number[]> {
    receiver.deliveries.length = 0;
    const { id } = await sandbox.legacySession({ orderId: 'order-1' });
    await sandbox.expire(id);
    await sandbox.delivery.settled();
    return endpoints.map(({ key }) => {
      const request = { query: '', now: new Date(), registeredKeys: [key.value] };
      return receiver.deliveries.filter((delivery) => {
        try {
          return provider.verify({ ...delivery, ...request }).type === 'checkout.session.expired';
        } catch {
          return false;
        }
      }).length;
    });
  }

  it('are registered for every event that we understand, and deliver what their key verifies', async () => {
    expect(provider.endpoints.check(receiver.url, provider.endpoints.events, [])).toBeUndefined();
    const made = await register();
    expect(made.key).toMatchObject({ secret: true });
    expect(await provider.endpoints.list()).toEqual([made.endpoint]);
    expect(made.endpoint).toMatchObject({ url: receiver.url, active: true, livemode: false });
    expect(await verifiedBy(made)).toEqual([1]);
  });

  it('are rotated: both keys are good until the old one is retired', async () => {
    const before = await register();
    const after = known(await provider.endpoints.rotateKey(before.endpoint));
    expect(after.endpoint.events).toEqual(before.endpoint.events);
    expect(await verifiedBy(before, after)).toEqual([1, 1]);
    known(await provider.endpoints.retireKey(before));
    expect(await verifiedBy(before, after)).toEqual([0, 1]);
    expect(await provider.endpoints.list()).toEqual([after.endpoint]);
  });

  it('are deleted, and deleted again', async () => {
    const { endpoint } = await register();
    known(await provider.endpoints.delete(endpoint.remoteId));
    known(await provider.endpoints.delete(endpoint.remoteId));
    expect(await provider.endpoints.list()).toEqual([]);
  });

  it.each(['reset_after_acting', 'truncated_json'] as const)(
    'are not left behind with a secret that nobody has, after %s',
    async (kind) => {
      const other = await register();
      // The SDK repeats a broken connection once by itself.
      const count = kind === 'reset_after_acting' ? 2 : 1;
      sandbox.faults.add({ kind, method: 'POST', path: PATH, exact: true, count });
      const made = await register();
      expect((await provider.endpoints.list()).map(({ remoteId }) => remoteId)).toEqual([
        made.endpoint.remoteId,
        other.endpoint.remoteId,
      ]);
      expect(await verifiedBy(made)).toEqual([1]);
    },
  );

  it('are unknown when no answer comes at all', async () => {
    sandbox.faults.add({ kind: 'reset_after_acting', method: 'POST', path: PATH, count: 0 });
    expect(await provider.endpoints.create(receiver.url, [])).toMatchObject({ known: false });
    expect(await provider.endpoints.list()).toEqual([]);
  });

  it('are refused by Stripe with the parameter at fault', async () => {
    await expect(provider.endpoints.create('no address', [])).rejects.toMatchObject({
      kind: 'invalid_request',
      details: { param: 'url' },
    });
  });
});
