import type { CancelReason, SubscriptionFact, SubscriptionStatus } from '../../billing.facts.js';
import { idOf, isJson, type Json, jsonOf, listOf, metadataOf, textOf, timeOf } from '../../json.read.js';
import { STRIPE } from '../stripe.name.js';
import { countOf } from '../plan/stripe.plan.js';

const STATUSES: ReadonlyMap<unknown, SubscriptionStatus> = new Map([
  ['incomplete', 'incomplete'],
  ['incomplete_expired', 'canceled'],
  ['trialing', 'in_trial'],
  ['active', 'active'],
  ['past_due', 'past_due'],
  // Invoices are made and not charged: the account's settings keep it so in place of canceling it.
  ['unpaid', 'past_due'],
  ['paused', 'paused'],
  ['canceled', 'canceled'],
]);

/** A subscription as Stripe tells it, with what changes of it need. */
export interface StripeSubscription {
  fact: Omit<SubscriptionFact, 'periods'>;
  id: string;
  customerId: string;
  /** Of the one item that ours have. */
  itemId: string;
  latestInvoiceId: string | undefined;
  /** Cycles are counted from here. */
  anchor: Date;
  itemStart: Date | undefined;
  itemEnd: Date | undefined;
  trialEnd: Date | undefined;
  /** It ends by itself after so many cycles. */
  expiryCount: number | undefined;
  /** When its cycles are over, while it is to end before. */
  cyclesEnd: Date | undefined;
  /** An end with the present cycle is set as its date. */
  endsByDate: boolean;
  cancelAt: Date | undefined;
  /** Charging is paused, and the subscription goes on. */
  collectionPaused: boolean;
}

/** Undefined for anything but a subscription to a price. */
export function readSubscription(value: unknown): StripeSubscription | undefined {
  if (!isJson(value) || value.object !== 'subscription') return undefined;
  const [id, customerId] = [textOf(value.id), idOf(value.customer)];
  const [created, status] = [timeOf(value.created), STATUSES.get(value.status)];
  const item = jsonOf(listOf(jsonOf(value.items).data)[0]);
  const [itemId, priceId] = [textOf(item.id), idOf(item.price)];
  if (!id || !customerId || !created || !status || !itemId || !priceId) return undefined;
  // Versions of the API before 2025-03-31 have the period on the subscription.
  const itemStart = timeOf(item.current_period_start) ?? timeOf(value.current_period_start);
  const itemEnd = timeOf(item.current_period_end) ?? timeOf(value.current_period_end);
  const [trialEnd, cancelAt] = [timeOf(value.trial_end), timeOf(value.cancel_at)];
  const metadata = metadataOf(value.metadata);
  const expiryCount = countOf(metadata.expiryCount);
  const collectionPaused = isJson(value.pause_collection);
  const shown = collectionPaused && status === 'active' ? 'paused' : status;
  const endsWithPeriod = expiryCount === undefined && isSame(cancelAt, itemEnd);
  const cancelAtPeriodEnd = status !== 'canceled' && (value.cancel_at_period_end === true || endsWithPeriod);
  const { comment } = jsonOf(value.cancellation_details);
  return {
    fact: {
      kind: 'subscription',
      provider: STRIPE,
      livemode: value.livemode === true,
      providerSubscriptionId: id,
      providerCustomerId: customerId,
      installationId: textOf(metadata.installationId),
      subscriptionId: textOf(metadata.subscriptionId),
      status: shown,
      cancelReason: status === 'canceled' ? reasonOf(value, expiryCount) : undefined,
      providerPlanId: priceId,
      providerSourceId: idOf(value.default_payment_method),
      createdAt: created,
      trialEnd,
      // What Stripe calls the period of a trial is the trial.
      periodStart: status === 'in_trial' ? undefined : itemStart,
      periodEnd: status === 'in_trial' ? undefined : itemEnd,
      cancelAtPeriodEnd,
      cancelComment: cancelAtPeriodEnd || status === 'canceled' ? textOf(comment) : undefined,
      pausedAt: timeOf(jsonOf(jsonOf(value.status_details).paused).transitioned_at),
      canceledAt: status === 'canceled' ? (timeOf(value.ended_at) ?? timeOf(value.canceled_at)) : undefined,
    },
    id,
    customerId,
    itemId,
    latestInvoiceId: idOf(value.latest_invoice),
    anchor: timeOf(value.billing_cycle_anchor) ?? created,
    itemStart,
    itemEnd,
    trialEnd,
    expiryCount,
    cyclesEnd: secondsOf(metadata.cyclesEnd),
    endsByDate: value.cancel_at_period_end !== true,
    cancelAt,
    collectionPaused,
  };
}

/** Stripe has no word for a subscription whose cycles are over: it was canceled at a time that was set before. */
function reasonOf(subscription: Json, expiryCount: number | undefined): CancelReason {
  if (subscription.status === 'incomplete_expired') return 'rejected';
  if (jsonOf(subscription.cancellation_details).reason === 'payment_failed') return 'payment_failed';
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
