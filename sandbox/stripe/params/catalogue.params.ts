import { INTERVALS } from '../billing.calendar.js';
import { flag, ignored, integer, list, oneOf, shape, text, unplayed, type ParamsOf } from './rules.js';
import { created, expand, listFields, metadata } from './shared.params.js';

/** Parameters of products and prices. */
const recurring = shape(
  {
    interval: oneOf(...INTERVALS),
    interval_count: integer({ min: 1 }),
    meter: unplayed,
    trial_period_days: unplayed,
    usage_type: oneOf('licensed'),
  },
  ['interval'],
);
export type RecurringParams = ParamsOf<typeof recurring>;

const taxBehavior = oneOf('exclusive', 'inclusive', 'unspecified');

const productFields = {
  active: flag,
  expand,
  images: list(text(), { max: 8 }),
  marketing_features: ignored(),
  metadata,
  package_dimensions: ignored('height', 'length', 'weight', 'width'),
  shippable: flag,
  statement_descriptor: text({ max: 22 }),
  tax_details: ignored(),
};

export const productCreate = shape(
  {
    ...productFields,
    default_price_data: unplayed,
    description: text({ max: 40_000 }),
    id: text({ max: 5000 }),
    name: text(),
    tax_code: text(),
    type: oneOf('good', 'service'),
    unit_label: text({ max: 12 }),
    url: text(),
  },
  ['name'],
);
export const productUpdate = shape({
  ...productFields,
  default_price: text(),
  description: text({ max: 40_000, emptyable: true }),
  name: text(),
  tax_code: text({ emptyable: true }),
  unit_label: text({ max: 12, emptyable: true }),
  url: text({ emptyable: true }),
});
export type ProductUpdateParams = ParamsOf<typeof productUpdate>;

export const productList = shape({
  ...listFields,
  active: flag,
  created,
  ids: list(text()),
  shippable: flag,
  type: oneOf('good', 'service'),
  url: text(),
});

const priceFields = {
  active: flag,
  currency_options: unplayed,
  expand,
  lookup_key: text({ max: 200 }),
  metadata,
  nickname: text({ emptyable: true }),
  tax_behavior: taxBehavior,
  transfer_lookup_key: flag,
};

export const priceCreate = shape(
  {
    ...priceFields,
    billing_scheme: oneOf('per_unit'),
    currency: text(),
    custom_unit_amount: unplayed,
    product: text(),
    product_data: shape(
      {
        active: flag,
        id: text(),
        metadata,
        name: text(),
        statement_descriptor: text({ max: 22 }),
        tax_code: text(),
        tax_details: ignored(),
        unit_label: text({ max: 12 }),
      },
      ['name'],
    ),
    recurring,
    tiers: unplayed,
    tiers_mode: unplayed,
    transform_quantity: unplayed,
    unit_amount: integer({ min: 0 }),
    unit_amount_decimal: text(),
  },
  ['currency'],
);
export type PriceCreateParams = ParamsOf<typeof priceCreate>;

/** What is charged by a price never changes: amount, currency and interval are no parameters here. */
export const priceUpdate = shape(priceFields);
export type PriceUpdateParams = ParamsOf<typeof priceUpdate>;

export const priceList = shape({
  ...listFields,
  active: flag,
  created,
  currency: text(),
  lookup_keys: list(text(), { max: 10 }),
  product: text(),
  recurring: shape({ interval: oneOf(...INTERVALS), meter: text(), usage_type: text() }),
  type: oneOf('one_time', 'recurring'),
});
