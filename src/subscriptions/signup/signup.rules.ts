import { contactOf } from '../../customers/customer/customer.js';
import type { NewCustomer } from '../../customers/customer/customers.service.js';
import { invalidField } from '../../kernel/errors.js';
import type { PlanRow } from '../plan/plan.tables.js';
import type { SignupDto } from './signup.dto.js';

const OF_A_SUBSCRIPTION = ['trialEnd', 'orderId', 'subscriptionMetadata'] as const;

/**
 * Who is to be made, at the plan's provider where there is a plan. What would refuse the subscription is said here,
 * before there is a customer.
 * @throws ServiceError invalid_request naming what contradicts the plan, or needs one.
 */
export function newCustomer(dto: SignupDto, plan: PlanRow | undefined, now: Date): NewCustomer {
  // Null is what validation lets through for a field that may be absent.
  const [provider, token, trialEnd] = [dto.provider, dto.token, dto.trialEnd].map((one) => one ?? undefined);
  const person = { ...contactOf(dto), metadata: dto.metadata ?? undefined, token };
  if (plan === undefined) {
    const stray = OF_A_SUBSCRIPTION.find((field) => (dto[field] ?? undefined) !== undefined);
    if (stray !== undefined) throw invalidField(stray, 'must be absent where planId is');
    return { ...person, provider };
  }
  if (provider !== undefined && provider !== plan.provider)
    throw invalidField('provider', `must be ${plan.provider}, which has the plan`);
  if (token === undefined) throw invalidField('token', 'is required with planId: it is the card that pays');
  if (trialEnd !== undefined && new Date(trialEnd) <= now)
    throw invalidField('trialEnd', 'must be in the future');
  return { ...person, provider: plan.provider };
}
