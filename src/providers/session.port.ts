import { invalidField, ServiceError } from '../kernel/errors.js';
import type { Money } from '../kernel/money.js';
import type { SessionEmbed } from './facts.js';
import { unsupported } from './provider.errors.js';

export const PAYMENT_METHODS = [
  'card',
  'cash',
  'bank_transfer',
  'bnpl',
  'pay_by_bank',
  'apple',
  'google',
] as const;
export type PaymentMethodName = (typeof PAYMENT_METHODS)[number];

/**
 * When the bank is asked to identify the card's holder: where the provider sees a risk, always, or only
 * where the bank insists.
 */
export const THREE_DS_MODES = ['smart', 'strict', 'not_strict'] as const;
export type ThreeDsMode = (typeof THREE_DS_MODES)[number];

export interface SessionItem {
  name: string;
  /** Minor units of `currency`. */
  unitAmount: bigint;
  quantity: number;
}

/** Whom physical goods go to, and where. */
export interface ShippingContact {
  receiver: string;
  phone: string;
  address: {
    street1: string;
    street2?: string | undefined;
    postalCode: string;
    city?: string | undefined;
    state?: string | undefined;
    /** ISO 3166-1 alpha-2, upper case. */
    country: string;
  };
}

/** What is added to the lines of a purchase, or taken off. */
export interface SessionAdjustment {
  name: string;
  /** Minor units; 0 for what is free. */
  amount: bigint;
}

/** Everything that a checkout session is made of, validated, in our words. */
export interface SessionInput {
  paymentId: string;
  orderId: string;
  /** Lines, taxes and shipping, less discounts. */
  money: Money;
  items: readonly SessionItem[];
  taxes: readonly SessionAdjustment[];
  shipping: readonly SessionAdjustment[];
  discounts: readonly SessionAdjustment[];
  ui: SessionUi;
  successUrl: string;
  cancelUrl: string;
  /** Our own page that shows an embedded checkout. */
  payUrl: string;
  customer?:
    { name?: string | undefined; email?: string | undefined; phone?: string | undefined } | undefined;
  /** The provider's own id of a customer; in place of `customer`. */
  customerId?: string | undefined;
  /** Of physical goods. */
  shippingContact?: ShippingContact | undefined;
  /** Undefined: whatever the account offers and the amount allows. */
  paymentMethods?: readonly PaymentMethodName[] | undefined;
  capture: 'automatic' | 'manual';
  /** Months on offer; empty: none. */
  installments: readonly number[];
  onDemand: boolean;
  threeDs?: ThreeDsMode | undefined;
  metadata: Readonly<Record<string, string>>;
  locale?: string | undefined;
  /** Seconds from `now`; undefined: the provider's default. */
  expiresIn?: number | undefined;
  now: Date;
}

export type SessionUi = 'hosted' | 'embedded';

/** A session as a later call names it. */
export interface SessionTarget {
  sessionId: string;
  providerPaymentId?: string | undefined;
}

export interface OpenedSession {
  sessionId: string;
  providerPaymentId?: string | undefined;
  /** The provider's page; of an embedded session our own, as the request has it. */
  checkoutUrl: string;
  embed?: SessionEmbed | undefined;
  expiresAt: Date;
  livemode: boolean;
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

/** How long a provider lets a checkout live, in seconds. */
export interface Lifetime {
  minimum: number;
  maximum: number;
  /** The provider's name, for the refusal. */
  at: string;
}

/**
 * Providers count from when the request arrives, by their own clock: a checkout asked for at a limit stays inside
 * it.
 */
const MARGIN_SECONDS = 120;

/** Seconds since 1970. @throws ServiceError invalid_request naming `expiresIn`. */
export function expiryWithin({ minimum, maximum, at }: Lifetime, expiresIn: number, now: Date): number {
  if (expiresIn < minimum || expiresIn > maximum) {
    throw invalidField('expiresIn', `must be between ${minimum} and ${maximum} seconds at ${at}`);
  }
  const seconds = Math.min(Math.max(expiresIn, minimum + MARGIN_SECONDS), maximum - MARGIN_SECONDS);
  return Math.floor(now.getTime() / 1000 + seconds);
}
