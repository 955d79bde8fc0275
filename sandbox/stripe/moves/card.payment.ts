import type { TestCard } from '../card.numbers.js';
import type { Payer } from '../objects/method.object.js';
import { refused } from '../stripe.errors.js';
import type { IntentRecord, PaymentMethod, SessionRecord } from '../stripe.types.js';
import type { StripeWorld } from '../stripe.world.js';
import { chargeAnswer, type Occasion } from './card.answer.js';
import { challengeAction, isChallenge } from './challenge.action.js';
import { attemptFails, chargeFails, chargeSucceeds, intentOf, payerOf, useMethod } from './intent.moves.js';
import { keepCard, spend } from './method.moves.js';
import { completeSession, requireOpen } from './session.ends.js';

export type CardOutcome = 'paid' | 'declined' | 'asked';

export interface Attempt extends Occasion {
  method: PaymentMethod;
  installments?: number;
  /** Where the bank's question sends the customer afterwards; absent where a page of ours puts it. */
  returnUrl?: string;
}

/** Puts a payment method to an intent: paid (or authorized), declined, or the bank asks the customer first. */
export function tryMethod(world: StripeWorld, record: IntentRecord, attempt: Attempt): CardOutcome {
  const { intent } = record;
  const { method, installments } = attempt;
  useMethod(world, record, method);
  const answer = chargeAnswer(world, method.id, attempt);
  spend(world, method);
  if (answer.kind === 'declines') {
    chargeFails(world, { intent, method, failure: answer.failure });
    return 'declined';
  }
  if (answer.kind === 'asks') {
    intent.status = 'requires_action';
    intent.next_action = challengeAction(world, intent.id, attempt.returnUrl);
    world.log.emit('payment_intent.requires_action', intent);
    return 'asked';
  }
  chargeSucceeds(world, { intent, method, installments });
  return 'paid';
}

/** The customer's answer to the bank's question. */
export function answerChallenge(world: StripeWorld, record: IntentRecord, approves: boolean): CardOutcome {
  const { intent } = record;
  const method = challengedMethod(world, record);
  if (approves) {
    chargeSucceeds(world, { intent, method, challenged: true });
    return 'paid';
  }
  attemptFails(world, intent, {
    code: 'payment_intent_authentication_failure',
    declineCode: '',
    message:
      'We are unable to authenticate your payment method. Please choose a different payment method and try again.',
  });
  return 'declined';
}

export interface CardEntry extends Partial<Payer> {
  card: TestCard;
  installments?: number;
}

/** The card form of the hosted page. A declined customer stays on the page and may try again. */
export function payByCard(world: StripeWorld, record: SessionRecord, entry: CardEntry): CardOutcome {
  requireMethod(record, 'card');
  const payer = payerOf(record, entry);
  const started = intentOf(world, record);
  const method = keepCard(world, entry.card, payer);
  const outcome = tryMethod(world, started, { method, installments: entry.installments });
  if (outcome === 'paid') finish(world, record, started, payer);
  return outcome;
}

/** The page with the bank's question, for a session. */
export function answerForSession(world: StripeWorld, record: SessionRecord, approves: boolean): CardOutcome {
  requireOpen(record);
  const started = intentOf(world, record);
  const { email, name } = challengedMethod(world, started).billing_details;
  const outcome = answerChallenge(world, started, approves);
  if (outcome === 'paid') finish(world, record, started, { email, name });
  return outcome;
}

/** Throws 400 when the session is not open or does not offer the method. */
export function requireMethod(record: SessionRecord, method: string): void {
  requireOpen(record);
  if (record.session.payment_method_types.includes(method)) return;
  throw refused(`This Checkout Session does not offer ${method}.`);
}

function challengedMethod(world: StripeWorld, { intent }: IntentRecord): PaymentMethod {
  const asked = intent.status === 'requires_action' && isChallenge(intent.next_action);
  const method = intent.payment_method ? world.paymentMethods.get(intent.payment_method) : undefined;
  if (!asked || !method) throw refused('The bank has not asked the customer anything.');
  return method;
}

function finish(world: StripeWorld, record: SessionRecord, started: IntentRecord, payer: Payer): void {
  // An authorized payment is complete and still unpaid: the money comes with the capture.
  completeSession(world, record, started.intent.status === 'succeeded', payer);
}
