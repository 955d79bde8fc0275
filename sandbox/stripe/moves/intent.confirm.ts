import type { IntentConfirmParams } from '../params/intent.params.js';
import { badParameter, refused } from '../stripe.errors.js';
import type { Intent, IntentRecord, PaymentMethod } from '../stripe.types.js';
import type { StripeWorld } from '../stripe.world.js';
import { answerChallenge, tryMethod, type CardOutcome } from './card.payment.js';
import { declinedError } from './card.refusal.js';
import { chooseMethod, OPEN } from './intent.method.js';
import { wrongState } from './intent.moves.js';
import { hearOfIntent } from './invoice.payment.js';
import { bindMethod } from './method.moves.js';

export type Confirmation = Pick<
  IntentConfirmParams,
  'error_on_requires_action' | 'off_session' | 'payment_method' | 'return_url' | 'use_stripe_sdk'
>;

/** Charges the payment method. Throws 402 as the API answers a declined confirmation. */
export function confirmIntent(world: StripeWorld, record: IntentRecord, params: Confirmation): Intent {
  const { intent } = record;
  if (record.sessionId) {
    throw refused('You cannot confirm the PaymentIntent of a Checkout Session.', {
      code: 'payment_intent_unexpected_state',
    });
  }
  if (!OPEN.includes(intent.status)) throw wrongState(intent, 'confirmed', OPEN);
  requireReturnUrl(intent, params);
  const card = intent.payment_method_options?.card;
  const outcome = tryMethod(world, record, {
    method: methodOf(world, intent, params.payment_method),
    offSession: params.off_session === true || params.error_on_requires_action === true,
    wantsChallenge: (card?.request_three_d_secure ?? 'automatic') !== 'automatic',
    returnUrl: params.use_stripe_sdk ? undefined : params.return_url,
    installments: card?.installments?.plan?.count ?? undefined,
  });
  finish(world, record, outcome);
  if (outcome === 'declined') throw declinedError(intent);
  return intent;
}

/** The customer's answer on the page that `next_action` leads to. */
export function authenticateIntent(world: StripeWorld, record: IntentRecord, approves: boolean): CardOutcome {
  if (record.sessionId) throw refused('This bank asks on the page of the Checkout Session.');
  const outcome = answerChallenge(world, record, approves);
  finish(world, record, outcome);
  return outcome;
}

/** Throws 400 where a method that redirects could be used and the customer would not find back. */
export function requireReturnUrl(intent: Intent, params: Confirmation): void {
  if (params.return_url !== undefined || params.off_session || params.use_stripe_sdk) return;
  const types = intent.allowed_payment_method_types;
  if (types?.every((type) => type === 'card')) return;
  if (intent.automatic_payment_methods?.allow_redirects !== 'always') return;
  const message =
    "This PaymentIntent is configured to accept payment methods enabled in your Dashboard. Because some of these payment methods might redirect your customer off of your page, you must provide a `return_url`. If you don't want to accept redirect-based payment methods, set `automatic_payment_methods[allow_redirects]` to `never`.";
  throw badParameter(message, 'return_url');
}

/** The one that is named now, or the one that was chosen before. */
function methodOf(world: StripeWorld, intent: Intent, named: string | undefined): PaymentMethod {
  if (named !== undefined) return chooseMethod(world, intent, named);
  if (intent.payment_method !== null) return world.paymentMethod(intent.payment_method, 'payment_method');
  const message =
    "You cannot confirm this PaymentIntent because it's missing a payment method. Update the PaymentIntent with a payment method and try again.";
  throw refused(message, {
    code: 'payment_intent_unexpected_state',
    extra: { payment_intent: structuredClone(intent) },
  });
}

function finish(world: StripeWorld, record: IntentRecord, outcome: CardOutcome): void {
  const { intent } = record;
  const method = world.paymentMethods.get(intent.payment_method ?? '');
  if (outcome === 'paid' && method?.customer === null && intent.customer && intent.setup_future_usage) {
    const card = world.cards.get(method.id);
    if (card) card.isSetUp = intent.setup_future_usage === 'off_session';
    bindMethod(world, method, intent.customer);
  }
  hearOfIntent(world, record, outcome);
}
