import { periodEnd } from '../billing.calendar.js';
import type { SubscriptionRecord } from '../billing.types.js';
import { trialSettings } from '../objects/subscription.object.js';
import { checkFuture, type SubscriptionUpdateParams } from '../params/subscription.params.js';
import { mergedMetadata } from '../params/shared.params.js';
import type { Subscription } from '../stripe.types.js';
import type { StripeWorld } from '../stripe.world.js';
import { collectInvoice } from './invoice.payment.js';
import { openPeriod, finalizeInvoice } from './invoice.draft.js';
import { requireOwned } from './method.moves.js';
import { changeSubscription, currentPeriod } from './subscription.changes.js';
import {
  checkEnd,
  scheduleEnd,
  requirePayable,
  planTrialNotice,
  sayTrialEnds,
} from './subscription.create.js';
import { isOver, requireRunning } from './subscription.ends.js';
import {
  applyCoupon,
  readPlan,
  swapItems,
  type PlanChange,
  billWaiting,
  prorate,
} from './subscription.plan.js';

/** Changes a subscription; another price is prorated, another interval begins at once. */
export function updateSubscription(
  world: StripeWorld,
  owner: SubscriptionRecord,
  params: SubscriptionUpdateParams,
): Subscription {
  const { subscription } = owner;
  if (isOver(subscription)) return updateEnded(world, owner, params);
  const plan = readPlan(world, subscription, params.items);
  checkUpdate(world, subscription, params);
  applyCoupon(world, owner, params.discounts);
  const isBilled = ['active', 'past_due', 'unpaid'].includes(subscription.status);
  const endsTrial = params.trial_end === 'now' && subscription.status === 'trialing';
  const restarts = endsTrial || (isBilled && (plan.changesRhythm || params.billing_cycle_anchor === 'now'));
  const behavior = params.proration_behavior ?? 'create_prorations';
  const isProrated = isBilled && behavior !== 'none' && (plan.changesAmount || restarts);
  if (params.payment_behavior === 'error_if_incomplete' && (restarts || behavior === 'always_invoice')) {
    requirePayable(world, subscription, params.off_session);
  }
  const except = restarts ? undefined : plan.untouched;
  if (isProrated) prorate(world, owner, 'unused', undefined, except);
  const change = (changed: Subscription) => applyParams(world, changed, params, plan);
  if (restarts) restart(world, owner, params, change);
  else changeSubscription(world, owner, change);
  if (isProrated && !restarts) prorate(world, owner, 'remaining', undefined, except);
  if (isProrated && behavior === 'always_invoice') {
    billWaiting(world, owner, { offSession: params.off_session });
  }
  if (params.trial_end !== undefined) planTrialNotice(world, owner);
  sayTrialEnds(world, owner);
  return subscription;
}

/** A period that begins now, billed at once. */
function restart(
  world: StripeWorld,
  owner: SubscriptionRecord,
  params: SubscriptionUpdateParams,
  change: (subscription: Subscription) => void,
): void {
  const start = world.clock.seconds();
  const plan = readPlan(world, owner.subscription, params.items);
  const record = openPeriod(world, owner, {
    period: { start, end: periodEnd(start, plan.rhythm, start) },
    reason: 'subscription_update',
    change: (changed) => {
      if (changed.status === 'trialing') {
        changed.status = 'active';
        changed.trial_end = start;
      }
      changed.billing_cycle_anchor = start;
      change(changed);
    },
  });
  if (params.payment_behavior !== 'default_incomplete') {
    collectInvoice(world, owner, record, { offSession: params.off_session });
    return;
  }
  finalizeInvoice(world, owner, record);
  changeSubscription(world, owner, (changed) => (changed.status = 'past_due'));
}

function checkUpdate(world: StripeWorld, subscription: Subscription, params: SubscriptionUpdateParams): void {
  const now = world.clock.seconds();
  checkEnd(world, params);
  if (params.default_payment_method !== undefined) {
    requireOwned(world, params.default_payment_method, subscription.customer, 'default_payment_method');
  }
  const resumesAt = params.pause_collection ? params.pause_collection.resumes_at : undefined;
  if (resumesAt !== undefined) checkFuture(resumesAt, now, 'pause_collection[resumes_at]');
  if (typeof params.trial_end === 'number') checkFuture(params.trial_end, now, 'trial_end');
}

function applyParams(
  world: StripeWorld,
  subscription: Subscription,
  params: SubscriptionUpdateParams,
  plan: PlanChange,
): void {
  const { pause_collection: pause, cancellation_details: details, trial_end: trialEnd } = params;
  swapItems(world, subscription, plan);
  if (typeof trialEnd === 'number') putOnTrial(world, subscription, trialEnd);
  scheduleEnd(world, subscription, params);
  subscription.metadata = mergedMetadata(subscription.metadata, params.metadata);
  subscription.default_payment_method = params.default_payment_method ?? subscription.default_payment_method;
  if (params.description !== undefined) subscription.description = params.description || null;
  if (params.trial_settings) subscription.trial_settings = trialSettings(params);
  if (pause !== undefined) {
    subscription.pause_collection =
      pause === '' ? null : { behavior: pause.behavior, resumes_at: pause.resumes_at ?? null };
  }
  if (details) addDetails(subscription, details);
}

/** The trial takes the place of the period that runs, and the cycle goes on from its end. */
function putOnTrial(world: StripeWorld, subscription: Subscription, end: number): void {
  const now = world.clock.seconds();
  const { start } = currentPeriod(subscription);
  const isOn = subscription.status === 'trialing';
  for (const item of subscription.items.data) {
    item.current_period_start = isOn ? start : now;
    item.current_period_end = end;
  }
  subscription.trial_start = isOn ? subscription.trial_start : now;
  subscription.trial_end = end;
  subscription.status = 'trialing';
  subscription.billing_cycle_anchor = end;
}

function updateEnded(
  world: StripeWorld,
  owner: SubscriptionRecord,
  params: SubscriptionUpdateParams,
): Subscription {
  const free = new Set(['cancellation_details', 'expand', 'metadata']);
  if (Object.keys(params).some((name) => !free.has(name))) requireRunning(owner.subscription);
  changeSubscription(world, owner, (subscription) => {
    subscription.metadata = mergedMetadata(subscription.metadata, params.metadata);
    if (params.cancellation_details) addDetails(subscription, params.cancellation_details);
  });
  return owner.subscription;
}

function addDetails(
  subscription: Subscription,
  details: NonNullable<SubscriptionUpdateParams['cancellation_details']>,
): void {
  subscription.cancellation_details = {
    // An empty text unsets.
    comment: (details.comment ?? subscription.cancellation_details?.comment) || null,
    feedback: (details.feedback ?? subscription.cancellation_details?.feedback) || null,
    feedback_option: null,
    reason: subscription.cancellation_details?.reason ?? null,
  };
}
