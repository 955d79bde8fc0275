import { refused } from '../stripe.errors.js';
import type { Intent, PaymentMethod } from '../stripe.types.js';
import type { StripeWorld } from '../stripe.world.js';
import { methodNamed } from './method.moves.js';

/** States in which an intent takes a payment method. */
export const OPEN = ['requires_payment_method', 'requires_confirmation', 'requires_action'];

/** Puts a payment method to an intent for its next confirmation. Throws 400 for one that it may not use. */
export function chooseMethod(world: StripeWorld, intent: Intent, id: string): PaymentMethod {
  const method = methodNamed(world, id, 'payment_method');
  requireUsable(world, intent, method);
  intent.payment_method = method.id;
  intent.status = 'requires_confirmation';
  return method;
}

function requireUsable(world: StripeWorld, intent: Intent, method: PaymentMethod): void {
  const { id, customer: owner } = method;
  const param = 'payment_method';
  if (owner === null) {
    if (!world.cards.get(id)?.isSpent) return;
    const message =
      'The provided PaymentMethod was previously used with a PaymentIntent without Customer attachment, shared with a connected account without Customer attachment, or was detached from a Customer. It may not be used again. To use a PaymentMethod multiple times, you must attach it to a Customer first.';
    throw refused(message);
  }
  if (owner === intent.customer) return;
  if (intent.customer === null) {
    const message = `The \`payment_method\` parameter supplied ${id} belongs to the Customer ${owner}. Please include the Customer in the \`customer\` parameter on the PaymentIntent.`;
    throw refused(message, { param });
  }
  const message = `The customer does not have a payment method with the ID ${id}. The payment method must be attached to the customer.`;
  throw refused(message, { code: 'resource_missing', param });
}
