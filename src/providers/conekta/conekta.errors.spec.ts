import { describe, expect, it } from '@jest/globals';
import type { Json } from '../json.read.js';
import { livemodeMismatch, mayHaveActed, toProviderError } from './conekta.errors.js';
import type { ConektaAnswer } from './conekta.http.js';

const answer = (status: number, body?: Json, retryAfter?: string): ConektaAnswer => ({
  status,
  body,
  retryAfter,
});
const error = (detail: Json = {}): Json => ({
  object: 'error',
  type: 'some_error',
  log_id: 'log-1',
  details: [detail],
});

describe("Conekta's errors", () => {
  it.each([
    [400, 'invalid_request'],
    [401, 'authentication'],
    [402, 'declined'],
    [403, 'authentication'],
    [404, 'not_found'],
    [422, 'invalid_request'],
    [428, 'invalid_request'],
    [429, 'rate_limited'],
  ] as const)('%d is a definite refusal', (status, kind) => {
    const refused = answer(status, error());
    expect(mayHaveActed(refused)).toBe(false);
    expect(toProviderError(refused).kind).toBe(kind);
  });

  it.each([
    [402, { code: 'conekta.errors.processing.tokenization.used' }],
    [422, { param: 'payment_method.token_id' }],
    [422, { param: 'charges.0.payment_method.payment_source_id' }],
    [422, { param: 'default_payment_source_id' }],
    [422, { param: 'card_id' }],
  ])('%d with %j is the fault of a card or its token', (status, detail) => {
    const refused = toProviderError(answer(status, error(detail)));
    expect(refused.kind).toBe('card_unusable');
    expect(refused.toServiceError().code).toBe('card_unusable');
  });

  it.each([401, 403, 429])('%d is one of a gateway too, which says nothing of its own', (status) => {
    expect(mayHaveActed(answer(status))).toBe(false);
  });

  it.each([
    ['HTML', answer(200)],
    ['an error with status 200', answer(200, error())],
    ['a redirect', answer(302)],
    ['409', answer(409, error())],
    ['500', answer(500, error())],
    ['503', answer(503)],
    ['404 of somebody else', answer(404)],
    ['422 of somebody else', answer(422, { message: 'no' })],
    ['no answer', { status: undefined, code: 'ECONNRESET', maybeSent: true } as const],
  ])('%s leaves the outcome unknown', (_, given) => {
    expect(mayHaveActed(given)).toBe(true);
    expect(toProviderError(given).kind).toBe('unavailable');
  });

  it('are told by the connection that was never made, too', () => {
    const refused = { status: undefined, code: 'ECONNREFUSED', maybeSent: false } as const;
    expect(mayHaveActed(refused)).toBe(false);
    expect(toProviderError(refused)).toMatchObject({
      kind: 'unavailable',
      retryable: true,
      details: { providerCode: 'ECONNREFUSED' },
    });
  });

  it('tell what an operator and the buyer need, and when to come back', () => {
    const detail = {
      code: 'conekta.errors.processing.bank.declined',
      param: 'charges.0',
      message: 'La tarjeta fue rechazada.',
      debug_message: 'The bank said no to 4000000000000002.',
    };
    const told = toProviderError(answer(402, error(detail), '7'));
    expect(told.details).toEqual({
      provider: 'conekta',
      providerCode: 'conekta.errors.processing.bank.declined',
      param: 'charges.0',
      requestId: 'log-1',
      retryAfterMs: 7000,
      buyerMessage: 'La tarjeta fue rechazada.',
    });
    expect(told.toServiceError().toBody().details).toMatchObject({
      buyerMessage: 'La tarjeta fue rechazada.',
      param: 'charges.0',
    });
  });

  it.each([
    'No user ada@example.com',
    'La tarjeta 4000000000000002 no sirve',
    'La tarjeta 4000 0000 0000 0002 no sirve',
    'Llame al 55-5555-5555',
    'Invalid key_canary',
    'x'.repeat(301),
  ])('keep to themselves what Conekta says of the buyer or of our key: %s', (message) => {
    const told = toProviderError(answer(422, error({ message, debug_message: message })));
    expect(told.details.buyerMessage).toBeUndefined();
    const shown = `${told.stack} ${JSON.stringify(told)} ${JSON.stringify(told.toServiceError().toBody())}`;
    expect(shown).not.toContain(message);
    expect(told.cause).toBeUndefined();
  });

  it.each([
    ['no body', answer(500), 'http_500'],
    [
      'no details',
      answer(422, { object: 'error', type: 'parameter_validation_error' }),
      'parameter_validation_error',
    ],
    ['details of another shape', answer(422, { object: 'error', type: 't', details: ['x', null] }), 't'],
  ])('are told with %s, too', (_, given, providerCode) => {
    expect(toProviderError(given).details.providerCode).toBe(providerCode);
  });

  it('ignore a wait that is no number of seconds', () => {
    for (const header of ['', '-1', 'soon', '1e9', 'Thu, 01 Oct 2026 12:00:00 GMT']) {
      expect(toProviderError(answer(429, error(), header)).details.retryAfterMs).toBeUndefined();
    }
  });

  it.each([
    ['7', 7_000],
    ['0', undefined],
    ['-5', undefined],
    ['999999', 600_000],
    ['1000000000', 600_000],
    ['Thu, 01 Oct 1999 12:00:00 GMT', undefined],
  ])('T22e bound the wait that Retry-After: %s asks for', (header, wait) => {
    expect(toProviderError(answer(429, error(), header)).details.retryAfterMs).toBe(wait);
  });

  it('name the setting that says another mode than the key', () => {
    const mismatch = livemodeMismatch(true);
    expect(mismatch).toMatchObject({
      kind: 'authentication',
      details: { providerCode: 'livemode_mismatch' },
    });
    expect(mismatch.message).toMatch(/live mode.*CONEKTA_LIVEMODE/);
  });
});
