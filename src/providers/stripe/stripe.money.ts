import { exponentOf, type Money } from '../../kernel/money.js';

/** Currencies that Stripe takes in whole units. MGA has two decimals in ISO 4217 all the same. */
const ZERO_DECIMAL = new Set('BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF'.split(' '));

/** No decimals in ISO 4217, but Stripe wants two, which must be 00 (kept from before they lost theirs). */
const TWO_DECIMALS_AT_STRIPE = new Set(['ISK', 'UGX']);

/** Three decimals, the last of which must be 0: the card networks settle two. */
const LAST_DIGIT_ZERO = new Set(['BHD', 'JOD', 'KWD', 'OMR', 'TND']);

/**
 * The amount as Stripe counts it. Undefined when Stripe cannot express it: half an ariary, a fils.
 */
export function toStripeAmount(money: Money): bigint | undefined {
  if (LAST_DIGIT_ZERO.has(money.currency) && money.amount % 10n !== 0n) return undefined;
  const shift = decimalsAtStripe(money.currency) - exponentOf(money.currency);
  if (shift >= 0) return money.amount * 10n ** BigInt(shift);
  const divisor = 10n ** BigInt(-shift);
  return money.amount % divisor === 0n ? money.amount / divisor : undefined;
}

/** An amount of Stripe's in minor units of ISO 4217. `currency` in either case. */
export function fromStripeAmount(amount: number, currency: string): Money {
  const code = currency.toUpperCase();
  const shift = decimalsAtStripe(code) - exponentOf(code);
  const units = BigInt(amount);
  if (shift <= 0) return { amount: units * 10n ** BigInt(-shift), currency: code };
  const divisor = 10n ** BigInt(shift);
  // Stripe's own rule says that these decimals are 00; money is never rounded away in silence.
  if (units % divisor !== 0n)
    throw new Error(`Stripe told an amount of ${amount} ${code}, which has a fraction`);
  return { amount: units / divisor, currency: code };
}

function decimalsAtStripe(currency: string): number {
  if (ZERO_DECIMAL.has(currency)) return 0;
  if (TWO_DECIMALS_AT_STRIPE.has(currency)) return 2;
  return exponentOf(currency);
}
