import Stripe from 'stripe';
import { jsonOf, textOf } from '../json.read.js';
import {
  errorsOf,
  type ProviderError,
  type ProviderErrorDetails,
  type ProviderErrorKind,
  retryAfterMs,
} from '../provider.errors.js';
import { STRIPE } from './stripe.account.js';

/** A refusal of Stripe's, or of ours before Stripe is asked. */
export const stripeError = errorsOf(
  STRIPE,
  'Stripe',
  'the card: there is none, or it is used up, unknown or of another customer',
);

/** Stripe reports these declines, for lack of the customer's consent, under various error types. */
const DECLINES = new Set([
  'invoice_payment_intent_requires_action',
  'subscription_payment_intent_requires_action',
]);

/** Translates what the SDK threw. */
export function toProviderError(error: unknown): ProviderError {
  return stripeError(kindOf(error), detailsOf(error));
}

/** The answer holds another kind of object, or somebody else's. */
export function unusableAnswer(providerCode: string): ProviderError {
  return stripeError('unavailable', { providerCode });
}

/** @throws ProviderError unavailable, with this code, for an object other than the one asked for. */
export function withId<T extends { id?: unknown }>(one: T | undefined, id: string, providerCode: string): T {
  if (one?.id !== id) throw unusableAnswer(providerCode);
  return one;
}

/**
 * Whether Stripe certainly did not act. It may have after no answer, a 5xx, an unreadable answer, a 409 (the first
 * request is still running) and an idempotency error (our key was used for another request).
 */
export function isDefiniteRefusal(error: unknown): boolean {
  return kindOf(error) !== 'unavailable';
}

/** The key is valid but may not ask this. */
export function isNotForThisKey(error: unknown): boolean {
  return (
    error instanceof Stripe.errors.StripePermissionError ||
    error instanceof Stripe.errors.StripeInvalidRequestError
  );
}

function kindOf(error: unknown): ProviderErrorKind {
  const { errors } = Stripe;
  if (error instanceof errors.StripeIdempotencyError) return 'unavailable';
  if (error instanceof errors.StripeRateLimitError) return 'rate_limited';
  if (error instanceof errors.StripeCardError) return 'declined';
  if (error instanceof errors.StripeError && DECLINES.has(error.code ?? '')) return 'declined';
  if (error instanceof errors.StripeAuthenticationError) return 'authentication';
  if (error instanceof errors.StripePermissionError) return 'authentication';
  if (!(error instanceof errors.StripeInvalidRequestError)) return 'unavailable';
  if (isAboutTheCard(error)) return 'card_unusable';
  return error.statusCode === 404 ? 'not_found' : 'invalid_request';
}

/** A new subscription, or an invoice, has nothing to charge. */
const NO_CARD = /no attached payment (source|method)|no `?default_payment_method`? set/i;

/** Stripe has no code for a payment method that is used up, gone or somebody else's, only the parameter or words. */
function isAboutTheCard({ code, param, message }: Stripe.errors.StripeError): boolean {
  if (code === 'token_already_used' || code === 'payment_method_unexpected_state') return true;
  if (code === 'resource_missing' && /payment_method\]?$/.test(param ?? '')) return true;
  if (NO_CARD.test(message)) return true;
  return (
    /payment ?method/i.test(message) &&
    /previously used|may not be used again|already been attached|must be attached|belong/i.test(message)
  );
}

function detailsOf(error: unknown): Omit<ProviderErrorDetails, 'provider'> {
  if (!(error instanceof Stripe.errors.StripeError)) return {};
  // Such as ECONNREFUSED.
  const networkCode = textOf(jsonOf(error.detail).code);
  return {
    providerCode: error.decline_code ?? error.code ?? textOf(error.rawType) ?? networkCode,
    param: error.param,
    requestId: error.requestId,
    retryAfterMs: retryAfterMs(error.headers?.['retry-after']),
    // Only card errors are worded for the buyer.
    ...(error instanceof Stripe.errors.StripeCardError && { buyerMessage: textOf(error.message) }),
  };
}
