import { chargeList, INSTALLMENTS } from './charge.params.js';
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
import {
  customerInfo,
  discountLine,
  fiscalEntity,
  lineItem,
  shippingContact,
  shippingLine,
  taxLine,
} from './shared.params.js';

/** What a checkout can be limited to. */
export const METHODS = ['cash', 'card', 'bank_transfer', 'bnpl', 'pay_by_bank', 'apple', 'google'] as const;

export const excludedMethods = list(oneOf('cash', 'card', 'bank_transfer', 'bnpl', 'pay_by_bank'));
export const excludedNetworks = list(oneOf('visa_master_card', 'amex'));
export const installmentOptions = list(oneOf(...INSTALLMENTS));

const checkout = shape({
  allowed_payment_methods: list(oneOf(...METHODS), { min: 1 }),
  excluded_payment_methods: excludedMethods,
  exclude_card_networks: excludedNetworks,
  expires_at: integer({ min: 1 }),
  failure_url: webUrl,
  force_save_card: flag,
  max_failed_retries: integer({ min: 0, max: 127 }),
  monthly_installments_enabled: flag,
  monthly_installments_options: installmentOptions,
  name: text({ max: 249 }),
  on_demand_enabled: flag,
  plan_ids: unplayed,
  redirection_time: integer({ min: 1, max: 127 }),
  success_url: webUrl,
  type: oneOf('Integration', 'HostedPayment'),
});
export type OrderCheckoutParams = ParamsOf<typeof checkout>;

export const currency = oneOf('MXN', 'USD');

export const orderCreate = shape(
  {
    charges: chargeList,
    checkout,
    currency,
    customer_info: customerInfo,
    discount_lines: list(discountLine),
    fiscal_entity: fiscalEntity,
    line_items: list(lineItem, { min: 1 }),
    metadata,
    needs_shipping_contact: flag,
    pre_authorize: flag,
    processing_mode: text(),
    return_url: webUrl,
    shipping_contact: shippingContact,
    shipping_lines: list(shippingLine),
    tax_lines: list(taxLine),
    three_ds_mode: oneOf('strict', 'not_strict', 'smart'),
  },
  ['currency', 'customer_info', 'line_items'],
);
export type OrderCreateParams = ParamsOf<typeof orderCreate>;

export const orderUpdate = shape({
  charges: unplayed,
  checkout: unplayed,
  currency: unplayed,
  customer_info: unplayed,
  discount_lines: unplayed,
  fiscal_entity: unplayed,
  line_items: unplayed,
  metadata,
  pre_authorize: unplayed,
  shipping_contact: unplayed,
  shipping_lines: unplayed,
  tax_lines: unplayed,
});

export const orderCapture = shape({ amount: integer({ min: 1 }) });

export const orderRefund = shape({ amount: integer(), reason: text(), expires_at: integer() }, [
  'amount',
  'reason',
]);
