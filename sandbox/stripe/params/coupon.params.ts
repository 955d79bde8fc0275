import { integer, oneOf, shape, text, unplayed, type ParamsOf } from './rules.js';
import { expand, metadata } from './shared.params.js';

/** Amounts off for sessions in payment mode, percents off for subscriptions. */
export const couponCreate = shape({
  amount_off: integer({ min: 1 }),
  applies_to: unplayed,
  currency: text(),
  currency_options: unplayed,
  duration: oneOf('forever', 'once', 'repeating'),
  duration_in_months: integer({ min: 1 }),
  expand,
  id: text(),
  max_redemptions: integer({ min: 1 }),
  metadata,
  name: text({ max: 40 }),
  percent_off: integer({ min: 1, max: 100 }),
  redeem_by: integer(),
});
export type CouponParams = ParamsOf<typeof couponCreate>;
