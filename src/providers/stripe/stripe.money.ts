import { exponentOf, type Money } from '../../kernel/money.js';

/** Stripe takes whole units of these. ISO 4217 gives MGA two decimals. */
const ZERO_DECIMAL = new Set('BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF'.split(' '));

/** ISO 4217 has no decimals, Stripe wants two, which must be 00. */
const TWO_DECIMALS_AT_STRIPE = new Set(['ISK', 'UGX']);

/** Three decimals, the last of which must be 0: the card networks settle two. */
const LAST_DIGIT_ZERO = new Set(['BHD', 'JOD', 'KWD', 'OMR', 'TND']);

/** Stripe's count of the amount. Undefined when Stripe cannot express it: half an ariary, a fils. */
export function toStripeAmount(money: Money): bigint | undefined {
  if (LAST_DIGIT_ZERO.has(money.currency) && money.amount % 10n !== 0n) return undefined;
  const shift = decimalsAtStripe(money.currency) - exponentOf(money.currency);
  if (shift >= 0) return money.amount * 10n ** BigInt(shift);
  const divisor = 10n ** BigInt(-shift);
  return money.amount % divisor === 0n ? money.amount / divisor : undefined;
}

/** Stripe's amount in minor units of ISO 4217. `currency` in either case. */
export function fromStripeAmount(amount: number, currency: string): Money {
  const code = currency.toUpperCase();
  const shift = decimalsAtStripe(code) - exponentOf(code);
  const units = BigInt(amount);
  if (shift <= 0) return { amount: units * 10n ** BigInt(-shift), currency: code };
  const divisor = 10n ** BigInt(shift);
  // By Stripe's rule these decimals are 00; money is never rounded silently.
  if (units % divisor !== 0n)
    throw new Error(`Stripe told an amount of ${amount} ${code}, which has a fraction`);
  return { amount: units / divisor, currency: code };
}

function decimalsAtStripe(currency: string): number {
  if (ZERO_DECIMAL.has(currency)) return 0;
  if (TWO_DECIMALS_AT_STRIPE.has(currency)) return 2;
  return exponentOf(currency);
}
