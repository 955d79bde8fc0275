import { describe, expect, it } from '@jest/globals';
import { stripeObject } from '../../../test/fixtures/stripe/stripe.fixtures.js';
import { ProviderError } from '../provider.errors.js';
import type { Outcome } from '../provider.port.js';
import { createSession, expireSession, findSession } from './stripe.checkout.js';
import type { StripeCheckoutCalls } from './stripe.client.js';
import type { Json } from './stripe.read.js';

const URL = 'https://checkout.stripe.com/c/pay/1';
const SESSION = stripeObject('checkout.session.completed', { status: 'open', url: URL });
const CALL = { operationId: 'op-1', request: { session: { mode: 'payment', metadata: SESSION.metadata } } };

interface Sent {
  path: string;
  params: Json;
  key: string;
}

/** Answers every POST, every read and every page with what it was given. */
class Calls implements StripeCheckoutCalls {
  readonly sent: Sent[] = [];
  pages = 0;

  constructor(
    private readonly answers: { post?: (path: string) => unknown; session?: unknown; list?: unknown },
  ) {}

  async post(path: string, params: Json, key: string): Promise<Outcome<unknown>> {
    this.sent.push({ path, params, key });
    return Promise.resolve({ known: true, value: this.answers.post?.(path) });
  }

  session(): Promise<unknown> {
    return Promise.resolve(this.answers.session);
  }

  sessions(): Promise<unknown> {
    this.pages += 1;
    return Promise.resolve(this.answers.list);
  }
}

describe('opening a session', () => {
  it('sends what was recorded, under the id of the operation', async () => {
    const calls = new Calls({ post: () => SESSION });
    expect(await createSession(calls, CALL)).toMatchObject({
      known: true,
      value: { sessionId: 'cs_test_keyboard1', checkoutUrl: URL },
    });
    expect(calls.sent).toEqual([
      { path: '/v1/checkout/sessions', params: CALL.request.session, key: 'op-1' },
    ]);
  });

  it('makes the customer first, under a key of its own', async () => {
    const calls = new Calls({
      post: (path) => (path === '/v1/customers' ? { object: 'customer', id: 'cus_1' } : SESSION),
    });
    await createSession(calls, { ...CALL, request: { ...CALL.request, customer: { name: 'Ada' } } });
    expect(calls.sent).toEqual([
      { path: '/v1/customers', params: { name: 'Ada' }, key: 'op-1:customer' },
      { path: '/v1/checkout/sessions', params: { ...CALL.request.session, customer: 'cus_1' }, key: 'op-1' },
    ]);
  });

  it.each([
    ['nothing', undefined],
    ['an error without the word', { message: 'Bad gateway' }],
    ['another object', { ...SESSION, object: 'payment_intent' }],
    ["another payment's session", { ...SESSION, metadata: { paymentId: 'other' } }],
    ['a session without a page', { ...SESSION, url: null, cancel_url: null }],
  ])('does not know the outcome when the answer is %s', async (_, answer) => {
    expect(await createSession(new Calls({ post: () => answer }), CALL)).toMatchObject({ known: false });
  });

  it('sends no session when it is not known whether there is a customer', async () => {
    const calls = new Calls({ post: () => ({}) });
    const outcome = await createSession(calls, { ...CALL, request: { ...CALL.request, customer: {} } });
    expect(outcome).toMatchObject({ known: false });
    expect(calls.sent).toHaveLength(1);
  });
});

describe('closing a session', () => {
  const refusing = (session: unknown): Calls =>
    new Calls({
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
    expect(await expireSession(new Calls({ post: () => SESSION }), CALL, 'cs_1')).toMatchObject({
      known: false,
    });
  });

  it('cannot be led elsewhere by an id', async () => {
    const calls = new Calls({ post: () => ({ ...SESSION, status: 'expired' }) });
    await expireSession(calls, CALL, '../customers/cus_1');
    expect(calls.sent[0]?.path).toBe('/v1/checkout/sessions/..%2Fcustomers%2Fcus_1/expire');
  });
});

describe('finding a session', () => {
  it('leads back to the shop where the page is closed', async () => {
    const calls = new Calls({
      list: { data: [{ ...SESSION, status: 'complete', url: null }], has_more: false },
    });
    const paymentId = '01996f00-0000-7000-8000-000000000001';
    expect(await findSession(calls, paymentId, new Date())).toMatchObject({
      checkoutUrl: 'https://shop.example/ok',
    });
  });

  it('never takes an answer that is no list, or a list without end, for "not there"', async () => {
    await expect(findSession(new Calls({ list: {} }), 'other', new Date())).rejects.toThrow(ProviderError);
    const endless = new Calls({ list: { data: [SESSION], has_more: true } });
    await expect(findSession(endless, 'other', new Date())).rejects.toMatchObject({ retryable: true });
    expect(endless.pages).toBe(100);
  });
});
