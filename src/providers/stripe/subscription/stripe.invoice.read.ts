import { providerAddress } from '../../../kernel/web.address.js';
import type { BilledSpan, SubscriptionPeriod } from '../../billing.facts.js';
import { idOf, integerOf, isJson, type Json, jsonOf, listOf, textOf, timeOf } from '../../json.read.js';

/** Amounts are Stripe's own. */
export type StripeInvoice = NonNullable<ReturnType<typeof readInvoice>>;

/** Undefined for anything but an invoice of a subscription. */
export function readInvoice(value: unknown) {
  if (!isJson(value) || value.object !== 'invoice') return undefined;
  const [id, subscriptionId, currency] = [textOf(value.id), subscriptionOf(value), textOf(value.currency)];
  const [amountDue, created] = [integerOf(value.amount_due), timeOf(value.created)];
  if (!id || !subscriptionId || !currency || !created || amountDue === undefined) return undefined;
  const lines = listOf(jsonOf(value.lines).data).map(jsonOf);
  const spans = lines.flatMap((line) => spanOf(line) ?? []);
  const { finalized_at, paid_at } = jsonOf(value.status_transitions);
  const isOpen = value.status === 'open';
  const isAttempted = isOpen && value.attempted === true;
  return {
    id,
    subscriptionId,
    currency,
    /** After credits, coupons and a price of nothing. */
    amountDue,
    created,
    /** It bills no cycle, but something beside it. */
    offCycle: isOffCycle(textOf(value.billing_reason), spans, lines),
    /** Whole periods, one for each item. */
    spans,
    paidAt: value.status === 'paid' ? timeOf(paid_at) : undefined,
    closed: closedOf(value, created),
    /** A draft that waits for somebody to finalize it: the subscription is unpaid, or its collection paused. */
    isHeldBack: value.status === 'draft' && value.auto_advance !== true,
    nextAttempt: isOpen ? timeOf(value.next_payment_attempt) : undefined,
    /** Those that reached no bank count. While it waits for the customer's bank, Stripe may count none. */
    attempts: isAttempted ? Math.max(1, integerOf(value.attempt_count) ?? 0) : 0,
    finalizedAt: timeOf(finalized_at),
    /** While it is open: Stripe's page on which the customer can pay it. */
    hostedUrl: isOpen ? providerAddress(textOf(value.hosted_invoice_url)) : undefined,
    ...paymentOf(value, id),
  };
}

/** API versions before 2025-03-31 have it on the invoice. */
export function subscriptionOf(invoice: Json): string | undefined {
  const { subscription } = jsonOf(jsonOf(invoice.parent).subscription_details);
  return idOf(subscription) ?? idOf(invoice.subscription);
}

const CYCLES = new Set(['subscription_create', 'subscription_cycle']);
const NO_CYCLES = new Set(['automatic_pending_invoice_item_invoice', 'manual', 'subscription_threshold']);

/**
 * `subscription_update` is a proration, or a cycle that begins at once: after a trial that was ended, or with another
 * length. Only the cycle has lines of whole periods. Old API versions give no reason.
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
 * Undefined for a line without a whole period of an item. The invoice's own period is the one before; pending items and
 * prorations come before the cycle's lines.
 */
function spanOf(line: Json): BilledSpan | undefined {
  const details = jsonOf(line.parent).subscription_item_details;
  // API versions before 2025-03-31 have it on the line.
  const source = isJson(details) ? details : line.type === 'subscription' ? line : undefined;
  if (source === undefined || source.proration === true) return undefined;
  const providerPlanId = idOf(jsonOf(jsonOf(line.pricing).price_details).price) ?? idOf(line.price);
  const { start, end } = jsonOf(line.period);
  const itemId = textOf(source.subscription_item);
  return { itemId, providerPlanId, start: timeOf(start), end: timeOf(end) };
}

function closedOf(invoice: Json, created: Date): SubscriptionPeriod['closed'] {
  const { voided_at, marked_uncollectible_at } = jsonOf(invoice.status_transitions);
  if (invoice.status === 'void') return { as: 'void', at: timeOf(voided_at) ?? created };
  if (invoice.status !== 'uncollectible') return undefined;
  return { as: 'uncollectible', at: timeOf(marked_uncollectible_at) ?? created };
}

/**
 * `intentId` paid, or was to: an invoice that is paid some other way keeps its first intent. Undefined until it is
 * finalized, and where nothing was to be charged. `paidAs`: what paid without an intent, a charge's id or (out of band,
 * by a record) the invoice's own.
 */
function paymentOf(invoice: Json, id: string): { intentId: string | undefined; paidAs?: string } {
  const payments = listOf(jsonOf(invoice.payments).data).map(jsonOf);
  const isPaid = ({ status }: Json): boolean => status === 'paid';
  const ofIntents = payments.filter((payment) => intentOf(payment) !== undefined);
  const one =
    ofIntents.find(isPaid) ?? ofIntents.find(({ is_default }) => is_default === true) ?? ofIntents[0];
  // API versions before 2025-03-31 have no list of payments, and name it on the invoice.
  const intentId = (one && intentOf(one)) ?? idOf(invoice.payment_intent);
  const byIntent = one === undefined ? intentId !== undefined && payments.length === 0 : isPaid(one);
  if (invoice.status !== 'paid' || (byIntent && invoice.paid_out_of_band !== true)) return { intentId };
  const charges = payments.filter(isPaid).flatMap(({ payment }) => idOf(jsonOf(payment).charge) ?? []);
  return { intentId, paidAs: charges[0] ?? id };
}

function intentOf(payment: Json): string | undefined {
  return idOf(jsonOf(payment.payment).payment_intent);
}
