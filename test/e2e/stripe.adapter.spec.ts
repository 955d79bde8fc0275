import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createServer, type Server } from 'node:http';
import { totalOf } from '../../src/kernel/money.js';
import type { Fact, PaymentRef } from '../../src/providers/facts.js';
import { ProviderError } from '../../src/providers/provider.errors.js';
import type {
  OpenedSession,
  Outcome,
  ProviderCall,
  SessionInput,
} from '../../src/providers/provider.port.js';
import { jsonOf } from '../../src/providers/stripe/stripe.read.js';
import { StripeProvider } from '../../src/providers/stripe/stripe.provider.js';
import {
  DEFAULT_SECRET_KEY,
  DEFAULT_WEBHOOK_SECRET,
  startStripeSandbox,
  type StripeSandbox,
} from '../../src/sandbox/stripe/stripe.sandbox.js';

const ORDER = '0d3c6c0e-3a51-4bb5-9d0b-5e1a2b3c4d5e';
const PAYMENT = '0199aa00-0000-7000-8000-00000000abcd';

interface Delivery {
  body: Buffer;
  rawHeaders: string[];
}

/** Keeps what Stripe delivers, as it arrived. */
async function newReceiver(): Promise<{ url: string; deliveries: Delivery[]; server: Server }> {
  const deliveries: Delivery[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      deliveries.push({ body: Buffer.concat(chunks), rawHeaders: request.rawHeaders });
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { url: `http://127.0.0.1:${address.port}/`, deliveries, server };
}

function input(changes: Partial<SessionInput> = {}, currency = 'USD', unitAmount = 1999n): SessionInput {
  const items = [{ name: 'Keyboard', unitAmount, quantity: 2 }];
  return {
    paymentId: PAYMENT,
    orderId: ORDER,
    items,
    money: { amount: totalOf(items, 'items'), currency },
    ui: 'hosted',
    successUrl: 'https://shop.example/ok',
    cancelUrl: 'https://shop.example/cancel',
    capture: 'automatic',
    installments: [],
    metadata: { channel: 'web' },
    now: new Date(),
    ...changes,
  };
}

function known<T>(outcome: Outcome<T>): T {
  if (!outcome.known) throw outcome.error;
  return outcome.value;
}

function namesOf(facts: readonly Fact[]): string[] {
  return facts.map((fact) => (fact.kind === 'payment' ? fact.name : `${fact.kind} ${fact.status}`));
}

describe('the Stripe adapter, at a stand-in Stripe', () => {
  let receiver: Awaited<ReturnType<typeof newReceiver>>;
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

  function newProvider(options: { secretKey?: string; timeoutMs?: number } = {}): StripeProvider {
    return new StripeProvider({
      secretKey: DEFAULT_SECRET_KEY,
      webhookSecrets: [DEFAULT_WEBHOOK_SECRET],
      apiBase: sandbox.url,
      ...options,
    });
  }

  function plan(changes?: Partial<SessionInput>, currency?: string, unitAmount?: bigint): ProviderCall {
    const request = provider.planSession(input(changes, currency, unitAmount));
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
      const event = provider.verifyWebhook({ ...delivery, now: new Date() });
      told.set(event.type, provider.translateWebhook(await provider.confirmWebhook(event, undefined)));
    }
    return told;
  }

  function refOf(session: OpenedSession): PaymentRef {
    return { provider: 'stripe', sessionId: session.sessionId };
  }

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
    expect(told.get('charge.refunded')).toMatchObject([refund]);
    expect(told.get('refund.created')).toMatchObject([{ ...refund, ref: { paymentId: PAYMENT } }]);
    expect(told.get('charge.dispute.created')).toMatchObject([
      { status: 'open', ref: { paymentId: PAYMENT } },
    ]);
    expect(told.get('charge.dispute.closed')).toMatchObject([{ status: 'lost' }]);
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
      expect(await provider.expireSession(call, session.sessionId)).toEqual({
        known: true,
        value: { paid: false },
      });
      expect(await provider.expireSession(call, session.sessionId)).toEqual({
        known: true,
        value: { paid: false },
      });
      const again = { ...call, operationId: 'close-2' };
      expect(await provider.expireSession(again, session.sessionId)).toEqual({
        known: true,
        value: { paid: false },
      });
      expect(namesOf((await delivered()).get('checkout.session.expired') ?? [])).toEqual(['expired']);
      expect(namesOf(await provider.retrieve(refOf(session)))).toEqual(['opened', 'expired']);
    });

    it('finds out that one was paid, or is being paid', async () => {
      const paid = await open();
      await sandbox.payWithCard(paid.sessionId);
      expect(await provider.expireSession(call, paid.sessionId)).toEqual({
        known: true,
        value: { paid: true },
      });
      const voucher = await open({
        ...plan({ paymentMethods: ['cash'] }, 'MXN', 19_900n),
        operationId: 'operation-2',
      });
      await sandbox.issueVoucher(voucher.sessionId);
      const other = { ...call, operationId: 'close-2' };
      expect(await provider.expireSession(other, voucher.sessionId)).toEqual({
        known: true,
        value: { paid: true },
      });
    });

    it('is refused for one that does not exist', async () => {
      await expect(provider.expireSession(call, 'cs_test_nothing')).rejects.toMatchObject({
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
        expect(sandbox.state().sessions).toHaveLength(1);
        expect(await provider.findSession(PAYMENT, new Date())).toEqual(session);
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
      expect(await provider.findSession(PAYMENT, new Date())).toBeUndefined();
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

  it('finds a session among more than a page of others', async () => {
    const before = new Date();
    const session = await open();
    for (let at = 0; at < 101; at += 1) await sandbox.legacySession({ orderId: `order-${at}` });
    expect(await provider.findSession(PAYMENT, before)).toEqual(session);
    expect(await provider.findSession('0199aa00-0000-7000-8000-000000000000', before)).toBeUndefined();
  });

  it('sends a live key to Stripe only', () => {
    const live = { secretKey: 'sk_live_canary', webhookSecrets: [] };
    expect(() => new StripeProvider({ ...live, apiBase: sandbox.url })).toThrow('Stripe only');
    expect(new StripeProvider(live).livemode).toBe(true);
    expect(provider.livemode).toBe(false);
  });
});
