import type { Rhythm } from '../billing.calendar.js';
import { amountOf } from '../objects/invoice.line.js';
import { newItem, planOf } from '../objects/subscription.object.js';
import { mergedMetadata } from '../params/shared.params.js';
import type { SubscriptionUpdateParams } from '../params/subscription.params.js';
import { badParameter, missing, refused } from '../stripe.errors.js';
import type { Price, Subscription } from '../stripe.types.js';
import type { StripeWorld } from '../stripe.world.js';
import { currentPeriod, rhythmOf } from './subscription.changes.js';
import { commonRhythm, subscribablePrice } from './subscription.items.js';

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
