import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ApiCaller, problemsOf, startSandbox } from '../../test/support/sandbox/conekta.caller.js';
import type { ConektaSandbox } from './conekta.sandbox.js';

const PLAN = { id: 'oro', name: 'Oro', amount: 19_900, interval: 'month', frequency: 1 };

describe('plans at the stand-in Conekta', () => {
  let sandbox: ConektaSandbox;
  let api: ApiCaller;

  beforeEach(async () => {
    sandbox = await startSandbox();
    api = new ApiCaller(sandbox);
  });

  afterEach(() => sandbox.close());

  it('keep the id that their caller gives them, are changed and deleted, and tell all of it', async () => {
    expect((await api.post('/plans', PLAN)).body).toMatchObject({
      ...PLAN,
      object: 'plan',
      currency: 'MXN',
      trial_period_days: null,
      expiry_count: null,
      max_retries: 3,
      retry_delay_hours: 50,
    });
    await api.post('/plans', { ...PLAN, id: undefined, currency: 'USD' });
    expect(problemsOf(await api.post('/plans', PLAN))).toMatchObject([{ param: 'id', code: 'duplicated' }]);
    const changed = await api.call('PUT', '/plans/oro', { amount: 29_900, expiry_count: 6 });
    expect(changed.body).toMatchObject({ amount: 29_900, expiry_count: 6, name: 'Oro' });
    expect((await api.get('/plans?currency=USD')).body).toMatchObject({ data: [{ currency: 'USD' }] });
    await api.call('DELETE', '/plans/oro');
    expect(await api.get('/plans/oro')).toMatchObject({ status: 404 });
    const told = sandbox.events.map(({ type, data }) => [type, data.previous_attributes]);
    expect(told.slice(0, 4)).toMatchObject([
      ['plan.created', {}],
      ['plan.created', {}],
      ['plan.updated', { amount: 19_900, expiry_count: null }],
      ['plan.deleted', {}],
    ]);
  });

  it.each([
    ['amount', 0, 'too_small'],
    ['currency', 'EUR', 'unknown_value'],
    ['interval', 'day', 'unknown_value'],
    ['frequency', 0, 'too_small'],
    ['max_retries', 2, 'too_small'],
    ['retry_delay_hours', 47, 'too_small'],
    ['expiry_count', 0, 'too_small'],
  ])('refuse %s: %p', async (param, value, code) => {
    expect(problemsOf(await api.post('/plans', { ...PLAN, [param]: value }))).toMatchObject([
      { param, code },
    ]);
  });
});
