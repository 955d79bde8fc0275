import { type Caller, visibleTo } from '../../http/access/caller.js';
import { ServiceError } from '../../kernel/errors.js';
import { changedOnly } from '../../kernel/applied.js';
import { pick } from '../../kernel/pick.js';
import type { PlanTerms } from '../../providers/billing.facts.js';
import type { PlanRow } from './plan.tables.js';

/** `caller` of plans that were made in a provider's own panel. */
export const MADE_AT_PROVIDER = 'provider';

/** One can subscribe to it. */
export function isActive(plan: PlanRow): boolean {
  return plan.providerPlanId !== null && plan.deletedAt === null;
}

/** Whose plans a caller sees; undefined: everybody's. Everybody sees those of a provider's panel. */
export function visiblePlans(caller: Caller): string[] | undefined {
  const callers = visibleTo(caller);
  return callers && [...callers, MADE_AT_PROVIDER];
}

export function maySeePlan(caller: Caller, plan: PlanRow): boolean {
  return visiblePlans(caller)?.includes(plan.caller) ?? true;
}

/** @throws ServiceError not_found, also for a plan of another caller. */
export function assertVisible(plan: PlanRow | undefined, caller: Caller): PlanRow {
  if (plan !== undefined && maySeePlan(caller, plan)) return plan;
  const details = [{ field: 'planId', rule: 'must be the id of a plan' }];
  throw new ServiceError('not_found', 'there is no such plan', details);
}

export function termsOf(plan: PlanRow): PlanTerms {
  return {
    name: plan.name,
    money: pick(plan, 'amount', 'currency'),
    ...pick(plan, 'interval', 'frequency', 'trialDays'),
    expiryCount: plan.expiryCount ?? undefined,
    maxRetries: plan.maxRetries ?? undefined,
    retryDelayHours: plan.retryDelayHours ?? undefined,
  };
}

/** Terms as a row keeps them. */
export type TermsColumns = Pick<PlanRow, 'amount' | 'currency' | Exclude<keyof PlanTerms, 'money'>>;

export function columnsOf({ money, ...terms }: PlanTerms): TermsColumns {
  return {
    name: terms.name,
    ...money,
    ...pick(terms, 'interval', 'frequency', 'trialDays'),
    expiryCount: terms.expiryCount ?? null,
    maxRetries: terms.maxRetries ?? null,
    retryDelayHours: terms.retryDelayHours ?? null,
  };
}

/** In the words of providers. */
export function changedTerms(before: PlanTerms, after: PlanTerms): (keyof PlanTerms)[] {
  return namesOf(changedOnly(before, after));
}

/** What is asked for and the plan does not have, in the words of callers. Terms left to the provider are any. */
export function differencesFrom(plan: PlanRow, asked: PlanTerms): (keyof TermsColumns)[] {
  const changed = changedOnly<TermsColumns>(plan, columnsOf(asked));
  return namesOf(changed).filter((name) => changed[name] !== null || name === 'expiryCount');
}

function namesOf<T extends object>(object: T): Extract<keyof T, string>[] {
  return Object.keys(object).filter((name): name is Extract<keyof T, string> => name in object);
}
