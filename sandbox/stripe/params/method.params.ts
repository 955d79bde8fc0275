import { ignored, integer, oneOf, shape, text, type ParamsOf } from './rules.js';
import { address, expand, listFields, metadata } from './shared.params.js';
import { ALLOWED_METHODS } from './values.js';

const redisplay = oneOf('always', 'limited', 'unspecified');
const methodType = oneOf(...ALLOWED_METHODS, 'card_present', 'custom');

export const methodAttach = shape({ customer: text(), customer_account: text(), expand });

export const methodUpdate = shape({
  allow_redisplay: redisplay,
  billing_details: shape({
    address,
    email: text({ emptyable: true }),
    name: text({ emptyable: true }),
    phone: text({ emptyable: true }),
    tax_id: text(),
  }),
  card: shape({
    exp_month: integer({ min: 1, max: 12 }),
    exp_year: integer({ min: 2000, max: 2100 }),
    networks: ignored('preferred'),
  }),
  expand,
  metadata,
  us_bank_account: ignored('account_holder_type', 'account_type'),
});
export type MethodUpdateParams = ParamsOf<typeof methodUpdate>;

export const methodList = shape({
  ...listFields,
  allow_redisplay: redisplay,
  customer: text(),
  customer_account: text(),
  type: methodType,
});
export const customerMethodList = shape({ ...listFields, allow_redisplay: redisplay, type: methodType });
