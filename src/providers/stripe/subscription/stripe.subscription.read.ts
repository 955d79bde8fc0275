import type { CancelReason, SubscriptionFact, SubscriptionStatus } from '../../billing.facts.js';
import {
  idOf,
  integerOf,
  isJson,
  type Json,
  jsonOf,
  listOf,
  metadataOf,
  textOf,
  timeOf,
} from '../../json.read.js';
import { countOf } from '../plan/stripe.plan.read.js';
import { STRIPE } from '../stripe.account.js';

const STATUSES: ReadonlyMap<unknown, SubscriptionStatus> = new Map([
  ['incomplete', 'incomplete'],
  ['incomplete_expired', 'canceled'],
  ['trialing', 'in_trial'],
  ['active', 'active'],
  ['past_due', 'past_due'],
  // Invoices are made and not charged: the account's settings do so instead of canceling.
  ['unpaid', 'past_due'],
  ['paused', 'paused'],
  ['canceled', 'canceled'],
]);

/** Metadata of the plan's item, where we made or changed it; add-ons have none. */
export const PLAN_MARK = { isPlan: 'true' } as const;

export type StripeSubscription = NonNullable<ReturnType<typeof readSubscription>>;
export type StripeItem = StripeSubscription['items'][number];

/** Undefined for anything but a subscription to a price. */
export function readSubscription(value: unknown) {
  if (!isJson(value) || value.object !== 'subscription') return undefined;
  const [id, customerId] = [textOf(value.id), idOf(value.customer)];
  const [created, status] = [timeOf(value.created), STATUSES.get(value.status)];
  const items = listOf(jsonOf(value.items).data).flatMap((item) => itemOf(jsonOf(item), value) ?? []);
  const item = items.find(({ isPlan }) => isPlan) ?? items[0];
  if (!id || !customerId || !created || !status || item === undefined) return undefined;
  const { itemId, providerPlanId, periodStart: itemStart, periodEnd: itemEnd } = item;
  const [trialEnd, cancelAt] = [timeOf(value.trial_end), timeOf(value.cancel_at)];
  const metadata = metadataOf(value.metadata);
  const expiryCount = countOf(metadata.expiryCount);
  const collectionPaused = isJson(value.pause_collection);
  const endsWithPeriod = expiryCount === undefined && isSame(cancelAt, itemEnd);
  const [isCanceled, isInTrial] = [status === 'canceled', status === 'in_trial'];
  const cancelAtPeriodEnd = !isCanceled && (value.cancel_at_period_end === true || endsWithPeriod);
  const { comment } = jsonOf(value.cancellation_details);
  const fact: Omit<SubscriptionFact, 'periods'> = {
    kind: 'subscription',
    provider: STRIPE,
    livemode: value.livemode === true,
    providerSubscriptionId: id,
    providerCustomerId: customerId,
    installationId: textOf(metadata.installationId),
    subscriptionId: textOf(metadata.subscriptionId),
    status: collectionPaused && status === 'active' ? 'paused' : status,
    cancelReason: isCanceled ? reasonOf(value, expiryCount) : undefined,
    providerPlanId,
    ...(items.length > 1 && { items: items.map(({ quantity: _, ...told }) => told) }),
    providerSourceId: idOf(value.default_payment_method),
    createdAt: created,
    trialEnd,
    // Stripe calls the trial itself the period.
    periodStart: isInTrial ? undefined : itemStart,
    periodEnd: isInTrial ? undefined : itemEnd,
    cancelAtPeriodEnd,
    cancelComment: cancelAtPeriodEnd || isCanceled ? textOf(comment) : undefined,
    pausedAt: timeOf(jsonOf(jsonOf(value.status_details).paused).transitioned_at),
    canceledAt: isCanceled ? (timeOf(value.ended_at) ?? timeOf(value.canceled_at)) : undefined,
  };
  return {
    fact,
    id,
    customerId,
    items,
    /** Of the marked item, else of the first; among several, what we know of their plans decides. */
    itemId,
    latestInvoiceId: idOf(value.latest_invoice),
    /** Cycles are counted from here. */
    anchor: timeOf(value.billing_cycle_anchor) ?? created,
    itemStart,
    itemEnd,
    trialStart: timeOf(value.trial_start),
    trialEnd,
    /** It ends by itself after so many cycles. */
    expiryCount,
    /** When its cycles are over, while it is to end before. */
    cyclesEnd: secondsOf(metadata.cyclesEnd),
    /** Its end with the present cycle is set as a date. */
    endsByDate: value.cancel_at_period_end !== true,
    cancelAt,
    /** Charging is paused, the cycles go on. */
    collectionPaused,
  };
}

/** API versions before 2025-03-31 have the period on the subscription. */
function itemOf(item: Json, subscription: Json) {
  const [itemId, providerPlanId] = [textOf(item.id), idOf(item.price)];
  if (itemId === undefined || providerPlanId === undefined) return undefined;
  return {
    itemId,
    providerPlanId,
    isPlan: metadataOf(item.metadata).isPlan === PLAN_MARK.isPlan,
    periodStart: timeOf(item.current_period_start) ?? timeOf(subscription.current_period_start),
    periodEnd: timeOf(item.current_period_end) ?? timeOf(subscription.current_period_end),
    /** Undefined for usage. */
    quantity: integerOf(item.quantity),
  };
}

/** Stripe has no reason for cycles that are over: the subscription was canceled at a time set before. */
function reasonOf(subscription: Json, expiryCount: number | undefined): CancelReason {
  if (subscription.status === 'incomplete_expired') return 'rejected';
  const { reason } = jsonOf(subscription.cancellation_details);
  if (reason === 'payment_failed') return 'payment_failed';
  if (reason === 'payment_disputed') return 'disputed';
  const [cancelAt, endedAt] = [timeOf(subscription.cancel_at), timeOf(subscription.ended_at)];
  const reachedItsEnd = cancelAt !== undefined && endedAt !== undefined && endedAt >= cancelAt;
  const wasAsked = subscription.cancel_at_period_end === true;
  return expiryCount !== undefined && reachedItsEnd && !wasAsked ? 'completed' : 'requested';
}

function secondsOf(text: string | undefined): Date | undefined {
  return text !== undefined && /^\d{9,11}$/.test(text) ? timeOf(Number(text)) : undefined;
}

function isSame(a: Date | undefined, b: Date | undefined): boolean {
  return a !== undefined && a.getTime() === b?.getTime();
}
