import currencyCodes from 'currency-codes';
import { invalidField } from './errors.js';

/** Codes of ISO 4217 that are not money a customer can pay with (metals, funds, testing, none). */
const NOT_PAYABLE = /^(X[A-Z]{2}|BOV|CHE|CHW|CLF|COU|MXV|USN|UYI|UYW)$/;
const PAYABLE_X = new Set(['XAF', 'XCD', 'XCG', 'XOF', 'XPF']);

/** The upper-case ISO 4217 code. @throws ServiceError invalid_request naming `field` when it is none. */
export function parseCurrency(text: string, field: string): string {
  // Before it is folded: ſ becomes an S, and ı an I.
  const code = /^[A-Za-z]{3}$/.test(text) ? text.toUpperCase() : '';
  if (!isKnown(code)) throw invalidField(field, 'must be an ISO 4217 currency code');
  return code;
}

/** How many decimals the currency has by ISO 4217: USD 2, JPY 0, KWD 3, ISK 0. */
export function exponentOf(currency: string): number {
  const record = currencyCodes.code(currency);
  if (record === undefined) throw new Error(`unknown currency ${currency}`);
  return record.digits;
}

function isKnown(code: string): boolean {
  if (NOT_PAYABLE.test(code) && !PAYABLE_X.has(code)) return false;
  return currencyCodes.code(code) !== undefined;
}
