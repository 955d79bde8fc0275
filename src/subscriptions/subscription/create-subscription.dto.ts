import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional, IsUUID } from 'class-validator';
import { IsInstant, IsMetadata, MAX_ORDER_ID, OrderId, PlainText } from '../../http/validation/text.rules.js';

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

  /** When the first cycle is charged, in place of the plan's trial days (RFC 3339, with its offset). */
  @IsOptional()
  @IsInstant()
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
