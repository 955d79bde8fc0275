import currencyCodes from 'currency-codes';
import { invalidField } from './errors.js';

/** Codes of ISO 4217 that are not money a customer can pay with (metals, funds, testing, none). */
const NOT_PAYABLE = /^(X[A-Z]{2}|BOV|CHE|CHW|CLF|COU|MXV|USN|UYI|UYW)$/;
const PAYABLE_X = new Set(['XAF', 'XCD', 'XCG', 'XOF', 'XPF']);

/**
 * What ISO 4217 changed after the list that currency-codes was made from (`publishDate`, 2024-06-25): amendments 176
 * (2023-12-06), 178 (2025-02) and 180 (2025-09-22) of SIX, its maintenance agency. 179 added a unit of account (XAD)
 * that nobody pays with. A test says what to do when the package has caught up.
 */
export const ENTERED: Readonly<Record<string, { decimals: number; since: string }>> = {
  XCG: { decimals: 2, since: '2025-03-31' },
};

/** No longer money, but kept in rows and told by webhooks of before: each is still counted, and none is asked for. */
export const WITHDRAWN: Readonly<Record<string, { decimals: number; since: string; now: string }>> = {
  ANG: { decimals: 2, since: '2025-03-31', now: 'XCG' },
  BGN: { decimals: 2, since: '2026-01-01', now: 'EUR' },
  CUC: { decimals: 2, since: '2021-06-30', now: 'CUP' },
};

/**
 * The upper-case ISO 4217 code of a currency that can be asked for now.
 * @throws ServiceError invalid_request naming `field` when it is none, or one that was withdrawn.
 */
export function parseCurrency(text: string, field: string): string {
  // Before it is folded: ſ becomes an S, and ı an I.
  const code = /^[A-Za-z]{3}$/.test(text) ? text.toUpperCase() : '';
  const withdrawn = WITHDRAWN[code];
  if (withdrawn !== undefined) {
    throw invalidField(field, `must be ${withdrawn.now}: ${code} was withdrawn on ${withdrawn.since}`);
  }
  if (!isKnown(code)) throw invalidField(field, 'must be an ISO 4217 currency code');
  return code;
}

/** How many decimals the currency has by ISO 4217, or had: USD 2, JPY 0, KWD 3, ISK 0. */
export function exponentOf(currency: string): number {
  const amended = ENTERED[currency] ?? WITHDRAWN[currency];
  if (amended !== undefined) return amended.decimals;
  const record = currencyCodes.code(currency);
  if (record === undefined) throw new Error(`unknown currency ${currency}`);
  return record.digits;
}

function isKnown(code: string): boolean {
  if (NOT_PAYABLE.test(code) && !PAYABLE_X.has(code)) return false;
  return ENTERED[code] !== undefined || currencyCodes.code(code) !== undefined;
}
