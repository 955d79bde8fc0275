import { invalid } from '../conekta.errors.js';
import type { CanceledReason, Customer, Subscription } from '../conekta.types.js';
import type { ConektaWorld, SubscriptionRecord } from '../conekta.world.js';

/** Changes a subscription and tells by this event, with what was there before. */
export function setSubscription(
  world: ConektaWorld,
  { subscription }: SubscriptionRecord,
  changes: Partial<Subscription>,
  event: string,
): void {
  const before = new Map(Object.entries(subscription));
  const previous = Object.keys(changes).map((name) => [name, before.get(name) ?? null]);
  Object.assign(subscription, changes);
  world.log.emit(event, subscription, Object.fromEntries(previous));
}

/** Ends it for ever. Throws 422 when it has ended before. */
export function cancelSubscription(
  world: ConektaWorld,
  record: SubscriptionRecord,
  reason: CanceledReason = 'user_cancelation',
): void {
  requireRunning(record);
  record.dueAt = null;
  const changes = {
    status: 'canceled',
    canceled_at: world.clock.seconds(),
    canceled_reason: reason,
  } as const;
  setSubscription(
    world,
    record,
    changes,
    reason === 'completed' ? 'subscription.expired' : 'subscription.canceled',
  );
}

/** Throws 422 for a subscription that has ended. */
export function requireRunning({ subscription }: SubscriptionRecord): void {
  if (subscription.status !== 'canceled') return;
  throw invalid('subscription', 'canceled', {
    es: 'La suscripción ya fue cancelada.',
    en: 'The subscription was canceled.',
  });
}

/** A deleted card's subscriptions go over to the customer's next one; without one their charges fail. */
export function replaceCard(world: ConektaWorld, customer: Customer, gone: string): void {
  const heir = customer.default_payment_source_id;
  for (const record of world.subscriptionsOf(customer.id)) {
    const { status, card_id: card } = record.subscription;
    if (heir === null || card !== gone || status === 'canceled') continue;
    setSubscription(world, record, { card_id: heir }, 'subscription.updated');
  }
}
