import type { InvoiceRecord, SubscriptionRecord } from '../billing.types.js';
import { refused } from '../stripe.errors.js';
import type { IntentRecord, PaymentMethod } from '../stripe.types.js';
import type { StripeWorld } from '../stripe.world.js';
import { tryMethod, type CardOutcome } from './card.payment.js';
import { invoiceFails } from './invoice.dunning.js';
import { settleInvoice } from './invoice.settle.js';
import { methodOf } from './subscription.changes.js';

export interface InvoiceAttempt {
  /** Stripe's own attempt, which counts and plans the next one. */
  isScheduled: boolean;
  offSession?: boolean;
  /** Instead of what the subscription is charged to. */
  method?: PaymentMethod;
}

/** Tries to collect an open invoice by its one payment intent. */
export function attemptInvoice(
  world: StripeWorld,
  record: InvoiceRecord,
  { isScheduled, offSession, method: named }: InvoiceAttempt,
): CardOutcome {
  const owner = world.billing.subscription(record.subscriptionId);
  const started = intentOf(world, record);
  const method = named ?? methodOf(world, owner.subscription);
  // Nothing is tried without a method, and the invoice has failed all the same.
  const outcome = method ? tryMethod(world, started, { method, offSession }) : 'declined';
  conclude(world, owner, record, outcome, isScheduled);
  return outcome;
}

/** The payment intent of an invoice was confirmed by somebody else, or the bank's question was answered. */
export function hearOfIntent(world: StripeWorld, { invoiceId }: IntentRecord, outcome: CardOutcome): void {
  const record = world.billing.invoices.get(invoiceId ?? '');
  if (record?.invoice.status !== 'open' && record?.invoice.status !== 'uncollectible') return;
  conclude(world, world.billing.subscription(record.subscriptionId), record, outcome, false);
}

/** The intent of an invoice that is to be paid; throws 400 for an invoice without one. */
export function intentOf(world: StripeWorld, { invoice, payment }: InvoiceRecord): IntentRecord {
  if (payment) return world.intent(payment.payment.payment_intent);
  throw refused(`Invoice ${invoice.id} has nothing to pay.`);
}

function conclude(
  world: StripeWorld,
  owner: SubscriptionRecord,
  record: InvoiceRecord,
  outcome: CardOutcome,
  isScheduled: boolean,
): void {
  const { invoice } = record;
  const isFirst = invoice.attempt_count === 0;
  invoice.attempted = true;
  // Whoever makes the first attempt, it counts; afterwards only Stripe's own ones do.
  if (isFirst || isScheduled) invoice.attempt_count += 1;
  if (outcome === 'paid') settleInvoice(world, owner, record);
  else invoiceFails(world, owner, record, { outcome, isPlanned: isFirst || isScheduled });
}
