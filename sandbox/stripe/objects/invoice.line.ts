import { newId } from '../stripe.ids.js';
import { formatMoney } from '../stripe.money.js';
import type { InvoiceLine, Price, Subscription, SubscriptionItem } from '../stripe.types.js';
import type { StripeWorld } from '../stripe.world.js';

export interface Span {
  /** Seconds since the epoch. */
  start: number;
  end: number;
}

/** A whole period of an item, billed before it is used. */
export function periodLine(
  world: StripeWorld,
  subscription: Subscription,
  item: SubscriptionItem,
  period: Span,
): InvoiceLine {
  const amount = amountOf(item);
  const description = `${item.quantity} × ${productName(world, item.price)} (at ${rate(item.price)})`;
  return newLine({ subscription, item, period, amount, description, isProration: false });
}

/** A period that is not paid for. */
export function trialLine(
  world: StripeWorld,
  subscription: Subscription,
  item: SubscriptionItem,
  period: Span,
): InvoiceLine {
  const description = `Trial period for ${productName(world, item.price)}`;
  return newLine({ subscription, item, period, amount: 0, description, isProration: false });
}

/** A part of a period that is given back, or that is still to be paid after a change. */
export function partLine(
  world: StripeWorld,
  subscription: Subscription,
  item: SubscriptionItem,
  part: { kind: 'unused' | 'remaining'; span: Span; period: Span },
): InvoiceLine {
  const { kind, span, period } = part;
  const share = (amountOf(item) * (span.end - span.start)) / (period.end - period.start);
  const amount = kind === 'unused' ? -Math.round(share) : Math.round(share);
  const date = new Date(span.start * 1000).toISOString().slice(0, 10);
  const word = kind === 'unused' ? 'Unused' : 'Remaining';
  const description = `${word} time on ${productName(world, item.price)} after ${date}`;
  return newLine({ subscription, item, period: span, amount, description, isProration: true });
}

/** What somebody put on the next invoice by hand. */
export function pendingLine(
  subscription: Subscription,
  { amount, description, at }: { amount: number; description: string; at: number },
): InvoiceLine {
  const [item] = subscription.items.data;
  if (!item) throw new Error(`${subscription.id} has no items`);
  const period = { start: at, end: at };
  const line = newLine({ subscription, item, period, amount, description, isProration: false });
  return {
    ...line,
    discountable: false,
    parent: {
      invoice_item_details: {
        invoice_item: newId('ii'),
        proration: false,
        proration_details: { credited_items: null },
        subscription: subscription.id,
      },
      subscription_item_details: null,
      type: 'invoice_item_details',
    },
    pricing: null,
    quantity: 1,
    quantity_decimal: '1',
  };
}

/** Minor units for a whole period. */
export function amountOf({ price, quantity }: Pick<SubscriptionItem, 'price' | 'quantity'>): number {
  return (price.unit_amount ?? 0) * quantity;
}

interface LineParts {
  subscription: Subscription;
  item: SubscriptionItem;
  period: Span;
  amount: number;
  description: string;
  isProration: boolean;
}

function newLine({ subscription, item, period, amount, description, isProration }: LineParts): InvoiceLine {
  return {
    id: newId('il'),
    object: 'line_item',
    amount,
    currency: subscription.currency,
    description,
    discount_amounts: [],
    discountable: !isProration,
    discounts: [],
    invoice: null,
    livemode: false,
    metadata: { ...subscription.metadata },
    parent: {
      invoice_item_details: null,
      subscription_item_details: {
        invoice_item: isProration ? newId('ii') : null,
        proration: isProration,
        proration_details: { credited_items: null },
        subscription: subscription.id,
        subscription_item: item.id,
      },
      type: 'subscription_item_details',
    },
    period,
    pretax_credit_amounts: [],
    pricing: {
      price_details: { price: item.price.id, product: item.price.product },
      type: 'price_details',
      unit_amount_decimal: item.price.unit_amount_decimal,
    },
    quantity: item.quantity,
    quantity_decimal: String(item.quantity),
    subscription: subscription.id,
    subtotal: amount,
    taxes: [],
  };
}

function productName(world: StripeWorld, price: Price): string {
  return world.billing.products.get(price.product)?.name ?? price.product;
}

function rate({ unit_amount, currency, recurring }: Price): string {
  const count = recurring?.interval_count ?? 1;
  const interval = recurring?.interval ?? 'month';
  return `${formatMoney(unit_amount ?? 0, currency)} / ${count === 1 ? interval : `every ${count} ${interval}s`}`;
}
