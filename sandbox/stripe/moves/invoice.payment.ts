import type { InvoiceRecord, SubscriptionRecord } from '../billing.types.js';
import { refused } from '../stripe.errors.js';
import type { IntentRecord, PaymentMethod } from '../stripe.types.js';
import type { StripeWorld } from '../stripe.world.js';
import { tryMethod, type CardOutcome } from './card.payment.js';
import { invoiceFails } from './invoice.dunning.js';
import { methodOf, announce, changeSubscription } from './subscription.changes.js';
import { finalizeInvoice } from './invoice.draft.js';
import { markUncollectible, stopCollection, voidInvoice } from './invoice.void.js';

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

/** An invoice is paid, by its payment intent, outside of Stripe, or because nothing was due. */
export function settleInvoice(
  world: StripeWorld,
  owner: SubscriptionRecord,
  record: InvoiceRecord,
  paid: { outOfBand?: boolean } = {},
): void {
  const { invoice, payment } = record;
  const now = world.clock.seconds();
  invoice.status = 'paid';
  invoice.attempted = true;
  invoice.next_payment_attempt = null;
  invoice.amount_paid = invoice.amount_due;
  invoice.amount_remaining = 0;
  if (paid.outOfBand) invoice.amount_paid_off_stripe = invoice.amount_due;
  invoice.status_transitions.paid_at = now;
  if (payment && !paid.outOfBand) {
    payment.status = 'paid';
    payment.amount_paid = invoice.amount_due;
    payment.status_transitions.paid_at = now;
  }
  keepMethod(world, owner, record);
  comeBack(world, owner, record);
  announce(world, owner);
  if (payment?.status === 'paid') world.log.emit('invoice_payment.paid', payment);
  world.log.emit('invoice.paid', invoice);
  world.log.emit('invoice.payment_succeeded', invoice);
}

/** What the invoice held up goes on. Only the latest one decides over a subscription that had begun. */
export function comeBack(world: StripeWorld, owner: SubscriptionRecord, { invoice }: InvoiceRecord): void {
  const { subscription } = owner;
  const isLatest = subscription.latest_invoice === invoice.id;
  const wasPaused = subscription.status === 'paused' && owner.resumeInvoice === invoice.id;
  const wasLate = isLatest && (subscription.status === 'past_due' || subscription.status === 'unpaid');
  if (subscription.status !== 'incomplete' && !wasPaused && !wasLate) return;
  changeSubscription(world, owner, (changed) => {
    changed.status = 'active';
    if (wasPaused) delete changed.status_details;
  });
  if (!wasPaused) return;
  owner.resumeInvoice = null;
  world.log.emit('customer.subscription.resumed', subscription);
}

/** The method of the first payment stays with the subscription where it was asked to. */
function keepMethod(
  world: StripeWorld,
  owner: SubscriptionRecord,
  { invoice, payment }: InvoiceRecord,
): void {
  const { payment_settings: settings } = owner.subscription;
  const isFirst = invoice.billing_reason === 'subscription_create';
  if (!payment || !isFirst || settings?.save_default_payment_method !== 'on_subscription') return;
  const method = world.intents.get(payment.payment.payment_intent)?.intent.payment_method;
  if (method) changeSubscription(world, owner, (changed) => (changed.default_payment_method = method));
}

/**
 * A draft is finalized and collected at once; at Stripe a renewal waits for about an hour in between.
 * A pause of the collection, or a subscription that is unpaid, keeps it from being charged.
 */
export function collectInvoice(
  world: StripeWorld,
  owner: SubscriptionRecord,
  record: InvoiceRecord,
  attempt: Omit<InvoiceAttempt, 'isScheduled'> = {},
): void {
  const { pause_collection: pause, status } = owner.subscription;
  if (pause?.behavior === 'keep_as_draft' || status === 'unpaid') {
    stopCollection(record);
    return;
  }
  finalizeInvoice(world, owner, record, pause?.behavior !== 'void');
  if (pause?.behavior === 'void') voidInvoice(world, record);
  else if (record.invoice.amount_due === 0) settleInvoice(world, owner, record);
  else if (pause) markUncollectible(world, record);
  else attemptInvoice(world, record, { ...attempt, isScheduled: true });
}
