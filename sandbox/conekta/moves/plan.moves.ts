import { invalid } from '../conekta.errors.js';
import { newId } from '../conekta.ids.js';
import type { Plan } from '../conekta.types.js';
import type { ConektaWorld } from '../conekta.world.js';
import type { PlanCreateParams, PlanUpdateParams } from '../params/plan.params.js';

const MAX_RETRIES = 3;
const RETRY_DELAY_HOURS = 50;

/** Throws 422 when the caller's own id names a plan already. */
export function createPlan(world: ConektaWorld, params: PlanCreateParams): Plan {
  const { id = newId('plan') } = params;
  if (world.plans.has(id)) {
    throw invalid('id', 'duplicated', {
      es: 'Ya hay un plan con ese id.',
      en: 'There is such a plan already.',
    });
  }
  const plan: Plan = {
    id,
    object: 'plan',
    livemode: world.options.livemode,
    created_at: world.clock.seconds(),
    name: params.name,
    amount: params.amount,
    currency: params.currency ?? 'MXN',
    interval: params.interval,
    frequency: params.frequency,
    trial_period_days: params.trial_period_days ?? null,
    expiry_count: params.expiry_count ?? null,
    max_retries: params.max_retries ?? MAX_RETRIES,
    retry_delay_hours: params.retry_delay_hours ?? RETRY_DELAY_HOURS,
  };
  world.plans.set(id, plan);
  world.log.emit('plan.created', plan);
  return plan;
}

/** Subscribers pay by it from their next cycle on. */
export function updatePlan(world: ConektaWorld, plan: Plan, params: PlanUpdateParams): void {
  const { name, amount, currency, expiry_count } = plan;
  Object.assign(plan, params);
  world.log.emit('plan.updated', plan, { name, amount, currency, expiry_count });
}

/** Nobody can subscribe to it any more; present subscriptions go on. */
export function deletePlan(world: ConektaWorld, plan: Plan): void {
  world.plans.delete(plan.id);
  world.log.emit('plan.deleted', plan);
}

/** The plan that a request names. Throws 422 when there is none. */
export function namedPlan(world: ConektaWorld, id: string, param: string): Plan {
  const plan = world.plans.get(id);
  if (plan) return plan;
  throw invalid(param, 'nonexistent_plan', { es: 'El plan no existe.', en: 'There is no such plan.' });
}
