import { PLAN_INTERVALS, type PlanFact, type PlanInterval } from '../../billing.facts.js';
import { integerOf, isJson, textOf, timeOf } from '../../json.read.js';
import { CONEKTA } from '../conekta.account.js';
import { fromConektaAmount } from '../conekta.money.js';

/** A plan as Conekta tells it. Its id is ours: Conekta keeps the one that it was given. */
export interface ConektaPlan {
  createdAt: Date | undefined;
  fact: PlanFact;
}

/** Undefined for anything but a plan that can be told exactly. */
export function readPlan(value: unknown): ConektaPlan | undefined {
  if (!isJson(value) || value.object !== 'plan') return undefined;
  const [id, interval] = [textOf(value.id), intervalOf(value.interval)];
  const money = fromConektaAmount(integerOf(value.amount), textOf(value.currency));
  if (id === undefined || interval === undefined || money === undefined) return undefined;
  return {
    createdAt: timeOf(value.created_at),
    fact: {
      kind: 'plan',
      provider: CONEKTA,
      livemode: value.livemode === true,
      providerPlanId: id,
      planId: id,
      terms: {
        name: textOf(value.name) ?? id,
        money,
        interval,
        frequency: positiveOf(value.frequency) ?? 1,
        trialDays: positiveOf(value.trial_period_days) ?? 0,
        expiryCount: positiveOf(value.expiry_count),
        maxRetries: positiveOf(value.max_retries),
        retryDelayHours: positiveOf(value.retry_delay_hours),
      },
      deleted: false,
    },
  };
}

function intervalOf(value: unknown): PlanInterval | undefined {
  return PLAN_INTERVALS.find((interval) => interval === value);
}

/** Null and 0 stand for none. */
function positiveOf(value: unknown): number | undefined {
  const count = integerOf(value);
  return count !== undefined && count > 0 ? count : undefined;
}
