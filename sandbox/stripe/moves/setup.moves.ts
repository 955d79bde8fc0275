import type { CardFailure } from '../card.failures.js';
import { refused } from '../stripe.errors.js';
import type { PaymentMethod, SetupIntent, SetupRecord } from '../stripe.types.js';
import type { StripeWorld } from '../stripe.world.js';
import { setupAnswer } from './card.answer.js';
import { challengeAction, isChallenge } from './challenge.action.js';
import { bindMethod } from './method.moves.js';

export type SaveOutcome = 'saved' | 'declined' | 'asked';

/** Asks the bank to let a card be kept: saved, declined, or the bank asks the customer first. */
export function trySetup(
  world: StripeWorld,
  { intent }: SetupRecord,
  method: PaymentMethod,
  returnUrl?: string,
): SaveOutcome {
  intent.payment_method = method.id;
  intent.last_setup_error = null;
  const answer = setupAnswer(world, method.id);
  if (answer.kind === 'declines') {
    setupFails(world, intent, answer.failure);
    return 'declined';
  }
  if (answer.kind === 'asks') {
    intent.status = 'requires_action';
    intent.next_action = challengeAction(world, intent.id, returnUrl);
    world.log.emit('setup_intent.requires_action', intent);
    return 'asked';
  }
  setupSucceeds(world, intent, method);
  return 'saved';
}

/** The customer's answer to the bank's question. */
export function answerSetup(world: StripeWorld, { intent }: SetupRecord, approves: boolean): SaveOutcome {
  const method = world.paymentMethods.get(intent.payment_method ?? '');
  if (intent.status !== 'requires_action' || !isChallenge(intent.next_action) || !method) {
    throw refused('The bank has not asked the customer anything.');
  }
  if (approves) {
    setupSucceeds(world, intent, method);
    return 'saved';
  }
  setupFails(world, intent, {
    code: 'setup_intent_authentication_failure',
    declineCode: '',
    message:
      'We are unable to authenticate your payment method. Please choose a different payment method and try again.',
  });
  return 'declined';
}

/** Nothing will be saved by this one any more. */
export function endSetup(
  world: StripeWorld,
  { intent }: SetupRecord,
  reason?: 'abandoned' | 'duplicate' | 'requested_by_customer',
): SetupIntent {
  intent.status = 'canceled';
  intent.cancellation_reason = reason ?? null;
  intent.next_action = null;
  world.log.emit('setup_intent.canceled', intent);
  return intent;
}

function setupSucceeds(world: StripeWorld, intent: SetupIntent, method: PaymentMethod): void {
  intent.status = 'succeeded';
  intent.next_action = null;
  const card = world.cards.get(method.id);
  if (card) card.isSetUp = true;
  world.log.emit('setup_intent.succeeded', intent);
  if (intent.customer !== null && method.customer === null) bindMethod(world, method, intent.customer);
}

function setupFails(world: StripeWorld, intent: SetupIntent, failure: CardFailure): void {
  const method = world.paymentMethods.get(intent.payment_method ?? '');
  intent.status = 'requires_payment_method';
  intent.payment_method = null;
  intent.next_action = null;
  intent.last_setup_error = {
    code: failure.code,
    ...(failure.declineCode !== '' && { decline_code: failure.declineCode }),
    doc_url: `https://docs.stripe.com/error-codes/${failure.code.replaceAll('_', '-')}`,
    message: failure.message,
    ...(method && { payment_method: { ...method } }),
    type: failure.declineCode === '' ? 'invalid_request_error' : 'card_error',
  };
  world.log.emit('setup_intent.setup_failed', intent);
}
