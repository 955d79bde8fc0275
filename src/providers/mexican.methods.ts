import { ServiceError } from '../kernel/errors.js';
import type { SessionInput } from './provider.port.js';
import { unsupported } from './unsupported.js';

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
 * @param offered the months that there are plans for.
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
