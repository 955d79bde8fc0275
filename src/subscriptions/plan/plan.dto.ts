import { ApiProperty, ApiPropertyOptional, OmitType, PartialType, PickType } from '@nestjs/swagger';
import {
  IsIn,
  IsInt,
  IsNumber,
  IsOptional,
  IsPositive,
  IsString,
  Matches,
  Max,
  MaxLength,
  Min,
} from 'class-validator';
import { NoCardNumber, PlainText, ProviderName } from '../../http/validation/text.rules.js';
import { NullIsAValue } from '../../http/validation/request.pipe.js';
import { parseCurrency, fromMajorUnits, fromMinorUnits } from '../../kernel/money.js';
import { invalidField } from '../../kernel/errors.js';
import { ListPaymentsDto } from '../../payments/payment/payments.dto.js';
import { PLAN_INTERVALS, type PlanInterval, type PlanTerms } from '../../providers/billing.facts.js';

/** No id of dots alone: in a path it would mean another path. */
const PLAN_ID = /^(?!\.{1,2}$)[A-Za-z0-9_.-]{1,100}$/;
/** Longer than ours: a plan of a provider's panel has the id that it has there. */
export const MAX_PLAN_ID = 250;
const MAX_NAME = 250;
const MAX_FREQUENCY = 365;
const MAX_TRIAL_DAYS = 730;
const MAX_EXPIRY_COUNT = 9_999;
const MAX_RETRIES = 100;
const MAX_RETRY_HOURS = 720;

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
  @IsInt({ message: '$property must be a whole number of minor units' })
  @IsPositive({ message: '$property must be greater than zero' })
  amount?: number;

  /** Of one cycle, in major units, such as 777. */
  @IsOptional()
  @IsNumber({ allowNaN: false, allowInfinity: false }, { message: '$property must be a number' })
  @IsPositive({ message: '$property must be greater than zero' })
  // The plugin takes IsPositive for a minimum of 1, and 0.5 is a price.
  @ApiPropertyOptional({ minimum: 0, exclusiveMinimum: true })
  price?: number;

  /** ISO 4217, either case. */
  @IsString({ message: '$property must be an ISO 4217 currency code' })
  @MaxLength(3, { message: '$property must be an ISO 4217 currency code' })
  currency!: string;

  @IsIn(PLAN_INTERVALS, { message: `$property must be among ${PLAN_INTERVALS.join(', ')}` })
  interval!: PlanInterval;

  /** Intervals that make one cycle. Default 1. */
  @IsOptional()
  @IsInt({ message: '$property must be a whole number of intervals' })
  @Min(1, { message: '$property must be at least 1' })
  @Max(MAX_FREQUENCY, { message: `$property must be at most ${MAX_FREQUENCY}` })
  frequency?: number;

  /** Days before the first charge. Default 0: none. */
  @IsOptional()
  @IsInt({ message: '$property must be a whole number of days' })
  @Min(0, { message: '$property must not be negative' })
  @Max(MAX_TRIAL_DAYS, { message: `$property must be at most ${MAX_TRIAL_DAYS} days` })
  trialDays?: number;

  /** Cycles that are charged before the subscription is complete. Default: without end. */
  @IsOptional()
  @IsInt({ message: '$property must be a whole number of cycles' })
  @Min(1, { message: '$property must be at least 1' })
  @Max(MAX_EXPIRY_COUNT, { message: `$property must be at most ${MAX_EXPIRY_COUNT}` })
  expiryCount?: number;

  /** Tries after the first one of a cycle failed. Default: as the provider does. */
  @IsOptional()
  @IsInt({ message: '$property must be a whole number of tries' })
  @Min(0, { message: '$property must not be negative' })
  @Max(MAX_RETRIES, { message: `$property must be at most ${MAX_RETRIES}` })
  maxRetries?: number;

  /** Hours between two tries. Default: as the provider does. */
  @IsOptional()
  @IsInt({ message: '$property must be a whole number of hours' })
  @Min(1, { message: '$property must be at least 1 hour' })
  @Max(MAX_RETRY_HOURS, { message: `$property must be at most ${MAX_RETRY_HOURS} hours` })
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
  @IsInt({ message: '$property must be a whole number of cycles' })
  @Min(1, { message: '$property must be at least 1' })
  @Max(MAX_EXPIRY_COUNT, { message: `$property must be at most ${MAX_EXPIRY_COUNT}` })
  @ApiPropertyOptional({ type: Number, nullable: true, minimum: 1, maximum: MAX_EXPIRY_COUNT })
  expiryCount?: number | null;
}

/** Which plan, where no path says it. */
export class PlanRefDto {
  @PlainText({ max: MAX_PLAN_ID })
  planId!: string;
}

/** A change of a plan, where no path says of which. It extends the change: null of `expiryCount` says something. */
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
    expiryCount: dto.expiryCount,
    maxRetries: dto.maxRetries,
    retryDelayHours: dto.retryDelayHours,
  };
  return { planId: dto.planId, terms, provider: dto.provider };
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

/** In minor units; undefined where neither is given. */
function amountOf({ amount, price }: UpdatePlanDto, currency: string): bigint | undefined {
  if (amount !== undefined && price !== undefined)
    throw invalidField('price', 'must be absent where amount is given');
  if (amount !== undefined) return fromMinorUnits(amount, 'amount');
  return price === undefined ? undefined : fromMajorUnits(price, currency, 'refuse', 'price');
}
