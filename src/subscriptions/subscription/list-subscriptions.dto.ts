import { IsIn, IsOptional, IsUUID } from 'class-validator';
import { PageDto } from '../../http/validation/page.dto.js';
import { PlainText } from '../../http/validation/text.rules.js';
import { SUBSCRIPTION_STATUSES, type SubscriptionStatus } from '../../providers/billing.facts.js';
import { MAX_PLAN_ID } from './create-subscription.dto.js';

/** Which subscriptions, newest first. */
export class ListSubscriptionsDto extends PageDto {
  @IsOptional()
  @IsUUID(undefined, { message: '$property must be the id of a customer' })
  customerId?: string;

  /** What the running cycle is charged by. */
  @IsOptional()
  @PlainText({ max: MAX_PLAN_ID })
  planId?: string;

  @IsOptional()
  @IsIn(SUBSCRIPTION_STATUSES, {
    message: `$property must be one of ${SUBSCRIPTION_STATUSES.join(', ')}`,
  })
  status?: SubscriptionStatus;
}
