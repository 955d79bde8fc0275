import type { SubscriptionRecord } from '../billing.types.js';
import { type Rhythm, INTERVALS } from '../billing.calendar.js';
import type { Span } from '../objects/invoice.line.js';
import { changedFields } from '../stripe.changes.js';
import type { PaymentMethod, Subscription, SubscriptionItem } from '../stripe.types.js';
import type { StripeWorld } from '../stripe.world.js';

/** Changes a subscription and says what changed, once the world has heard of it. */
export function changeSubscription<T>(
  world: StripeWorld,
  { subscription, isAnnounced }: SubscriptionRecord,
  change: (subscription: Subscription) => T,
): T {
  const before = structuredClone(subscription);
  const result = change(subscription);
  const previous = changedFields(before, subscription);
  if (isAnnounced && Object.keys(previous).length > 0) {
    world.log.emit('customer.subscription.updated', subscription, previous);
  }
  return result;
}

/** Says that a subscription is there, with the state that its first invoice left it in. */
export function announce(world: StripeWorld, record: SubscriptionRecord): void {
  if (record.isAnnounced) return;
  record.isAnnounced = true;
  world.log.emit('customer.subscription.created', record.subscription);
}

/** The period that runs, or the last one. All items of a subscription share it here. */
export function currentPeriod(subscription: Subscription): Span {
  const item = firstItem(subscription);
  return { start: item.current_period_start, end: item.current_period_end };
}

export function setPeriod(subscription: Subscription, { start, end }: Span): void {
  for (const item of subscription.items.data) {
    item.current_period_start = start;
    item.current_period_end = end;
  }
}

export function rhythmOf(subscription: Subscription): Rhythm {
  const recurring = firstItem(subscription).price.recurring;
  const interval = INTERVALS.find((one) => one === recurring?.interval) ?? 'month';
  return { interval, count: recurring?.interval_count ?? 1 };
}

/** What a subscription is charged to: its own default method before its customer's. */
export function methodOf(world: StripeWorld, subscription: Subscription): PaymentMethod | undefined {
  const customer = world.customers.get(subscription.customer);
  const fallback = customer?.invoice_settings.default_payment_method;
  const id = subscription.default_payment_method ?? (typeof fallback === 'string' ? fallback : null);
  return id === null ? undefined : world.paymentMethods.get(id);
}

function firstItem(subscription: Subscription): SubscriptionItem {
  const item = subscription.items.data[0];
  if (!item) throw new Error(`${subscription.id} has no items`);
  return item;
}
