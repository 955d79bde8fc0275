import { refused } from '../stripe.errors.js';
import type { Charge, Intent, IntentRecord } from '../stripe.types.js';
import type { StripeWorld } from '../stripe.world.js';
import { bookCapture } from './intent.outcome.js';
import { releaseHold } from './refund.moves.js';

type CancelReason = 'abandoned' | 'duplicate' | 'fraudulent' | 'requested_by_customer' | 'automatic';
type EndReason = CancelReason | 'expired' | 'void_invoice';

const CANCELABLE = [
  'requires_payment_method',
  'requires_capture',
  'requires_confirmation',
  'requires_action',
];

/** Takes the reserved money, or a part of it; the rest is released. */
export function captureIntent(world: StripeWorld, record: IntentRecord, amount?: number): Intent {
  const { intent } = record;
  const charge = reservedCharge(world, intent);
  if (!charge) throw wrongState(intent, 'captured', ['requires_capture']);
  const taken = amount ?? intent.amount_capturable;
  if (taken > intent.amount_capturable) {
    const message = `The amount to capture is greater than the amount that can be captured (${intent.amount_capturable}).`;
    throw refused(message, { code: 'amount_too_large', param: 'amount_to_capture' });
  }
  charge.captured = true;
  charge.amount_captured = taken;
  bookCapture(world, charge);
  intent.status = 'succeeded';
  intent.amount_received = taken;
  intent.amount_capturable = 0;
  const session = record.sessionId ? world.sessions.get(record.sessionId)?.session : undefined;
  if (session) session.payment_status = 'paid';
  world.log.emit('charge.captured', charge);
  if (taken < charge.amount) {
    releaseHold(world, charge);
    world.log.emit('charge.refunded', charge);
  }
  world.log.emit('payment_intent.succeeded', intent);
  return intent;
}

/** Ends an intent. One that belongs to a session can only be canceled while it waits for its capture. */
export function cancelIntent(world: StripeWorld, record: IntentRecord, reason?: CancelReason): Intent {
  const { intent } = record;
  if (record.invoiceId !== null) {
    const message =
      'You cannot cancel this PaymentIntent because it belongs to an invoice. Void the invoice instead.';
    throw refused(message, { code: 'payment_intent_unexpected_state' });
  }
  if (!CANCELABLE.includes(intent.status)) throw wrongState(intent, 'canceled', CANCELABLE);
  if (record.sessionId && intent.status !== 'requires_capture') {
    const message =
      'You cannot cancel the PaymentIntent of a Checkout Session unless its status is requires_capture. Expire the Checkout Session instead.';
    throw refused(message, { code: 'payment_intent_unexpected_state' });
  }
  return endIntent(world, record, reason);
}

/** Whoever may: an intent is over, and what it reserved is released. */
export function endIntent(world: StripeWorld, { intent }: IntentRecord, reason?: EndReason): Intent {
  const charge = reservedCharge(world, intent);
  if (charge) {
    releaseHold(world, charge);
    world.log.emit(reason === 'automatic' ? 'charge.expired' : 'charge.refunded', charge);
  }
  intent.status = 'canceled';
  intent.amount_capturable = 0;
  intent.canceled_at = world.clock.seconds();
  intent.cancellation_reason = reason ?? null;
  intent.next_action = null;
  world.log.emit('payment_intent.canceled', intent);
  return intent;
}

function reservedCharge(world: StripeWorld, intent: Intent): Charge | undefined {
  if (intent.status !== 'requires_capture' || intent.latest_charge === null) return undefined;
  return world.charges.get(intent.latest_charge);
}

export function wrongState(intent: Intent, verb: string, states: string[]) {
  const message = `This PaymentIntent could not be ${verb} because it has a status of ${intent.status}. Only a PaymentIntent with one of the following statuses may be ${verb}: ${states.join(', ')}.`;
  return refused(message, {
    code: 'payment_intent_unexpected_state',
    extra: { payment_intent: structuredClone(intent) },
  });
}
