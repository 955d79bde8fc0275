import { providerAddress } from '../../../kernel/web.address.js';
import { idOf, integerOf, isJson, type Json, jsonOf, listOf, textOf, timeOf } from '../../json.read.js';

/** An invoice of a subscription that asks for money; amounts are Stripe's own. */
export interface StripeInvoice {
  id: string;
  subscriptionId: string;
  currency: string;
  amountDue: number;
  created: Date;
  start: Date | undefined;
  end: Date | undefined;
  nextAttempt: Date | undefined;
  /** A draft that Stripe leaves alone until somebody finalizes it: the subscription is unpaid, or its collection paused. */
  isHeldBack: boolean;
  /** Of an open one: attempts to collect it by Stripe's own count, which has those that reached no bank. */
  attempts: number;
  finalizedAt: Date | undefined;
  /** Of an open one: Stripe's page on which the customer can pay it, by whatever card. */
  hostedUrl: string | undefined;
  paidAt: Date | undefined;
  /** Of its payment; undefined until it is finalized, and where it never was to be charged. */
  intentId: string | undefined;
  /** Of its payment where it was paid by no intent: a charge's id, or the invoice's own (out of band, by a record). */
  paidAs: string | undefined;
}

/** Undefined for invoices of anything else, and for those that ask for nothing, such as a trial's. */
export function readInvoice(value: unknown): StripeInvoice | undefined {
  if (!isJson(value) || value.object !== 'invoice') return undefined;
  const [id, subscriptionId] = [textOf(value.id), subscriptionOf(value)];
  const [currency, amountDue, created] = [
    textOf(value.currency),
    integerOf(value.amount_due),
    timeOf(value.created),
  ];
  if (!id || !subscriptionId || !currency || !created || amountDue === undefined || amountDue <= 0)
    return undefined;
  const period = periodOf(value);
  return {
    id,
    subscriptionId,
    currency,
    amountDue,
    created,
    start: timeOf(period.start),
    end: timeOf(period.end),
    paidAt: value.status === 'paid' ? timeOf(jsonOf(value.status_transitions).paid_at) : undefined,
    ...collectionOf(value),
    ...paymentOf(value, id),
  };
}

/** How an invoice stands that is to be paid. One that waits for the customer's bank can be attempted and count none. */
function collectionOf(
  invoice: Json,
): Pick<StripeInvoice, 'nextAttempt' | 'isHeldBack' | 'attempts' | 'finalizedAt' | 'hostedUrl'> {
  const isOpen = invoice.status === 'open';
  const isAttempted = isOpen && invoice.attempted === true;
  return {
    isHeldBack: invoice.status === 'draft' && invoice.auto_advance !== true,
    nextAttempt: isOpen ? timeOf(invoice.next_payment_attempt) : undefined,
    attempts: isAttempted ? Math.max(1, integerOf(invoice.attempt_count) ?? 0) : 0,
    finalizedAt: timeOf(jsonOf(invoice.status_transitions).finalized_at),
    hostedUrl: isOpen ? providerAddress(textOf(invoice.hosted_invoice_url)) : undefined,
  };
}

/** Versions of the API before 2025-03-31 have it on the invoice. */
export function subscriptionOf(invoice: Json): string | undefined {
  const { subscription } = jsonOf(jsonOf(invoice.parent).subscription_details);
  return idOf(subscription) ?? idOf(invoice.subscription);
}

/** Of the line that is the cycle; the invoice's own period is the one before. */
function periodOf(invoice: Json): Json {
  const lines = listOf(jsonOf(invoice.lines).data).map(jsonOf);
  const cycle = lines.find((line) => {
    const details = jsonOf(line.parent).subscription_item_details;
    return isJson(details) && details.proration !== true;
  });
  return jsonOf((cycle ?? lines[0])?.period);
}

/** The intent that paid, or was to: an invoice that is paid some other way keeps the one that it began with. */
function paymentOf(invoice: Json, id: string): Pick<StripeInvoice, 'intentId' | 'paidAs'> {
  const payments = listOf(jsonOf(invoice.payments).data).map(jsonOf);
  const isPaid = ({ status }: Json): boolean => status === 'paid';
  const ofIntents = payments.filter((payment) => intentOf(payment) !== undefined);
  const one =
    ofIntents.find(isPaid) ?? ofIntents.find(({ is_default }) => is_default === true) ?? ofIntents[0];
  // Versions of the API before 2025-03-31 have no list of payments, and say it of the invoice.
  const intentId = (one && intentOf(one)) ?? idOf(invoice.payment_intent);
  const byIntent = one === undefined ? intentId !== undefined && payments.length === 0 : isPaid(one);
  if (invoice.status !== 'paid' || (byIntent && invoice.paid_out_of_band !== true)) {
    return { intentId, paidAs: undefined };
  }
  const charge = payments.filter(isPaid).map(({ payment }) => idOf(jsonOf(payment).charge));
  return { intentId, paidAs: charge.find((chargeId) => chargeId !== undefined) ?? id };
}

function intentOf(payment: Json): string | undefined {
  return idOf(jsonOf(payment.payment).payment_intent);
}
