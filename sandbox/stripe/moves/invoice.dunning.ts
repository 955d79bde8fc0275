import type { InvoiceRecord, SubscriptionRecord } from '../billing.types.js';
import type { StripeWorld } from '../stripe.world.js';
import type { CardOutcome } from './card.payment.js';
import { stopCollection } from './invoice.void.js';
import { announce, changeSubscription } from './subscription.changes.js';
import { cancelSubscription } from './subscription.ends.js';

const DAY = 24 * 60 * 60;

/**
 * An attempt brought no money. The next one is planned by the account's schedule; after the last one
 * the subscription becomes what the account wants.
 */
export function invoiceFails(
  world: StripeWorld,
  owner: SubscriptionRecord,
  record: InvoiceRecord,
  { outcome, isPlanned }: { outcome: CardOutcome; isPlanned: boolean },
): void {
  const { invoice } = record;
  // An open first invoice ends the subscription by itself, and a pause ends only when it is paid.
  const isDunned = ['active', 'past_due', 'trialing'].includes(owner.subscription.status);
  if (isPlanned) invoice.next_payment_attempt = isDunned ? nextAttempt(world, record) : null;
  announce(world, owner);
  if (outcome === 'asked') world.log.emit('invoice.payment_action_required', invoice);
  world.log.emit('invoice.payment_failed', invoice);
  if (!isDunned) return;
  if (isPlanned && invoice.next_payment_attempt === null) giveUp(world, owner, record);
  else changeSubscription(world, owner, (subscription) => (subscription.status = 'past_due'));
}

function nextAttempt(world: StripeWorld, { invoice }: InvoiceRecord): number | null {
  const days = world.billing.dunning.retryDays[invoice.attempt_count - 1];
  return days === undefined ? null : world.clock.seconds() + days * DAY;
}

function giveUp(world: StripeWorld, owner: SubscriptionRecord, record: InvoiceRecord): void {
  stopCollection(record);
  const { afterLast } = world.billing.dunning;
  if (afterLast === 'cancel') {
    cancelSubscription(world, owner, { reason: 'payment_failed' });
    return;
  }
  changeSubscription(world, owner, (subscription) => (subscription.status = afterLast));
}
