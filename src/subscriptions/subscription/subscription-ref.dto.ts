import { IsUUID } from 'class-validator';
import { CancelSubscriptionDto } from './cancel-subscription.dto.js';
import { UpdateSubscriptionDto } from './update-subscription.dto.js';

const RULE = { message: '$property must be the id of a subscription' };

/** Which subscription, where no path says it. */
export class SubscriptionRefDto {
  @IsUUID(undefined, RULE)
  subscriptionId!: string;
}

/** A change of a subscription, where no path says of which. */
export class UpdateSubscriptionByIdDto extends UpdateSubscriptionDto {
  @IsUUID(undefined, RULE)
  subscriptionId!: string;
}

/** The end of a subscription, where no path says of which. */
export class CancelSubscriptionByIdDto extends CancelSubscriptionDto {
  @IsUUID(undefined, RULE)
  subscriptionId!: string;
}
