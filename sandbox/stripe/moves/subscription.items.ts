import type { Rhythm } from '../billing.calendar.js';
import { INTERVALS } from '../billing.calendar.js';
import type { SubscriptionRecord } from '../billing.types.js';
import { badParameter, refused } from '../stripe.errors.js';
import { newId } from '../stripe.ids.js';
import type { Price } from '../stripe.types.js';
import type { StripeWorld } from '../stripe.world.js';

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
