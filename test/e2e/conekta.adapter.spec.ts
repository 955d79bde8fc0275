import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { inspect } from 'node:util';
import { type ConektaOptions, ConektaProvider } from '../../src/providers/conekta/conekta.provider.js';
import type { Fact } from '../../src/providers/facts.js';
import type { OpenedSession, SessionInput } from '../../src/providers/payment.ports.js';
import type { ProviderCall } from '../../src/providers/provider.calls.js';
import { ProviderError } from '../../src/providers/provider.errors.js';
import { type ConektaSandbox, startConektaSandbox } from '../../sandbox/conekta/conekta.sandbox.js';
import type { FaultRule } from '../../sandbox/faults.js';
import {
  known,
  newReceiver,
  PAY_URL,
  PAYMENT,
  type Receiver,
  SHIPPING_CONTACT,
  sessionInput,
} from '../support/stripe/adapter.bed.js';

const CUSTOMER = { name: 'Ada Lovelace', email: 'ada@example.com', phone: '+525555555555' };
const PRIVATE_KEY = 'key_canary0123456789';

describe('the Conekta adapter, at a stand-in Conekta', () => {
  let receiver: Receiver;
  let sandbox: ConektaSandbox;
  let provider: ConektaProvider;

  beforeEach(async () => {
    receiver = await newReceiver();
    sandbox = await startConektaSandbox({
      privateKey: PRIVATE_KEY,
      webhookUrls: [receiver.url],
      retryScheduleMs: [1],
      refuseLocalWebhooks: false,
    });
    provider = newProvider();
  });

  afterEach(async () => {
    await sandbox.close();
    await new Promise((resolve) => receiver.server.close(resolve));
  });

  function newProvider(options: Partial<ConektaOptions> = {}): ConektaProvider {
    return new ConektaProvider({
      privateKey: PRIVATE_KEY,
      publicKey: sandbox.publicKey,
      livemode: false,
      webhookKeys: [sandbox.publicKeyPem],
      apiBase: sandbox.url,
      ...options,
    });
  }

  /** The call as a database keeps it. */
  function plan(changes: Partial<SessionInput> = {}, operationId = 'operation-1'): ProviderCall {
    const request = provider.sessionRequest(sessionInput({ customer: CUSTOMER, ...changes }, 'MXN', 19_900n));
    return { operationId, request: JSON.parse(JSON.stringify(request)) };
  }

  const again = (call: ProviderCall): ProviderCall => ({
    ...call,
    sentBefore: new Date(Date.now() - 60_000),
  });
  const open = async (call = plan()): Promise<OpenedSession> => known(await provider.createSession(call));
  const close = (session: OpenedSession) =>
    provider.expireSession({ operationId: 'close-1', request: {} }, session);
  const orders = () => sandbox.state().orders;
  const openOrders = () => orders().filter(({ checkout }) => checkout?.status === 'Issued');
  const namesOf = (facts: readonly Fact[]): string[] =>
    facts.map((fact) => (fact.kind === 'payment' ? fact.name : fact.kind));

  /** The refusal, which gives nothing of the key or the customer away. */
  async function refusalOf(promise: Promise<unknown>): Promise<ProviderError> {
    const error: unknown = await promise.catch((thrown: unknown) => thrown);
    if (!(error instanceof ProviderError)) throw new Error(`nothing was refused: ${inspect(error)}`);
    expect(inspect(error, { depth: 20, showHidden: true })).not.toMatch(/canary|ada@example|5555555555/);
    return error;
  }

  describe('opening a session', () => {
    it('makes one order, which knows what it is for', async () => {
      const session = await open();
      const [order] = orders();
      expect(order).toMatchObject({
        id: session.providerPaymentId,
        amount: 39_800,
        currency: 'MXN',
        customer_info: CUSTOMER,
        metadata: { channel: 'web', paymentId: PAYMENT, operationId: 'operation-1' },
        checkout: { id: session.sessionId, type: 'HostedPayment', url: session.checkoutUrl },
      });
      expect(session.livemode).toBe(false);
      expect(session.embed).toBeUndefined();
      expect(session.expiresAt.getTime()).toBeGreaterThan(Date.now());
    });

    it('S9a says whom physical goods go to, where, and that the way there costs nothing', async () => {
      await open(plan({ shippingContact: SHIPPING_CONTACT, shipping: [{ name: 'Envío', amount: 0n }] }));
      const { shipping_contact: contact, shipping_lines: lines, amount } = orders()[0] ?? {};
      expect(contact).toMatchObject({
        receiver: 'Grace Hopper',
        phone: '+525512345678',
        address: {
          street1: 'Nuevo León 254',
          street2: 'Depto. 404',
          postal_code: '06100',
          city: 'Ciudad de México',
          state: 'CDMX',
          country: 'MX',
        },
      });
      expect(lines?.data).toMatchObject([{ method: 'Envío', amount: 0 }]);
      expect(amount).toBe(39_800);
    });

    it('with all that can be asked for', async () => {
      const line = (name: string, amount: bigint) => [{ name, amount }];
      const session = await open(
        plan({
          ui: 'embedded',
          taxes: line('IVA', 3_200n),
          shipping: line('Estafeta', 9_900n),
          discounts: line('VERANO', 500n),
          installments: [3, 6],
          paymentMethods: ['card', 'apple'],
          onDemand: true,
          threeDs: 'smart',
          capture: 'automatic',
          expiresIn: 3600,
          locale: 'en',
        }),
      );
      expect(session.checkoutUrl).toBe(PAY_URL);
      expect(session.embed).toEqual({ checkoutId: session.sessionId, publicKey: sandbox.publicKey });
      expect(Math.abs(session.expiresAt.getTime() - Date.now() - 3_600_000)).toBeLessThan(60_000);
      expect(orders()[0]).toMatchObject({
        amount: 39_800 + 3_200 + 9_900 - 500,
        checkout: {
          type: 'Integration',
          allowed_payment_methods: ['card', 'apple'],
          monthly_installments_options: [3, 6],
          on_demand_enabled: true,
        },
      });
    });

    it('for a customer that Conekta keeps, or does not', async () => {
      const unknown = plan({ customer: undefined, customerId: 'cus_nobody' });
      const error = await refusalOf(provider.createSession(unknown));
      expect(error.kind).toMatch(/not_found|invalid_request/);
      expect(orders()).toEqual([]);
    });

    it('is refused with a message for the buyer, in the language that was asked for', async () => {
      const spoil = (call: ProviderCall): ProviderCall => {
        const order = { ...Object(call.request.order), line_items: [] };
        return { ...call, request: { ...call.request, order } };
      };
      const spanish = await refusalOf(provider.createSession(spoil(plan())));
      const english = await refusalOf(provider.createSession(spoil(plan({ locale: 'en' }))));
      expect(spanish).toMatchObject({ kind: 'invalid_request', details: { param: 'line_items' } });
      expect(spanish.details.buyerMessage).toMatch(/^Debe/);
      expect(english.details.buyerMessage).toMatch(/^It must/);
      expect(english.toServiceError().details).toMatchObject({ buyerMessage: english.details.buyerMessage });
    });

    it('is refused with another key than Conekta knows, and in another mode than ours', async () => {
      const stranger = newProvider({ privateKey: 'key_canary_of_a_stranger' });
      expect((await refusalOf(stranger.createSession(plan()))).kind).toBe('authentication');
      await sandbox.close();
      sandbox = await startConektaSandbox({ privateKey: PRIVATE_KEY, livemode: true });
      const error = await refusalOf(newProvider().createSession(plan()));
      expect(error).toMatchObject({ kind: 'authentication', details: { providerCode: 'livemode_mismatch' } });
    });
  });

  describe('an answer that does not come', () => {
    const ACTED: FaultRule[] = [{ kind: 'reset_after_acting' }, { kind: 'truncated_json' }];
    const NOT_ACTED: FaultRule[] = [
      { kind: 'reset_before' },
      { kind: 'html_200' },
      { kind: 'status', status: 500 },
      { kind: 'status', status: 503 },
    ];

    it.each([...ACTED, ...NOT_ACTED])('leaves one order in the end: %j', async (fault) => {
      const call = plan();
      sandbox.faults.add({ ...fault, method: 'POST', path: '/orders', exact: true });
      expect(await provider.createSession(call)).toMatchObject({ known: false });
      expect(orders()).toHaveLength(ACTED.includes(fault) ? 1 : 0);
      const session = await open(again(call));
      expect(orders().map(({ id }) => id)).toEqual([session.providerPaymentId]);
      expect(await open(again(call))).toEqual(session);
    });

    it('leaves one order when it is only late', async () => {
      const call = plan();
      const hurried = newProvider({ timeoutMs: 300 });
      sandbox.faults.add({ kind: 'hang_after_acting', method: 'POST', path: '/orders', exact: true });
      expect(await hurried.createSession(call)).toMatchObject({ known: false, error: { retryable: true } });
      const session = await open(again(call));
      expect(openOrders().map(({ id }) => id)).toEqual([session.providerPaymentId]);
    });

    it('leaves one order that can be paid when the first request arrives after the second', async () => {
      const call = plan();
      const hurried = newProvider({ timeoutMs: 300 });
      sandbox.faults.add({ kind: 'delay', delayMs: 1_200, method: 'POST', path: '/orders', exact: true });
      expect(await hurried.createSession(call)).toMatchObject({ known: false });
      expect(orders()).toEqual([]);
      // The second looks, finds none, and is slow itself, so that the first is there before it.
      sandbox.faults.add({ kind: 'delay', delayMs: 2_500, method: 'POST', path: '/orders', exact: true });
      const session = await open(again(call));
      expect(orders()).toHaveLength(2);
      expect(openOrders().map(({ id }) => id)).toEqual([session.providerPaymentId]);
      expect(await open(again(call))).toEqual(session);
      expect(orders()).toHaveLength(2);
    });

    it('leaves the order that was paid meanwhile, and no other', async () => {
      const call = plan();
      sandbox.faults.add({ kind: 'reset_after_acting', method: 'POST', path: '/orders', exact: true });
      await provider.createSession(call);
      const [order] = orders();
      await sandbox.payWithCard(order?.id ?? '');
      const session = await open(again(call));
      expect(session.providerPaymentId).toBe(order?.id);
      expect(orders()).toHaveLength(1);
    });

    it('is looked for among more orders than fit on a page', async () => {
      const call = plan();
      const session = await open(call);
      for (let at = 0; at < 105; at += 1) await open(plan({ paymentId: `other-${at}` }, `other-${at}`));
      expect(await open(again(call))).toEqual(session);
      expect(orders()).toHaveLength(106);
    });

    it('is not replaced where Conekta cannot be asked', async () => {
      const call = plan();
      sandbox.faults.add({ kind: 'status', status: 500, method: 'GET', path: '/orders', count: 0 });
      expect((await refusalOf(provider.createSession(again(call)))).retryable).toBe(true);
      expect(orders()).toEqual([]);
    });

    it('is a wait that Conekta asks for, when it says so', async () => {
      const slow: FaultRule = {
        kind: 'status',
        status: 429,
        retryAfterSeconds: 3,
        method: 'POST',
        path: '/orders',
      };
      sandbox.faults.add(slow);
      const error = await refusalOf(provider.createSession(plan()));
      expect(error).toMatchObject({ kind: 'rate_limited', retryable: true, details: { retryAfterMs: 3000 } });
      expect(orders()).toEqual([]);
    });

    it('is a refusal where nobody is there', async () => {
      const call = plan();
      await sandbox.close();
      const error = await refusalOf(provider.createSession(call));
      expect(error).toMatchObject({ kind: 'unavailable', retryable: true });
      sandbox = await startConektaSandbox();
    });
  });

  describe('closing a session', () => {
    it('leaves nothing that can be paid, and says the same when asked again', async () => {
      const session = await open();
      expect(await close(session)).toEqual({ known: true, value: { paid: false } });
      expect(await close(session)).toEqual({ known: true, value: { paid: false } });
      expect(openOrders()).toEqual([]);
      await expect(sandbox.payWithCard(session.sessionId)).rejects.toThrow();
      expect(namesOf(await provider.retrieve({ provider: 'conekta', ...session }))).toEqual([
        'opened',
        'canceled',
      ]);
    });

    it('finds out that it was paid, or that a voucher or a CLABE is out', async () => {
      const paid = await open();
      await sandbox.payWithCard(paid.sessionId);
      const cash = await open(plan({}, 'operation-2'));
      await sandbox.issueCash(cash.sessionId);
      const transfer = await open(plan({}, 'operation-3'));
      await sandbox.issueTransfer(transfer.sessionId);
      for (const session of [paid, cash, transfer]) {
        expect(await close(session)).toEqual({ known: true, value: { paid: true } });
      }
      await sandbox.payVoucher(cash.sessionId);
      expect(namesOf(await provider.retrieve({ provider: 'conekta', ...cash }))).toContain('succeeded');
    });

    it('has nothing to close once it or its voucher ran out', async () => {
      const session = await open();
      await sandbox.expire(session.sessionId);
      expect(await close(session)).toEqual({ known: true, value: { paid: false } });
    });

    it('closes one whose card was declined, or whose bank still asks', async () => {
      const declined = await open();
      await sandbox.payWithCard(declined.sessionId, { number: '4000000000000002' });
      expect(await close(declined)).toEqual({ known: true, value: { paid: false } });
      const asked = await open(plan({ threeDs: 'strict' }, 'operation-2'));
      expect((await sandbox.payWithCard(asked.sessionId)).outcome).toEqual({ kind: 'challenge' });
      expect(await close(asked)).toEqual({ known: true, value: { paid: false } });
      await expect(sandbox.answerChallenge(asked.sessionId, true)).rejects.toThrow();
    });

    it.each(['reset_after_acting', 'truncated_json', 'reset_before', 'html_200'] as const)(
      'is in doubt after %s, until it is asked again',
      async (kind) => {
        const session = await open();
        sandbox.faults.add({ kind, method: 'POST', path: `/orders/${session.providerPaymentId}/cancel` });
        expect(await close(session)).toMatchObject({ known: false });
        expect(await close(session)).toEqual({ known: true, value: { paid: false } });
        expect(openOrders()).toEqual([]);
      },
    );

    it('is refused for one that does not exist', async () => {
      const nobody = { ...(await open()), providerPaymentId: 'ord_nobody' };
      expect((await refusalOf(close(nobody))).kind).toBe('not_found');
    });
  });

  describe('webhook endpoints', () => {
    it('are made with the key that Conekta then signs with, rotated, and deleted', async () => {
      const url = `${receiver.url}webhooks/conekta`;
      const made = known(await provider.endpoints.create(url, provider.endpoints.events));
      expect(made.endpoint).toMatchObject({ url, active: true, livemode: false });
      sandbox.setWebhooks([]);
      const second = known(await provider.endpoints.create(url, ['webhook_ping']));
      known(await provider.endpoints.ping(second.endpoint.remoteId));
      await sandbox.delivery.settled();
      const ping = receiver.deliveries.at(-1);
      if (ping === undefined) throw new Error('no ping came');
      const verify = (registeredKeys: string[]) => () =>
        provider.verify({ ...ping, query: '', now: new Date(), registeredKeys });
      expect(verify([second.key.value])()).toMatchObject({ type: 'webhook_ping' });
      expect(verify([])).toThrow();

      const rotated = known(await provider.endpoints.rotateKey(second.endpoint));
      expect(rotated.endpoint).toEqual(second.endpoint);
      expect(sandbox.publicKeyPem.trim()).toBe(rotated.key.value.trim());
      known(await provider.endpoints.retireKey(second));
      expect(sandbox.keys.map(({ id }) => id)).not.toContain(second.key.remoteId);
      known(await provider.endpoints.delete(second.endpoint.remoteId));
      expect(await provider.endpoints.list()).toEqual([]);
    });

    it.each(['reset_after_acting', 'truncated_json'] as const)(
      'are made once, with one key, after %s',
      async (kind) => {
        sandbox.setWebhooks([]);
        const before = sandbox.keys.length;
        sandbox.faults.add({ kind, method: 'POST', path: '/webhook_keys' });
        sandbox.faults.add({ kind, method: 'POST', path: '/webhooks' });
        const { endpoint, key } = known(await provider.endpoints.create(receiver.url, []));
        expect(await provider.endpoints.list()).toEqual([endpoint]);
        expect(sandbox.keys).toHaveLength(before + 1);
        expect(sandbox.publicKeyPem.trim()).toBe(key.value.trim());
      },
    );

    it('leave no key behind when the webhook is refused', async () => {
      const before = sandbox.keys.length;
      sandbox.setWebhooks(Array.from({ length: 10 }, (_, at) => `${receiver.url}${at}`));
      expect((await refusalOf(provider.endpoints.create(receiver.url, []))).kind).toBe('invalid_request');
      expect(sandbox.keys).toHaveLength(before);
      const existing = await provider.endpoints.list();
      expect(() => provider.endpoints.check(receiver.url, [], existing)).toThrow('at most 10');
    });
  });
});
