import { currency, excludedMethods, excludedNetworks, installmentOptions, METHODS } from './order.params.js';
import {
  flag,
  integer,
  list,
  metadata,
  oneOf,
  shape,
  text,
  unplayed,
  webUrl,
  type ParamsOf,
} from './rules.js';
import { customerInfo, discountLine, lineItem, taxLine } from './shared.params.js';

/** A link that makes one order when somebody pays. Links that are paid many times are not played. */
export const checkoutCreate = shape(
  {
    allowed_payment_methods: list(oneOf(...METHODS), { min: 1 }),
    excluded_payment_methods: excludedMethods,
    exclude_card_networks: excludedNetworks,
    expires_at: integer({ min: 1 }),
    monthly_installments_enabled: flag,
    monthly_installments_options: installmentOptions,
    name: text({ max: 249 }),
    needs_shipping_contact: flag,
    on_demand_enabled: flag,
    order_template: shape(
      {
        currency,
        customer_info: customerInfo,
        discount_lines: list(discountLine),
        line_items: list(lineItem, { min: 1 }),
        metadata,
        tax_lines: list(taxLine),
      },
      ['currency', 'customer_info', 'line_items'],
    ),
    payments_limit_count: unplayed,
    plan_ids: unplayed,
    recurrent: singleUse,
    redirection_time: integer({ min: 1, max: 127 }),
    success_url: webUrl,
    three_ds_mode: oneOf('strict', 'not_strict', 'smart'),
    type: oneOf('PaymentLink'),
  },
  ['allowed_payment_methods', 'expires_at', 'name', 'order_template', 'recurrent', 'type'],
);
export type CheckoutCreateParams = ParamsOf<typeof checkoutCreate>;

function singleUse(value: unknown, param: string): boolean {
  return flag(value, param) ? unplayed(value, param) : false;
}
