import { describe, expect, it } from '@jest/globals';
import { stripeObject } from '../../../../test/fixtures/stripe/stripe.fixtures.js';
import type { Json } from '../../json.read.js';
import { ProviderError } from '../../provider.errors.js';
import { expireSession } from './stripe.sessions.js';
import { RecordedCalls } from '../../../../test/support/stripe/stripe.calls.js';

const CALL = { operationId: 'op-1', request: {} };
const SESSION = stripeObject('checkout.session.completed', {
  status: 'open',
  url: 'https://checkout.stripe.com/c/pay/1',
});

describe('closing a session', () => {
  const refusing = (session: unknown): RecordedCalls =>
    new RecordedCalls({
      session,
      post: () => {
        throw new ProviderError('invalid_request', 'refused', { provider: 'stripe' });
      },
    });
  const intent = (status: string): Json => stripeObject('payment_intent.succeeded', { status });
  const complete = (changes: Json): Json => ({ ...SESSION, status: 'complete', ...changes });

  it.each([
    ['it is paid', complete({}), true],
    [
      'it waits for a voucher',
      complete({ payment_status: 'unpaid', payment_intent: intent('requires_action') }),
      true,
    ],
    [
      'its card is authorized',
      complete({ payment_status: 'unpaid', payment_intent: intent('requires_capture') }),
      true,
    ],
    [
      'its voucher ran out',
      complete({ payment_status: 'unpaid', payment_intent: intent('requires_payment_method') }),
      false,
    ],
    ['it is closed', { ...SESSION, status: 'expired' }, false],
  ])('finds out, when refused, that %s', async (_, session, paid) => {
    expect(await expireSession(refusing(session), CALL, 'cs_1')).toEqual({ known: true, value: { paid } });
  });

  it('is refused for good when the session is open all the same', async () => {
    await expect(expireSession(refusing(SESSION), CALL, 'cs_1')).rejects.toMatchObject({
      kind: 'invalid_request',
    });
  });

  it('does not know the outcome when the answer is none', async () => {
    expect(await expireSession(refusing({}), CALL, 'cs_1')).toMatchObject({ known: false });
    expect(await expireSession(new RecordedCalls({ post: () => SESSION }), CALL, 'cs_1')).toMatchObject({
      known: false,
    });
  });

  it('cannot be led elsewhere by an id', async () => {
    const calls = new RecordedCalls({ post: () => ({ ...SESSION, status: 'expired' }) });
    await expireSession(calls, CALL, '../customers/cus_1');
    expect(calls.sent[0]?.path).toBe('/v1/checkout/sessions/..%2Fcustomers%2Fcus_1/expire');
  });
});
