import { describe, expect, it } from '@jest/globals';
import { ServiceError } from '../../kernel/errors.js';
import { RequestPipe } from '../../http/validation/request.pipe.js';
import type { PlanTerms } from '../../providers/billing.facts.js';
import { CreatePlanDto, newPlan, revisedTerms, UpdatePlanDto } from './plan.dto.js';

const body = { planId: 'gold', name: 'Gold', price: 777.5, currency: 'mxn', interval: 'month' };

const present: PlanTerms = {
  name: 'Gold',
  money: { amount: 77_750n, currency: 'MXN' },
  interval: 'month',
  frequency: 1,
  trialDays: 30,
  expiryCount: 6,
};

async function accepted(changes: object): Promise<ReturnType<typeof newPlan>> {
  const dto: unknown = await new RequestPipe().transform(
    { ...body, ...changes },
    { type: 'body', metatype: CreatePlanDto },
  );
  if (!(dto instanceof CreatePlanDto)) throw new Error('no plan');
  return newPlan(dto);
}

async function revised(change: object): Promise<PlanTerms> {
  const dto: unknown = await new RequestPipe().transform(change, { type: 'body', metatype: UpdatePlanDto });
  if (!(dto instanceof UpdatePlanDto)) throw new Error('no change');
  return revisedTerms(dto, present);
}

async function refusedField(work: Promise<unknown>): Promise<unknown> {
  const error: unknown = await work.catch((caught: unknown) => caught);
  if (!(error instanceof ServiceError) || !Array.isArray(error.details)) throw new Error('was accepted');
  return error.details[0]?.field;
}

describe('the terms of a plan', () => {
  it('are in minor units, whichever way the amount is written', async () => {
    expect(await accepted({})).toEqual({
      planId: 'gold',
      provider: undefined,
      terms: {
        name: 'Gold',
        money: { amount: 77_750n, currency: 'MXN' },
        interval: 'month',
        frequency: 1,
        trialDays: 0,
      },
    });
    const { terms } = await accepted({ price: undefined, amount: 500, currency: 'JPY' });
    expect(terms.money).toEqual({ amount: 500n, currency: 'JPY' });
  });

  it.each([
    ['planId', { planId: 'a b' }],
    ['planId', { planId: '' }],
    ['planId', { planId: '..' }],
    ['planId', { planId: 'x'.repeat(101) }],
    ['name', { name: ' ' }],
    ['amount', { price: undefined }],
    ['price', { amount: 77_750 }],
    ['price', { price: 1.001 }],
    ['price', { price: -1 }],
    ['amount', { price: undefined, amount: 1.5 }],
    ['currency', { currency: 'XXX' }],
    ['interval', { interval: 'day' }],
    ['frequency', { frequency: 0 }],
    ['trialDays', { trialDays: -1 }],
    ['expiryCount', { expiryCount: 0 }],
    ['retryDelayHours', { retryDelayHours: '48' }],
    ['provider', { provider: 'No One' }],
    ['colour', { colour: 'gold' }],
  ])('are refused by the name of %s for %j', async (field, changes) => {
    expect(await refusedField(accepted(changes))).toBe(field);
  });

  it('change in what is named, and stay in the rest', async () => {
    expect(await revised({})).toEqual(present);
    expect(await revised({ name: 'Oro', price: 800 })).toEqual({
      ...present,
      name: 'Oro',
      money: { amount: 80_000n, currency: 'MXN' },
    });
    expect(await revised({ expiryCount: null })).toEqual({ ...present, expiryCount: undefined });
    expect(await revised({ currency: 'usd', amount: 4_000 })).toMatchObject({
      money: { amount: 4_000n, currency: 'USD' },
    });
  });

  it('S17h of a currency that was withdrawn since can be renamed, and are not made anew', async () => {
    const lev = { ...present, money: { amount: 1_950n, currency: 'BGN' } };
    expect(revisedTerms({ name: 'Zlato' }, lev)).toEqual({ ...lev, name: 'Zlato' });
    expect(await refusedField(accepted({ currency: 'bgn' }))).toBe('currency');
  });

  it('want an amount with another currency, and keep their id and provider', async () => {
    expect(await refusedField(revised({ currency: 'USD' }))).toBe('amount');
    expect(await refusedField(revised({ planId: 'silver' }))).toBe('planId');
    expect(await refusedField(revised({ provider: 'other' }))).toBe('provider');
  });
});
