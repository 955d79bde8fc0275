import { describe, expect, it } from '@jest/globals';
import type { PlanTerms } from '../../billing.facts.js';
import type { Json } from '../../json.read.js';
import {
  ACCOUNT,
  LONG_AGO,
  refusalOf,
  ScriptedStripe,
} from '../../../../test/support/stripe/stripe.calls.js';
import { StripePlans } from './stripe.plans.js';

const TERMS: PlanTerms = {
  name: 'Gold',
  money: { amount: 19900n, currency: 'MXN' },
  interval: 'month',
  frequency: 1,
  trialDays: 7,
  expiryCount: 12,
};
const PRODUCT: Json = {
  object: 'product',
  id: 'prod_1',
  name: 'Gold',
  active: true,
  metadata: { planId: 'gold' },
};
const PRICE: Json = {
  object: 'price',
  id: 'price_1',
  active: true,
  livemode: false,
  currency: 'mxn',
  unit_amount: 19900,
  product: PRODUCT,
  recurring: { interval: 'month', interval_count: 1, usage_type: 'licensed', trial_period_days: null },
  metadata: { planId: 'gold', trialDays: '7', expiryCount: '12', operationId: 'op-1' },
};
const TARGET = { providerPlanId: 'price_1', providerProductId: 'prod_1' };

function stage(answers: Json = {}): { stripe: ScriptedStripe; plans: StripePlans } {
  const stripe = new ScriptedStripe({
    'GET /v1/prices/price_1': PRICE,
    'POST /v1/products': PRODUCT,
    'POST /v1/products/prod_1': PRODUCT,
    'POST /v1/prices/price_1': PRICE,
    ...answers,
  });
  return { stripe, plans: new StripePlans(stripe, ACCOUNT) };
}

const requestOf = (terms: PlanTerms) => () =>
  stage().plans.request({ kind: 'create_plan', planId: 'gold', terms });
const updating = (changes: Partial<PlanTerms>) =>
  stage().plans.request({
    kind: 'update_plan',
    planId: 'gold',
    target: TARGET,
    terms: { ...TERMS, ...changes },
    changed: Object.keys(changes).filter((key): key is keyof PlanTerms => key in TERMS),
  });

