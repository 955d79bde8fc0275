import { cardByName, type TestCard } from '../card.numbers.js';
import { newCardMethod, type Payer } from '../objects/method.object.js';
import { missing, refused } from '../stripe.errors.js';
import type { Customer, PaymentMethod } from '../stripe.types.js';
import type { StripeWorld } from '../stripe.world.js';
import { setupAnswer } from './card.answer.js';
import { cardError } from './card.refusal.js';

const NOBODY: Payer = { email: null, name: null };

/** A new payment method of a card, with what that card plays. */
export function keepCard(world: StripeWorld, card: TestCard, payer: Payer = NOBODY): PaymentMethod {
  const method = newCardMethod(world, card, payer);
  world.paymentMethods.set(method.id, method);
  world.cards.set(method.id, { card, forced: null, isSpent: false, isSetUp: false });
  return method;
}

/** The payment method with this id, or a new one of a ready-made card such as `pm_card_visa`. */
export function methodNamed(world: StripeWorld, id: string, param: string): PaymentMethod {
  const card = cardByName(id);
  return card ? keepCard(world, card) : world.paymentMethod(id, param);
}

/**
 * Gives a method to a customer, who may use it again from now on. Throws 400 for one that is spent or
 * belongs to somebody else, and 402 for a card that the bank declines.
 */
export function attachMethod(world: StripeWorld, method: PaymentMethod, customer: Customer): PaymentMethod {
  if (method.customer === customer.id) return method;
  if (method.customer !== null) {
    throw refused('The payment method you provided has already been attached to a customer.');
  }
  requireFresh(world, method);
  const answer = setupAnswer(world, method.id);
  if (answer.kind === 'declines') throw cardError(answer.failure, {});
  bindMethod(world, method, customer.id);
  return method;
}

/** The method is the customer's; nothing is asked of anybody. */
export function bindMethod(world: StripeWorld, method: PaymentMethod, customer: string): void {
  method.customer = customer;
  world.log.emit('payment_method.attached', method);
}

/** Takes a method from its customer for good, out of everything that is charged to it by default. */
export function detachMethod(world: StripeWorld, method: PaymentMethod): PaymentMethod {
  const owner = method.customer;
  if (owner === null) {
    throw refused(
      'The payment method you provided is not attached to a customer so detachment is impossible.',
    );
  }
  method.customer = null;
  spend(world, method);
  const settings = world.customers.get(owner)?.invoice_settings;
  if (settings?.default_payment_method === method.id) settings.default_payment_method = null;
  for (const { subscription } of world.billing.subscriptionsOf(owner)) {
    if (subscription.default_payment_method === method.id) subscription.default_payment_method = null;
  }
  world.log.emit('payment_method.detached', method, { customer: owner });
  return method;
}

/** Throws 400 for a method that was used, or detached, while it was nobody's. */
export function requireFresh(world: StripeWorld, method: PaymentMethod): void {
  if (method.customer !== null || !world.cards.get(method.id)?.isSpent) return;
  const message =
    'This PaymentMethod was previously used without being attached to a Customer or was detached from a Customer, and may not be used again.';
  throw refused(message);
}

export function spend(world: StripeWorld, method: PaymentMethod): void {
  const kept = world.cards.get(method.id);
  if (kept && method.customer === null) kept.isSpent = true;
}

/** Throws 400 unless the method is this customer's. */
export function requireOwned(
  world: StripeWorld,
  id: string,
  customer: string | null,
  param: string,
): PaymentMethod {
  const method = world.paymentMethods.get(id);
  if (method === undefined) throw missing('PaymentMethod', id, param);
  if (method.customer === customer) return method;
  const message = `The customer does not have a payment method with the ID ${id}. The payment method must be attached to the customer.`;
  throw refused(message, { code: 'resource_missing', param });
}
