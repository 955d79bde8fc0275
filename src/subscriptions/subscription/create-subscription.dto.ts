import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsISO8601, IsOptional, IsUUID, Matches } from 'class-validator';
import { IsMetadata } from '../../http/validation/metadata.rule.js';
import { MAX_ORDER_ID, OrderId } from '../../http/validation/order-id.rule.js';
import { PlainText } from '../../http/validation/plain-text.rule.js';

export const MAX_PLAN_ID = 250;

/** Who subscribes to what. */
export class CreateSubscriptionDto {
  @IsUUID(undefined, { message: '$property must be the id of a customer' })
  customerId!: string;

  /** The plan's provider charges the customer. */
  @PlainText({ max: MAX_PLAN_ID })
  planId!: string;

  /** The card that is charged. Default: the customer's default one at the plan's provider. */
  @IsOptional()
  @IsUUID(undefined, { message: '$property must be the id of a card' })
  paymentSourceId?: string;

  /** When the first cycle is charged, in place of the plan's trial days (ISO 8601). */
  @IsOptional()
  @IsISO8601({ strict: true }, { message: '$property must be an ISO 8601 date' })
  @Matches(/T.*(Z|[+-]\d{2}:?\d{2})$/, { message: '$property must have a time and its offset from UTC' })
  trialEnd?: string;

  /** The order that the first paid cycle pays for, as its owner names it. */
  @IsOptional()
  @OrderId()
  @ApiPropertyOptional({
    oneOf: [
      { type: 'string', maxLength: MAX_ORDER_ID },
      { type: 'integer', minimum: 0 },
    ],
  })
  orderId?: string | number;

  /** Your own keys and values; they come back in every event. */
  @IsOptional()
  @IsMetadata()
  metadata?: Record<string, string>;
}
