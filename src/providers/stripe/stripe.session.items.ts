import type Stripe from 'stripe';
import { invalidField } from '../../kernel/errors.js';
import type { SessionInput, SessionItem } from '../provider.port.js';
import { toStripeAmount } from './stripe.money.js';

type LineItem = Stripe.Checkout.SessionCreateParams.LineItem;

/** Stripe takes at most this many lines in payment mode. */
const MAX_LINES = 100;
const MAX_NAME = 250;

/**
 * The lines of the page. Those that Stripe has no room for become one line, so that the sum is unchanged.
 * @throws ServiceError invalid_request naming the item whose price Stripe cannot express.
 */
export function lineItems(input: SessionInput): LineItem[] {
  const { currency } = input.money;
  input.items.forEach((item, index) => {
    if (toStripeAmount({ amount: item.unitAmount, currency }) === undefined) {
      throw invalidField(
        `items[${index}]`,
        `has a price with more decimals than Stripe takes in ${currency}`,
      );
    }
  });
  return fold(input.items).map((item) => lineItem(item, currency));
}

function fold(items: readonly SessionItem[]): readonly SessionItem[] {
  if (items.length <= MAX_LINES) return items;
  const shown = items.slice(0, MAX_LINES - 1);
  const rest = items.slice(MAX_LINES - 1);
  const unitAmount = rest.reduce((sum, item) => sum + item.unitAmount * BigInt(item.quantity), 0n);
  return [...shown, { name: `${rest.length} more items`, unitAmount, quantity: 1 }];
}

function lineItem(item: SessionItem, currency: string): LineItem {
  return {
    price_data: {
      currency: currency.toLowerCase(),
      unit_amount: Number(toStripeAmount({ amount: item.unitAmount, currency })),
      product_data: { name: shorten(item.name) },
    },
    quantity: item.quantity,
  };
}

function shorten(name: string): string {
  const characters = Array.from(name);
  return characters.length <= MAX_NAME ? name : `${characters.slice(0, MAX_NAME - 1).join('')}…`;
}
