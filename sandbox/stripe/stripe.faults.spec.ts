import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type Stripe from 'stripe';
import type { FaultRule } from '../faults.js';
import { sdkFor, sessionParams } from '../../test/support/sandbox/stripe.sdk.js';
import { startStripeSandbox, type StripeSandbox } from './stripe.sandbox.js';

const CREATE = { method: 'POST', path: '/v1/checkout/sessions' };

describe('the faults of the stand-in Stripe', () => {
  let sandbox: StripeSandbox;
  let stripe: Stripe;

  beforeEach(async () => {
    sandbox = await startStripeSandbox();
    stripe = sdkFor(sandbox, { maxNetworkRetries: 0 });
  });

  afterEach(() => sandbox.close());

  const create = (idempotencyKey: string) =>
    stripe.checkout.sessions.create(sessionParams(), { idempotencyKey, timeout: 400 });
  const sessions = () => sandbox.state().sessions.length;

  it.each<[FaultRule['kind'], number, number]>([
    // The SDK answers a reset with one more try, whatever it was told about retries.
    ['reset_after_acting', 2, 1],
    ['reset_before', 2, 0],
    ['hang_after_acting', 1, 1],
    ['truncated_json', 1, 1],
    ['html_200', 1, 0],
  ])('%s (%i times) leaves no answer and %i session; the same key gives one', async (kind, count, made) => {
    sandbox.faults.add({ kind, ...CREATE, count });
    await expect(create('key')).rejects.toThrow();
    expect(sessions()).toBe(made);
    const session = await create('key');
    expect(sandbox.state().sessions.map(({ id }) => id)).toEqual([session.id]);
    expect(sandbox.faults.fired()).toEqual({ [kind]: count });
  });

  it('drops the connections that hang when it is told to', async () => {
    sandbox.faults.add({ kind: 'hang_after_acting', path: '/v1/customers' });
    const authorization = 'Bearer sk_test_sandbox';
    const call = fetch(`${sandbox.url}/v1/customers`, { headers: { authorization } });
    const broken = expect(call).rejects.toThrow('fetch failed');
    await until(() => sandbox.faults.hanging === 1);
    sandbox.faults.release();
    await broken;
    expect(sandbox.faults.hanging).toBe(0);
  });

  it('answers 429 with Retry-After and keeps nothing under the key', async () => {
    sandbox.faults.add({ kind: 'status', status: 429, retryAfterSeconds: 7, ...CREATE });
    await expect(create('key')).rejects.toMatchObject({
      statusCode: 429,
      type: 'StripeRateLimitError',
      headers: { 'retry-after': '7' },
    });
    expect((await create('key')).status).toBe('open');
  });

  it('replays a stored 500 to the same key, and acts for a new one', async () => {
    sandbox.faults.add({ kind: 'status', status: 500, stored: true, ...CREATE });
    await expect(create('key')).rejects.toMatchObject({ statusCode: 500, rawType: 'api_error' });
    await expect(create('key')).rejects.toMatchObject({ headers: { 'idempotent-replayed': 'true' } });
    expect(sessions()).toBe(0);
    expect((await create('other')).status).toBe('open');
  });

  it('is survived by the retries of the SDK', async () => {
    sandbox.faults.add({ kind: 'reset_after_acting', ...CREATE, count: 2 });
    const patient = sdkFor(sandbox, { maxNetworkRetries: 2 });
    const session = await patient.checkout.sessions.create(sessionParams());
    expect(sandbox.state().sessions.map(({ id }) => id)).toEqual([session.id]);
  });

  it('hits only the requests that it names, as often as it says', async () => {
    sandbox.faults.add({ kind: 'status', status: 503, method: 'GET', path: CREATE.path, count: 0 });
    const session = await create('key');
    const read = () => stripe.checkout.sessions.retrieve(session.id);
    await expect(read()).rejects.toMatchObject({ statusCode: 503 });
    await expect(read()).rejects.toMatchObject({ statusCode: 503 });
    sandbox.faults.clear();
    expect((await read()).id).toBe(session.id);
  });
});

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}
