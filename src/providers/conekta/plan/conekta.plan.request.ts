import { invalidField } from '../../../kernel/errors.js';
import type { PlanTerms } from '../../billing.facts.js';
import type { PlanCommand } from '../../billing.ports.js';
import { unsupported } from '../../provider.errors.js';
import { given } from '../../request.rules.js';
import { assertCurrency, MAX_NAME } from '../conekta.account.js';
import type { RecordedWrite } from '../conekta.request.js';

type Update = Extract<PlanCommand, { kind: 'update_plan' }>;

const MIN_RETRIES = 3;
const MIN_RETRY_HOURS = 48;
/** What Conekta takes of a plan that is there already. */
const CHANGEABLE = new Set<keyof PlanTerms>(['name', 'money', 'expiryCount']);

/**
 * The exact request of a command. Pure.
 * @throws ServiceError naming the term that Conekta does not have, or does not change.
 */
export function planRequest(command: PlanCommand): RecordedWrite {
  if (command.kind === 'create_plan') {
    const { planId, terms } = command;
    return { method: 'POST', path: '/plans', body: { id: planId, ...newBody(terms) }, planId };
  }
  const planId = command.target.providerPlanId;
  if (command.kind === 'delete_plan') return { method: 'DELETE', path: planPath(planId), planId };
  return { method: 'PUT', path: planPath(planId), body: changedBody(command), planId };
}

export function planPath(planId: string): string {
  return `/plans/${encodeURIComponent(planId)}`;
}

function newBody(terms: PlanTerms): Record<string, unknown> {
  assertCurrency(terms.money);
  assertRetries(terms);
  assertName(terms);
  return {
    name: terms.name,
    amount: Number(terms.money.amount),
    currency: terms.money.currency,
    interval: terms.interval,
    frequency: terms.frequency,
    trial_period_days: terms.trialDays,
    ...given({
      expiry_count: terms.expiryCount,
      max_retries: terms.maxRetries,
      retry_delay_hours: terms.retryDelayHours,
    }),
  };
}

function changedBody({ terms, changed }: Update): Record<string, unknown> {
  const { name, money, expiryCount: expiry_count } = terms;
  const fixed = changed.find((term) => !CHANGEABLE.has(term));
  if (fixed !== undefined) throw unsupported(fixed, 'cannot be changed at Conekta: make another plan');
  if (changed.includes('expiryCount') && expiry_count === undefined)
    throw unsupported('expiryCount', 'cannot be taken away at Conekta: make another plan');
  if (changed.includes('money')) assertCurrency(money);
  if (changed.includes('name')) assertName(terms);
  return {
    ...(changed.includes('name') && { name }),
    ...(changed.includes('money') && { amount: Number(money.amount), currency: money.currency }),
    ...(changed.includes('expiryCount') && { expiry_count }),
  };
}

function assertName({ name }: PlanTerms): void {
  if (name.length > MAX_NAME) throw invalidField('name', `must be at most ${MAX_NAME} characters at Conekta`);
}

function assertRetries({ maxRetries, retryDelayHours }: PlanTerms): void {
  if (maxRetries !== undefined && maxRetries < MIN_RETRIES)
    throw invalidField('maxRetries', `must be at least ${MIN_RETRIES} at Conekta`);
  if (retryDelayHours !== undefined && retryDelayHours < MIN_RETRY_HOURS)
    throw invalidField('retryDelayHours', `must be at least ${MIN_RETRY_HOURS} at Conekta`);
}
