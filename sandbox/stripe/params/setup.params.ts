import { flag, ignored, list, oneOf, shape, text, type ParamsOf } from './rules.js';
import { created, expand, listFields, metadata } from './shared.params.js';
import { ALLOWED_METHODS, EXCLUDABLE_METHODS } from './values.js';

const shared = {
  allowed_payment_method_types: list(oneOf(...ALLOWED_METHODS)),
  expand,
  payment_method: text(),
  payment_method_data: ignored(),
  payment_method_options: ignored(),
};

const confirming = {
  ...shared,
  confirmation_token: text(),
  mandate_data: ignored(),
  return_url: text(),
  use_stripe_sdk: flag,
};

const naming = {
  attach_to_self: flag,
  customer: text(),
  customer_account: text(),
  description: text({ max: 1000 }),
  excluded_payment_method_types: list(oneOf(...EXCLUDABLE_METHODS)),
  flow_directions: list(oneOf('inbound', 'outbound')),
  metadata,
  payment_method_configuration: text(),
};

export const setupCreate = shape({
  ...confirming,
  ...naming,
  automatic_payment_methods: shape({ allow_redirects: oneOf('always', 'never'), enabled: flag }, ['enabled']),
  confirm: flag,
  on_behalf_of: text(),
  single_use: ignored('amount', 'currency'),
  usage: oneOf('off_session', 'on_session'),
});
export type SetupCreateParams = ParamsOf<typeof setupCreate>;

export const setupConfirm = shape(confirming);
export type SetupConfirmParams = ParamsOf<typeof setupConfirm>;

export const setupUpdate = shape({ ...shared, ...naming });
export const setupCancel = shape({
  cancellation_reason: oneOf('abandoned', 'duplicate', 'requested_by_customer'),
  expand,
});
export const setupRetrieve = shape({ client_secret: text(), expand });
export const setupList = shape({
  ...listFields,
  attach_to_self: flag,
  created,
  customer: text(),
  customer_account: text(),
  payment_method: text(),
});
