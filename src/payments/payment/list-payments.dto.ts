import { Type } from 'class-transformer';
import { IsIn, IsInt, IsISO8601, IsOptional, IsString, IsUUID, Matches, Max, Min } from 'class-validator';
import { PlainText } from '../../http/validation/plain-text.rule.js';
import { PAYMENT_STATUSES, type PaymentStatus } from './payment.js';

export class ListPaymentsDto {
  @IsOptional()
  @PlainText({ max: 200 })
  orderId?: string;

  /** Whose cycles they are. */
  @IsOptional()
  @IsUUID(undefined, { message: '$property must be the id of a subscription' })
  subscriptionId?: string;

  @IsOptional()
  @IsUUID(undefined, { message: '$property must be the id of a customer' })
  customerId?: string;

  @IsOptional()
  @IsIn(PAYMENT_STATUSES, { message: `$property must be one of ${PAYMENT_STATUSES.join(', ')}` })
  status?: PaymentStatus;

  @IsOptional()
  @Matches(/^[a-z]{1,32}$/, { message: '$property must be the name of a provider' })
  provider?: string;

  /** Created at or after this moment (ISO 8601). */
  @IsOptional()
  @IsISO8601({ strict: true }, { message: '$property must be an ISO 8601 date' })
  from?: string;

  /** Created at or before this moment (ISO 8601). */
  @IsOptional()
  @IsISO8601({ strict: true }, { message: '$property must be an ISO 8601 date' })
  to?: string;

  /** `nextCursor` of the page before. */
  @IsOptional()
  @IsString({ message: '$property must be the nextCursor of the page before' })
  cursor?: string;

  /** 1 to 100. Default 20. */
  @IsOptional()
  @Type(() => Number)
  @IsInt({ message: '$property must be a whole number' })
  @Min(1, { message: '$property must be at least 1' })
  @Max(100, { message: '$property must be at most 100' })
  limit?: number;
}
