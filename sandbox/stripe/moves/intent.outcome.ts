import type { CardFailure } from '../card.failures.js';
import { newBalanceTransaction, newCharge, type ChargeParts } from '../objects/charge.object.js';
import type { Charge, Intent } from '../stripe.types.js';
import type { StripeWorld } from '../stripe.world.js';

/** The money is there, or with a manual capture: reserved. Emits the charge, then the intent. */
export function chargeSucceeds(world: StripeWorld, parts: Omit<ChargeParts, 'outcome'>): Charge {
  const { intent } = parts;
  const captured = intent.capture_method !== 'manual' || parts.method.type !== 'card';
  const charge = keep(world, newCharge(world, { ...parts, outcome: { paid: true, captured } }));
  intent.latest_charge = charge.id;
  intent.next_action = null;
  intent.last_payment_error = null;
  if (captured) bookCapture(world, charge);
  world.log.emit('charge.succeeded', charge);
  if (captured) {
    intent.status = 'succeeded';
    intent.amount_received = intent.amount;
    world.log.emit('payment_intent.succeeded', intent);
  } else {
    intent.status = 'requires_capture';
    intent.amount_capturable = intent.amount;
    world.log.emit('payment_intent.amount_capturable_updated', intent);
  }
  return charge;
}

/** A card was refused: the failed charge is on record, and the customer may try again. */
export function chargeFails(
  world: StripeWorld,
  parts: Omit<ChargeParts, 'outcome'> & { failure: CardFailure },
): Charge {
  const { failure } = parts;
  const charge = keep(world, newCharge(world, { ...parts, outcome: { paid: false, failure } }));
  parts.intent.latest_charge = charge.id;
  world.log.emit('charge.failed', charge);
  attemptFails(world, parts.intent, failure, charge.id);
  return charge;
}

/** The attempt is over without money; no charge was necessarily made. */
export function attemptFails(
  world: StripeWorld,
  intent: Intent,
  failure: CardFailure,
  chargeId?: string,
): void {
  const method = world.paymentMethods.get(intent.payment_method ?? '');
  intent.status = 'requires_payment_method';
  intent.next_action = null;
  intent.payment_method = null;
  intent.last_payment_error = {
    ...(chargeId && { charge: chargeId }),
    code: failure.code,
    ...(failure.declineCode !== '' && { decline_code: failure.declineCode }),
    doc_url: `https://docs.stripe.com/error-codes/${failure.code.replaceAll('_', '-')}`,
    message: failure.message,
    ...(method && { payment_method: { ...method } }),
    type: failure.declineCode === '' ? 'invalid_request_error' : 'card_error',
  };
  world.log.emit('payment_intent.payment_failed', intent);
}

/** Gives the charge its line in the balance. */
export function bookCapture(world: StripeWorld, charge: Charge): void {
  const entry = newBalanceTransaction(world, {
    amount: charge.amount_captured,
    currency: charge.currency,
    source: charge.id,
    type: 'charge',
  });
  world.balanceTransactions.set(entry.id, entry);
  charge.balance_transaction = entry.id;
}

export function keep(world: StripeWorld, charge: Charge): Charge {
  world.charges.set(charge.id, charge);
  return charge;
}