describe('a plan at Stripe', () => {
  it('is a product with a recurring price, which know our id and each other', async () => {
    const { stripe, plans } = stage({ 'POST /v1/prices': PRICE });
    const request = requestOf(TERMS)();
    expect(JSON.parse(JSON.stringify(request))).toStrictEqual(request);
    const outcome = await plans.run('create_plan', { operationId: 'op-1', request });
    expect(stripe.sent).toEqual([
      {
        path: 'POST /v1/products',
        params: { name: 'Gold', metadata: { planId: 'gold' } },
        key: 'op-1:product',
      },
      {
        path: 'POST /v1/prices',
        params: {
          currency: 'mxn',
          unit_amount: 19900,
          recurring: { interval: 'month', interval_count: 1 },
          metadata: { planId: 'gold', trialDays: '7', expiryCount: '12', operationId: 'op-1' },
          product: 'prod_1',
        },
        key: 'op-1',
      },
      {
        path: 'POST /v1/products/prod_1',
        params: { metadata: { priceId: 'price_1' } },
        key: 'op-1:link',
      },
    ]);
    const fact = {
      kind: 'plan',
      provider: 'stripe',
      livemode: false,
      providerPlanId: 'price_1',
      providerProductId: 'prod_1',
      planId: 'gold',
      terms: TERMS,
      deleted: false,
    };
    expect(outcome).toEqual({ known: true, value: { facts: [fact], madeId: 'price_1' } });
  });

  it('is found, and not made again, once Stripe has forgotten the key', async () => {
    const { stripe, plans } = stage({ 'GET /v1/prices': { data: [{ ...PRICE, product: 'prod_1' }] } });
    const call = { operationId: 'op-1', request: requestOf(TERMS)(), sentBefore: LONG_AGO };
    expect(await plans.run('create_plan', call)).toMatchObject({ value: { madeId: 'price_1' } });
    expect(stripe.sent.map(({ key }) => key)).toEqual(['op-1:link']);
  });

  it.each<[Partial<PlanTerms>, string, string]>([
    [{ interval: 'half_month' }, 'capability_not_supported', 'interval'],
    [{ maxRetries: 3 }, 'capability_not_supported', 'maxRetries'],
    [{ retryDelayHours: 50 }, 'capability_not_supported', 'retryDelayHours'],
    [{ frequency: 37 }, 'capability_not_supported', 'frequency'],
    [{ money: { amount: 999n, currency: 'MXN' } }, 'amount_out_of_bounds', 'amount'],
    [{ money: { amount: 10001n, currency: 'KWD' } }, 'invalid_request', 'amount'],
    [{ money: { amount: 100n, currency: 'XTS' } }, 'currency_not_supported', 'currency'],
  ])('cannot have %j', (changes, code, field) => {
    expect(refusalOf(requestOf({ ...TERMS, ...changes }))).toEqual({ code, field });
  });

  it('has another name by its product, and the same price', async () => {
    const { stripe, plans } = stage();
    await plans.run('update_plan', { operationId: 'op-1', request: updating({ name: 'Golden' }) });
    expect(stripe.sent).toEqual([
      { path: 'POST /v1/products/prod_1', params: { name: 'Golden' }, key: 'op-1:name' },
    ]);
  });

  it('has another trial by what is kept beside the price', async () => {
    const { stripe, plans } = stage();
    await plans.run('update_plan', { operationId: 'op-1', request: updating({ trialDays: 0 }) });
    const metadata = { planId: 'gold', trialDays: '', expiryCount: '12' };
    expect(stripe.sent).toEqual([{ path: 'POST /v1/prices/price_1', params: { metadata }, key: 'op-1' }]);
  });

  it('has another amount by another price; the old one is kept for those who have it', async () => {
    const dearer = { ...PRICE, id: 'price_2', unit_amount: 29900 };
    const { stripe, plans } = stage({ 'POST /v1/prices': dearer, 'GET /v1/prices/price_2': dearer });
    const request = updating({ money: { amount: 29900n, currency: 'MXN' } });
    expect(await plans.run('update_plan', { operationId: 'op-1', request })).toMatchObject({
      value: { madeId: 'price_2', facts: [{ providerPlanId: 'price_2' }] },
    });
    expect(stripe.sent.map(({ path, key }) => [path, key])).toEqual([
      ['POST /v1/prices', 'op-1'],
      ['POST /v1/products/prod_1', 'op-1:link'],
      ['POST /v1/prices/price_1', 'op-1:archive'],
    ]);
    expect(stripe.sent[2]?.params).toEqual({
      active: false,
      metadata: { planId: '', replacedBy: 'price_2' },
    });
  });

  it.each(['interval', 'frequency'])('keeps its %s', (field) => {
    const changes = field === 'interval' ? { interval: 'year' as const } : { frequency: 2 };
    expect(refusalOf(() => updating(changes))).toEqual({ code: 'capability_not_supported', field });
  });

  it('is closed, with its product only where that is ours', async () => {
    const call = { operationId: 'op-1', request: { target: TARGET } };
    const ours = stage();
    await ours.plans.run('delete_plan', call);
    expect(ours.stripe.sent.map(({ path, params }) => [path, params])).toEqual([
      ['POST /v1/prices/price_1', { active: false }],
      ['POST /v1/products/prod_1', { active: false }],
    ]);
    const panels = stage({ 'GET /v1/prices/price_1': { ...PRICE, product: { ...PRODUCT, metadata: {} } } });
    await panels.plans.run('delete_plan', call);
    expect(panels.stripe.sent).toHaveLength(1);
  });

  it.each<[string, Json | undefined]>([
    ['unknown', undefined],
    ['paid once', { ...PRICE, recurring: null }],
    ['paid by the day', { ...PRICE, recurring: { interval: 'day', interval_count: 10 } }],
    ['paid by usage', { ...PRICE, recurring: { interval: 'month', usage_type: 'metered' } }],
    ['in tiers', { ...PRICE, unit_amount: null }],
  ])('is none where the price is %s', async (_, price) => {
    const stripe = new ScriptedStripe(price === undefined ? {} : { 'GET /v1/prices/price_1': price });
    expect(await new StripePlans(stripe, ACCOUNT).retrieve('price_1')).toBeUndefined();
  });

  it("is told in minor units, whatever Stripe's decimals are, and by the price's own trial", async () => {
    const price = {
      ...PRICE,
      currency: 'isk',
      unit_amount: 50000,
      active: false,
      metadata: {},
      recurring: { interval: 'year', interval_count: 2, trial_period_days: 30 },
    };
    expect(await stage({ 'GET /v1/prices/price_1': price }).plans.retrieve('price_1')).toMatchObject({
      planId: undefined,
      deleted: true,
      terms: { money: { amount: 500n, currency: 'ISK' }, interval: 'year', frequency: 2, trialDays: 30 },
    });
  });
});
