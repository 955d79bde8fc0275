import {
  anyObject,
  email,
  flag,
  integer,
  list,
  metadata,
  nullable,
  oneOf,
  shape,
  text,
  unplayed,
  type ParamsOf,
} from './rules.js';
import { shippingContact } from './shared.params.js';
import { subscriptionCreate } from './subscription.params.js';

export const sourceCreate = shape(
  {
    type: oneOf('card', 'cash_recurrent', 'spei_recurrent'),
    token_id: text(),
    expires_at: integer({ min: 0 }),
  },
  ['type'],
);
export type SourceCreateParams = ParamsOf<typeof sourceCreate>;

export const sourceUpdate = shape({ name: text({ max: 249 }), expires_at: integer({ min: 1 }) });

const customerFields = {
  antifraud_info: nullable(anyObject),
  corporate: flag,
  custom_reference: text(),
  date_of_birth: text(),
  default_payment_source_id: text(),
  default_shipping_contact_id: text(),
  email,
  fiscal_entities: unplayed,
  metadata,
  name: text({ max: 249 }),
  national_id: text(),
  payment_sources: list(sourceCreate),
  phone: text({ max: 40 }),
  shipping_contacts: list(shippingContact),
};

export const customerCreate = shape(
  { ...customerFields, plan_id: text(), subscription: subscriptionCreate },
  ['name', 'email', 'phone'],
);
export const customerUpdate = shape({ ...customerFields, plan_id: unplayed, subscription: unplayed });
export type CustomerCreateParams = ParamsOf<typeof customerCreate>;
export type CustomerUpdateParams = ParamsOf<typeof customerUpdate>;

const card = shape(
  {
    number: text({ max: 30 }),
    name: text({ max: 249 }),
    cvc: text({ min: 3, max: 4 }),
    exp_month: text({ min: 2, max: 2 }),
    exp_year: text({ min: 2, max: 2 }),
    device_fingerprint: text(),
  },
  ['number', 'name', 'cvc', 'exp_month', 'exp_year'],
);

export const tokenCreate = shape({
  card: nullable(card),
  checkout: nullable(shape({ returns_control_on: oneOf('Token') }, ['returns_control_on'])),
});
export type TokenCreateParams = ParamsOf<typeof tokenCreate>;
