import {
  anyObject,
  email,
  flag,
  int32,
  integer,
  list,
  metadata,
  nullable,
  shape,
  text,
  type ParamsOf,
  type Rule,
} from './rules.js';
import { invalid } from '../conekta.errors.js';

const word = text({ min: 2, max: 249 });
const name = text({ min: 3, max: 249 });
const amount = integer({ min: 0 });

export const lineItem = shape(
  {
    antifraud_info: anyObject,
    brand: word,
    description: name,
    metadata,
    name,
    quantity: int32(1),
    sku: text({ max: 249 }),
    tags: list(word, { min: 1 }),
    unit_price: int32(0),
  },
  ['name', 'quantity', 'unit_price'],
);

export const taxLine = shape({ amount, description: text({ min: 3 }), metadata }, ['amount', 'description']);

export const shippingLine = shape({ amount, carrier: name, method: name, tracking_number: name, metadata }, [
  'amount',
]);

export const discountLine = shape({ amount, code: text(), type: text() }, ['amount', 'code', 'type']);

export type LineItemParams = ParamsOf<typeof lineItem>;
export type TaxLineParams = ParamsOf<typeof taxLine>;
export type ShippingLineParams = ParamsOf<typeof shippingLine>;
export type DiscountLineParams = ParamsOf<typeof discountLine>;

/** Whoever pays: known by id, or by name, e-mail and phone; which of them is there is checked later. */
export const customerInfo = shape({
  customer_id: text(),
  name: text({ max: 249 }),
  email,
  phone: text({ max: 40 }),
  corporate: flag,
  object: text(),
});
export type CustomerInfoParams = ParamsOf<typeof customerInfo>;

const city: Rule<string> = (value, param) => {
  const name = text({ max: 249 })(value, param);
  if (/[A-Za-z]{2}/.test(name)) return name;
  throw invalid(param, 'no_letters', {
    es: 'Debe contener al menos dos letras.',
    en: 'It must hold two letters in a row.',
  });
};

const addressFields = shape(
  {
    street1: word,
    street2: text({ min: 0, max: 249 }),
    postal_code: text({ max: 250 }),
    city,
    state: text({ max: 249 }),
    country: word,
    residential: nullable(flag),
  },
  ['street1', 'postal_code', 'country'],
);

/** In Mexico a postal code has five digits. */
const address: Rule<ParamsOf<typeof addressFields>> = (value, param) => {
  const read = addressFields(value, param);
  if (read.country !== 'MX' || /^\d{5}$/.test(read.postal_code)) return read;
  throw invalid(`${param}.postal_code`, 'not_mexican', {
    es: 'Debe tener 5 dígitos.',
    en: 'It must have 5 digits.',
  });
};

export const shippingContact = shape(
  {
    phone: text(),
    receiver: text(),
    between_streets: text({ max: 249 }),
    address,
    parent_id: text(),
    default: nullable(flag),
    deleted: nullable(flag),
    metadata: anyObject,
  },
  ['address'],
);

export const fiscalEntity = shape(
  {
    address: shape(
      {
        street1: text(),
        street2: nullable(text({ min: 0 })),
        postal_code: text(),
        city: text(),
        state: text(),
        country: text(),
        external_number: text(),
      },
      ['street1', 'postal_code', 'city', 'country', 'external_number'],
    ),
    email,
    metadata: anyObject,
    name: nullable(text()),
    phone: text(),
    tax_id: nullable(text()),
  },
  ['address'],
);
