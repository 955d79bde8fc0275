import { periodEnd, periodStart } from '../billing.calendar.js';
import type { SubscriptionRecord } from '../billing.types.js';
import type { SubscriptionPauseParams, SubscriptionResumeParams } from '../params/subscription.params.js';
import { refused } from '../stripe.errors.js';
import type { Subscription } from '../stripe.types.js';
import type { StripeWorld } from '../stripe.world.js';
import { collectInvoice } from './invoice.payment.js';
import { openPeriod } from './invoice.draft.js';
import { changeSubscription, currentPeriod, rhythmOf, setPeriod } from './subscription.changes.js';
import { billWaiting, prorate } from './subscription.plan.js';

type PauseReason = 'pause_requested' | 'trial_end_without_payment_method';

/** Stops a subscription: no invoices and no new periods. What is left of the period is credited. */
export function pauseSubscription(
  world: StripeWorld,
  owner: SubscriptionRecord,
  params: SubscriptionPauseParams,
): Subscription {
  const { subscription } = owner;
  if (subscription.billing_mode.type !== 'flexible') {
    throw refused('Only subscriptions with a `billing_mode` of `flexible` can be paused.');
  }
  if (!['active', 'past_due', 'trialing'].includes(subscription.status)) {
    throw refused(`A subscription with a status of ${subscription.status} cannot be paused.`);
  }
  const from = params.bill_for?.unused_time_from?.type ?? 'now';
  if (from !== 'none' && subscription.status === 'active') {
    const period = currentPeriod(subscription);
    const start = from === 'now' ? world.clock.seconds() : period.start;
    prorate(world, owner, 'unused', { start, end: period.end });
  }
  enterPause(world, owner, 'pause_requested');
  if (params.invoicing_behavior === 'invoice') billWaiting(world, owner);
  return subscription;
}

export function enterPause(world: StripeWorld, owner: SubscriptionRecord, reason: PauseReason): void {
  owner.trialNoticeAt = null;
  changeSubscription(world, owner, (subscription) => {
    subscription.status = 'paused';
    subscription.status_details = {
      paused: {
        subscription: { type: reason },
        transitioned_at: world.clock.seconds(),
        type: 'subscription',
      },
    };
  });
  world.log.emit('customer.subscription.paused', owner.subscription);
}

/** Goes on with a new period that begins now, or with the periods as they were. */
export function resumeSubscription(
  world: StripeWorld,
  owner: SubscriptionRecord,
  params: SubscriptionResumeParams,
): Subscription {
  const { subscription } = owner;
  if (subscription.status !== 'paused') {
    throw refused(`Only a paused subscription can be resumed: this one is ${subscription.status}.`);
  }
  const isInside = params.billing_cycle_anchor?.type === 'unchanged';
  const record = isInside ? undefined : resumeAnew(world, owner);
  if (isInside) returnToPeriod(world, owner, params);
  const waits = params.payment_behavior === 'resume_on_payment_success';
  if (record && waits) owner.resumeInvoice = record.invoice.id;
  else leavePause(world, owner);
  if (record) collectInvoice(world, owner, record);
  else billWaiting(world, owner);
  return subscription;
}

function leavePause(world: StripeWorld, owner: SubscriptionRecord): void {
  changeSubscription(world, owner, (subscription) => {
    subscription.status = 'active';
    delete subscription.status_details;
  });
  world.log.emit('customer.subscription.resumed', owner.subscription);
}

function resumeAnew(world: StripeWorld, owner: SubscriptionRecord) {
  const start = world.clock.seconds();
  const period = { start, end: periodEnd(start, rhythmOf(owner.subscription), start) };
  return openPeriod(world, owner, {
    period,
    reason: 'subscription_update',
    change: (subscription) => (subscription.billing_cycle_anchor = start),
  });
}

/** The period that would run now; what is left of it is charged, unless prorations are not wanted. */
function returnToPeriod(
  world: StripeWorld,
  owner: SubscriptionRecord,
  params: SubscriptionResumeParams,
): void {
  const now = world.clock.seconds();
  const rhythm = rhythmOf(owner.subscription);
  const anchor = owner.subscription.billing_cycle_anchor;
  const period = { start: periodStart(anchor, rhythm, now), end: periodEnd(anchor, rhythm, now) };
  changeSubscription(world, owner, (subscription) => setPeriod(subscription, period));
  if (params.proration_behavior !== 'none') prorate(world, owner, 'remaining');
}
