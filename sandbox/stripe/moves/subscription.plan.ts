import { type Rhythm, INTERVALS } from '../billing.calendar.js';
import { amountOf, partLine, type Span } from '../objects/invoice.line.js';
import { newItem, planOf } from '../objects/subscription.object.js';
import { mergedMetadata } from '../params/shared.params.js';
import type { SubscriptionUpdateParams } from '../params/subscription.params.js';
import { badParameter, missing, refused } from '../stripe.errors.js';
import type { Price, Subscription } from '../stripe.types.js';
import type { StripeWorld } from '../stripe.world.js';
import { currentPeriod, rhythmOf } from './subscription.changes.js';
import type { SubscriptionRecord } from '../billing.types.js';
import { newId } from '../stripe.ids.js';
import { collectInvoice, type InvoiceAttempt } from './invoice.payment.js';
import { draftInvoice, momentOf } from './invoice.draft.js';

interface PlannedItem {
  /** Undefined for one that is added. */
  id?: string;
  price: Price;
  quantity: number;
  metadata: Record<string, string>;
}

/** What becomes of the items: those that stay in their order, and then those that are added. */
export interface PlanChange {
  items: PlannedItem[];
  /** Ids of those of which nothing is prorated. */
  untouched: ReadonlySet<string>;
  rhythm: Rhythm;
  changesRhythm: boolean;
  changesAmount: boolean;
}

/** Reads a change of prices without doing it. Throws Stripe's error for what does not fit the subscription. */
export function readPlan(
  world: StripeWorld,
  subscription: Subscription,
  params: SubscriptionUpdateParams['items'] = [],
): PlanChange {
  const before = subscription.items.data;
  const present = before.map(({ id, price, quantity, metadata }) => ({ id, price, quantity, metadata }));
  const added: PlannedItem[] = [];
  const deleted = new Set<string>();
  params.forEach((changed, index) => {
    const param = `items[${index}][price]`;
    if (changed.id === undefined) {
      if (changed.price === undefined) {
        throw badParameter(`Missing required param: ${param}.`, param, 'parameter_missing');
      }
      const price = subscribablePrice(world, changed.price, param);
      added.push({ price, quantity: changed.quantity ?? 1, metadata: changed.metadata ?? {} });
      return;
    }
    const item = present.find(({ id }) => id === changed.id);
    if (!item) throw missing('subscription_item', changed.id, `items[${index}][id]`);
    if (changed.deleted) deleted.add(item.id);
    if (changed.price !== undefined && changed.price !== item.price.id) {
      item.price = subscribablePrice(world, changed.price, param);
    }
    item.quantity = changed.quantity ?? item.quantity;
    item.metadata = mergedMetadata(item.metadata, changed.metadata);
  });
  const items: PlannedItem[] = [...present.filter(({ id }) => !deleted.has(id)), ...added];
  if (items.length === 0)
    throw refused('A subscription must have at least one active plan.', { param: 'items' });
  if (items.some(({ price }) => price.currency !== subscription.currency)) {
    throw refused('The currency of a subscription cannot be changed.', { param: 'items' });
  }
  const [old, rhythm] = [rhythmOf(subscription), commonRhythm(items)];
  const untouched = new Set(
    before
      .filter((one) =>
        items.some(({ id, price, quantity }) => {
          return id === one.id && price === one.price && quantity === one.quantity;
        }),
      )
      .map(({ id }) => id),
  );
  const changesItems = added.length > 0 || untouched.size < before.length;
  return {
    items,
    untouched,
    rhythm,
    changesRhythm: old.interval !== rhythm.interval || old.count !== rhythm.count,
    changesAmount: changesItems && (sum(before) > 0 || items.some(({ price }) => price.unit_amount)),
  };
}

export function swapItems(world: StripeWorld, subscription: Subscription, plan: PlanChange): void {
  const period = currentPeriod(subscription);
  const before = subscription.items.data;
  subscription.items.data = plan.items.map(({ id, ...next }) => {
    const item = before.find((one) => one.id === id);
    if (!item) return newItem(subscription.id, world.clock.seconds(), period, next);
    return { ...item, ...next, plan: planOf(next.price) };
  });
}

