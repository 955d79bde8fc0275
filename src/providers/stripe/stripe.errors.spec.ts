import { describe, expect, it } from '@jest/globals';
import Stripe from 'stripe';
import { isDefiniteRefusal, toProviderError } from './stripe.errors.js';

const { errors } = Stripe;

describe("Stripe's errors", () => {
  it.each([
    [400, { type: 'invalid_request_error', code: 'parameter_unknown', param: 'foo' }, 'invalid_request'],
    [401, { type: 'invalid_request_error' }, 'authentication'],
    [402, { type: 'card_error', code: 'card_declined' }, 'declined'],
    [403, { type: 'invalid_request_error' }, 'authentication'],
    [404, { type: 'invalid_request_error', code: 'resource_missing' }, 'not_found'],
    [429, { type: 'invalid_request_error', code: 'rate_limit' }, 'rate_limited'],
  ] as const)('%d is a definite refusal', (statusCode, raw, kind) => {
    const error = errors.StripeError.generate({ statusCode, ...raw });
    expect(isDefiniteRefusal(error)).toBe(true);
    expect(toProviderError(error).kind).toBe(kind);
  });

  it.each([
    ['no answer', new errors.StripeConnectionError({ type: 'api_error', message: 'timeout' })],
    ['500', errors.StripeError.generate({ statusCode: 500, type: 'api_error' })],
    ['409', errors.StripeError.generate({ statusCode: 409, type: 'idempotency_error' })],
    [
      'another request under our key',
      errors.StripeError.generate({ statusCode: 400, type: 'idempotency_error' }),
    ],
    ['HTML', new errors.StripeAPIError({ type: 'api_error', message: 'Invalid JSON received' })],
    ['a bug', new TypeError('x is not a function')],
  ])('%s leaves the outcome unknown', (_, error) => {
    expect(isDefiniteRefusal(error)).toBe(false);
    expect(toProviderError(error).kind).toBe('unavailable');
  });

  it.each([
    [400, { code: 'resource_missing', param: 'payment_method' }],
    [400, { code: 'resource_missing', param: 'invoice_settings[default_payment_method]' }],
    [404, { code: 'resource_missing', param: 'payment_method' }],
    [400, { code: 'payment_method_unexpected_state' }],
    [400, { message: 'This PaymentMethod was previously used without being attached to a Customer' }],
    [400, { message: 'The payment method you provided has already been attached to a customer.' }],
    [400, { message: 'The PaymentMethod pm_1 does not belong to the Customer cus_1.' }],
  ])('%d %o is about the card', (statusCode, raw) => {
    const error = errors.StripeError.generate({ statusCode, type: 'invalid_request_error', ...raw });
    expect(toProviderError(error).kind).toBe('card_unusable');
    expect(isDefiniteRefusal(error)).toBe(true);
  });

  it('say to the buyer what Stripe has worded for the buyer, and why the bank declined', () => {
    const declined = { type: 'card_error', code: 'card_declined', decline_code: 'lost_card' } as const;
    const message = 'Your card was declined.';
    const error = toProviderError(errors.StripeError.generate({ statusCode: 402, ...declined, message }));
    expect(error.details).toMatchObject({ providerCode: 'lost_card', buyerMessage: message });
  });

  it('are a decline where nobody is there to consent', () => {
    const code = 'subscription_payment_intent_requires_action';
    const error = errors.StripeError.generate({ statusCode: 402, type: 'invalid_request_error', code });
    expect(toProviderError(error).kind).toBe('declined');
  });

  it.each<[string, string | undefined]>([
    [
      'This customer has no attached payment source or default payment method. Please consider adding a default payment method.',
      'resource_missing',
    ],
    [
      'There is no `default_payment_method` set on this Customer or Invoice. Please set a `default_payment_method` or pass a `payment_method`.',
      undefined,
    ],
  ])('S7c say that there is no card where Stripe says: %s', (message, code) => {
    const type = 'invalid_request_error';
    const error = toProviderError(
      errors.StripeError.generate({ statusCode: 400, type, message, ...(code && { code }) }),
    );
    expect(error.kind).toBe('card_unusable');
    expect(error.toServiceError()).toMatchObject({ code: 'card_unusable', status: 422 });
  });

  it('tell what an operator needs, and when to come back', () => {
    const error = toProviderError(
      errors.StripeError.generate({
        statusCode: 429,
        type: 'invalid_request_error',
        code: 'rate_limit',
        requestId: 'req_1',
        headers: { 'retry-after': '7' },
      }),
    );
    expect(error.details).toEqual({
      provider: 'stripe',
      providerCode: 'rate_limit',
      param: undefined,
      requestId: 'req_1',
      retryAfterMs: 7000,
    });
  });

  it.each([
    ['7', 7_000],
    ['0', undefined],
    ['-5', undefined],
    ['1.5', undefined],
    ['1e9', undefined],
    ['1000000000', 600_000],
    ['Thu, 01 Oct 2099 12:00:00 GMT', undefined],
    ['Thu, 01 Oct 1999 12:00:00 GMT', undefined],
  ])('T22e bound the wait that Retry-After: %s asks for', (header, wait) => {
    const limited = {
      statusCode: 429,
      type: 'invalid_request_error',
      headers: { 'retry-after': header },
    } as const;
    expect(toProviderError(errors.StripeError.generate(limited)).details.retryAfterMs).toBe(wait);
  });

  it("keep the key, the buyer and Stripe's own words to themselves", () => {
    const error = toProviderError(
      errors.StripeError.generate({
        statusCode: 401,
        type: 'invalid_request_error',
        message: 'Invalid API Key provided: sk_live_****canary, ada@example.com',
      }),
    );
    const shown = `${error.stack} ${JSON.stringify(error)} ${JSON.stringify(error.toServiceError().toBody())}`;
    expect(shown).not.toMatch(/canary|ada@example/);
    expect(error.cause).toBeUndefined();
  });
});
