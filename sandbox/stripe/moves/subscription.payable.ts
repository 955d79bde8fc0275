import { amountOf } from '../objects/invoice.line.js';
import { refused, StripeError } from '../stripe.errors.js';
import type { Subscription } from '../stripe.types.js';
import type { StripeWorld } from '../stripe.world.js';
import { chargeAnswer } from './card.answer.js';
import { cardError } from './card.refusal.js';
import { methodOf } from './subscription.changes.js';

/** Throws 400 where something is to be paid and there is nothing to charge it to. */
export function requirePaymentMethod(world: StripeWorld, subscription: Subscription): void {
  if (isFree(subscription) || methodOf(world, subscription)) return;
  const message =
    'This customer has no attached payment source or default payment method. Please consider adding a default payment method.';
  throw refused(message, { code: 'resource_missing' });
}

/** Throws 402 where the charge would not go through: `error_if_incomplete` leaves nothing behind. */
export function requirePayable(world: StripeWorld, subscription: Subscription, offSession = false): void {
  const method = methodOf(world, subscription);
  if (isFree(subscription) || !method) return;
  const answer = chargeAnswer(world, method.id, { offSession });
  if (answer.kind === 'declines') throw cardError(answer.failure, {});
  if (answer.kind === 'pays') return;
  const message =
    'Payment for this subscription requires additional user action before it can be completed successfully.';
  throw new StripeError(402, message, {
    type: 'card_error',
    code: 'subscription_payment_intent_requires_action',
  });
}

function isFree(subscription: Subscription): boolean {
  return subscription.items.data.every((item) => amountOf(item) === 0);
}
