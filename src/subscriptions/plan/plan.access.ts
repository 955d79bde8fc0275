import { type Caller, visibleTo } from '../../http/access/caller.js';
import { ServiceError } from '../../kernel/errors.js';
import { MADE_AT_PROVIDER } from './plan.js';
import type { PlanRow } from './plan.tables.js';

/** Whose plans a caller sees; undefined: everybody's. Those made in a provider's panel belong to nobody's key. */
export function visiblePlans(caller: Caller): string[] | undefined {
  const callers = visibleTo(caller);
  return callers && [...callers, MADE_AT_PROVIDER];
}

export function maySee(caller: Caller, plan: PlanRow): boolean {
  return visiblePlans(caller)?.includes(plan.caller) ?? true;
}

/** @throws ServiceError not_found, also for a plan of another caller. */
export function assertVisible(plan: PlanRow | undefined, caller: Caller): PlanRow {
  if (plan === undefined || !maySee(caller, plan))
    throw new ServiceError('not_found', 'there is no such plan', [
      { field: 'planId', rule: 'must be the id of a plan' },
    ]);
  return plan;
}
