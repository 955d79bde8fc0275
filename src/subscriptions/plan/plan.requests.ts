import { fromMajorUnits, fromMinorUnits, parseCurrency } from '../../kernel/money.js';
import { invalidField } from '../../kernel/errors.js';
import type { PlanTerms } from '../../providers/billing.facts.js';
import type { CreatePlanDto } from './create-plan.dto.js';
import type { UpdatePlanDto } from './update-plan.dto.js';

/** A plan that a caller asks for; no provider is chosen yet. */
export interface PlanRequest {
  planId: string;
  terms: PlanTerms;
  /** Undefined: by PROVIDER_ROUTES. */
  provider: string | undefined;
}

/** @throws ServiceError invalid_request naming the field. */
export function planRequest(dto: CreatePlanDto): PlanRequest {
  const currency = parseCurrency(dto.currency, 'currency');
  const amount = amountOf(dto, currency);
  if (amount === undefined) throw invalidField('amount', 'is required, or price in its place');
  const terms = {
    name: dto.name.trim(),
    money: { amount, currency },
    interval: dto.interval,
    frequency: dto.frequency ?? 1,
    trialDays: dto.trialDays ?? 0,
    expiryCount: dto.expiryCount ?? undefined,
    maxRetries: dto.maxRetries ?? undefined,
    retryDelayHours: dto.retryDelayHours ?? undefined,
  };
  return { planId: dto.planId, terms, provider: dto.provider ?? undefined };
}

/**
 * The terms that a plan is to have, by those that it has.
 * @throws ServiceError invalid_request naming the field.
 */
export function revisedTerms(dto: UpdatePlanDto, present: PlanTerms): PlanTerms {
  // A plan whose currency was withdrawn since can still be renamed.
  const currency = dto.currency ? parseCurrency(dto.currency, 'currency') : present.money.currency;
  const amount = amountOf(dto, currency);
  if (amount === undefined && currency !== present.money.currency)
    throw invalidField('amount', 'is required with another currency, or price in its place');
  return {
    name: dto.name?.trim() ?? present.name,
    money: { amount: amount ?? present.money.amount, currency },
    interval: dto.interval ?? present.interval,
    frequency: dto.frequency ?? present.frequency,
    trialDays: dto.trialDays ?? present.trialDays,
    expiryCount: dto.expiryCount === null ? undefined : (dto.expiryCount ?? present.expiryCount),
    maxRetries: dto.maxRetries ?? present.maxRetries,
    retryDelayHours: dto.retryDelayHours ?? present.retryDelayHours,
  };
}

/** In minor units; undefined where neither is given. Null is given as little as nothing. */
function amountOf({ amount, price }: UpdatePlanDto, currency: string): bigint | undefined {
  const [minor, major] = [amount ?? undefined, price ?? undefined];
  if (minor !== undefined && major !== undefined)
    throw invalidField('price', 'must be absent where amount is given');
  if (minor !== undefined) return fromMinorUnits(minor, 'amount');
  return major === undefined ? undefined : fromMajorUnits(major, currency, 'refuse', 'price');
}
