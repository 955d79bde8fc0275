import { providerAddress } from '../../../kernel/web.address.js';
import { integerOf, isJson, type Json, textOf, timeOf } from '../../json.read.js';
import type { PaymentMethod } from '../../facts.js';

/** What a charge was, or is to be, paid with. */
export interface ConektaMethod {
  method: PaymentMethod;
  /** When a voucher or a CLABE runs out. */
  expiresAt: Date | undefined;
  /** A customer pays with this reference and a second number, which we have no place for. */
  needsAgreement: boolean;
}

type Read = (details: Json) => PaymentMethod;

/** By Conekta's name of the object; older API versions name the fields of cash and SPEI otherwise. */
const READERS: ReadonlyMap<string, Read> = new Map<string, Read>([
  [
    'card_payment',
    ({ brand, last4 }) => ({ type: 'card', brand: textOf(brand)?.toLowerCase(), last4: textOf(last4) }),
  ],
  [
    'cash_payment',
    (details) => ({
      type: 'cash',
      reference: textOf(details.reference) ?? textOf(details.barcode),
      barcodeUrl: providerAddress(textOf(details.barcode_url)),
    }),
  ],
  [
    'bank_transfer_payment',
    (details) => ({
      type: 'bank_transfer',
      clabe: textOf(details.clabe) ?? textOf(details.receiving_account_number),
      bank: textOf(details.bank) ?? textOf(details.receiving_account_bank),
    }),
  ],
  ['bnpl_payment', () => ({ type: 'bnpl' })],
  ['pay_by_bank_payment', ({ reference }) => ({ type: 'pay_by_bank', reference: textOf(reference) })],
]);

/**
 * From `payment_method` of a charge; the number of monthly installments is the charge's own. A method that is
 * new to us keeps Conekta's word for it.
 */
export function methodOf(details: unknown, installments: unknown): ConektaMethod | undefined {
  if (!isJson(details)) return undefined;
  const name = textOf(details.object) ?? '';
  const type = textOf(details.type);
  const method = READERS.get(name)?.(details) ?? (type === undefined ? undefined : { type });
  if (method === undefined) return undefined;
  const months = integerOf(installments);
  const expiresAt = timeOf(details.expires_at);
  return {
    method: months === undefined || months < 2 ? method : { ...method, installments: months },
    // 0 stands for none.
    expiresAt: expiresAt?.getTime() === 0 ? undefined : expiresAt,
    needsAgreement: textOf(details.agreement) !== undefined,
  };
}
