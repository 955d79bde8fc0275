import type { SubscriptionRecord } from '../billing.types.js';
import type { SubscriptionCancelParams } from '../params/subscription.params.js';
import { missing } from '../stripe.errors.js';
import type { Subscription } from '../stripe.types.js';
import type { StripeWorld } from '../stripe.world.js';
import { cancelSubscription, isOver } from './subscription.ends.js';
import { billWaiting, prorate } from './subscription.plan.js';

/** Ends a subscription now, because somebody asked for it. One that is over is not there any more. */
export function endSubscription(
  world: StripeWorld,
  owner: SubscriptionRecord,
  params: SubscriptionCancelParams,
): Subscription {
  const { subscription } = owner;
  if (isOver(subscription)) throw missing('subscription', subscription.id);
  if (params.prorate && subscription.status === 'active') prorate(world, owner, 'unused');
  if (params.invoice_now) billWaiting(world, owner);
  subscription.canceled_at = world.clock.seconds();
  return cancelSubscription(world, owner, {
    comment: params.cancellation_details?.comment || undefined,
    feedback: params.cancellation_details?.feedback || undefined,
  });
}