function sum(items: { price: Price; quantity: number }[]): number {
  return items.reduce((total, item) => total + amountOf(item), 0);
}

export interface ChosenItem {
  price: Price;
  quantity: number;
  metadata: Record<string, string>;
}

interface ItemParams {
  price?: string;
  quantity?: number;
  metadata?: Record<string, string>;
}

/** What a subscription is made of. Throws Stripe's error for prices that cannot be subscribed to. */
export function chosenItems(world: StripeWorld, items: ItemParams[]): ChosenItem[] {
  if (items.length === 0) throw badParameter('Missing required param: items.', 'items', 'parameter_missing');
  const chosen = items.map((item, index) => {
    const param = `items[${index}][price]`;
    if (item.price === undefined) {
      throw badParameter(`Missing required param: ${param}.`, param, 'parameter_missing');
    }
    const price = subscribablePrice(world, item.price, param);
    return { price, quantity: item.quantity ?? 1, metadata: item.metadata ?? {} };
  });
  if (new Set(chosen.map(({ price }) => price.currency)).size > 1) {
    throw refused('All prices on a subscription must have the same currency.', { param: 'items' });
  }
  return chosen;
}

/** A coupon of a part of each cycle, from the next invoice on. Throws Stripe's error where there is none. */
export function applyCoupon(
  world: StripeWorld,
  owner: SubscriptionRecord,
  discounts: { coupon: string }[] | undefined,
): void {
  const [first] = discounts ?? [];
  if (!first) return;
  const param = 'discounts[0][coupon]';
  const coupon = world.coupon(first.coupon, param);
  if (coupon.percent_off === null)
    throw badParameter(`The sandbox does not play ${param} of an amount.`, param);
  owner.coupon = coupon;
  owner.subscription.discounts = [newId('di')];
}

export function subscribablePrice(world: StripeWorld, id: string, param: string): Price {
  const price = world.billing.price(id, param);
  if (!price.active) {
    throw refused('The price specified is inactive. This field only accepts active prices.', { param });
  }
  if (price.recurring) return price;
  const message =
    'The price specified is set to `type=one_time` but this field only accepts prices with `type=recurring`.';
  throw refused(message, { param });
}

/** Throws 400 for items of different intervals: the sandbox bills all of them together. */
export function commonRhythm(items: { price: Price }[]): Rhythm {
  const rhythms = items.map(({ price: { recurring } }) => ({
    interval: INTERVALS.find((one) => one === recurring?.interval) ?? 'month',
    count: recurring?.interval_count ?? 1,
  }));
  const first = rhythms[0] ?? { interval: 'month', count: 1 };
  const differs = rhythms.some(({ interval, count }) => interval !== first.interval || count !== first.count);
  if (differs) throw refused('The sandbox plays subscriptions of one interval only.', { param: 'items' });
  return first;
}

/**
 * Prorations wait for the next invoice: what is not used of a period, or what is still to be paid of it.
 * @param except ids of items with which nothing happens
 */
export function prorate(
  world: StripeWorld,
  owner: SubscriptionRecord,
  kind: 'unused' | 'remaining',
  span: Span = { start: world.clock.seconds(), end: currentPeriod(owner.subscription).end },
  except: ReadonlySet<string> = new Set(),
): void {
  const { subscription } = owner;
  const period = currentPeriod(subscription);
  for (const item of subscription.items.data) {
    if (except.has(item.id)) continue;
    const line = partLine(world, subscription, item, { kind, span, period });
    if (line.amount !== 0) owner.waitingLines.push(line);
  }
}

/** Bills what waits without a new period. */
export function billWaiting(
  world: StripeWorld,
  owner: SubscriptionRecord,
  attempt: Omit<InvoiceAttempt, 'isScheduled'> = {},
): void {
  if (owner.waitingLines.length === 0) return;
  const record = draftInvoice(world, owner, {
    reason: 'subscription_update',
    lines: () => owner.waitingLines.splice(0),
    period: momentOf(world),
  });
  collectInvoice(world, owner, record, attempt);
}
