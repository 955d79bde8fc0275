import { oursIn, type PaymentRef } from '../../facts.js';
import { idOf, integerOf, isJson, jsonOf, metadataOf, textOf, timeOf } from '../../json.read.js';
import { STRIPE } from '../stripe.account.js';
import { readCharge, type StripeCharge, type Voucher, voucherOf } from './stripe.charge.read.js';

/** A payment intent as Stripe tells it; amounts are Stripe's own. */
export interface StripeIntent {
  ref: PaymentRef;
  id: string;
  status: string;
  currency: string;
  amount: number;
  amountReceived: number;
  metadata: Readonly<Record<string, string>>;
  /** There only where Stripe was asked to expand it. */
  charge: StripeCharge | undefined;
  voucher: Voucher | undefined;
  canceledAt: Date | undefined;
  cancellationReason: string | undefined;
  lastError: StripePaymentError | undefined;
}

export interface StripePaymentError {
  code: string | undefined;
  chargeId: string | undefined;
  /** Stripe's word for the method that failed. */
  methodType: string | undefined;
}

/** Undefined for anything but a payment intent, and for those of invoices. */
export function readIntent(value: unknown): StripeIntent | undefined {
  if (!isJson(value) || value.object !== 'payment_intent' || idOf(value.invoice) !== undefined)
    return undefined;
  const [id, status, currency] = [textOf(value.id), textOf(value.status), textOf(value.currency)];
  const amount = integerOf(value.amount);
  if (!id || !status || !currency || amount === undefined) return undefined;
  const metadata = metadataOf(value.metadata);
  return {
    ref: {
      provider: STRIPE,
      ...oursIn(metadata),
      providerPaymentId: id,
      chargeId: idOf(value.latest_charge),
    },
    id,
    status,
    currency,
    amount,
    amountReceived: integerOf(value.amount_received) ?? 0,
    metadata,
    charge: readCharge(value.latest_charge),
    voucher: voucherOf(jsonOf(value.next_action)),
    canceledAt: timeOf(value.canceled_at),
    cancellationReason: textOf(value.cancellation_reason),
    lastError: isJson(value.last_payment_error) ? readError(value.last_payment_error) : undefined,
  };
}

function readError(error: Readonly<Record<string, unknown>>): StripePaymentError {
  return {
    code: textOf(error.code) ?? textOf(error.decline_code),
    chargeId: idOf(error.charge),
    methodType: textOf(jsonOf(error.payment_method).type),
  };
}
