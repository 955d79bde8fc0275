import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
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
import { NoCardNumber, PlainText } from '../../http/validation/text.rules.js';
import { PLAN_INTERVALS, type PlanInterval } from '../../providers/billing.facts.js';

/** No id of dots alone: in a path it would mean another path. */
const PLAN_ID = /^(?!\.{1,2}$)[A-Za-z0-9_.-]{1,100}$/;
const MAX_NAME = 250;
const MAX_FREQUENCY = 365;
const MAX_TRIAL_DAYS = 730;
export const MAX_EXPIRY_COUNT = 9_999;
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
  @Matches(/^[a-z]{1,32}$/, { message: '$property must be the name of a provider' })
  provider?: string;
}
