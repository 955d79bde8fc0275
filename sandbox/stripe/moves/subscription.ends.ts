import type { InvoiceRecord, SubscriptionRecord } from '../billing.types.js';
import { refused } from '../stripe.errors.js';
import type { Subscription } from '../stripe.types.js';
import type { StripeWorld } from '../stripe.world.js';
import { stopCollection, voidInvoice } from './invoice.void.js';
import { changeSubscription } from './subscription.changes.js';

export interface Ending {
  reason?: 'cancellation_requested' | 'payment_disputed' | 'payment_failed' | null;
  comment?: string;
  feedback?: string;
}

/** Ends a subscription at this moment. Stripe stops trying to collect what is still owed. */
export function cancelSubscription(
  world: StripeWorld,
  record: SubscriptionRecord,
  ending: Ending,
): Subscription {
  const { subscription } = record;
  const now = world.clock.seconds();
  const isFirstOpen = subscription.status === 'incomplete';
  const details = subscription.cancellation_details;
  subscription.status = 'canceled';
  // One that was to end by itself keeps the moment in which somebody asked for it.
  subscription.canceled_at ??= now;
  subscription.ended_at = now;
  subscription.cancellation_details = {
    comment: ending.comment ?? details?.comment ?? null,
    feedback: ending.feedback ?? details?.feedback ?? null,
    feedback_option: null,
    reason: ending.reason === undefined ? 'cancellation_requested' : ending.reason,
  };
  record.trialNoticeAt = null;
  for (const invoice of unpaidInvoices(world, record)) {
    if (isFirstOpen && invoice.invoice.status === 'open') voidInvoice(world, invoice);
    else stopCollection(invoice);
  }
  world.log.emit('customer.subscription.deleted', subscription);
  return subscription;
}

/** The first invoice was not paid within 23 hours: the subscription never began. */
export function expireIncomplete(world: StripeWorld, record: SubscriptionRecord): void {
  for (const invoice of unpaidInvoices(world, record)) voidInvoice(world, invoice);
  changeSubscription(world, record, (subscription) => {
    subscription.status = 'incomplete_expired';
    subscription.ended_at = world.clock.seconds();
  });
}

export function isOver({ status }: Subscription): boolean {
  return status === 'canceled' || status === 'incomplete_expired';
}

/** Throws 400 for a subscription that has ended. */
export function requireRunning(subscription: Subscription): void {
  if (!isOver(subscription)) return;
  throw refused('A canceled subscription can only update its cancellation_details and metadata.', {
    code: 'invalid_canceled_subscription_fields',
  });
}

function unpaidInvoices(world: StripeWorld, { subscription }: SubscriptionRecord): InvoiceRecord[] {
  return [...world.billing.invoices.values()].filter(
    ({ invoice, subscriptionId }) =>
      subscriptionId === subscription.id && (invoice.status === 'open' || invoice.status === 'draft'),
  );
}
