import type { InvoiceRecord, SubscriptionRecord } from '../billing.types.js';
import type { StripeWorld } from '../stripe.world.js';
import { announce, changeSubscription } from './subscription.changes.js';

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
