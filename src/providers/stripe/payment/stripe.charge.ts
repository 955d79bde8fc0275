import { receiptAddress } from '../../../kernel/web.address.js';
import type { PaymentMethod, PaymentRef } from '../../facts.js';
import { methodOf } from './stripe.method.js';
import { STRIPE } from '../stripe.name.js';
import { idOf, integerOf, isJson, jsonOf, metadataOf, textOf, timeOf } from '../../json.read.js';

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
      installationId: textOf(metadata.installationId),
      paymentId: textOf(metadata.paymentId),
      orderId: textOf(metadata.orderId),
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
  };
}
