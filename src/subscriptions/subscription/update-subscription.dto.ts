import { IsIn, IsOptional, IsUUID } from 'class-validator';
import { PlainText } from '../../http/validation/text.rules.js';
import { MAX_PLAN_ID } from './create-subscription.dto.js';

/** What is to be another of a subscription. */
export class UpdateSubscriptionDto {
  /** Of the same provider. Charged from the end of the present cycle on. */
  @IsOptional()
  @PlainText({ max: MAX_PLAN_ID })
  planId?: string;

  /**
   * With `planId`. `prorate`: from now on, and what is left of the present cycle is settled on the next bill, where
   * the provider can. Default `none`.
   */
  @IsOptional()
  @IsIn(['none', 'prorate'], { message: '$property must be none or prorate' })
  proration?: 'none' | 'prorate';

  /** The card that is charged from now on. */
  @IsOptional()
  @IsUUID(undefined, { message: '$property must be the id of a card' })
  paymentSourceId?: string;
}
