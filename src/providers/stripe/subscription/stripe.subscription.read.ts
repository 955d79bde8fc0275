import type {
  CancelReason,
  SubscriptionFact,
  SubscriptionItem,
  SubscriptionStatus,
} from '../../billing.facts.js';
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
  // Invoices are made and not charged: the account's settings keep it so in place of canceling it.
  ['unpaid', 'past_due'],
  ['paused', 'paused'],
  ['canceled', 'canceled'],
]);

/** Metadata of the item that is the plan, where we have made it or changed it: an add-on has none. */
export const PLAN_MARK = { isPlan: 'true' } as const;

export interface StripeItem extends SubscriptionItem {
  /** Undefined where it is by usage. */
  quantity: number | undefined;
}

/** A subscription as Stripe tells it, with what changes of it need. */
export interface StripeSubscription {
  fact: Omit<SubscriptionFact, 'periods'>;
  id: string;
  customerId: string;
  /** The first one is taken for the plan where none is marked; where there are several, what we know decides. */
  items: readonly StripeItem[];
  itemId: string;
  latestInvoiceId: string | undefined;
  /** Cycles are counted from here. */
  anchor: Date;
  itemStart: Date | undefined;
  itemEnd: Date | undefined;
  trialStart: Date | undefined;
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
  const items = listOf(jsonOf(value.items).data).flatMap((item) => itemOf(jsonOf(item), value));
  const item = items.find(({ isPlan }) => isPlan) ?? items[0];
  if (!id || !customerId || !created || !status || item === undefined) return undefined;
  const { itemId, providerPlanId, periodStart: itemStart, periodEnd: itemEnd } = item;
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
      providerPlanId,
      ...(items.length > 1 && { items: items.map(({ quantity: _, ...told }) => told) }),
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
    items,
    itemId,
    latestInvoiceId: idOf(value.latest_invoice),
    anchor: timeOf(value.billing_cycle_anchor) ?? created,
    itemStart,
    itemEnd,
    trialStart: timeOf(value.trial_start),
    trialEnd,
    expiryCount,
    cyclesEnd: secondsOf(metadata.cyclesEnd),
    endsByDate: value.cancel_at_period_end !== true,
    cancelAt,
    collectionPaused,
  };
}

/** Versions of the API before 2025-03-31 have the period on the subscription. */
function itemOf(item: Json, subscription: Json): StripeItem[] {
  const [itemId, providerPlanId] = [textOf(item.id), idOf(item.price)];
  if (itemId === undefined || providerPlanId === undefined) return [];
  return [
    {
      itemId,
      providerPlanId,
      isPlan: metadataOf(item.metadata).isPlan === PLAN_MARK.isPlan,
      periodStart: timeOf(item.current_period_start) ?? timeOf(subscription.current_period_start),
      periodEnd: timeOf(item.current_period_end) ?? timeOf(subscription.current_period_end),
      quantity: integerOf(item.quantity),
    },
  ];
}

/** Stripe has no word for a subscription whose cycles are over: it was canceled at a time that was set before. */
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
