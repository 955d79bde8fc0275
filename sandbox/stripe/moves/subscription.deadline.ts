import { checkFuture } from '../params/subscription.params.js';
import { badParameter } from '../stripe.errors.js';
import type { Subscription } from '../stripe.types.js';
import type { StripeWorld } from '../stripe.world.js';
import { currentPeriod } from './subscription.changes.js';

export interface EndParams {
  cancel_at?: number | '' | 'max_period_end' | 'min_period_end';
  cancel_at_period_end?: boolean;
}

/** Throws 400 for an end that is over, and for two of them. */
export function checkEnd(world: StripeWorld, { cancel_at: at, cancel_at_period_end: also }: EndParams): void {
  if (typeof at === 'number') checkFuture(at, world.clock.seconds(), 'cancel_at');
  if (at === undefined || at === '' || !also) return;
  const message = 'You may only specify one of these parameters: cancel_at, cancel_at_period_end.';
  throw badParameter(message, 'cancel_at');
}

/** When a subscription will end by itself: at a moment, with its period, or not any more. */
export function scheduleEnd(world: StripeWorld, subscription: Subscription, params: EndParams): void {
  const { cancel_at: at, cancel_at_period_end: atPeriodEnd } = params;
  if (at === '' || (atPeriodEnd === false && subscription.cancel_at_period_end)) {
    subscription.cancel_at = null;
    subscription.cancel_at_period_end = false;
    subscription.canceled_at = null;
    subscription.cancellation_details = {
      comment: null,
      feedback: null,
      feedback_option: null,
      reason: null,
    };
  }
  if ((at === undefined || at === '') && !atPeriodEnd) return;
  const end = typeof at === 'number' ? at : currentPeriod(subscription).end;
  subscription.cancel_at = end;
  subscription.cancel_at_period_end = atPeriodEnd === true;
  subscription.canceled_at = world.clock.seconds();
  subscription.cancellation_details = {
    comment: null,
    feedback: null,
    feedback_option: null,
    ...subscription.cancellation_details,
    reason: 'cancellation_requested',
  };
}
