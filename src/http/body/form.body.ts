import { parse } from 'qs';
import { ServiceError } from '../../kernel/errors.js';
import { MAX_FORM_FIELDS, MAX_FORM_LIST } from '../http.limits.js';
import { withoutPrototypeKeys } from './json.body.js';

/** The fields of a form, by their own names, that are no text: a form has nothing else. */
export interface FormTypes {
  numbers: readonly string[];
  booleans: readonly string[];
}

const NUMBER = /^-?\d{1,16}(\.\d{1,16})?$/;
const BOOLEANS = new Map([
  ['true', true],
  ['on', true],
  ['1', true],
  ['false', false],
  ['0', false],
]);

/**
 * The body of an HTML form as JSON would give it: `items[0][name]=Desk&items[0][price]=19.99`. A field that was
 * left empty is absent. A text where a number belongs stays a text, for the validation to name.
 * @throws ServiceError invalid_request
 */
export function parseFormBody(bytes: Buffer, types: FormTypes): unknown {
  try {
    const parsed: unknown = parse(bytes.toString('latin1'), {
      arrayLimit: MAX_FORM_LIST,
      parameterLimit: MAX_FORM_FIELDS,
      throwOnLimitExceeded: true,
      depth: 5,
      strictDepth: true,
      allowPrototypes: false,
    });
    return typed(withoutPrototypeKeys(parsed), '', types);
  } catch (cause) {
    if (cause instanceof ServiceError) throw cause;
    throw new ServiceError('invalid_request', 'the form has too many fields, or nests them too deep', [], {
      cause,
    });
  }
}

/** @param name of the field that the value is in, or that the list is of. */
function typed(value: unknown, name: string, types: FormTypes): unknown {
  if (typeof value === 'string') return typedText(value, name, types);
  if (Array.isArray(value)) return value.map((one) => typed(one, name, types));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, one]) => one !== '');
  return Object.fromEntries(entries.map(([key, one]) => [key, typed(one, key, types)]));
}

function typedText(text: string, name: string, { numbers, booleans }: FormTypes): unknown {
  if (numbers.includes(name) && NUMBER.test(text)) return Number(text);
  return booleans.includes(name) ? (BOOLEANS.get(text) ?? text) : text;
}
