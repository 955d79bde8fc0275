import { bodyText } from '../../request.body.js';
import { exponent } from '../stripe.money.js';

const LONGEST = 100;

/** One field of a posted form, cut to a length that no page needs more than. */
export function field(body: unknown, name: string): string | undefined {
  const value = new URLSearchParams(bodyText(body)).get(name)?.trim();
  return value === undefined || value === '' ? undefined : value.slice(0, LONGEST);
}

/** `'250.5'` in MXN → 25050 minor units; undefined when it is no amount. */
export function typedAmount(typed: string | undefined, currency: string): number | undefined {
  const digits = exponent(currency);
  const parts = /^(\d{1,10})(?:[.,](\d{1,3}))?$/.exec(typed ?? '');
  if (!parts) return undefined;
  const [, whole = '0', decimals = ''] = parts;
  if (decimals.length > digits) return undefined;
  return Number(`${whole}${decimals.padEnd(digits, '0')}`);
}
