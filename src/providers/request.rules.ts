import { invalidField, ServiceError } from '../kernel/errors.js';
import type { SessionInput } from './payment.ports.js';
import { unsupported } from './provider.errors.js';

/** Without the undefined fields, which are neither recorded nor sent. */
export function given<T extends object>(fields: T): Partial<T>;
export function given(fields: object): object {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

/** How much metadata a provider keeps beside what we add ourselves. */
interface MetadataLimits {
  keys: number;
  valueLength: number;
  /** Keys that it refuses, and what they must be instead. */
  refusedKeys?: { pattern: RegExp; rule: string };
  /** The provider's name, for the refusal. */
  at: string;
}

/** @throws ServiceError invalid_request naming `metadata` or the key at fault. */
export function assertMetadataFits(
  metadata: Readonly<Record<string, string>>,
  { keys, valueLength, refusedKeys, at }: MetadataLimits,
): void {
  const entries = Object.entries(metadata);
  if (entries.length > keys) throw invalidField('metadata', `must have at most ${keys} keys at ${at}`);
  for (const [key, value] of entries) {
    if (refusedKeys?.pattern.test(key) === true)
      throw invalidField('metadata', `${refusedKeys.rule} at ${at}`);
    if (value.length > valueLength)
      throw invalidField(`metadata.${key}`, `must be at most ${valueLength} characters at ${at}`);
  }
}

/** A voucher of OXXO holds between MXN 10 and MXN 10,000 (centavos), whoever issues it. */
const VOUCHER_MINIMUM = 1_000n;
const VOUCHER_MAXIMUM = 1_000_000n;

export function fitsOnVoucher(amount: bigint): boolean {
  return amount >= VOUCHER_MINIMUM && amount <= VOUCHER_MAXIMUM;
}

/** @throws ServiceError amount_out_of_bounds naming `items`. */
export function assertFitsOnVoucher(amount: bigint): void {
  if (fitsOnVoucher(amount)) return;
  const rule = 'must add up to between 10.00 and 10000.00 MXN to be paid in cash';
  throw new ServiceError('amount_out_of_bounds', `items ${rule}`, [{ field: 'items', rule }]);
}

/**
 * Monthly installments are a plan of Mexican banks.
 * @param at the provider's name, for the refusal.
 * @throws ServiceError capability_not_supported naming `installments`.
 */
export function assertInstallments(
  { money, installments }: Pick<SessionInput, 'money' | 'installments'>,
  offered: ReadonlySet<number>,
  at: string,
): void {
  if (money.currency !== 'MXN') throw unsupported('installments', 'are available in MXN only');
  const stranger = installments.find((months) => !offered.has(months));
  if (stranger !== undefined)
    throw unsupported('installments', `of ${stranger} months are not available at ${at}`);
}

/** How long a provider lets a checkout live, in seconds. */
interface Lifetime {
  minimum: number;
  maximum: number;
  /** The provider's name, for the refusal. */
  at: string;
}

/** Providers count from the request's arrival, by their own clock: this keeps a checkout inside the limit. */
const MARGIN_SECONDS = 120;

/** Seconds since 1970. @throws ServiceError invalid_request naming `expiresIn`. */
export function expiryWithin({ minimum, maximum, at }: Lifetime, expiresIn: number, now: Date): number {
  if (expiresIn < minimum || expiresIn > maximum) {
    throw invalidField('expiresIn', `must be between ${minimum} and ${maximum} seconds at ${at}`);
  }
  const seconds = Math.min(Math.max(expiresIn, minimum + MARGIN_SECONDS), maximum - MARGIN_SECONDS);
  return Math.floor(now.getTime() / 1000 + seconds);
}
