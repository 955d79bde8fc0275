import type { LineItemParams } from '../params/session.params.js';
import { badParameter, missing, refused } from '../stripe.errors.js';
import { newId } from '../stripe.ids.js';
import { readCurrency } from '../stripe.money.js';
import type { LineItem } from '../stripe.types.js';

/** A line of a session out of its parameters; prices are only taken inline, not from the catalogue. */
export function newLine(params: LineItemParams, index: number, now: number): LineItem {
  const at = `line_items[${index}]`;
  const data = params.price_data;
  if (params.price !== undefined) throw missing('price', params.price, `${at}[price]`);
  if (!data) {
    const message = 'You must specify either `price` or `price_data` when using prices.';
    throw badParameter(message, `${at}[price_data]`, 'parameter_missing');
  }
  if (!data.product_data) {
    const message = 'You must specify either `product` or `product_data` when creating a price.';
    throw badParameter(message, `${at}[price_data][product_data]`, 'parameter_missing');
  }
  const currency = readCurrency(data.currency, `${at}[price_data][currency]`);
  const unitAmount = readUnitAmount(data, at);
  const quantity = params.quantity;
  if (quantity === undefined || quantity < 1) {
    const message = `Quantity is required. Add \`quantity\` to \`${at}\``;
    throw badParameter(message, `${at}[quantity]`, 'parameter_missing');
  }
  const total = unitAmount * quantity;
  if (!Number.isSafeInteger(total)) {
    throw refused('The amount is too large.', { code: 'amount_too_large', param: at, beforeRunning: true });
  }
  return {
    id: newId('li'),
    object: 'item',
    adjustable_quantity: null,
    amount_discount: 0,
    amount_subtotal: total,
    amount_tax: 0,
    amount_total: total,
    currency,
    description: data.product_data.name,
    metadata: params.metadata ?? {},
    price: {
      id: newId('price'),
      object: 'price',
      active: false,
      billing_scheme: 'per_unit',
      created: now,
      currency,
      custom_unit_amount: null,
      livemode: false,
      lookup_key: null,
      metadata: {},
      nickname: null,
      product: newId('prod', 14),
      recurring: null,
      tax_behavior: data.tax_behavior ?? 'unspecified',
      tiers_mode: null,
      transform_quantity: null,
      type: 'one_time',
      unit_amount: unitAmount,
      unit_amount_decimal: String(unitAmount),
    },
    quantity,
  };
}

function readUnitAmount(data: NonNullable<LineItemParams['price_data']>, at: string): number {
  const param = `${at}[price_data][unit_amount]`;
  if (data.unit_amount !== undefined) return data.unit_amount;
  if (data.unit_amount_decimal === undefined) {
    throw badParameter(`Missing required param: ${param}.`, param, 'parameter_missing');
  }
  // Stripe takes up to 12 decimals here and rounds the line; whole ones are all that is played.
  if (/^\d{1,12}$/.test(data.unit_amount_decimal)) return Number(data.unit_amount_decimal);
  const message = `Invalid decimal: ${data.unit_amount_decimal}; the sandbox takes whole minor units`;
  throw badParameter(message, `${param}_decimal`);
}
