import Stripe from 'stripe';
import { isJson, textOf } from '../json.read.js';
import {
  errorsOf,
  type ProviderError,
  type ProviderErrorDetails,
  type ProviderErrorKind,
  retryAfterMs,
} from '../provider.errors.js';
import { STRIPE } from './stripe.account.js';

const errorOf = errorsOf(
  STRIPE,
  'Stripe',
  'the card: there is none, or it is used up, unknown or of another customer',
);

/** A decline that Stripe tells as the want of the customer's consent, whatever type it gives the error. */
const DECLINES = new Set([
  'invoice_payment_intent_requires_action',
  'subscription_payment_intent_requires_action',
]);

/** What the SDK threw, in the port's vocabulary. */
export function toProviderError(error: unknown): ProviderError {
  return errorOf(kindOf(error), detailsOf(error));
}

/** A card that was looked at before anything was asked of it. */
export function cardUnusable(providerCode: string): ProviderError {
  return errorOf('card_unusable', { providerCode });
}

/** Nothing was asked of Stripe: there is nothing to ask for. */
export function nothingDue(): ProviderError {
  return errorOf('nothing_due');
}

/** A refusal of ours, of what would do something else than it says. */
export function notAllowed(providerCode: string, message: string): ProviderError {
  return errorOf('not_allowed', { providerCode }, message);
}

/** An answer that is no answer: an object of another kind, or of somebody else's request. */
export function unusableAnswer(providerCode: string): ProviderError {
  return errorOf('unavailable', { providerCode });
}

/**
 * Whether Stripe certainly did not act. Not so for no answer, 5xx, an answer that cannot be read, a 409 (the
 * first request is still running) and an idempotency error (our key stands for something else that was sent).
 */
export function isDefiniteRefusal(error: unknown): boolean {
  return kindOf(error) !== 'unavailable';
}

/** The key is good, and may not ask this. */
export function isNotForThisKey(error: unknown): boolean {
  return (
    error instanceof Stripe.errors.StripePermissionError ||
    error instanceof Stripe.errors.StripeInvalidRequestError
  );
}

function kindOf(error: unknown): ProviderErrorKind {
  if (error instanceof Stripe.errors.StripeIdempotencyError) return 'unavailable';
  if (error instanceof Stripe.errors.StripeRateLimitError) return 'rate_limited';
  if (error instanceof Stripe.errors.StripeCardError) return 'declined';
  if (error instanceof Stripe.errors.StripeError && DECLINES.has(error.code ?? '')) return 'declined';
  if (error instanceof Stripe.errors.StripeAuthenticationError) return 'authentication';
  if (error instanceof Stripe.errors.StripePermissionError) return 'authentication';
  if (error instanceof Stripe.errors.StripeInvalidRequestError) {
    if (isAboutTheCard(error)) return 'card_unusable';
    return error.statusCode === 404 ? 'not_found' : 'invalid_request';
  }
  return 'unavailable';
}

/** There is nothing to charge, of a new subscription and of an invoice. */
const NO_CARD = /no attached payment (source|method)|no `?default_payment_method`? set/i;

/**
 * A payment method that is used up, gone or somebody else's. Stripe has no code of its own for that: it names the
 * parameter, or says so in words.
 */
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
  return {
    providerCode: error.decline_code ?? error.code ?? textOf(error.rawType) ?? networkCode(error.detail),
    param: error.param,
    requestId: error.requestId,
    retryAfterMs: retryAfterMs(error.headers?.['retry-after']),
    // Of card errors alone the words are meant for the buyer.
    ...(error instanceof Stripe.errors.StripeCardError && { buyerMessage: textOf(error.message) }),
  };
}

/** Such as ECONNREFUSED. */
function networkCode(detail: unknown): string | undefined {
  return isJson(detail) ? textOf(detail.code) : undefined;
}
