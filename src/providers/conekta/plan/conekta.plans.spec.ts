import { describe, expect, it } from '@jest/globals';
import { ServiceError } from '../../../kernel/errors.js';
import type { PlanTerms } from '../../billing.facts.js';
import type { PlanCommand } from '../../billing.ports.js';
import type { Json } from '../../json.read.js';
import {
  AnswersByPath,
  callOf,
  refusal,
  SENT,
  SENT_AT,
} from '../../../../test/support/conekta/answers.by.path.js';
import { ConektaPlans } from './conekta.plans.js';

const TERMS: PlanTerms = {
  name: 'Gold',
  money: { amount: 9_900n, currency: 'MXN' },
  interval: 'month',
  frequency: 1,
  trialDays: 7,
  expiryCount: 12,
};
const CREATE = { kind: 'create_plan', planId: 'gold', terms: TERMS } as const;
const update = (changed: (keyof PlanTerms)[], terms: Partial<PlanTerms> = {}): PlanCommand => ({
  kind: 'update_plan',
  planId: 'gold',
  target: { providerPlanId: 'gold' },
  terms: { ...TERMS, ...terms },
  changed,
});

const planJson = (changes: Json = {}): Json => ({
  object: 'plan',
  id: 'gold',
  livemode: false,
  created_at: SENT_AT,
  name: 'Gold',
  amount: 9_900,
  currency: 'MXN',
  interval: 'month',
  frequency: 1,
  expiry_count: 12,
  trial_period_days: 7,
  ...changes,
});

function house(answers: Record<string, Json> = {}) {
  const conekta = new AnswersByPath(answers);
  const plans = new ConektaPlans(conekta);
  const run = (command: PlanCommand, sentBefore?: Date) =>
    plans.run(command.kind, callOf(plans.request(command), sentBefore));
  return { conekta, plans, run };
}

function refusalOf(command: PlanCommand): unknown[] {
  try {
    house().plans.request(command);
  } catch (error) {
    if (!(error instanceof ServiceError) || !Array.isArray(error.details)) throw error;
    return [error.code, ...error.details.map(({ field }) => field)];
  }
  throw new Error('nothing was refused');
}

describe('a plan at Conekta', () => {
  it('is made under our own id, with its terms as they are', () => {
    const { plans } = house();
    expect(plans.request(CREATE)).toMatchObject({
      method: 'POST',
      path: '/plans',
      body: {
        id: 'gold',
        name: 'Gold',
        amount: 9_900,
        currency: 'MXN',
        interval: 'month',
        frequency: 1,
        trial_period_days: 7,
        expiry_count: 12,
      },
    });
    const retries = { ...TERMS, maxRetries: 3, retryDelayHours: 48 };
    expect(plans.request({ ...CREATE, terms: retries }).body).toMatchObject({
      max_retries: 3,
      retry_delay_hours: 48,
    });
  });

  it.each<[PlanCommand, string, string]>([
    [{ ...CREATE, terms: { ...TERMS, maxRetries: 2 } }, 'invalid_request', 'maxRetries'],
    [{ ...CREATE, terms: { ...TERMS, retryDelayHours: 47 } }, 'invalid_request', 'retryDelayHours'],
    [
      { ...CREATE, terms: { ...TERMS, money: { amount: 1n, currency: 'EUR' } } },
      'currency_not_supported',
      'currency',
    ],
    // S9o
    [{ ...CREATE, terms: { ...TERMS, name: 'x'.repeat(250) } }, 'invalid_request', 'name'],
    [update(['name'], { name: 'x'.repeat(250) }), 'invalid_request', 'name'],
    [update(['name', 'trialDays']), 'capability_not_supported', 'trialDays'],
    [update(['interval']), 'capability_not_supported', 'interval'],
    [update(['expiryCount'], { expiryCount: undefined }), 'capability_not_supported', 'expiryCount'],
  ])('names the term that Conekta does not have or change (%#)', (command, code, field) => {
    expect(refusalOf(command)).toEqual([code, field]);
  });

  it('is changed by what was changed alone', () => {
    const { plans } = house();
    expect(plans.request(update(['name'])).body).toEqual({ name: 'Gold' });
    expect(plans.request(update(['money', 'expiryCount'])).body).toEqual({
      amount: 9_900,
      currency: 'MXN',
      expiry_count: 12,
    });
  });

  it('is told with its terms', async () => {
    const { plans } = house({ '/plans/gold': planJson({ expiry_count: null, max_retries: 4 }) });
    expect(await plans.retrieve('gold')).toEqual({
      kind: 'plan',
      provider: 'conekta',
      livemode: false,
      providerPlanId: 'gold',
      planId: 'gold',
      terms: { ...TERMS, expiryCount: undefined, maxRetries: 4, retryDelayHours: undefined },
      deleted: false,
    });
    expect(await plans.retrieve('none')).toBeUndefined();
  });

  it('that was made by a call without an answer is found by its id, unless it is older', async () => {
    const { conekta, run } = house({ '/plans/gold': planJson() });
    expect(await run(CREATE, SENT)).toMatchObject({ known: true, value: { madeId: 'gold' } });
    expect(conekta.writes).toEqual([]);
    conekta.answers['/plans/gold'] = planJson({ created_at: SENT_AT - 86_400 });
    conekta.turns = [refusal(422)];
    await expect(run(CREATE, SENT)).rejects.toMatchObject({ kind: 'invalid_request' });
  });

  it('is deleted once', async () => {
    const { conekta, run } = house();
    const remove = { kind: 'delete_plan', target: { providerPlanId: 'gold' } } as const;
    conekta.turns = [planJson(), refusal(404)];
    expect(await run(remove)).toMatchObject({ value: { facts: [{ deleted: true, terms: TERMS }] } });
    expect(await run(remove, SENT)).toEqual({ known: true, value: { facts: [] } });
  });
});
