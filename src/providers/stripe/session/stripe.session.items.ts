import type Stripe from 'stripe';
import { invalidField } from '../../../kernel/errors.js';
import type { SessionAdjustment, SessionInput, SessionItem } from '../../provider.port.js';
import { toStripeAmount } from '../stripe.money.js';
import { shorten } from '../stripe.text.js';

type LineItem = Stripe.Checkout.SessionCreateParams.LineItem;

/** Stripe takes at most this many lines in payment mode. */
const MAX_LINES = 100;
const MAX_NAME = 250;

/**
 * The lines of the page: what is bought, then its taxes and its shipping. Tax rates would be rounded by Stripe
 * and have to be set up there, shipping rates are a choice of one and no coupon reaches them; lines say the
 * amounts that the caller said. Those that Stripe has no room for become one line, so that the sum is unchanged.
 * @throws ServiceError invalid_request naming the item whose price Stripe cannot express.
 */
export function lineItems(input: SessionInput): LineItem[] {
  const { currency } = input.money;
  assertExpressible(input.items, currency, 'items');
  const added = [
    ...linesOf(input.taxes, currency, 'taxes'),
    ...linesOf(input.shipping, currency, 'shipping'),
  ];
  const items = fold(input.items, Math.max(1, MAX_LINES - added.length));
  return fold([...items, ...added], MAX_LINES).map((item) => lineItem(item, currency));
}

function linesOf(added: readonly SessionAdjustment[], currency: string, field: string): SessionItem[] {
  const lines = added.map(({ name, amount }) => ({ name, unitAmount: amount, quantity: 1 }));
  assertExpressible(lines, currency, field);
  return lines;
}

function assertExpressible(lines: readonly SessionItem[], currency: string, field: string): void {
  lines.forEach(({ unitAmount }, index) => {
    if (toStripeAmount({ amount: unitAmount, currency }) !== undefined) return;
    throw invalidField(
      `${field}[${index}]`,
      `has a price with more decimals than Stripe takes in ${currency}`,
    );
  });
}

function fold(items: readonly SessionItem[], room: number): readonly SessionItem[] {
  if (items.length <= room) return items;
  const shown = items.slice(0, room - 1);
  const rest = items.slice(room - 1);
  const unitAmount = rest.reduce((sum, item) => sum + item.unitAmount * BigInt(item.quantity), 0n);
  return [...shown, { name: `${rest.length} more items`, unitAmount, quantity: 1 }];
}

function lineItem(item: SessionItem, currency: string): LineItem {
  return {
    price_data: {
      currency: currency.toLowerCase(),
      unit_amount: Number(toStripeAmount({ amount: item.unitAmount, currency })),
      product_data: { name: shorten(item.name, MAX_NAME) },
    },
    quantity: item.quantity,
  };
}
