import { receiptAddress } from '../../../kernel/web.address.js';
import { oursIn, type PaymentMethod, type PaymentRef } from '../../facts.js';
import { idOf, integerOf, isJson, type Json, jsonOf, metadataOf, textOf, timeOf } from '../../json.read.js';
import { STRIPE } from '../stripe.account.js';

/** Amounts are Stripe's own. */
export type StripeCharge = NonNullable<ReturnType<typeof readCharge>>;

/** Undefined for anything but a charge. Charges of invoices have the invoice's life, not a payment's. */
export function readCharge(value: unknown) {
  if (!isJson(value) || value.object !== 'charge' || idOf(value.invoice) !== undefined) return undefined;
  const [id, status, currency] = [textOf(value.id), textOf(value.status), textOf(value.currency)];
  const [amount, created] = [integerOf(value.amount), timeOf(value.created)];
  if (!id || !status || !currency || amount === undefined || !created) return undefined;
  const metadata = metadataOf(value.metadata);
  const providerPaymentId = idOf(value.payment_intent);
  const ref: PaymentRef = { provider: STRIPE, ...oursIn(metadata), providerPaymentId, chargeId: id };
  const details = jsonOf(value.payment_method_details);
  const captured = value.captured === true;
  return {
    ref,
    id,
    status,
    captured,
    disputed: value.disputed === true,
    /** In full; a released hold counts as refunded too. */
    refunded: value.refunded === true,
    currency,
    amount,
    amountCaptured: integerOf(value.amount_captured) ?? (captured ? amount : 0),
    amountRefunded: integerOf(value.amount_refunded) ?? 0,
    created,
    metadata,
    method: methodOf(details),
    /** Stripe's word for the method. */
    methodType: textOf(details.type),
    receiptUrl: receiptAddress(textOf(value.receipt_url)),
    failureCode: textOf(value.failure_code),
    /** The bank's, more precise than `failureCode`. */
    outcomeReason: textOf(jsonOf(value.outcome).reason),
  };
}

/** Our words for Stripe's; other methods keep Stripe's own. Wallets are cards at Stripe. */
const OUR_WORDS = new Map([
  ['oxxo', 'cash'],
  ['customer_balance', 'bank_transfer'],
]);

/** Methods that finish after the page is closed: a failed attempt cannot be repeated, so the payment has failed. */
const DELAYED = new Set(
  (
    'acss_debit au_becs_debit bacs_debit boleto customer_balance konbini multibanco oxxo sepa_debit ' +
    'us_bank_account'
  ).split(' '),
);

export function isDelayed(stripeType: string | undefined): boolean {
  return stripeType !== undefined && DELAYED.has(stripeType);
}

function methodOf(details: Json): PaymentMethod | undefined {
  const type = textOf(details.type);
  if (type === undefined) return undefined;
  const own = jsonOf(details[type]);
  if (type === 'card') {
    const installments = integerOf(jsonOf(jsonOf(own.installments).plan).count);
    return { type, brand: textOf(own.brand), last4: textOf(own.last4), installments };
  }
  const method: PaymentMethod = { type: OUR_WORDS.get(type) ?? type };
  return type === 'oxxo' ? { ...method, reference: textOf(own.number) } : method;
}
