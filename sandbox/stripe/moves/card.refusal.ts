import type { CardFailure } from '../card.failures.js';
import { StripeError } from '../stripe.errors.js';
import type { Intent } from '../stripe.types.js';

/** 402: the bank said no. `extra` are the objects that Stripe puts beside it. */
export function cardError(failure: CardFailure, extra: Record<string, unknown>): StripeError {
  return new StripeError(402, failure.message, {
    type: 'card_error',
    code: failure.code,
    ...(failure.declineCode !== '' && { decline_code: failure.declineCode }),
    extra,
  });
}

/** 402 for an intent whose attempt has just been declined. */
export function declinedError(intent: Intent): StripeError {
  const error = intent.last_payment_error;
  const failure = {
    code: error?.code ?? 'card_declined',
    declineCode: error?.decline_code ?? '',
    message: error?.message ?? 'Your card was declined.',
  };
  return cardError(failure, {
    ...(error?.charge && { charge: error.charge }),
    payment_intent: structuredClone(intent),
  });
}
