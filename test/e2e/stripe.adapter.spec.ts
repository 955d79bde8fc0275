import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Fact, PaymentRef } from '../../src/providers/facts.js';
import { jsonOf } from '../../src/providers/json.read.js';
import type { OpenedSession, SessionInput } from '../../src/providers/payment.ports.js';
import type { ProviderCall } from '../../src/providers/provider.calls.js';
import { ProviderError } from '../../src/providers/provider.errors.js';
import { type StripeOptions, StripeProvider } from '../../src/providers/stripe/stripe.provider.js';
import {
  DEFAULT_PUBLISHABLE_KEY,
  DEFAULT_SECRET_KEY,
  DEFAULT_WEBHOOK_SECRET,
  startStripeSandbox,
  type StripeSandbox,
} from '../../sandbox/stripe/stripe.sandbox.js';
import {
  known,
  newReceiver,
  ORDER,
  PAY_URL,
  PAYMENT,
  type Receiver,
  SHIPPING_CONTACT,
  sessionInput,
} from '../support/stripe/adapter.bed.js';

function namesOf(facts: readonly Fact[]): string[] {
  return facts.map((fact) => (fact.kind === 'payment' ? fact.name : `${fact.kind} ${fact.status}`));
}

describe('the Stripe adapter, at a stand-in Stripe', () => {
  let receiver: Receiver;
  let sandbox: StripeSandbox;
  let provider: StripeProvider;

  beforeEach(async () => {
    receiver = await newReceiver();
    sandbox = await startStripeSandbox({
      webhookUrls: [receiver.url],
      retryScheduleMs: [1],
      receiptBase: 'https://pay.stripe.example',
    });
    provider = newProvider();
  });

  afterEach(async () => {
    await sandbox.close();
    await new Promise((resolve) => receiver.server.close(resolve));
  });

  function newProvider(options: Partial<StripeOptions> = {}): StripeProvider {
    return new StripeProvider({
      secretKey: DEFAULT_SECRET_KEY,
      webhookSecrets: [DEFAULT_WEBHOOK_SECRET],
      publishableKey: DEFAULT_PUBLISHABLE_KEY,
      apiBase: sandbox.url,
      ...options,
    });
  }

  function plan(changes?: Partial<SessionInput>, currency?: string, unitAmount?: bigint): ProviderCall {
    const request = provider.sessionRequest(sessionInput(changes, currency, unitAmount));
    // As a database keeps it.
    return { operationId: 'operation-1', request: JSON.parse(JSON.stringify(request)) };
  }

  async function open(call = plan()): Promise<OpenedSession> {
    return known(await provider.createSession(call));
  }

  /** Every fact of every event delivered so far, by type. */
  async function delivered(): Promise<Map<string, readonly Fact[]>> {
    await sandbox.delivery.settled();
    const told = new Map<string, readonly Fact[]>();
    for (const delivery of receiver.deliveries) {
      const event = provider.verify({ ...delivery, query: '', now: new Date(), registeredKeys: [] });
      told.set(event.type, await provider.factsOf(event, undefined));
    }
    return told;
  }

  function refOf(session: OpenedSession): PaymentRef {
    return { provider: 'stripe', sessionId: session.sessionId };
  }

  it('S9b says whom physical goods go to, where, and that the way there costs nothing', async () => {
    const free = [{ name: 'Envío', amount: 0n }];
    const session = await open(
      plan({ shippingContact: SHIPPING_CONTACT, shipping: free, taxes: free, discounts: free }),
    );
    const { charge } = await sandbox.payWithCard(session.sessionId);
    expect(charge?.shipping).toEqual({
      name: 'Grace Hopper',
      phone: '+52 55 1234 5678',
      carrier: null,
      tracking_number: null,
      address: {
        line1: 'Nuevo León 254',
        line2: 'Depto. 404',
        postal_code: '06100',
        city: 'Ciudad de México',
        state: 'CDMX',
        country: 'MX',
      },
    });
    expect(charge?.amount).toBe(3_998);
  });

  it('opens a page, and opens it once however often it is sent', async () => {
    const call = plan({ expiresIn: 3600, locale: 'es-MX', customer: { email: 'ada@example.com' } });
    const session = await open(call);
    expect(session).toMatchObject({ checkoutUrl: expect.stringContaining(sandbox.url), livemode: false });
    expect(await open(call)).toEqual(session);
    expect(sandbox.state().sessions).toHaveLength(1);
    expect(await provider.retrieve(refOf(session))).toMatchObject([
      { name: 'opened', ref: { paymentId: PAYMENT, orderId: ORDER }, checkoutUrl: session.checkoutUrl },
    ]);
  });

  it('tells one success with charge and receipt by three events, and by a read', async () => {
    const session = await open();
    const { charge, paymentIntent } = await sandbox.payWithCard(session.sessionId);
    const told = await delivered();
    const success = {
      name: 'succeeded',
      money: { amount: 3998n, currency: 'USD' },
      receiptUrl: `https://pay.stripe.example/receipts/${charge?.id}`,
      method: { type: 'card', brand: 'visa', last4: '4242' },
      metadata: { channel: 'web', orderId: ORDER, paymentId: PAYMENT },
      ref: { paymentId: PAYMENT, orderId: ORDER, chargeId: charge?.id, providerPaymentId: paymentIntent?.id },
    };
    for (const type of ['charge.succeeded', 'payment_intent.succeeded', 'checkout.session.completed']) {
      expect(told.get(type)).toMatchObject([success]);
    }
    expect(await provider.retrieve(refOf(session))).toMatchObject([{ name: 'opened' }, success]);
    const byCharge = await provider.retrieve({ provider: 'stripe', chargeId: charge?.id });
    expect(byCharge).toMatchObject([success]);
  });

  it('counts in minor units of ISO 4217, whatever Stripe counts in', async () => {
    const session = await open(plan({}, 'ISK', 500n));
    await sandbox.payWithCard(session.sessionId);
    expect((await delivered()).get('charge.succeeded')).toMatchObject([
      { money: { amount: 1000n, currency: 'ISK' } },
    ]);
  });

  it('tells a declined attempt once by two events, and the success after it', async () => {
    const session = await open();
    await sandbox.payWithCard(session.sessionId, { number: '4000000000009995' });
    const declined = await delivered();
    const attempts = [...declined.values()].flat().filter((fact) => fact.kind === 'payment');
    expect(namesOf(attempts)).toEqual(['attempt_failed', 'attempt_failed']);
    expect(new Set(attempts.map((fact) => fact.attemptId)).size).toBe(1);
    expect(namesOf(await provider.retrieve(refOf(session)))).toEqual(['opened', 'attempt_failed']);
    await sandbox.payWithCard(session.sessionId);
    expect(namesOf((await delivered()).get('checkout.session.completed') ?? [])).toEqual(['succeeded']);
  });

  it('tells an authorization, and the success only on capture', async () => {
    const session = await open(plan({ capture: 'manual' }));
    const { paymentIntent } = await sandbox.payWithCard(session.sessionId);
    const held = [...(await delivered()).values()].flat();
    expect(new Set(namesOf(held))).toEqual(new Set(['authorized']));
    await sandbox.capture(paymentIntent?.id ?? '', 3000);
    const told = await delivered();
    expect(told.get('charge.captured')).toMatchObject([{ name: 'succeeded', money: { amount: 3000n } }]);
    expect(told.get('payment_intent.succeeded')).toMatchObject([
      { name: 'succeeded', money: { amount: 3000n } },
    ]);
  });

  it('tells a voucher with its number, then the payment or the end', async () => {
    const paid = await open(plan({ paymentMethods: ['cash'] }, 'MXN', 19_900n));
    await sandbox.issueVoucher(paid.sessionId);
    const pending = {
      name: 'pending',
      money: { amount: 39_800n, currency: 'MXN' },
      method: { type: 'cash', reference: expect.any(String) },
      expiresAt: expect.any(Date),
    };
    const issued = await delivered();
    expect(issued.get('payment_intent.requires_action')).toMatchObject([pending]);
    expect(issued.get('checkout.session.completed')).toMatchObject([pending]);
    expect(await provider.retrieve(refOf(paid))).toMatchObject([{ name: 'opened' }, pending]);
    await sandbox.payVoucher(paid.sessionId);
    expect((await delivered()).get('checkout.session.async_payment_succeeded')).toMatchObject([
      { name: 'succeeded', method: { type: 'cash' }, money: { amount: 39_800n } },
    ]);
  });

  it('tells that a voucher ran out', async () => {
    const session = await open(plan({ paymentMethods: ['cash'] }, 'MXN', 19_900n));
    await sandbox.issueVoucher(session.sessionId);
    await sandbox.advance(8 * 86_400);
    const told = await delivered();
    expect(namesOf(told.get('checkout.session.async_payment_failed') ?? [])).toEqual(['failed']);
    expect(namesOf(told.get('payment_intent.payment_failed') ?? [])).toEqual(['failed']);
    expect(namesOf(await provider.retrieve(refOf(session)))).toEqual(['opened', 'failed']);
  });

  it('gives a bank transfer its customer, and counts it when all of it has come', async () => {
    const customer = { name: 'Ada', email: 'ada@example.com' };
    const call = plan({ paymentMethods: ['bank_transfer'], customer }, 'MXN', 19_900n);
    const session = await open(call);
    expect(await open(call)).toEqual(session);
    expect(sandbox.state().customers).toHaveLength(1);
    await sandbox.startTransfer(session.sessionId);
    const transfer = {
      name: 'pending',
      method: { type: 'bank_transfer', clabe: expect.stringMatching(/^\d{18}$/) },
    };
    expect((await delivered()).get('checkout.session.completed')).toMatchObject([transfer]);
    await sandbox.receiveTransfer(session.sessionId, 10_000);
    expect((await delivered()).get('payment_intent.partially_funded')).toMatchObject([transfer]);
    await sandbox.receiveTransfer(session.sessionId);
    expect((await delivered()).get('payment_intent.succeeded')).toMatchObject([
      { name: 'succeeded', method: { type: 'bank_transfer' }, money: { amount: 39_800n } },
    ]);
  });

  it('tells how many installments the customer chose', async () => {
    const session = await open(plan({ installments: [3, 6] }, 'MXN', 19_900n));
    await sandbox.payWithCard(session.sessionId, { installments: 6 });
    expect((await delivered()).get('charge.succeeded')).toMatchObject([
      { method: { type: 'card', installments: 6 } },
    ]);
  });

  it('tells refunds and disputes, by events and by a read', async () => {
    const session = await open();
    const { charge } = await sandbox.payWithCard(session.sessionId);
    await sandbox.refund(charge?.id ?? '', 1000);
    const dispute = await sandbox.openDispute(charge?.id ?? '');
    await sandbox.closeDispute(dispute.id, 'lost');
    const told = await delivered();
    const refund = { kind: 'refund', status: 'succeeded', money: { amount: 1000n, currency: 'USD' } };
    // Nobody here knows the payment: what came in is told with what goes back, and a dispute as it is by now.
    const paid = { kind: 'payment', name: 'succeeded', ref: { paymentId: PAYMENT } };
    expect(told.get('charge.refunded')).toMatchObject([paid, refund]);
    expect(told.get('refund.created')).toMatchObject([paid, { ...refund, ref: { paymentId: PAYMENT } }]);
    const lost = { kind: 'dispute', status: 'lost', ref: { paymentId: PAYMENT } };
    expect(told.get('charge.dispute.created')).toMatchObject([paid, lost]);
    expect(told.get('charge.dispute.closed')).toMatchObject([paid, lost]);
    expect(namesOf(await provider.retrieve(refOf(session)))).toEqual([
      'opened',
      'succeeded',
      'refund succeeded',
      'dispute lost',
    ]);
  });

  it('knows payments of the service that was replaced by their order', async () => {
    const { id } = await sandbox.legacySession({ orderId: 'legacy-order' });
    await sandbox.payWithCard(id);
    const successes = [...(await delivered()).values()].flat();
    expect(successes.length).toBeGreaterThan(0);
    for (const fact of successes) {
      expect(fact).toMatchObject({
        name: 'succeeded',
        ref: { orderId: 'legacy-order', paymentId: undefined },
      });
    }
  });

  describe('closing a session', () => {
    const call: ProviderCall = { operationId: 'close-1', request: {} };

    it('closes one that is open, and says the same when asked again', async () => {
      const session = await open();
      expect(await provider.expireSession(call, session)).toEqual({
        known: true,
        value: { paid: false },
      });
      expect(await provider.expireSession(call, session)).toEqual({
        known: true,
        value: { paid: false },
      });
      const again = { ...call, operationId: 'close-2' };
      expect(await provider.expireSession(again, session)).toEqual({
        known: true,
        value: { paid: false },
      });
      expect(namesOf((await delivered()).get('checkout.session.expired') ?? [])).toEqual(['expired']);
      expect(namesOf(await provider.retrieve(refOf(session)))).toEqual(['opened', 'expired']);
    });

    it('finds out that one was paid, or is being paid', async () => {
      const paid = await open();
      await sandbox.payWithCard(paid.sessionId);
      expect(await provider.expireSession(call, paid)).toEqual({
        known: true,
        value: { paid: true },
      });
      const voucher = await open({
        ...plan({ paymentMethods: ['cash'] }, 'MXN', 19_900n),
        operationId: 'operation-2',
      });
      await sandbox.issueVoucher(voucher.sessionId);
      const other = { ...call, operationId: 'close-2' };
      expect(await provider.expireSession(other, voucher)).toEqual({
        known: true,
        value: { paid: true },
      });
    });

    it('is refused for one that does not exist', async () => {
      await expect(provider.expireSession(call, { sessionId: 'cs_test_nothing' })).rejects.toMatchObject({
        kind: 'not_found',
      });
    });
  });

  describe('an answer that does not come', () => {
    const path = '/v1/checkout/sessions';

    it.each(['reset_after_acting', 'truncated_json'] as const)(
      'after %s leaves the outcome unknown, until the same is sent again',
      async (kind) => {
        const call = plan();
        sandbox.faults.add({ kind, method: 'POST', path, count: 0 });
        expect(await provider.createSession(call)).toMatchObject({ known: false });
        sandbox.faults.clear();
        const session = await open(call);
        expect(sandbox.state().sessions).toMatchObject([{ id: session.sessionId }]);
      },
    );

    it('is a timeout too', async () => {
      const hurried = newProvider({ timeoutMs: 50 });
      sandbox.faults.add({ kind: 'hang_after_acting', method: 'POST', path, count: 0 });
      expect(await hurried.createSession(plan())).toMatchObject({ known: false, error: { retryable: true } });
    });

    it.each([
      { kind: 'html_200' },
      { kind: 'status', status: 500 },
      { kind: 'status', status: 503 },
      { kind: 'status', status: 409 },
    ] as const)('is %j', async (fault) => {
      sandbox.faults.add({ ...fault, method: 'POST', path, count: 0 });
      expect(await provider.createSession(plan())).toMatchObject({ known: false });
      expect(sandbox.state().sessions).toEqual([]);
    });

    it('is another request under the same operation', async () => {
      await open();
      expect(await provider.createSession(plan({}, 'EUR'))).toMatchObject({ known: false });
      expect(sandbox.state().sessions).toHaveLength(1);
    });

    it('is nobody there', async () => {
      const call = plan();
      await sandbox.close();
      expect(await provider.createSession(call)).toMatchObject({ known: false });
      const unasked = provider.retrieve({ provider: 'stripe', sessionId: 'cs_test_1' });
      await expect(unasked).rejects.toMatchObject({ kind: 'unavailable' });
    });
  });

  describe('a definite refusal', () => {
    async function refusalOf(promise: Promise<unknown>): Promise<ProviderError> {
      const error: unknown = await promise.catch((thrown: unknown) => thrown);
      if (!(error instanceof ProviderError)) throw new Error('nothing was refused');
      return error;
    }

    it('names the parameter at fault', async () => {
      const call = plan();
      const request = { session: { ...jsonOf(call.request.session), payment_method_types: ['card'] } };
      const error = await refusalOf(provider.createSession({ ...call, request }));
      expect(error).toMatchObject({ kind: 'invalid_request', details: { param: 'payment_method_types' } });
    });

    it('is a key that Stripe does not know, which is not repeated', async () => {
      const stranger = newProvider({ secretKey: 'sk_test_canary' });
      const error = await refusalOf(stranger.createSession(plan()));
      expect(error.kind).toBe('authentication');
      expect(`${error.stack}${JSON.stringify(error)}`).not.toContain('canary');
    });

    it('says when to come back', async () => {
      const path = '/v1/checkout/sessions';
      sandbox.faults.add({ kind: 'status', status: 429, retryAfterSeconds: 3, method: 'POST', path });
      const error = await refusalOf(provider.createSession(plan()));
      expect(error).toMatchObject({ kind: 'rate_limited', retryable: true, details: { retryAfterMs: 3000 } });
    });

    it('is an id that Stripe does not know', async () => {
      const error = await refusalOf(provider.retrieve({ provider: 'stripe', sessionId: 'cs_test_nothing' }));
      expect(error.kind).toBe('not_found');
    });
  });

  describe('a call that was sent a day ago, when Stripe has forgotten its key', () => {
    const DAY_SECONDS = 86_400;
    const yesterday = (call: ProviderCall): ProviderCall => ({
      ...call,
      sentBefore: new Date(Date.now() - DAY_SECONDS * 1000),
    });

    it('finds what it made among more than a page of others, and makes no second one', async () => {
      const call = plan();
      sandbox.faults.add({
        kind: 'reset_after_acting',
        method: 'POST',
        path: '/v1/checkout/sessions',
        count: 0,
      });
      expect(await provider.createSession(call)).toMatchObject({ known: false });
      sandbox.faults.clear();
      for (let at = 0; at < 101; at += 1) await sandbox.legacySession({ orderId: `order-${at}` });
      const { sessionId } = await open(yesterday(call));
      const ours = sandbox.state().sessions.filter(({ metadata }) => metadata.paymentId === PAYMENT);
      expect(ours).toMatchObject([{ id: sessionId }]);
    });

    it('is still unknown when Stripe does not let us look, even by a refusal', async () => {
      const call = yesterday(plan());
      for (const status of [401, 429, 503]) {
        sandbox.faults.add({
          kind: 'status',
          status,
          method: 'GET',
          path: '/v1/checkout/sessions',
          count: 0,
        });
        expect(await provider.createSession(call)).toMatchObject({ known: false });
        sandbox.faults.clear();
      }
      expect(sandbox.state().sessions).toEqual([]);
    });

    it('makes the session that is not there', async () => {
      await sandbox.legacySession({ orderId: 'order-1' });
      const { sessionId } = await open(yesterday(plan()));
      expect(sandbox.state().sessions.at(-1)).toMatchObject({
        id: sessionId,
        metadata: { paymentId: PAYMENT },
      });
    });
  });

  describe('a purchase with more to it than its lines', () => {
    const adjustments = {
      taxes: [{ name: 'IVA', amount: 640n }],
      shipping: [{ name: 'Express', amount: 9900n }],
      discounts: [
        { name: 'Autumn', amount: 1000n },
        { name: 'Loyalty', amount: 38n },
      ],
    };

    it('costs what the caller said, with taxes, shipping and discounts', async () => {
      const session = await open(plan(adjustments));
      expect(sandbox.state().sessions).toMatchObject([
        { amount_total: 13_500, total_details: { amount_discount: 1038 } },
      ]);
      expect(sandbox.state().coupons).toMatchObject([
        { amount_off: 1038, name: 'Autumn, Loyalty', max_redemptions: 1, metadata: { paymentId: PAYMENT } },
      ]);
      await sandbox.payWithCard(session.sessionId);
      expect((await delivered()).get('charge.succeeded')).toMatchObject([
        { name: 'succeeded', money: { amount: 13_500n, currency: 'USD' } },
      ]);
    });

    it.each([
      ['/v1/coupons', 'reset_after_acting'],
      ['/v1/coupons', 'truncated_json'],
      ['/v1/checkout/sessions', 'reset_after_acting'],
      ['/v1/checkout/sessions', 'truncated_json'],
    ] as const)('has one coupon and one session when the answer of %s is lost by %s', async (path, kind) => {
      const call = plan(adjustments);
      sandbox.faults.add({ kind, method: 'POST', path, count: 0 });
      expect(await provider.createSession(call)).toMatchObject({ known: false });
      sandbox.faults.clear();
      const session = await open(call);
      const { coupons, sessions } = sandbox.state();
      expect(coupons).toHaveLength(1);
      expect(sessions).toMatchObject([{ id: session.sessionId, discounts: [{ coupon: coupons[0]?.id }] }]);
    });

    it('opens no session when there is no coupon', async () => {
      sandbox.faults.add({ kind: 'status', status: 500, method: 'POST', path: '/v1/coupons', count: 0 });
      expect(await provider.createSession(plan(adjustments))).toMatchObject({ known: false });
      expect(sandbox.state()).toMatchObject({ coupons: [], sessions: [] });
    });
  });

  describe('who pays, and how', () => {
    it('is a customer whom Stripe keeps already', async () => {
      const first = await open(plan({ onDemand: true }));
      const { session } = await sandbox.payWithCard(first.sessionId);
      const customerId = session.customer ?? '';
      const second = await open({ ...plan({ customerId }), operationId: 'operation-2' });
      const paid = await sandbox.payWithCard(second.sessionId);
      expect(paid.charge?.customer).toBe(customerId);
      expect(sandbox.state().customers).toHaveLength(1);
    });

    it('keeps the card for whoever pays on demand, and offers cash beside it', async () => {
      const call = plan({ onDemand: true, customer: { email: 'ada@example.com' } }, 'MXN', 19_900n);
      const { sessionId } = await open(call);
      const { session, paymentIntent } = await sandbox.payWithCard(sessionId);
      expect(session.payment_method_types).toEqual(['card', 'oxxo']);
      expect(sandbox.state().customers).toMatchObject([{ id: session.customer, email: 'ada@example.com' }]);
      expect(paymentIntent?.payment_method_options?.card?.setup_future_usage).toBe('off_session');
    });

    it('is asked by the bank where that is wished', async () => {
      await open(plan({ threeDs: 'strict' }));
      const options = { card: { request_three_d_secure: 'any' } };
      expect(sandbox.state().sessions).toMatchObject([{ payment_method_options: options }]);
    });

    it('is unknown to Stripe: refused', async () => {
      const refused = provider.createSession(plan({ customerId: 'cus_nobody' }));
      await expect(refused).rejects.toMatchObject({ details: { param: 'customer' } });
    });
  });

  describe('a session inside our page', () => {
    it('is shown by our page with its secret, once however often it is sent', async () => {
      const call = plan({ ui: 'embedded' });
      const session = await open(call);
      const secret = sandbox.state().sessions[0]?.client_secret;
      expect(session).toMatchObject({
        checkoutUrl: PAY_URL,
        embed: { clientSecret: secret, publicKey: DEFAULT_PUBLISHABLE_KEY },
      });
      expect(await open(call)).toEqual(session);
      expect(sandbox.state().sessions).toMatchObject([
        { ui_mode: 'embedded_page', return_url: `${PAY_URL}/return` },
      ]);
      expect(provider.embeddedCheckout(session.embed ?? {}, 'es').config).toMatchObject({
        clientSecret: secret,
      });
    });

    it('is paid and told like any other, and read without a page of its own', async () => {
      const session = await open(plan({ ui: 'embedded' }));
      expect(await provider.retrieve(refOf(session))).toMatchObject([
        { name: 'opened', checkoutUrl: undefined },
      ]);
      await sandbox.payWithCard(session.sessionId);
      expect((await delivered()).get('checkout.session.completed')).toMatchObject([{ name: 'succeeded' }]);
    });

    it('is one of our capabilities with a key for browsers only', () => {
      expect(provider.capabilities.has('embedded_checkout')).toBe(true);
      expect(newProvider({ publishableKey: undefined }).capabilities.has('embedded_checkout')).toBe(false);
    });
  });

  it('sends a live key to Stripe only', () => {
    const live = { secretKey: 'sk_live_canary', webhookSecrets: [] };
    expect(() => new StripeProvider({ ...live, apiBase: sandbox.url })).toThrow('Stripe only');
    expect(new StripeProvider(live).livemode).toBe(true);
    expect(provider.livemode).toBe(false);
  });
});
