import { periodEnd, type Rhythm } from '../billing.calendar.js';
import type { SubscriptionRecord } from '../billing.types.js';
import { trialLine, amountOf } from '../objects/invoice.line.js';
import { newSubscription } from '../objects/subscription.object.js';
import { checkFuture, type SubscriptionCreateParams } from '../params/subscription.params.js';
import { badParameter, refused, StripeError } from '../stripe.errors.js';
import type { Subscription } from '../stripe.types.js';
import type { StripeWorld } from '../stripe.world.js';
import { collectInvoice, settleInvoice } from './invoice.payment.js';
import { draftInvoice, momentOf, openPeriod, finalizeInvoice } from './invoice.draft.js';
import { requireOwned } from './method.moves.js';
import { announce, currentPeriod, methodOf } from './subscription.changes.js';
import { applyCoupon, chosenItems, commonRhythm } from './subscription.plan.js';
import { chargeAnswer } from './card.answer.js';
import { cardError } from './card.refusal.js';

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

const NOTICE_SECONDS = 3 * 24 * 60 * 60;

/** `trial_will_end` comes three days before the end, or at once where the trial is shorter. */
export function planTrialNotice(world: StripeWorld, record: SubscriptionRecord): void {
  const { status, trial_end: end } = record.subscription;
  const isOn = status === 'trialing' && end !== null;
  record.trialNoticeAt = isOn ? Math.max(world.clock.seconds(), end - NOTICE_SECONDS) : null;
}

/** Sends the notice once, when it is due. */
export function sayTrialEnds(world: StripeWorld, record: SubscriptionRecord): void {
  if (record.trialNoticeAt === null || record.trialNoticeAt > world.clock.seconds()) return;
  record.trialNoticeAt = null;
  world.log.emit('customer.subscription.trial_will_end', record.subscription);
}

/** Throws 400 where something is to be paid and there is nothing to charge it to. */
export function requirePaymentMethod(world: StripeWorld, subscription: Subscription): void {
  if (isFree(subscription) || methodOf(world, subscription)) return;
  const message =
    'This customer has no attached payment source or default payment method. Please consider adding a default payment method.';
  throw refused(message, { code: 'resource_missing' });
}

/** Throws 402 where the charge would not go through: `error_if_incomplete` leaves nothing behind. */
export function requirePayable(world: StripeWorld, subscription: Subscription, offSession = false): void {
  const method = methodOf(world, subscription);
  if (isFree(subscription) || !method) return;
  const answer = chargeAnswer(world, method.id, { offSession });
  if (answer.kind === 'declines') throw cardError(answer.failure, {});
  if (answer.kind === 'pays') return;
  const message =
    'Payment for this subscription requires additional user action before it can be completed successfully.';
  throw new StripeError(402, message, {
    type: 'card_error',
    code: 'subscription_payment_intent_requires_action',
  });
}

function isFree(subscription: Subscription): boolean {
  return subscription.items.data.every((item) => amountOf(item) === 0);
}

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
