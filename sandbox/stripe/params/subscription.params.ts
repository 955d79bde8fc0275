import { badParameter } from '../stripe.errors.js';
import {
  flag,
  ignored,
  integer,
  list,
  oneOf,
  shape,
  text,
  unplayed,
  type ParamsOf,
  type Rule,
} from './rules.js';
import { created, expand, listFields, metadata } from './shared.params.js';

const moment = integer({ min: 1 });

/** A moment in seconds, one of these words, or with `''` nothing any more. */
function momentOr<const V extends string>(...words: V[]): Rule<number | V> {
  return (value, param) => words.find((word) => word === value) ?? moment(value, param);
}

const prorationBehavior = oneOf('always_invoice', 'create_prorations', 'none');

const cancellationDetails = shape({
  comment: text({ emptyable: true }),
  feedback: oneOf(
    '',
    'customer_service',
    'low_quality',
    'missing_features',
    'other',
    'switched_service',
    'too_complex',
    'too_expensive',
    'unused',
  ),
  feedback_option: ignored(),
});
const shared = {
  add_invoice_items: unplayed,
  application_fee_percent: unplayed,
  automatic_tax: ignored('enabled', 'liability'),
  billing_schedules: unplayed,
  billing_thresholds: unplayed,
  cancel_at_period_end: flag,
  collection_method: oneOf('charge_automatically'),
  days_until_due: unplayed,
  default_payment_method: text(),
  default_source: unplayed,
  default_tax_rates: unplayed,
  description: text({ max: 500, emptyable: true }),
  discounts: list(shape({ coupon: text() }, ['coupon']), { max: 1 }),
  expand,
  invoice_settings: ignored('account_tax_ids', 'custom_fields', 'description', 'footer', 'issuer'),
  metadata,
  off_session: flag,
  on_behalf_of: unplayed,
  payment_settings: shape({
    payment_method_options: ignored(),
    payment_method_types: ignored(),
    save_default_payment_method: oneOf('off', 'on_subscription'),
  }),
  pending_invoice_item_interval: unplayed,
  proration_behavior: prorationBehavior,
  transfer_data: unplayed,
  trial_from_plan: flag,
  trial_settings: shape({
    end_behavior: shape({
      billing_cycle_anchor: oneOf('now'),
      missing_payment_method: oneOf('cancel', 'create_invoice', 'pause'),
    }),
  }),
};

const itemFields = {
  billing_thresholds: unplayed,
  current_trial: unplayed,
  discounts: unplayed,
  metadata,
  price: text(),
  price_data: unplayed,
  quantity: integer({ min: 1 }),
  tax_rates: ignored(),
};

export const subscriptionCreate = shape(
  {
    ...shared,
    backdate_start_date: unplayed,
    billing_cycle_anchor: unplayed,
    billing_cycle_anchor_config: unplayed,
    billing_mode: shape({ flexible: ignored('proration_discounts'), type: oneOf('classic', 'flexible') }, [
      'type',
    ]),
    cancel_at: momentOr('max_period_end', 'min_period_end'),
    currency: text(),
    customer: text(),
    customer_account: text(),
    items: list(shape({ ...itemFields, trial_from_plan: flag }), { max: 20 }),
    payment_behavior: oneOf('allow_incomplete', 'default_incomplete', 'error_if_incomplete'),
    trial_end: momentOr('now'),
    trial_period_days: integer({ min: 1, max: 730 }),
  },
  ['customer', 'items'],
);
export type SubscriptionCreateParams = ParamsOf<typeof subscriptionCreate>;

const pausing = shape(
  { behavior: oneOf('keep_as_draft', 'mark_uncollectible', 'void'), resumes_at: moment },
  ['behavior'],
);
const pauseCollection: Rule<ParamsOf<typeof pausing> | ''> = (value, param) =>
  value === '' ? '' : pausing(value, param);

export const subscriptionUpdate = shape({
  ...shared,
  billing_cycle_anchor: oneOf('now', 'unchanged'),
  cancel_at: momentOr('', 'max_period_end', 'min_period_end'),
  cancellation_details: cancellationDetails,
  items: list(shape({ ...itemFields, clear_usage: flag, deleted: flag, id: text() }), { max: 20 }),
  pause_collection: pauseCollection,
  payment_behavior: oneOf('allow_incomplete', 'default_incomplete', 'error_if_incomplete'),
  proration_date: unplayed,
  trial_end: momentOr('now'),
});
export type SubscriptionUpdateParams = ParamsOf<typeof subscriptionUpdate>;

export const subscriptionCancel = shape({
  cancellation_details: cancellationDetails,
  expand,
  invoice_now: flag,
  prorate: flag,
});
export type SubscriptionCancelParams = ParamsOf<typeof subscriptionCancel>;

export const subscriptionPause = shape({
  bill_for: shape({
    outstanding_usage_through: shape({ type: oneOf('none', 'now') }, ['type']),
    unused_time_from: shape({ type: oneOf('item_current_period_start', 'none', 'now') }, ['type']),
  }),
  expand,
  invoicing_behavior: oneOf('invoice', 'pending_invoice_item'),
  type: oneOf('subscription'),
});
export type SubscriptionPauseParams = ParamsOf<typeof subscriptionPause>;

export const subscriptionResume = shape({
  billing_cycle_anchor: shape({ type: oneOf('now', 'unchanged') }, ['type']),
  expand,
  payment_behavior: oneOf('resume_on_payment_attempt', 'resume_on_payment_success'),
  proration_behavior: prorationBehavior,
  proration_date: unplayed,
});
export type SubscriptionResumeParams = ParamsOf<typeof subscriptionResume>;

export const subscriptionList = shape({
  ...listFields,
  automatic_tax: ignored('enabled'),
  collection_method: text(),
  created,
  current_period_end: created,
  current_period_start: created,
  customer: text(),
  customer_account: text(),
  plan: text(),
  price: text(),
  status: oneOf(
    'active',
    'all',
    'canceled',
    'ended',
    'incomplete',
    'incomplete_expired',
    'past_due',
    'paused',
    'trialing',
    'unpaid',
  ),
  test_clock: text(),
});

/** Throws 400 for a moment that is over. */
export function checkFuture(at: number, now: number, param: string): void {
  if (at > now) return;
  throw badParameter(`Invalid timestamp: ${at} must be in the future.`, param);
}
