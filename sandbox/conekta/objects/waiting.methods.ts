import { clabeOf } from '../../clabe.js';
import { randomDigits } from '../conekta.ids.js';
import type {
  BankPaymentMethod,
  BnplPaymentMethod,
  CashPaymentMethod,
  TransferPaymentMethod,
} from '../conekta.types.js';
import type { ConektaWorld } from '../conekta.world.js';

const BANK = 'STP';
const REFERENCE_DIGITS = 14;

/** A voucher for a shop; times are seconds since the epoch. */
export function cashMethod(world: ConektaWorld, expiresAt: number): CashPaymentMethod {
  const reference = randomDigits(REFERENCE_DIGITS);
  return {
    object: 'cash_payment',
    type: 'cash',
    service_name: 'Cash',
    product_type: 'cash_in',
    store_name: 'Sandbox',
    reference,
    barcode_url: barcodeUrl(world, reference),
    expires_at: expiresAt,
  };
}

/** Where this server draws the bars of a reference. */
export function barcodeUrl(world: ConektaWorld, reference: string): string {
  return `${world.baseUrl}/barcodes/${reference}.svg`;
}

export function transferMethod(expiresAt: number): TransferPaymentMethod {
  const clabe = newClabe();
  return {
    object: 'bank_transfer_payment',
    type: 'spei',
    bank: BANK,
    clabe,
    receiving_account_bank: BANK,
    receiving_account_number: clabe,
    reference_number: null,
    tracking_code: null,
    executed_at: null,
    payment_attempts: [],
    expires_at: expiresAt,
  };
}

export function newClabe(): string {
  return clabeOf(randomDigits(11));
}

/** Where a customer confirms a direct charge, in the place of a bank or a lender. */
export function confirmUrl(world: ConektaWorld, chargeId: string): string {
  return `${world.baseUrl}/confirm/${chargeId}`;
}

export interface BnplParts {
  product: string;
  success: string;
  failure: string;
  cancel: string | undefined;
}

export function bnplMethod(redirectUrl: string, parts: BnplParts, expiresAt: number): BnplPaymentMethod {
  return {
    object: 'bnpl_payment',
    type: 'bnpl',
    product_type: parts.product,
    redirect_url: redirectUrl,
    success_url: parts.success,
    failure_url: parts.failure,
    ...(parts.cancel !== undefined && { cancel_url: parts.cancel }),
    expires_at: expiresAt,
  };
}

export function payByBankMethod(redirectUrl: string, product: string, expiresAt: number): BankPaymentMethod {
  return {
    object: 'pay_by_bank_payment',
    type: 'pay_by_bank',
    product_type: product,
    redirect_url: redirectUrl,
    deep_link: redirectUrl,
    reference: randomDigits(20),
    expires_at: expiresAt,
  };
}
