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
import { readCharge } from './stripe.charge.read.js';

/** Amounts are Stripe's own. */
export type StripeIntent = NonNullable<ReturnType<typeof readIntent>>;

/** Undefined for anything but a payment intent, and for those of invoices. */
export function readIntent(value: unknown) {
  if (!isJson(value) || value.object !== 'payment_intent' || idOf(value.invoice) !== undefined)
    return undefined;
  const [id, status, currency] = [textOf(value.id), textOf(value.status), textOf(value.currency)];
  const amount = integerOf(value.amount);
  if (!id || !status || !currency || amount === undefined) return undefined;
  const metadata = metadataOf(value.metadata);
  const chargeId = idOf(value.latest_charge);
  const ref: PaymentRef = { provider: STRIPE, ...oursIn(metadata), providerPaymentId: id, chargeId };
  return {
    ref,
    id,
    status,
    currency,
    amount,
    amountReceived: integerOf(value.amount_received) ?? 0,
    metadata,
    /** Only where Stripe was asked to expand it. */
    charge: readCharge(value.latest_charge),
    voucher: voucherOf(jsonOf(value.next_action)),
    canceledAt: timeOf(value.canceled_at),
    cancellationReason: textOf(value.cancellation_reason),
    lastError: isJson(value.last_payment_error) ? errorIn(value.last_payment_error) : undefined,
  };
}

function errorIn(error: Json) {
  return {
    code: textOf(error.code) ?? textOf(error.decline_code),
    chargeId: idOf(error.charge),
    /** Stripe's word for the method that failed. */
    methodType: textOf(jsonOf(error.payment_method).type),
  };
}

/** What the customer pays against, elsewhere. Undefined for an action on the page, such as 3-D Secure. */
function voucherOf(action: Json): { method: PaymentMethod; expiresAt?: Date | undefined } | undefined {
  const type = textOf(action.type);
  const details = jsonOf(type === undefined ? undefined : action[type]);
  if (type === 'oxxo_display_details') {
    const method = { type: 'cash', reference: textOf(details.number) };
    return { method, expiresAt: timeOf(details.expires_after) };
  }
  if (type !== 'display_bank_transfer_instructions') return undefined;
  const addresses = listOf(details.financial_addresses);
  const clabes = addresses.flatMap((address) => textOf(jsonOf(jsonOf(address).spei).clabe) ?? []);
  return { method: { type: 'bank_transfer', reference: textOf(details.reference), clabe: clabes[0] } };
}
