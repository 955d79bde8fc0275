import { invalidField, ServiceError } from '../../../kernel/errors.js';
import type { SessionAdjustment, SessionInput, SessionItem } from '../../provider.port.js';

type LineItem = { name: string; unit_price: number; quantity: number };
type TaxLine = { description: string; amount: number };
type ShippingLine = { method: string; amount: number };
type DiscountLine = { code: string; type: string; amount: number };

export type OrderLines = {
  line_items: LineItem[];
  tax_lines?: TaxLine[];
  shipping_lines?: ShippingLine[];
  discount_lines?: DiscountLine[];
};

type Lines = Pick<SessionInput, 'items' | 'taxes' | 'shipping' | 'discounts'>;

/** What Conekta takes for the name of anything that is sold or shipped. */
const MIN_NAME = 3;
export const MAX_NAME = 249;
/** Conekta keeps a price in 32 bits. */
const MAX_UNIT_PRICE = 2_147_483_647n;

/**
 * What is paid for, with what is added to it and taken off it.
 * @throws ServiceError invalid_request or amount_out_of_bounds naming the line.
 */
export function orderLines({ items, taxes, shipping, discounts }: Lines): OrderLines {
  return {
    line_items: items.map(lineItem),
    ...(taxes.length > 0 && { tax_lines: taxes.map(taxLine) }),
    ...(shipping.length > 0 && { shipping_lines: shipping.map(shippingLine) }),
    ...(discounts.length > 0 && { discount_lines: discounts.map(discountLine) }),
  };
}

function lineItem({ name, unitAmount, quantity }: SessionItem, at: number): LineItem {
  assertPrice(unitAmount, `items[${at}]`);
  return { name: named(name, `items[${at}].name`), unit_price: Number(unitAmount), quantity };
}

function taxLine({ name, amount }: SessionAdjustment, at: number): TaxLine {
  return { description: named(name, `taxes[${at}].name`), amount: Number(amount) };
}

function shippingLine({ name, amount }: SessionAdjustment, at: number): ShippingLine {
  return { method: named(name, `shipping[${at}].name`), amount: Number(amount) };
}

/** A coupon is one of the four kinds that Conekta knows, for its own reports only. */
function discountLine({ name, amount }: SessionAdjustment): DiscountLine {
  return { code: name, type: 'coupon', amount: Number(amount) };
}

function assertPrice(unitAmount: bigint, field: string): void {
  if (unitAmount <= MAX_UNIT_PRICE) return;
  const rule = `must cost at most ${MAX_UNIT_PRICE} minor units each at Conekta`;
  throw new ServiceError('amount_out_of_bounds', `${field} ${rule}`, [{ field, rule }]);
}

function named(name: string, field: string): string {
  // Counted in whole characters and in halves of them, each where it is the stricter way.
  if (Array.from(name).length >= MIN_NAME && name.length <= MAX_NAME) return name;
  throw invalidField(field, `must be between ${MIN_NAME} and ${MAX_NAME} characters at Conekta`);
}
