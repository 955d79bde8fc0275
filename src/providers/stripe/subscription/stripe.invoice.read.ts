import { providerAddress } from '../../../kernel/web.address.js';
import type { BilledSpan, ClosedAs } from '../../billing.facts.js';
import { idOf, integerOf, isJson, type Json, jsonOf, listOf, textOf, timeOf } from '../../json.read.js';

/** An invoice of a subscription; amounts are Stripe's own. */
export interface StripeInvoice {
  id: string;
  subscriptionId: string;
  currency: string;
  /** What is left to pay after credits, coupons and a price of nothing. */
  amountDue: number;
  created: Date;
  /** It bills no cycle, but something beside it. */
  offCycle: boolean;
  /** The whole periods that it bills, one for each item. */
  spans: readonly BilledSpan[];
  nextAttempt: Date | undefined;
  /** A draft that Stripe leaves alone until somebody finalizes it: the subscription is unpaid, or its collection paused. */
  isHeldBack: boolean;
  /** Of an open one: attempts to collect it by Stripe's own count, which has those that reached no bank. */
  attempts: number;
  finalizedAt: Date | undefined;
  /** Of an open one: Stripe's page on which the customer can pay it, by whatever card. */
  hostedUrl: string | undefined;
  paidAt: Date | undefined;
  closed: { as: ClosedAs; at: Date } | undefined;
  /** Of its payment; undefined until it is finalized, and where it never was to be charged. */
  intentId: string | undefined;
  /** Of its payment where it was paid by no intent: a charge's id, or the invoice's own (out of band, by a record). */
  paidAs: string | undefined;
}

/** Undefined for invoices of anything else. */
export function readInvoice(value: unknown): StripeInvoice | undefined {
  if (!isJson(value) || value.object !== 'invoice') return undefined;
  const [id, subscriptionId] = [textOf(value.id), subscriptionOf(value)];
  const [currency, amountDue, created] = [
    textOf(value.currency),
    integerOf(value.amount_due),
    timeOf(value.created),
  ];
  if (!id || !subscriptionId || !currency || !created || amountDue === undefined) return undefined;
  const lines = listOf(jsonOf(value.lines).data).map(jsonOf);
  const spans = lines.flatMap(spanOf);
  return {
    id,
    subscriptionId,
    currency,
    amountDue,
    created,
    offCycle: isOffCycle(textOf(value.billing_reason), spans, lines),
    spans,
    paidAt: value.status === 'paid' ? timeOf(jsonOf(value.status_transitions).paid_at) : undefined,
    closed: closedOf(value, created),
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

const CYCLES = new Set(['subscription_create', 'subscription_cycle']);
const NO_CYCLES = new Set(['automatic_pending_invoice_item_invoice', 'manual', 'subscription_threshold']);

/**
 * `subscription_update` is a proration, or a new cycle that begins at once: when a trial is ended, or with a plan of
 * another length. Only the cycle has lines of whole periods. Old versions of the API give no reason at all.
 */
function isOffCycle(
  reason: string | undefined,
  spans: readonly BilledSpan[],
  lines: readonly Json[],
): boolean {
  if (reason !== undefined && CYCLES.has(reason)) return false;
  if (reason !== undefined && NO_CYCLES.has(reason)) return true;
  return spans.length === 0 && (reason !== undefined || lines.length > 0);
}

/**
 * Of a line that asks for a whole period of an item. The invoice's own period is the one before, and pending items
 * and prorations stand before the lines of the cycle.
 */
function spanOf(line: Json): BilledSpan[] {
  const details = jsonOf(line.parent).subscription_item_details;
  // Versions of the API before 2025-03-31 have it on the line.
  const source = isJson(details) ? details : line.type === 'subscription' ? line : undefined;
  if (source === undefined || source.proration === true) return [];
  const price = idOf(jsonOf(jsonOf(line.pricing).price_details).price) ?? idOf(line.price);
  const { start, end } = jsonOf(line.period);
  return [
    {
      itemId: textOf(source.subscription_item),
      providerPlanId: price,
      start: timeOf(start),
      end: timeOf(end),
    },
  ];
}

function closedOf(invoice: Json, created: Date): StripeInvoice['closed'] {
  const { voided_at, marked_uncollectible_at } = jsonOf(invoice.status_transitions);
  if (invoice.status === 'void') return { as: 'void', at: timeOf(voided_at) ?? created };
  if (invoice.status !== 'uncollectible') return undefined;
  return { as: 'uncollectible', at: timeOf(marked_uncollectible_at) ?? created };
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
