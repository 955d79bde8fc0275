import { badParameter } from '../stripe.errors.js';
import type { FormValue } from '../stripe.form.js';
import { integer, list, type ParamsOf, shape, text, type Rule } from './rules.js';

const MAX_KEYS = 50;
const MAX_KEY = 40;
const MAX_VALUE = 500;

/** Up to 50 keys of 40 characters with values of 500. An empty value stays: it unsets on update. */
export const metadata: Rule<Record<string, string>> = (value, param) => {
  if (!(value instanceof Map)) {
    if (value === '') return {};
    throw badParameter('Invalid object', param);
  }
  if (value.size > MAX_KEYS) {
    throw badParameter(`Metadata can have at most ${MAX_KEYS} keys.`, param);
  }
  return Object.fromEntries([...value].map(([key, one]) => [key, metadataValue(key, one, param)]));
};

function metadataValue(key: string, value: FormValue, param: string): string {
  const at = `${param}[${key}]`;
  if (value instanceof Map) throw badParameter('Metadata values must be strings', at);
  if (key.length > MAX_KEY) {
    const message = `Invalid metadata key: ${key.slice(0, 12)}…; metadata keys must be at most ${MAX_KEY} characters`;
    throw badParameter(message, at);
  }
  if (value.length > MAX_VALUE) {
    const message = `Metadata values can have up to ${MAX_VALUE} characters, but you passed in a value that is ${value.length} characters.`;
    throw badParameter(message, at);
  }
  return value;
}

/** Metadata after an update: named keys change, empty ones go, the others stay. */
export function mergedMetadata(
  before: Record<string, string>,
  changes: Record<string, string> | undefined,
): Record<string, string> {
  const merged = { ...before, ...changes };
  return Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== ''));
}

export const expand: Rule<string[]> = list(text());

/** `created=…` or `created[gte]=…`, in seconds. */
export interface TimeRange {
  gt?: number;
  gte?: number;
  lt?: number;
  lte?: number;
}

const range = shape({ gt: integer(), gte: integer(), lt: integer(), lte: integer() });
const moment = integer();

export const created: Rule<TimeRange> = (value, param) => {
  if (value instanceof Map) return range(value, param);
  const exact = moment(value, param);
  return { gte: exact, lte: exact };
};

/** What every list takes. */
export const listFields = {
  expand,
  limit: integer({ min: 1, max: 100 }),
  starting_after: text(),
  ending_before: text(),
};

export const address = shape({
  city: text({ emptyable: true }),
  country: text({ emptyable: true }),
  line1: text({ emptyable: true }),
  line2: text({ emptyable: true }),
  postal_code: text({ emptyable: true }),
  state: text({ emptyable: true }),
});

const shippingFields = { carrier: text(), name: text(), phone: text(), tracking_number: text() };

/** Of a payment intent. */
export const shipping = shape({ ...shippingFields, address }, ['address', 'name']);

const sessionAddress = shape(
  { city: text(), country: text(), line1: text(), line2: text(), postal_code: text(), state: text() },
  ['line1'],
);

/** Of the intent that a session makes, where the street is needed. */
export const sessionShipping = shape({ ...shippingFields, address: sessionAddress }, ['address', 'name']);
export type ShippingParams = ParamsOf<typeof shipping>;
