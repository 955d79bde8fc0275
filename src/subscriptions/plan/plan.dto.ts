import { ApiProperty, ApiPropertyOptional, OmitType, PartialType, PickType } from '@nestjs/swagger';
import { IsIn, IsOptional, IsString, Matches } from 'class-validator';
import { MajorUnits, MinorUnits, WholeNumber } from '../../http/validation/number.rules.js';
import { CurrencyCode, NoCardNumber, PlainText, ProviderName } from '../../http/validation/text.rules.js';
import { NullIsAValue } from '../../http/validation/request.pipe.js';
import { parseCurrency, fromMajorUnits, fromMinorUnits } from '../../kernel/money.js';
import { invalidField } from '../../kernel/errors.js';
import { pick } from '../../kernel/pick.js';
import { ListPaymentsDto } from '../../payments/payment/payments.dto.js';
import { PLAN_INTERVALS, type PlanInterval, type PlanTerms } from '../../providers/billing.facts.js';

/** No id of dots alone: in a path it would mean another path. */
const PLAN_ID = /^(?!\.{1,2}$)[A-Za-z0-9_.-]{1,100}$/;
/** Longer than ours: a plan of a provider's panel has the id that it has there. */
export const MAX_PLAN_ID = 250;
const MAX_NAME = 250;
const CYCLES = { of: 'cycles', min: 1, max: 9_999 };

/** What is charged, and how often: exactly one of `amount` and `price`. */
export class CreatePlanDto {
  /** Yours; subscriptions name it. */
  @Matches(PLAN_ID, {
    message: '$property must be 1 to 100 letters, digits, underscores, dashes or dots, and not dots alone',
  })
  planId!: string;

  /** What the customer reads. */
  @PlainText({ max: MAX_NAME })
  @NoCardNumber()
  @ApiProperty({ maxLength: MAX_NAME })
  name!: string;

  /** Of one cycle, in minor units by ISO 4217, such as 77700 for 777.00 MXN. */
  @IsOptional()
  @MinorUnits()
  amount?: number;

  /** Of one cycle, in major units, such as 777. */
  @IsOptional()
  @MajorUnits()
  price?: number;

  /** ISO 4217, either case. */
  @CurrencyCode()
  currency!: string;

  @IsIn(PLAN_INTERVALS, { message: `$property must be among ${PLAN_INTERVALS.join(', ')}` })
  interval!: PlanInterval;

  /** Intervals that make one cycle. Default 1. */
  @IsOptional()
  @WholeNumber({ of: 'intervals', min: 1, max: 365 })
  frequency?: number;

  /** Days before the first charge. Default 0: none. */
  @IsOptional()
  @WholeNumber({ of: 'days', min: 0, max: 730, unit: 'day' })
  trialDays?: number;

  /** Cycles that are charged before the subscription is complete. Default: without end. */
  @IsOptional()
  @WholeNumber(CYCLES)
  expiryCount?: number;

  /** Tries after the first one of a cycle failed. Default: as the provider does. */
  @IsOptional()
  @WholeNumber({ of: 'tries', min: 0, max: 100 })
  maxRetries?: number;

  /** Hours between two tries. Default: as the provider does. */
  @IsOptional()
  @WholeNumber({ of: 'hours', min: 1, max: 720, unit: 'hour' })
  retryDelayHours?: number;

  /** Default: by PROVIDER_ROUTES, among those that keep plans. */
  @IsOptional()
  @IsString()
  @ProviderName()
  provider?: string;
}

/** What is to be another of a plan; what its provider cannot change is refused by name. */
export class UpdatePlanDto extends PartialType(
  OmitType(CreatePlanDto, ['planId', 'provider', 'expiryCount']),
) {
  /** Null: without end. */
  @NullIsAValue()
  @IsOptional()
  @WholeNumber(CYCLES)
  @ApiPropertyOptional({ type: Number, nullable: true })
  expiryCount?: number | null;
}

/** Which plan, where no path says it. */
export class PlanRefDto {
  @PlainText({ max: MAX_PLAN_ID })
  planId!: string;
}

/** A change of a plan, where no path says of which. It extends the change, where null of `expiryCount` is a value. */
export class UpdatePlanByIdDto extends UpdatePlanDto {
  @PlainText({ max: MAX_PLAN_ID })
  planId!: string;
}

/** Which plans, newest first. */
export class ListPlansDto extends PickType(ListPaymentsDto, ['provider', 'cursor', 'limit']) {}

/** A plan that a caller asks for; no provider is chosen yet. */
export interface NewPlan {
  planId: string;
  terms: PlanTerms;
  /** Undefined: by PROVIDER_ROUTES. */
  provider: string | undefined;
}

/** @throws ServiceError invalid_request naming the field. */
export function newPlan(dto: CreatePlanDto): NewPlan {
  const currency = parseCurrency(dto.currency, 'currency');
  const amount = amountOf(dto, currency);
  if (amount === undefined) throw invalidField('amount', 'is required, or price in its place');
  const terms = {
    name: dto.name.trim(),
    money: { amount, currency },
    interval: dto.interval,
    frequency: dto.frequency ?? 1,
    trialDays: dto.trialDays ?? 0,
    ...pick(dto, 'expiryCount', 'maxRetries', 'retryDelayHours'),
  };
  return { planId: dto.planId, terms, provider: dto.provider };
}

/** @param present terms of the plan. @throws ServiceError invalid_request naming the field. */
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

function amountOf({ amount, price }: UpdatePlanDto, currency: string): bigint | undefined {
  if (amount !== undefined && price !== undefined)
    throw invalidField('price', 'must be absent where amount is given');
  if (amount !== undefined) return fromMinorUnits(amount, 'amount');
  return price === undefined ? undefined : fromMajorUnits(price, currency, 'refuse', 'price');
}
