import { Big } from 'big.js';
import currencyCodes from 'currency-codes';
import { invalidField } from './errors.js';

/** Codes of ISO 4217 that are not money a customer can pay with (metals, funds, testing, none). */
const NOT_PAYABLE = /^(X[A-Z]{2}|BOV|CHE|CHW|CLF|COU|MXV|USN|UYI|UYW)$/;
const PAYABLE_X = new Set(['XAF', 'XCD', 'XCG', 'XOF', 'XPF']);

/**
 * ISO 4217's changes since the list in currency-codes (`publishDate` 2024-06-25): SIX's amendments 176 (2023-12-06), 178
 * (2025-02) and 180 (2025-09-22). 179 added a unit of account (XAD). A test says when the package has caught up.
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

/** The upper-case ISO 4217 code. @throws ServiceError invalid_request for none, or one that was withdrawn. */
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

/** An amount in the currency's minor units (ISO 4217 exponent): 1999n USD is 19.99 dollars, 500n JPY is 500 yen. */
export interface Money {
  amount: bigint;
  currency: string;
}

/** What happens to a major-unit price with more decimals than its currency has. */
export type ExcessDecimals = 'refuse' | 'round-half-up';

/** Amounts travel as JSON integers. */
export const MAX_AMOUNT = BigInt(Number.MAX_SAFE_INTEGER);

/** Major to minor units, exactly, by the decimal text. `least` 0: may be free. @throws ServiceError invalid_request */
export function fromMajorUnits(
  price: number,
  currency: string,
  excess: ExcessDecimals,
  field: string,
  least: 0n | 1n = 1n,
): bigint {
  if (!Number.isFinite(price)) throw invalidField(field, 'must be a finite number');
  const exponent = exponentOf(currency);
  const shifted = new Big(String(price)).times(new Big(10).pow(exponent));
  const whole = shifted.round(0, Big.roundHalfUp);
  if (excess === 'refuse' && !shifted.eq(whole)) {
    throw invalidField(field, `must have at most ${exponent} decimals in ${currency}`);
  }
  return boundedAmount(BigInt(whole.toFixed(0)), field, least);
}

/** `least` 0: may be free. @throws ServiceError invalid_request unless it is whole, positive and exactly known. */
export function fromMinorUnits(value: number, field: string, least: 0n | 1n = 1n): bigint {
  if (!Number.isSafeInteger(value)) throw invalidField(field, 'must be a whole number of minor units');
  return boundedAmount(BigInt(value), field, least);
}

/** Adds `unitAmount × quantity` of every line. @throws ServiceError when the sum cannot be told exactly. */
export function totalOf(lines: readonly { unitAmount: bigint; quantity: number }[], field: string): bigint {
  const total = lines.reduce((sum, line) => sum + line.unitAmount * BigInt(line.quantity), 0n);
  return boundedAmount(total, field);
}

/** Decimal text in major units, for people: 1999n USD → "19.99". */
export function toMajorText(money: Money): string {
  const exponent = exponentOf(money.currency);
  return new Big(money.amount.toString()).div(new Big(10).pow(exponent)).toFixed(exponent);
}

function boundedAmount(amount: bigint, field: string, least: 0n | 1n = 1n): bigint {
  if (amount < least)
    throw invalidField(field, least === 0n ? 'must not be less than zero' : 'must be greater than zero');
  if (amount > MAX_AMOUNT) throw invalidField(field, `must be at most ${MAX_AMOUNT} minor units`);
  return amount;
}

/** A double tells fifteen significant digits exactly: below this, every minor unit. */
const EXACT_IN_JSON = 1e15;

/** From major units, as decimal text or number. Undefined for fractions of the smallest unit and what JSON rounds. */
export function moneyOfDecimal(value: unknown, currency: string): Money | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  const text = String(value);
  if (!/^-?\d+(\.\d+)?$/.test(text)) return undefined;
  const shifted = new Big(text).times(new Big(10).pow(exponentOf(currency)));
  if (typeof value === 'number' && shifted.abs().gte(EXACT_IN_JSON)) return undefined;
  return shifted.eq(shifted.round(0)) ? { amount: BigInt(shifted.toFixed(0)), currency } : undefined;
}
