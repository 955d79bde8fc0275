import type Stripe from 'stripe';
import type { PlanChangeTiming } from '../../billing.ports.js';
import { type Cycles, endOfCycles } from './stripe.cycles.js';
import type { StripeSubscription } from './stripe.subscription.js';

/**
 * Stripe has no number of cycles; the subscription is told when to end. That must be the very second at which the
 * last cycle ends, or Stripe asks for a part of a cycle, or one too many: it is counted from Stripe's own anchor,
 * which is known once there is a subscription.
 */
export function endOfNew(subscription: StripeSubscription, cycles: Cycles): Stripe.SubscriptionUpdateParams {
  return ending(endOfCycles(subscription.anchor, subscription.anchor, cycles));
}

/**
 * After a change of plan the new plan's cycles are counted: from the next cycle, or with the present one. Undefined
 * where the end stays as it is: there is none, or it is to be canceled anyway.
 * @param cycles of the new plan; undefined: it has no end.
 */
export function endOfChanged(
  subscription: StripeSubscription,
  cycles: Cycles | undefined,
  timing: PlanChangeTiming,
): Stripe.SubscriptionUpdateParams | undefined {
  const { anchor, fact, itemStart, itemEnd, trialEnd, expiryCount } = subscription;
  if (fact.cancelAtPeriodEnd) return undefined;
  if (cycles === undefined) {
    return expiryCount === undefined ? undefined : { cancel_at: '', metadata: { expiryCount: '' } };
  }
  const inTrial = fact.status === 'in_trial';
  const from = inTrial ? trialEnd : timing === 'immediately' ? itemStart : itemEnd;
  return {
    ...ending(endOfCycles(anchor, from ?? anchor, cycles)),
    metadata: { expiryCount: String(cycles.count) },
  };
}

/**
 * The end that a plan of so many cycles had before it was to end earlier. Undefined where nobody knows it.
 * @param cycles of the present plan, for an end that was not set by us.
 */
export function endOfCyclesOf(
  { cyclesEnd, anchor }: StripeSubscription,
  cycles: Cycles | undefined,
): Stripe.SubscriptionUpdateParams | undefined {
  if (cyclesEnd !== undefined) return ending(cyclesEnd);
  return cycles && ending(endOfCycles(anchor, anchor, cycles));
}

function ending(end: Date): Stripe.SubscriptionUpdateParams {
  return { cancel_at: Math.floor(end.getTime() / 1000), proration_behavior: 'none' };
}
