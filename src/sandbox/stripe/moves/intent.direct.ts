import { cardByName, DEFAULT_CARD, cardByNumber } from '../card.numbers.js';
import { newIntent } from '../objects/intent.object.js';
import type { IntentCreateParams, IntentUpdateParams } from '../params/intent.params.js';
import { mergedMetadata } from '../params/shared.params.js';
import { badParameter, missing, refused, StripeError } from '../stripe.errors.js';
import { checkChargeable, readCurrency } from '../stripe.money.js';
import type { Intent, IntentRecord } from '../stripe.types.js';
import type { StripeWorld } from '../stripe.world.js';
import { tryCard } from './card.payment.js';
import { wrongState } from './intent.moves.js';

const OPEN = ['requires_payment_method', 'requires_confirmation', 'requires_action'];

/** A payment intent without a session, as a server that takes cards itself makes it. */
export function createIntent(world: StripeWorld, params: IntentCreateParams): Intent {
  const currency = readCurrency(params.currency, 'currency');
  checkChargeable(params.amount, currency, 'amount');
  if (params.customer !== undefined) world.customer(params.customer, 'customer');
  const intent = newIntent(world, {
    amount: params.amount,
    currency,
    methods: ['card'],
    captureMethod: params.capture_method ?? 'automatic_async',
    metadata: params.metadata ?? {},
    customer: params.customer ?? null,
    description: params.description ?? null,
    receiptEmail: params.receipt_email ?? null,
    automaticMethods: true,
  });
  const record: IntentRecord = { intent, sessionId: null };
  const named = params.payment_method;
  if (named !== undefined) chooseCard(intent, named);
  world.intents.set(intent.id, record);
  world.log.emit('payment_intent.created', intent);
  return params.confirm ? confirmIntent(world, record, named) : intent;
}

/** Charges the card. Throws 402 `card_declined` as the API answers a declined confirmation. */
export function confirmIntent(world: StripeWorld, record: IntentRecord, named?: string): Intent {
  const { intent } = record;
  if (record.sessionId) {
    throw refused('You cannot confirm the PaymentIntent of a Checkout Session.', {
      code: 'payment_intent_unexpected_state',
    });
  }
  if (!OPEN.includes(intent.status)) throw wrongState(intent, 'confirmed', OPEN);
  const id = named ?? intent.payment_method;
  if (!id) {
    const message =
      "You cannot confirm this PaymentIntent because it's missing a payment method. Update the PaymentIntent with a payment method and try again.";
    throw refused(message, {
      code: 'payment_intent_unexpected_state',
      extra: { payment_intent: structuredClone(intent) },
    });
  }
  const outcome = tryCard(world, record, cardOf(world, id), { email: intent.receipt_email, name: null });
  if (outcome !== 'declined') return intent;
  const error = intent.last_payment_error;
  throw new StripeError(402, error?.message ?? 'Your card was declined.', {
    type: 'card_error',
    code: error?.code,
    decline_code: error?.decline_code,
    extra: { charge: error?.charge, payment_intent: structuredClone(intent) },
  });
}

export function updateIntent(world: StripeWorld, record: IntentRecord, params: IntentUpdateParams): Intent {
  const { intent } = record;
  intent.metadata = mergedMetadata(intent.metadata, params.metadata);
  if (params.description !== undefined) intent.description = params.description || null;
  if (params.receipt_email !== undefined) intent.receipt_email = params.receipt_email || null;
  if (params.customer !== undefined) intent.customer = world.customer(params.customer, 'customer').id;
  if (params.amount === undefined && params.currency === undefined && params.payment_method === undefined) {
    return intent;
  }
  if (record.sessionId) throw badParameter('The amount of a Checkout Session is fixed.', 'amount');
  if (!OPEN.includes(intent.status)) throw wrongState(intent, 'updated', OPEN);
  const currency = params.currency ? readCurrency(params.currency, 'currency') : intent.currency;
  const amount = params.amount ?? intent.amount;
  checkChargeable(amount, currency, 'amount');
  intent.amount = amount;
  intent.currency = currency;
  if (params.payment_method !== undefined) chooseCard(intent, params.payment_method);
  return intent;
}

function chooseCard(intent: Intent, id: string): void {
  if (!cardByName(id)) throw missing('PaymentMethod', id, 'payment_method');
  intent.payment_method = id;
  intent.status = 'requires_confirmation';
}

function cardOf(world: StripeWorld, id: string) {
  const named = cardByName(id);
  if (named) return named;
  if (world.paymentMethods.has(id)) return cardByNumber(DEFAULT_CARD);
  throw missing('PaymentMethod', id, 'payment_method');
}
