import { invalid } from '../conekta.errors.js';
import { newId } from '../conekta.ids.js';
import { listOf } from '../conekta.lists.js';
import type { CustomerInfo, DiscountLine, LineItem, Order, ShippingLine, TaxLine } from '../conekta.types.js';
import type { ConektaWorld } from '../conekta.world.js';
import type { OrderCreateParams } from '../params/order.params.js';
import type {
  DiscountLineParams,
  LineItemParams,
  ShippingLineParams,
  TaxLineParams,
} from '../params/shared.params.js';

/** What an order is made of, by the API or by a payment link. */
export type OrderContents = Omit<OrderCreateParams, 'charges' | 'checkout'>;

/** An order that nobody has tried to pay. Throws 422 when nothing is left to pay. */
export function newOrder(world: ConektaWorld, params: OrderContents, customer: CustomerInfo): Order {
  const id = newId('ord');
  const now = world.clock.seconds();
  const { tax_lines: taxes = [], shipping_lines: shipping = [], discount_lines: discounts = [] } = params;
  return {
    id,
    object: 'order',
    livemode: world.options.livemode,
    amount: totalOf(params),
    amount_refunded: 0,
    currency: params.currency,
    customer_info: customer,
    metadata: { ...params.metadata },
    is_refundable: false,
    ...(params.processing_mode !== undefined && { processing_mode: params.processing_mode }),
    created_at: now,
    updated_at: now,
    line_items: listOf(params.line_items.map((line) => lineItem(line, id))),
    ...(taxes.length > 0 && { tax_lines: listOf(taxes.map((line) => taxLine(line, id))) }),
    ...(shipping.length > 0 && { shipping_lines: listOf(shipping.map((line) => shippingLine(line, id))) }),
    ...(discounts.length > 0 && { discount_lines: listOf(discounts.map((line) => discountLine(line, id))) }),
    ...(params.shipping_contact && {
      shipping_contact: {
        ...params.shipping_contact,
        id: newId('ship_cont'),
        object: 'shipping_contact',
        created_at: now,
      },
    }),
    ...(params.fiscal_entity && {
      fiscal_entity: {
        ...params.fiscal_entity,
        id: newId('fis_ent'),
        object: 'fiscal_entity',
        created_at: now,
      },
    }),
  };
}

/** Items, taxes and shipping without the discounts. Throws 422 when that is less than one cent or too much. */
export function totalOf(params: OrderContents): number {
  const sum = (lines: { amount: number }[] = []): number =>
    lines.reduce((total, { amount }) => total + amount, 0);
  const items = params.line_items.reduce((total, line) => total + line.unit_price * line.quantity, 0);
  const total = items + sum(params.tax_lines) + sum(params.shipping_lines) - sum(params.discount_lines);
  if (total >= 1 && Number.isSafeInteger(total)) return total;
  throw invalid('amount', 'out_of_range', {
    es: 'El total del pedido no se puede cobrar.',
    en: 'The total of the order cannot be charged.',
  });
}

function lineItem(line: LineItemParams, parent: string): LineItem {
  return {
    ...line,
    id: newId('line_item'),
    object: 'line_item',
    parent_id: parent,
    metadata: line.metadata ?? {},
    antifraud_info: line.antifraud_info ?? {},
  };
}

function taxLine(line: TaxLineParams, parent: string): TaxLine {
  return { ...line, id: newId('tax_lin'), object: 'tax_line', parent_id: parent };
}

function shippingLine(line: ShippingLineParams, parent: string): ShippingLine {
  return { ...line, id: newId('ship_lin'), object: 'shipping_line', parent_id: parent };
}

function discountLine(line: DiscountLineParams, parent: string): DiscountLine {
  return { ...line, id: newId('dis_lin'), object: 'discount_line', parent_id: parent };
}
