import { flag, ignored, integer, list, oneOf, shape, text, type ParamsOf, type Rule } from './rules.js';
import { created, expand, listFields, metadata, shipping } from './shared.params.js';
import { ALLOWED_METHODS, EXCLUDABLE_METHODS } from './values.js';

const captureMethod = oneOf('automatic', 'automatic_async', 'manual');
const futureUsage = oneOf('', 'off_session', 'on_session');

/** What create, update and confirm take alike and the sandbox does not play. */
const unplayed = {
  amount_details: ignored(
    'discount_amount',
    'enforce_arithmetic_validation',
    'line_items',
    'shipping',
    'tax',
  ),
  hooks: ignored('inputs'),
  payment_details: ignored('customer_reference', 'order_reference'),
  payment_method_data: ignored(),
};

const whenAvailable = oneOf('if_available', 'never');

const cardOptions = shape({
  capture_method: oneOf('', 'manual'),
  installments: shape({
    enabled: flag,
    plan: shape(
      { count: integer({ min: 2, max: 48 }), interval: oneOf('month'), type: oneOf('fixed_count') },
      ['count', 'type'],
    ),
  }),
  mandate_options: ignored(),
  moto: flag,
  network: text(),
  request_extended_authorization: whenAvailable,
  request_incremental_authorization: whenAvailable,
  request_multicapture: whenAvailable,
  request_overcapture: whenAvailable,
  request_three_d_secure: oneOf('any', 'automatic', 'challenge'),
  require_cvc_recollection: flag,
  setup_future_usage: oneOf('', 'none', 'off_session', 'on_session'),
  statement_descriptor_suffix_kana: text(),
  statement_descriptor_suffix_kanji: text(),
  three_d_secure: ignored(),
});
export type CardOptionsParams = ParamsOf<typeof cardOptions>;

const otherOptions: Record<string, Rule<null>> = Object.fromEntries(
  ALLOWED_METHODS.filter((method) => method !== 'card').map((method) => [method, ignored()]),
);

/** `true`, `one_off` and `recurring` say that the customer is not there. */
const offSession: Rule<boolean> = (value, param) =>
  oneOf('false', 'one_off', 'recurring', 'true')(value, param) !== 'false';

const shared = {
  ...unplayed,
  payment_method_options: shape({ ...otherOptions, card: cardOptions }),
  allowed_payment_method_types: list(oneOf(...ALLOWED_METHODS)),
  excluded_payment_method_types: list(oneOf(...EXCLUDABLE_METHODS)),
  capture_method: captureMethod,
  expand,
  payment_method: text(),
  receipt_email: text({ emptyable: true }),
  shipping,
};

export const intentCreate = shape(
  {
    ...shared,
    amount: integer({ min: 1 }),
    application_fee_amount: integer({ min: 0 }),
    automatic_payment_methods: shape({ allow_redirects: oneOf('always', 'never'), enabled: flag }, [
      'enabled',
    ]),
    confirm: flag,
    confirmation_method: oneOf('automatic', 'manual'),
    confirmation_token: text(),
    currency: text(),
    customer: text(),
    customer_account: text(),
    description: text({ max: 1000 }),
    error_on_requires_action: flag,
    mandate: text(),
    mandate_data: ignored('customer_acceptance'),
    metadata,
    off_session: offSession,
    on_behalf_of: text(),
    payment_method_configuration: text(),
    radar_options: ignored('referrer', 'session'),
    return_url: text(),
    setup_future_usage: oneOf('off_session', 'on_session'),
    statement_descriptor: text({ max: 22 }),
    statement_descriptor_suffix: text({ max: 22 }),
    transfer_data: ignored(),
    transfer_group: text(),
    use_stripe_sdk: flag,
  },
  ['amount', 'currency'],
);
export type IntentCreateParams = ParamsOf<typeof intentCreate>;

export const intentUpdate = shape({
  ...shared,
  amount: integer({ min: 1 }),
  application_fee_amount: ignored(),
  currency: text(),
  customer: text(),
  customer_account: text(),
  description: text({ max: 1000, emptyable: true }),
  metadata,
  payment_method_configuration: text(),
  setup_future_usage: futureUsage,
  statement_descriptor: text({ max: 22 }),
  statement_descriptor_suffix: text({ max: 22 }),
  transfer_data: ignored(),
  transfer_group: text(),
});
export type IntentUpdateParams = ParamsOf<typeof intentUpdate>;

export const intentConfirm = shape({
  ...shared,
  amount_to_confirm: integer({ min: 1 }),
  confirmation_token: text(),
  error_on_requires_action: flag,
  mandate: text(),
  mandate_data: ignored(),
  off_session: offSession,
  radar_options: ignored('referrer', 'session'),
  return_url: text(),
  setup_future_usage: futureUsage,
  use_stripe_sdk: flag,
});
export type IntentConfirmParams = ParamsOf<typeof intentConfirm>;

export const intentCapture = shape({
  amount_details: unplayed.amount_details,
  amount_to_capture: integer({ min: 1 }),
  application_fee_amount: integer({ min: 0 }),
  expand,
  final_capture: flag,
  hooks: unplayed.hooks,
  metadata,
  payment_details: unplayed.payment_details,
  statement_descriptor: text({ max: 22 }),
  statement_descriptor_suffix: text({ max: 22 }),
  transfer_data: ignored(),
});

export const intentCancel = shape({
  cancellation_reason: oneOf('abandoned', 'duplicate', 'fraudulent', 'requested_by_customer'),
  expand,
});
export const intentRetrieve = shape({ client_secret: text(), expand });
export const intentList = shape({ ...listFields, created, customer: text(), customer_account: text() });
export const intentSearch = shape(
  { query: text(), expand, limit: integer({ min: 1, max: 100 }), page: text() },
  ['query'],
);
