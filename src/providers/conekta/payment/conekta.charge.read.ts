import type { Money } from '../../../kernel/money.js';
import { providerAddress } from '../../../kernel/web.address.js';
import type { PaymentMethod } from '../../facts.js';
import { integerOf, isJson, type Json, jsonOf, listOf, textOf, timeOf } from '../../json.read.js';
import { fromConektaAmount } from '../conekta.money.js';

/** What a charge means for its payment. */
export type ChargeState =
  /** The money came in, whatever became of it since. */
  | 'paid'
  /** The money came in over a shop's counter and was handed back there. */
  | 'reversed'
  /** Held, not taken. */
  | 'held'
  /** Was held and let go of: it was never taken, whatever the way back is called. */
  | 'released'
  /** Nobody has paid yet, or it is being looked into. */
  | 'waiting'
  | 'declined'
  /** Ended without money, and nothing was declined. */
  | 'over';

/** A charge of an order as Conekta tells it. */
export interface ConektaCharge {
  id: string;
  orderId: string | undefined;
  /** Undefined for a word that is new to us: it moves nothing. */
  state: ChargeState | undefined;
  /** Conekta's own word. */
  status: string;
  money: Money | undefined;
  createdAt: Date;
  paidAt: Date | undefined;
  failureCode: string | undefined;
  /** For the buyer. */
  failureMessage: string | undefined;
  paidWith: ConektaMethod | undefined;
  sessionId: string | undefined;
  refunds: readonly unknown[];
  chargeback: Json | undefined;
}

const STATES: ReadonlyMap<string, ChargeState> = new Map<string, ChargeState>([
  ['paid', 'paid'],
  ['partially_refunded', 'paid'],
  ['refunded', 'paid'],
  ['charged_back', 'paid'],
  ['reversed', 'reversed'],
  ['pre_authorized', 'held'],
  ['preauthorized', 'held'],
  ['pending_payment', 'waiting'],
  ['pending_confirmation', 'waiting'],
  ['under_fraud_review', 'waiting'],
  ['declined', 'declined'],
  ['fraudulent', 'declined'],
  ['expired', 'over'],
  ['canceled', 'over'],
  ['voided', 'released'],
]);

/** Undefined for anything but a charge. */
export function readCharge(value: unknown): ConektaCharge | undefined {
  if (!isJson(value) || value.object !== 'charge') return undefined;
  const [id, status, createdAt] = [textOf(value.id), textOf(value.status), timeOf(value.created_at)];
  if (!id || !status || !createdAt) return undefined;
  const chargeback = isJson(value.chargeback) ? value.chargeback : undefined;
  return {
    id,
    orderId: textOf(value.order_id),
    state: stateOf(status, value, chargeback),
    status,
    money: fromConektaAmount(integerOf(value.amount), textOf(value.currency)),
    createdAt,
    paidAt: timeOf(value.paid_at),
    failureCode: textOf(value.failure_code),
    failureMessage: textOf(value.failure_message),
    paidWith: methodOf(value.payment_method, value.monthly_installments),
    sessionId: sessionIdOf(value.channel),
    refunds: pageOf(value.refunds),
    chargeback,
  };
}

/** A card that was taken says when. Where it does not, what is called refunded or reversed was the bank's hold. */
function stateOf(status: string, charge: Json, chargeback: Json | undefined): ChargeState | undefined {
  const isBack = status === 'refunded' || status === 'reversed';
  const byCard = jsonOf(charge.payment_method).object === 'card_payment';
  if (isBack && byCard && timeOf(charge.paid_at) === undefined && !chargeback) return 'released';
  // Only money that came in is charged back, whatever the word.
  return STATES.get(status) ?? (chargeback && 'paid');
}

/**
 * From `channel`, which orders and charges of a checkout carry. A payment link is paid by many, so its id tells
 * no payment from another.
 */
export function sessionIdOf(channel: unknown): string | undefined {
  const { checkout_request_id, checkout_request_type } = jsonOf(channel);
  return checkout_request_type === 'PaymentLink' ? undefined : textOf(checkout_request_id);
}

/** The elements of a list object; older API versions have bare arrays. */
export function pageOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? listOf(value) : listOf(jsonOf(value).data);
}

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
