import { periodEnd, type Rhythm } from '../billing.calendar.js';
import type { SubscriptionRecord } from '../billing.types.js';
import { trialLine } from '../objects/invoice.line.js';
import { newSubscription } from '../objects/subscription.object.js';
import { checkFuture, type SubscriptionCreateParams } from '../params/subscription.params.js';
import { badParameter } from '../stripe.errors.js';
import type { Subscription } from '../stripe.types.js';
import type { StripeWorld } from '../stripe.world.js';
import { collectInvoice } from './invoice.collect.js';
import { draftInvoice, momentOf, openPeriod } from './invoice.draft.js';
import { finalizeInvoice } from './invoice.finalize.js';
import { settleInvoice } from './invoice.settle.js';
import { requireOwned } from './method.moves.js';
import { announce, currentPeriod, methodOf } from './subscription.changes.js';
import { checkEnd, scheduleEnd } from './subscription.deadline.js';
import { applyCoupon, chosenItems, commonRhythm } from './subscription.items.js';
import { requirePayable, requirePaymentMethod } from './subscription.payable.js';
import { planTrialNotice, sayTrialEnds } from './subscription.trial.js';

const DAY = 24 * 60 * 60;

/** Subscribes a customer and bills the first period, unless a trial comes first. */
export function createSubscription(world: StripeWorld, params: SubscriptionCreateParams): Subscription {
  world.customer(params.customer, 'customer');
  const items = chosenItems(world, params.items);
  const rhythm = commonRhythm(items);
  const defaultMethod =
    params.default_payment_method === undefined
      ? null
      : requireOwned(world, params.default_payment_method, params.customer, 'default_payment_method').id;
  const trialEnd = trialEndOf(world, params);
  const subscription = newSubscription(world, {
    params,
    items,
    defaultMethod,
    currency: items[0]?.price.currency ?? '',
    period: firstPeriod(world, rhythm, trialEnd),
    trialEnd,
  });
  const owner: SubscriptionRecord = {
    subscription,
    isAnnounced: false,
    waitingLines: [],
    coupon: null,
    trialNoticeAt: null,
    upcomingFor: null,
    resumeInvoice: null,
  };
  checkEnd(world, params);
  scheduleEnd(world, subscription, params);
  applyCoupon(world, owner, params.discounts);
  if (trialEnd === null) checkPayment(world, owner, params);
  world.billing.subscriptions.set(subscription.id, owner);
  if (trialEnd === null) billFirst(world, owner, params);
  else billTrial(world, owner);
  announce(world, owner);
  planTrialNotice(world, owner);
  sayTrialEnds(world, owner);
  return subscription;
}

/** Nothing has happened yet when this refuses. */
function checkPayment(world: StripeWorld, owner: SubscriptionRecord, params: SubscriptionCreateParams): void {
  const behavior = params.payment_behavior ?? 'allow_incomplete';
  if (behavior === 'default_incomplete') return;
  if (owner.coupon?.percent_off === 100) return;
  requirePaymentMethod(world, owner.subscription);
  if (behavior === 'error_if_incomplete') requirePayable(world, owner.subscription, params.off_session);
}

function billFirst(world: StripeWorld, owner: SubscriptionRecord, params: SubscriptionCreateParams): void {
  const { subscription } = owner;
  const period = currentPeriod(subscription);
  const record = openPeriod(world, owner, { period, reason: 'subscription_create' });
  if (params.payment_behavior !== 'default_incomplete') {
    collectInvoice(world, owner, record, { offSession: params.off_session });
    return;
  }
  finalizeInvoice(world, owner, record);
  if (record.invoice.amount_due === 0) settleInvoice(world, owner, record);
  const intent = world.intents.get(record.payment?.payment.payment_intent ?? '')?.intent;
  const method = methodOf(world, subscription);
  if (!intent || !method) return;
  intent.payment_method = method.id;
  intent.status = 'requires_confirmation';
}

/** A trial begins with an invoice of nothing, which is paid at once and has no payment. */
function billTrial(world: StripeWorld, owner: SubscriptionRecord): void {
  const { subscription } = owner;
  const period = currentPeriod(subscription);
  const record = draftInvoice(world, owner, {
    reason: 'subscription_create',
    lines: ({ items }) => items.data.map((item) => trialLine(world, subscription, item, period)),
    period: momentOf(world),
  });
  collectInvoice(world, owner, record);
}

function firstPeriod(world: StripeWorld, rhythm: Rhythm, trialEnd: number | null) {
  const start = world.clock.seconds();
  return { start, end: trialEnd ?? periodEnd(start, rhythm, start) };
}

function trialEndOf(world: StripeWorld, params: SubscriptionCreateParams): number | null {
  const { trial_end: end, trial_period_days: days } = params;
  if (end !== undefined && days !== undefined) {
    const message = 'You may only specify one of these parameters: trial_end, trial_period_days.';
    throw badParameter(message, 'trial_end');
  }
  const now = world.clock.seconds();
  if (days !== undefined) return now + days * DAY;
  if (end === undefined || end === 'now') return null;
  checkFuture(end, now, 'trial_end');
  return end;
}
