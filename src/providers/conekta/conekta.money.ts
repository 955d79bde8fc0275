import type { Money } from '../../kernel/money.js';

/** What Conekta settles in. Both have two decimals in ISO 4217, so Conekta's cents are our minor units. */
export const CONEKTA_CURRENCIES: ReadonlySet<string> = new Set(['MXN', 'USD']);

/** Undefined for what cannot be counted in cents for certain: no amount rather than a wrong one. */
export function fromConektaAmount(
  amount: number | undefined,
  currency: string | undefined,
): Money | undefined {
  const code = currency?.toUpperCase();
  if (amount === undefined || code === undefined || !CONEKTA_CURRENCIES.has(code)) return undefined;
  return { amount: BigInt(amount), currency: code };
}
