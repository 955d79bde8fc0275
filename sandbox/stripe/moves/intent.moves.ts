import { refused } from '../stripe.errors.js';
import type { Charge, Intent, IntentRecord, PaymentMethod, SessionRecord } from '../stripe.types.js';
import type { StripeWorld } from '../stripe.world.js';
import { releaseHold } from './refund.moves.js';
import { methodNamed } from './method.moves.js';
import type { CardFailure } from '../card.failures.js';
import { newBalanceTransaction, newCharge, type ChargeParts } from '../objects/charge.object.js';
import { newIntent } from '../objects/intent.object.js';
import type { Payer } from '../objects/method.object.js';

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

/** The payment intent of a session: made at the customer's first attempt, the same one afterwards. */
export function intentOf(world: StripeWorld, record: SessionRecord): IntentRecord {
  const { session } = record;
  if (session.payment_intent) return world.intent(session.payment_intent);
  const intent = newIntent(world, {
    amount: session.amount_total ?? 0,
    currency: session.currency ?? 'usd',
    methods: session.payment_method_types,
    captureMethod: record.captureMethod,
    metadata: record.intentMetadata,
    customer: session.customer,
    description: record.intentDescription,
    receiptEmail: record.receiptEmail,
    shipping: record.intentShipping,
    automaticMethods: false,
    oxxoDays: session.payment_method_options?.oxxo?.expires_after_days,
    installments: record.installments,
    futureUsage: record.futureUsage,
  });
  const started = { intent, sessionId: session.id, invoiceId: null };
  world.intents.set(intent.id, started);
  session.payment_intent = intent.id;
  world.log.emit('payment_intent.created', intent);
  return started;
}

/** Puts a payment method to an intent and clears what the attempt before it left. */
export function useMethod(world: StripeWorld, record: IntentRecord, method: PaymentMethod): void {
  world.paymentMethods.set(method.id, method);
  record.intent.payment_method = method.id;
  record.intent.last_payment_error = null;
}

/** Who pays, as far as the session knows. */
export function payerOf(record: SessionRecord, typed: Partial<Payer> = {}): Payer {
  const known = record.session.customer_details;
  return {
    email: known?.email ?? typed.email ?? 'buyer@example.com',
    name: typed.name ?? known?.name ?? 'Sandbox Buyer',
  };
}
