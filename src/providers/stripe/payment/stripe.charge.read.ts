import { receiptAddress } from '../../../kernel/web.address.js';
import { oursIn, type PaymentMethod, type PaymentRef } from '../../facts.js';
import {
  idOf,
  integerOf,
  isJson,
  type Json,
  jsonOf,
  listOf,
  metadataOf,
  textOf,
  timeOf,
} from '../../json.read.js';
import { STRIPE } from '../stripe.account.js';

/** A charge as Stripe tells it; amounts are Stripe's own. */
export interface StripeCharge {
  ref: PaymentRef;
  id: string;
  status: string;
  captured: boolean;
  disputed: boolean;
  /** All of it, as Stripe counts: a hold that was released counts too. */
  refunded: boolean;
  currency: string;
  amount: number;
  amountCaptured: number;
  created: Date;
  metadata: Readonly<Record<string, string>>;
  method: PaymentMethod | undefined;
  /** Stripe's word for the method. */
  methodType: string | undefined;
  receiptUrl: string | undefined;
  failureCode: string | undefined;
  /** The bank's, which says more than that the charge was declined. */
  outcomeReason: string | undefined;
  amountRefunded: number;
}

/** Undefined for anything but a charge. Charges of invoices have the invoice's life, not a payment's. */
export function readCharge(value: unknown): StripeCharge | undefined {
  if (!isJson(value) || value.object !== 'charge' || idOf(value.invoice) !== undefined) return undefined;
  const [id, status, currency] = [textOf(value.id), textOf(value.status), textOf(value.currency)];
  const [amount, created] = [integerOf(value.amount), timeOf(value.created)];
  if (!id || !status || !currency || amount === undefined || !created) return undefined;
  const metadata = metadataOf(value.metadata);
  const details = jsonOf(value.payment_method_details);
  const captured = value.captured === true;
  return {
    ref: {
      provider: STRIPE,
      ...oursIn(metadata),
      providerPaymentId: idOf(value.payment_intent),
      chargeId: id,
    },
    id,
    status,
    captured,
    disputed: value.disputed === true,
    refunded: value.refunded === true,
    currency,
    amount,
    amountCaptured: integerOf(value.amount_captured) ?? (captured ? amount : 0),
    created,
    metadata,
    method: methodOf(details),
    methodType: textOf(details.type),
    receiptUrl: receiptAddress(textOf(value.receipt_url)),
    failureCode: textOf(value.failure_code),
    outcomeReason: textOf(jsonOf(value.outcome).reason),
    amountRefunded: integerOf(value.amount_refunded) ?? 0,
  };
}

/** Our words for Stripe's; every other method keeps Stripe's own. Wallets are cards at Stripe. */
const OUR_WORDS = new Map([
  ['oxxo', 'cash'],
  ['customer_balance', 'bank_transfer'],
]);

/**
 * Methods that finish after the page is closed. When such an attempt fails there is no page left to try again
 * on, so the payment has failed with it.
 */
const DELAYED = new Set([
  'acss_debit',
  'au_becs_debit',
  'bacs_debit',
  'boleto',
  'customer_balance',
  'konbini',
  'multibanco',
  'oxxo',
  'sepa_debit',
  'us_bank_account',
]);

export function isDelayed(stripeType: string | undefined): boolean {
  return stripeType !== undefined && DELAYED.has(stripeType);
}

/** From `payment_method_details` of a charge. */
export function methodOf(details: Json): PaymentMethod | undefined {
  const type = textOf(details.type);
  if (type === undefined) return undefined;
  const own = jsonOf(details[type]);
  if (type === 'card') return cardOf(own);
  const method: PaymentMethod = { type: OUR_WORDS.get(type) ?? type };
  return type === 'oxxo' ? { ...method, reference: textOf(own.number) } : method;
}

function cardOf(card: Json): PaymentMethod {
  const installments = integerOf(jsonOf(jsonOf(card.installments).plan).count);
  return { type: 'card', brand: textOf(card.brand), last4: textOf(card.last4), installments };
}

/** What the customer pays against, later and elsewhere. */
export interface Voucher {
  method: PaymentMethod;
  expiresAt: Date | undefined;
}

/**
 * From `next_action` of a payment intent. Undefined for what the customer does on the page, such as 3-D
 * Secure.
 */
export function voucherOf(nextAction: Json): Voucher | undefined {
  const type = textOf(nextAction.type);
  const details = jsonOf(type === undefined ? undefined : nextAction[type]);
  if (type === 'oxxo_display_details') {
    return {
      method: { type: 'cash', reference: textOf(details.number) },
      expiresAt: timeOf(details.expires_after),
    };
  }
  if (type === 'display_bank_transfer_instructions') {
    const reference = textOf(details.reference);
    return { method: { type: 'bank_transfer', reference, clabe: clabeOf(details) }, expiresAt: undefined };
  }
  return undefined;
}

function clabeOf(instructions: Json): string | undefined {
  const clabes = listOf(instructions.financial_addresses).map(
    (address) => jsonOf(jsonOf(address).spei).clabe,
  );
  return textOf(clabes.find((clabe) => textOf(clabe) !== undefined));
}
