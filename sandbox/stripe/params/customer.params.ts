import { flag, ignored, integer, list, oneOf, shape, text, type ParamsOf } from './rules.js';
import { address, created, expand, listFields, metadata } from './shared.params.js';

const fields = {
  address,
  balance: integer(),
  business_name: text({ max: 150, emptyable: true }),
  cash_balance: ignored('settings'),
  description: text({ emptyable: true }),
  email: text({ max: 512, emptyable: true }),
  expand,
  individual_name: text({ max: 150, emptyable: true }),
  invoice_prefix: text({ max: 12 }),
  invoice_settings: shape({
    custom_fields: ignored(),
    default_payment_method: text({ emptyable: true }),
    footer: text(),
    rendering_options: ignored('amount_tax_display', 'template'),
  }),
  metadata,
  name: text({ max: 256, emptyable: true }),
  next_invoice_sequence: integer({ min: 1 }),
  phone: text({ max: 20, emptyable: true }),
  preferred_locales: list(text()),
  shipping: ignored('address', 'name', 'phone'),
  source: text(),
  tax: ignored('ip_address', 'validate_location'),
  tax_exempt: oneOf('', 'exempt', 'none', 'reverse'),
  validate: flag,
};

export const customerCreate = shape({
  ...fields,
  payment_method: text(),
  tax_id_data: ignored(),
  test_clock: text(),
});
export type CustomerCreateParams = ParamsOf<typeof customerCreate>;
export const customerUpdate = shape({ ...fields, default_source: text() });
export type CustomerFields = ParamsOf<typeof customerUpdate>;

export const customerList = shape({ ...listFields, created, email: text(), test_clock: text() });
