import { describe, expect, it } from '@jest/globals';
import { stripeObject } from '../../../../test/fixtures/stripe/stripe.fixtures.js';
import { RecordedCalls } from '../../../../test/support/stripe/stripe.calls.js';
import { createSession } from './stripe.sessions.js';
import type { Json } from '../../json.read.js';

const URL = 'https://checkout.stripe.com/c/pay/1';
const SESSION = stripeObject('checkout.session.completed', { status: 'open', url: URL });
const NOW = new Date('2026-10-02T12:00:00Z');
const CALL = { operationId: 'op-1', request: { session: { mode: 'payment', metadata: SESSION.metadata } } };

describe('opening a session', () => {
  it('sends what was recorded, under the id of the operation', async () => {
    const calls = new RecordedCalls({ post: () => SESSION });
    expect(await createSession(calls, CALL, NOW)).toMatchObject({
      known: true,
      value: { sessionId: 'cs_test_keyboard1', checkoutUrl: URL },
    });
    expect(calls.sent).toEqual([
      { path: '/v1/checkout/sessions', params: CALL.request.session, key: 'op-1' },
    ]);
  });

  it('makes the customer first, under a key of its own', async () => {
    const calls = new RecordedCalls({
      post: (path) => (path === '/v1/customers' ? { object: 'customer', id: 'cus_1' } : SESSION),
    });
    await createSession(calls, { ...CALL, request: { ...CALL.request, customer: { name: 'Ada' } } }, NOW);
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
    ['T24h a session whose page is a script', { ...SESSION, url: 'javascript:alert(1)' }],
    ['T24h a session whose page is plain http', { ...SESSION, url: 'http://checkout.stripe.com/c/pay/1' }],
    ['a session without a page', { ...SESSION, url: null, cancel_url: null }],
  ])('does not know the outcome when the answer is %s', async (_, answer) => {
    expect(await createSession(new RecordedCalls({ post: () => answer }), CALL, NOW)).toMatchObject({
      known: false,
    });
  });

  it('makes the coupon first too, and gives the session both', async () => {
    const calls = new RecordedCalls({
      post: (path) =>
        path === '/v1/checkout/sessions'
          ? SESSION
          : path === '/v1/coupons'
            ? { object: 'coupon', id: 'co_1' }
            : { object: 'customer', id: 'cus_1' },
    });
    const request = { ...CALL.request, coupon: { amount_off: 500 }, customer: {} };
    await createSession(calls, { ...CALL, request }, NOW);
    expect(calls.sent.map(({ key }) => key)).toEqual(['op-1:customer', 'op-1:coupon', 'op-1']);
    expect(calls.sent.at(-1)?.params).toEqual({
      ...CALL.request.session,
      customer: 'cus_1',
      discounts: [{ coupon: 'co_1' }],
    });
  });

  it.each(['customer', 'coupon'])(
    'sends no session when it is not known whether there is a %s',
    async (part) => {
      const calls = new RecordedCalls({ post: () => ({ object: 'other', id: 'other_1' }) });
      const outcome = await createSession(calls, { ...CALL, request: { ...CALL.request, [part]: {} } }, NOW);
      expect(outcome).toMatchObject({ known: false });
      expect(calls.sent).toHaveLength(1);
    },
  );

  describe('inside a page of ours', () => {
    const payUrl = 'https://pay.shop.example/pay/1';
    const request = { ...CALL.request, payUrl, publishableKey: 'pk_test_1' };
    const embedded = { ...SESSION, url: null, success_url: null, client_secret: 'cs_test_1_secret_2' };

    it('is told by our page, and what shows it there', async () => {
      const outcome = await createSession(
        new RecordedCalls({ post: () => embedded }),
        { ...CALL, request },
        NOW,
      );
      expect(outcome).toMatchObject({
        known: true,
        value: {
          checkoutUrl: payUrl,
          embed: { clientSecret: 'cs_test_1_secret_2', publicKey: 'pk_test_1' },
        },
      });
    });

    it('is of no use without its secret', async () => {
      const calls = new RecordedCalls({ post: () => ({ ...embedded, client_secret: null }) });
      expect(await createSession(calls, { ...CALL, request }, NOW)).toMatchObject({ known: false });
    });
  });
});

describe('a session that was asked for before', () => {
  const HOUR_MS = 3_600_000;
  const asked = (hours: number) => ({ ...CALL, sentBefore: new Date(NOW.getTime() - hours * HOUR_MS) });
  const page = (...data: Json[]): Json => ({ data, has_more: false });
  const stranger = { ...SESSION, metadata: { paymentId: 'other' } };

  it('is sent again while Stripe remembers its key', async () => {
    const calls = new RecordedCalls({ post: () => SESSION, list: page(SESSION) });
    await createSession(calls, asked(22.9), NOW);
    expect(calls.sent).toHaveLength(1);
    expect(calls.pages).toBe(0);
  });

  it('is looked for after that, and not made again', async () => {
    const calls = new RecordedCalls({ list: page(stranger, SESSION) });
    expect(await createSession(calls, asked(23.1), NOW)).toMatchObject({
      known: true,
      value: { sessionId: 'cs_test_keyboard1', checkoutUrl: URL },
    });
    expect(calls.sent).toEqual([]);
  });

  it('is made when it is not there', async () => {
    const calls = new RecordedCalls({ post: () => SESSION, list: page(stranger) });
    expect(await createSession(calls, asked(23.1), NOW)).toMatchObject({ known: true });
    expect(calls.sent).toHaveLength(1);
  });

  it('leads back to the shop where its page is closed', async () => {
    const closed = { ...SESSION, status: 'complete', url: null };
    expect(await createSession(new RecordedCalls({ list: page(closed) }), asked(30), NOW)).toMatchObject({
      known: true,
      value: { checkoutUrl: 'https://shop.example/ok' },
    });
  });

  it('leads to our page where it was embedded, and is shown no more', async () => {
    const closed = { ...SESSION, status: 'complete', url: null, client_secret: null };
    const request = { ...CALL.request, payUrl: 'https://pay.shop.example/pay/1' };
    const outcome = await createSession(
      new RecordedCalls({ list: page(closed) }),
      { ...asked(30), request },
      NOW,
    );
    expect(outcome).toMatchObject({ known: true, value: { checkoutUrl: request.payUrl } });
  });

  it('is not "not there" by an answer that is no list, or a list without end', async () => {
    const noList = new RecordedCalls({ list: {} });
    expect(await createSession(noList, asked(30), NOW)).toMatchObject({ known: false });
    const endless = new RecordedCalls({ list: { data: [stranger], has_more: true } });
    expect(await createSession(endless, asked(30), NOW)).toMatchObject({ known: false });
    expect(endless.pages).toBe(100);
    expect([...noList.sent, ...endless.sent]).toEqual([]);
  });
});
