import type { Rhythm } from '../billing.calendar.js';
import { amountOf } from '../objects/invoice.line.js';
import { planOf } from '../objects/subscription.object.js';
import type { SubscriptionUpdateParams } from '../params/subscription.params.js';
import { badParameter, missing, refused } from '../stripe.errors.js';
import type { Price, Subscription, SubscriptionItem } from '../stripe.types.js';
import type { StripeWorld } from '../stripe.world.js';
import { rhythmOf } from './subscription.changes.js';
import { commonRhythm, subscribablePrice } from './subscription.items.js';

/** What becomes of each item, in their order. */
export interface PlanChange {
  items: { price: Price; quantity: number }[];
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
  const items = before.map(({ price, quantity }) => ({ price, quantity }));
  params.forEach((changed, index) => {
    const at = positionOf(before, changed.id, index);
    const item = items[at];
    if (!item) return;
    if (changed.price !== undefined && changed.price !== item.price.id) {
      item.price = subscribablePrice(world, changed.price, `items[${index}][price]`);
    }
    item.quantity = changed.quantity ?? item.quantity;
  });
  if (items.some(({ price }) => price.currency !== subscription.currency)) {
    throw refused('The currency of a subscription cannot be changed.', { param: 'items' });
  }
  const [old, rhythm] = [rhythmOf(subscription), commonRhythm(items)];
  const changesItems = items.some(
    ({ price, quantity }, index) => price !== before[index]?.price || quantity !== before[index]?.quantity,
  );
  return {
    items,
    rhythm,
    changesRhythm: old.interval !== rhythm.interval || old.count !== rhythm.count,
    changesAmount: changesItems && (sum(before) > 0 || items.some(({ price }) => price.unit_amount)),
  };
}

export function swapItems(subscription: Subscription, plan: PlanChange): void {
  subscription.items.data.forEach((item, index) => {
    const next = plan.items[index];
    if (!next) return;
    item.price = next.price;
    item.plan = planOf(next.price);
    item.quantity = next.quantity;
  });
}

/** Without the id of an item Stripe would add one; the sandbox changes those that are there. */
function positionOf(items: SubscriptionItem[], id: string | undefined, index: number): number {
  if (id === undefined) {
    const message = 'The sandbox adds no items to a subscription: name the one to change by its `id`.';
    throw badParameter(message, `items[${index}][id]`);
  }
  const at = items.findIndex((item) => item.id === id);
  if (at < 0) throw missing('subscription_item', id, `items[${index}][id]`);
  return at;
}

function sum(items: SubscriptionItem[]): number {
  return items.reduce((total, item) => total + amountOf(item), 0);
}
