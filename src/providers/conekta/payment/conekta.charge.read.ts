import type { Money } from '../../../kernel/money.js';
import { providerAddress } from '../../../kernel/web.address.js';
import type { PaymentMethod } from '../../facts.js';
import { integerOf, isJson, type Json, jsonOf, textOf, timeOf } from '../../json.read.js';
import { pageOf } from '../conekta.client.js';
import { fromConektaAmount } from '../conekta.account.js';

/** What a charge means for its payment. */
type ChargeState =
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

/** A captured card says when it was paid. Without that, "refunded" or "reversed" means a released hold. */
function stateOf(status: string, charge: Json, chargeback: Json | undefined): ChargeState | undefined {
  const isBack = status === 'refunded' || status === 'reversed';
  const byCard = jsonOf(charge.payment_method).object === 'card_payment';
  if (isBack && byCard && timeOf(charge.paid_at) === undefined && !chargeback) return 'released';
  // Only money that came in is charged back, whatever the word.
  return STATES.get(status) ?? (chargeback && 'paid');
}

/** From `channel` of a checkout's orders and charges. Many pay one payment link, so its id names no payment. */
export function sessionIdOf(channel: unknown): string | undefined {
  const { checkout_request_id, checkout_request_type } = jsonOf(channel);
  return checkout_request_type === 'PaymentLink' ? undefined : textOf(checkout_request_id);
}

/** What a charge was, or is to be, paid with. */
interface ConektaMethod {
  method: PaymentMethod;
  /** When a voucher or a CLABE runs out. */
  expiresAt: Date | undefined;
  /** It takes a second number beside the reference, which we have no place for. */
  needsAgreement: boolean;
}

/** By Conekta's name of the object; older API versions name the fields of cash and SPEI otherwise. */
const METHODS = new Map(
  Object.entries<(details: Json) => PaymentMethod>({
    card_payment: ({ brand, last4 }) => ({
      type: 'card',
      brand: textOf(brand)?.toLowerCase(),
      last4: textOf(last4),
    }),
    cash_payment: ({ reference, barcode, barcode_url }) => ({
      type: 'cash',
      reference: textOf(reference) ?? textOf(barcode),
      barcodeUrl: providerAddress(textOf(barcode_url)),
    }),
    bank_transfer_payment: ({ clabe, receiving_account_number, bank, receiving_account_bank }) => ({
      type: 'bank_transfer',
      clabe: textOf(clabe) ?? textOf(receiving_account_number),
      bank: textOf(bank) ?? textOf(receiving_account_bank),
    }),
    bnpl_payment: () => ({ type: 'bnpl' }),
    pay_by_bank_payment: ({ reference }) => ({ type: 'pay_by_bank', reference: textOf(reference) }),
  }),
);

/** From a charge, whose own is the number of installments. A method new to us keeps Conekta's word for it. */
function methodOf(details: unknown, installments: unknown): ConektaMethod | undefined {
  if (!isJson(details)) return undefined;
  const type = textOf(details.type);
  const method = METHODS.get(textOf(details.object) ?? '')?.(details) ?? (type && { type });
  if (!method) return undefined;
  const months = integerOf(installments);
  return {
    method: months === undefined || months < 2 ? method : { ...method, installments: months },
    // 0 stands for none.
    expiresAt: details.expires_at === 0 ? undefined : timeOf(details.expires_at),
    needsAgreement: textOf(details.agreement) !== undefined,
  };
}
