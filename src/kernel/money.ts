import { Big } from 'big.js';
import { exponentOf } from './currencies.js';
import { invalidField } from './errors.js';

/** An amount in the currency's minor units (ISO 4217 exponent): 1999n USD is 19.99 dollars, 500n JPY is 500 yen. */
export interface Money {
  amount: bigint;
  currency: string;
}

/** What happens to a major-unit price with more decimals than its currency has. */
export type ExcessDecimals = 'refuse' | 'round-half-up';

/** Amounts travel as JSON integers, so no larger one can be told exactly. */
export const MAX_AMOUNT = BigInt(Number.MAX_SAFE_INTEGER);

/**
 * Converts a price in major units to minor units, exactly, on the number's decimal text.
 * @param least 0 for what may be free.
 * @throws ServiceError invalid_request naming `field` when it is not a positive amount of that currency.
 */
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

/**
 * @param least 0 for what may be free.
 * @throws ServiceError invalid_request naming `field` when `value` is not a whole, positive, exactly known number.
 */
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

/**
 * What a provider tells in major units, as a decimal text or a JSON number: exactly. Undefined for anything else, for a
 * fraction of the smallest unit, and for a number with more digits than JSON tells exactly.
 */
export function moneyOfDecimal(value: unknown, currency: string): Money | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  const text = String(value);
  if (!/^-?\d+(\.\d+)?$/.test(text)) return undefined;
  const shifted = new Big(text).times(new Big(10).pow(exponentOf(currency)));
  if (typeof value === 'number' && shifted.abs().gte(EXACT_IN_JSON)) return undefined;
  return shifted.eq(shifted.round(0)) ? { amount: BigInt(shifted.toFixed(0)), currency } : undefined;
}
