import type { PlanTerms } from '../../providers/billing.facts.js';
import type { PlanRow } from './plan.tables.js';

/** `caller` of plans that were made in a provider's own panel. */
export const MADE_AT_PROVIDER = 'provider';

/** One can subscribe to it: its provider has made it, and nobody has deleted it. */
export function isActive(plan: PlanRow): boolean {
  return plan.providerPlanId !== null && plan.deletedAt === null;
}

export function termsOf(plan: PlanRow): PlanTerms {
  return {
    name: plan.name,
    money: { amount: plan.amount, currency: plan.currency },
    interval: plan.interval,
    frequency: plan.frequency,
    trialDays: plan.trialDays,
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
    amount: money.amount,
    currency: money.currency,
    interval: terms.interval,
    frequency: terms.frequency,
    trialDays: terms.trialDays,
    expiryCount: terms.expiryCount ?? null,
    maxRetries: terms.maxRetries ?? null,
    retryDelayHours: terms.retryDelayHours ?? null,
  };
}

/** Which terms are not the same, in the words of providers. */
export function changedTerms(before: PlanTerms, after: PlanTerms): (keyof PlanTerms)[] {
  const { money, ...rest } = after;
  const plain = namesOf(rest).filter((name) => rest[name] !== before[name]);
  const same = money.amount === before.money.amount && money.currency === before.money.currency;
  return same ? plain : ['money', ...plain];
}

/**
 * Which of the terms that are asked for a plan does not have, in the words of callers. Tries that were left to the
 * provider are whatever the provider made of them.
 */
export function differencesFrom(plan: PlanRow, asked: PlanTerms): (keyof TermsColumns)[] {
  const columns = columnsOf(asked);
  const toProvider = namesOf(columns).filter((name) => columns[name] === null && name !== 'expiryCount');
  return namesOf(columns).filter((name) => columns[name] !== plan[name] && !toProvider.includes(name));
}

function namesOf<T extends object>(object: T): Extract<keyof T, string>[] {
  return Object.keys(object).filter((name): name is Extract<keyof T, string> => name in object);
}
