import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { FaultRule } from '../faults.js';
import { ApiCaller, orderParams, startSandbox } from '../../test/support/sandbox/conekta.caller.js';
import type { ConektaSandbox } from './conekta.sandbox.js';

const CREATE = { method: 'POST', path: '/orders', exact: true };

describe('the faults of the stand-in Conekta', () => {
  let sandbox: ConektaSandbox;
  let api: ApiCaller;

  beforeEach(async () => {
    sandbox = await startSandbox();
    api = new ApiCaller(sandbox);
  });

  afterEach(() => sandbox.close());

  const orders = () => sandbox.state().orders.length;

  it.each<[FaultRule['kind'], number]>([
    ['reset_before', 0],
    ['reset_after_acting', 1],
    ['truncated_json', 1],
    ['html_200', 0],
  ])('%s leaves no answer and %i order, and a repeat acts anew', async (kind, made) => {
    sandbox.faults.add({ kind, ...CREATE });
    await expect(api.post('/orders', orderParams())).rejects.toThrow();
    expect(orders()).toBe(made);
    await api.post('/orders', orderParams());
    expect(orders()).toBe(made + 1);
    expect(sandbox.faults.fired()).toEqual({ [kind]: 1 });
  });

  it('hangs with the order made, until it is released', async () => {
    sandbox.faults.add({ kind: 'hang_after_acting', ...CREATE });
    const asked = api.post('/orders', orderParams());
    const refusal = expect(asked).rejects.toThrow();
    while (sandbox.faults.hanging === 0) await api.get('/orders');
    expect(orders()).toBe(1);
    sandbox.faults.release();
    await refusal;
  });

  it.each([
    [429, 'too_many_requests_error'],
    [500, 'api_error'],
    [503, 'api_error'],
  ])('%i comes in the error shape, and nothing happened', async (status, type) => {
    sandbox.faults.add({ kind: 'status', status, retryAfterSeconds: 7, ...CREATE });
    expect(await api.post('/orders', orderParams())).toMatchObject({
      status,
      body: { object: 'error', type },
    });
    expect(orders()).toBe(0);
  });

  it('keeps the page of a customer and the controls out of it', async () => {
    sandbox.faults.add({ kind: 'status', status: 500, count: 0 });
    const health = await fetch(`${sandbox.url}/_sandbox/health`);
    expect(health.status).toBe(200);
    expect(await api.get('/orders')).toMatchObject({ status: 500 });
  });
});
