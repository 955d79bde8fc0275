import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { ServiceError } from '../../src/kernel/errors.js';
import type { Fact } from '../../src/providers/facts.js';
import { type OpenedSession, PAYMENT_METHODS, type SessionInput } from '../../src/providers/payment.ports.js';
import type { ProviderCall } from '../../src/providers/provider.calls.js';
import { ProviderError } from '../../src/providers/provider.errors.js';
import { can, type Capability } from '../../src/providers/provider.port.js';
import type { WebhookEvent } from '../../src/providers/webhook.ports.js';
import { type Delivery, known, sessionInput } from '../support/stripe/adapter.bed.js';
import { openStage, type ProviderStage, STAGES } from './provider.stage.js';

const CUSTOMER = { name: 'Ana Pérez', email: 'ana@example.com', phone: '+525512345678' };

const NOT_AUTHENTIC = { code: 'signature_invalid' };

/** What every adapter owes the service, whichever provider is behind it. */
describe.each(STAGES)('the adapter of %s', (name) => {
  let stage: ProviderStage;
  beforeEach(async () => {
    stage = await openStage(name);
  });
  afterEach(() => stage.close());

  /** 300 pesos: above every provider's minimum, and on a voucher too. */
  const input = (changes: Partial<SessionInput> = {}): SessionInput =>
    sessionInput({ paymentId: randomUUID(), customer: CUSTOMER, ...changes }, 'MXN', 15_000n);
  /** As it is recorded: what was planned comes back from a database. */
  const plan = (changes: Partial<SessionInput> = {}): ProviderCall => ({
    operationId: randomUUID(),
    request: JSON.parse(JSON.stringify(stage.provider.sessionRequest(input(changes)))),
  });
  const open = async (call = plan()): Promise<OpenedSession> =>
    known(await stage.provider.createSession(call));

  const verify = async (delivery: Delivery, registeredKeys: string[] = []): Promise<WebhookEvent> =>
    stage.provider.verify({ ...delivery, query: '', now: new Date(), registeredKeys });
  const refusalOf = (act: () => unknown): string => {
    try {
      act();
    } catch (error) {
      if (error instanceof ServiceError) return error.code;
      throw error;
    }
    return 'nothing was refused';
  };
  const factsOf = async (event: WebhookEvent): Promise<readonly Fact[]> => {
    const facts = stage.provider.factsOf(event, undefined);
    // What may need a read is told beforehand.
    if (facts instanceof Promise) expect(stage.provider.mayNeedRead(event)).toBe(true);
    return facts;
  };
  const told = async (): Promise<Fact[]> => {
    await stage.delivery.settled();
    const facts: Fact[] = [];
    for (const delivery of stage.receiver.deliveries) facts.push(...(await factsOf(await verify(delivery))));
    return facts;
  };
  /** What is left of facts that say the same: the names, each once. */
  const names = (facts: readonly Fact[]): string[] =>
    [
      ...new Set(facts.map((fact) => (fact.kind === 'payment' ? fact.name : `${fact.kind} ${fact.status}`))),
    ].sort();

  describe('verifies a webhook', () => {
    const body = JSON.stringify({
      id: 'evt_0123456789abcdef',
      object: 'event',
      type: 'some.event',
      livemode: false,
      data: {},
    });

    it('that the provider has signed, and no other', async () => {
      const rawHeaders = stage.sign(body, 'provider');
      expect(await verify({ body: Buffer.from(body), rawHeaders })).toMatchObject({
        provider: name,
        type: 'some.event',
      });
      const forged: Delivery[] = [
        { body: Buffer.from(body), rawHeaders: stage.sign(body, 'stranger') },
        { body: Buffer.from(body), rawHeaders: [] },
        { body: Buffer.from(body), rawHeaders: [...rawHeaders, ...rawHeaders] },
        { body: Buffer.from(body), rawHeaders: [rawHeaders[0] ?? '', ''] },
        { body: Buffer.from(body.replace('some', 'evil')), rawHeaders },
        { body: Buffer.from(` ${body}`), rawHeaders },
        { body: Buffer.from(''), rawHeaders },
        { body: Buffer.from(`\uFEFF${body}`), rawHeaders: stage.sign(`\uFEFF${body}`, 'provider') },
        { body: Buffer.from('null'), rawHeaders: stage.sign('null', 'provider') },
        { body: Buffer.from('{}'), rawHeaders: stage.sign('{}', 'provider') },
      ];
      for (const delivery of forged) await expect(verify(delivery)).rejects.toMatchObject(NOT_AUTHENTIC);
    });

    it('of another provider never', async () => {
      const other = await openStage(name === 'stripe' ? 'conekta' : 'stripe');
      try {
        const delivery = { body: Buffer.from(body), rawHeaders: other.sign(body, 'provider') };
        await expect(verify(delivery)).rejects.toMatchObject(NOT_AUTHENTIC);
      } finally {
        await other.close();
      }
    });

    it('to the same event when it is replayed, and to the same facts', async () => {
      const session = await open();
      await stage.pay(session.sessionId);
      await stage.delivery.settled();
      const before = stage.receiver.deliveries.length;
      const first = await told();
      for (const { id } of stage.events()) stage.delivery.resend(id);
      await stage.delivery.settled();
      const events = await Promise.all(stage.receiver.deliveries.map((delivery) => verify(delivery)));
      expect(events.length).toBe(before * 2);
      expect(new Set(events.map(({ eventId }) => eventId)).size).toBe(before);
      const again = await told();
      expect(names(again)).toEqual(names(first));
      expect(names(again)).toContain('succeeded');
    });
  });

  describe('makes a session once', () => {
    it.each(['reset_after_acting', 'truncated_json'] as const)(
      'when the answer is lost by %s and the same operation is sent again',
      async (kind) => {
        const call = plan();
        stage.faults.add({ kind, method: 'POST', path: stage.paths.session, count: 2 });
        expect(await stage.provider.createSession(call)).toMatchObject({ known: false });
        stage.faults.clear();
        const session = await open({ ...call, sentBefore: new Date() });
        expect(await open({ ...call, sentBefore: new Date() })).toMatchObject({
          sessionId: session.sessionId,
        });
        expect(stage.made().sessions).toBe(1);
      },
    );

    it('when the answer does not come in time', async () => {
      const hurried = await openStage(name, { timeoutMs: 200 });
      try {
        const call = plan();
        hurried.faults.add({
          kind: 'hang_after_acting',
          method: 'POST',
          path: hurried.paths.session,
          count: 2,
        });
        expect(await hurried.provider.createSession(call)).toMatchObject({ known: false });
        hurried.faults.clear();
        known(await hurried.provider.createSession({ ...call, sentBefore: new Date() }));
        expect(hurried.made().sessions).toBe(1);
      } finally {
        hurried.faults.release();
        await hurried.close();
      }
    });

    it('and does not know whether it did after a 5xx, but knows that it did not after a refusal', async () => {
      stage.faults.add({ kind: 'status', status: 500, method: 'POST', path: stage.paths.session, count: 0 });
      expect(await stage.provider.createSession(plan())).toMatchObject({ known: false });
      stage.faults.clear();
      stage.faults.add({ kind: 'status', status: 429, method: 'POST', path: stage.paths.session, count: 0 });
      await expect(stage.provider.createSession(plan())).rejects.toMatchObject({ kind: 'rate_limited' });
    });

    it('and closes it once, unless it is paid', async () => {
      const [unpaid, paid] = [await open(), await open()];
      const close = async ({ sessionId, providerPaymentId }: OpenedSession) =>
        known(
          await stage.provider.expireSession(
            { operationId: randomUUID(), request: {} },
            { sessionId, providerPaymentId },
          ),
        );
      expect(await close(unpaid)).toEqual({ paid: false });
      expect(await close(unpaid)).toEqual({ paid: false });
      await expect(stage.pay(unpaid.sessionId)).rejects.toThrow();
      await stage.pay(paid.sessionId);
      expect(await close(paid)).toEqual({ paid: true });
    });
  });

  describe('counts money', () => {
    it('in minor units, taxes, shipping and discounts included', async () => {
      const session = await open(
        plan({
          taxes: [{ name: 'IVA', amount: 4_800n }],
          shipping: [{ name: 'Envío', amount: 9_901n }],
          discounts: [{ name: 'Bienvenida', amount: 1_001n }],
        }),
      );
      await stage.pay(session.sessionId);
      const successes = (await told()).filter((fact) => fact.kind === 'payment' && fact.name === 'succeeded');
      expect(successes.length).toBeGreaterThan(0);
      for (const fact of successes) {
        expect(fact).toMatchObject({ money: { amount: 43_700n, currency: 'MXN' }, livemode: false });
      }
    });

    it('back, never beyond what came in, and each refund under its own id', async () => {
      const session = await open();
      await stage.pay(session.sessionId);
      await stage.refund(session.sessionId, 10_000);
      await expect(stage.refund(session.sessionId, 20_001)).rejects.toThrow();
      await stage.refund(session.sessionId, 20_000);
      const refunds = (await told()).filter((fact) => fact.kind === 'refund');
      const byId = new Map(refunds.map((fact) => [fact.refundId, fact.money]));
      expect([...byId.values()].map(({ amount }) => amount).sort()).toEqual([10_000n, 20_000n]);
      expect([...byId.values()].every(({ currency }) => currency === 'MXN')).toBe(true);
    });

    describe('of a hold', () => {
      const held = async (): Promise<OpenedSession> => {
        const session = await open(plan({ capture: 'manual', paymentMethods: ['card'] }));
        await stage.pay(session.sessionId);
        return session;
      };
      /** By its webhooks, and by a read. */
      const both = async ({ sessionId, providerPaymentId }: OpenedSession): Promise<Fact[]> => [
        ...(await told()),
        ...(await stage.provider.retrieve({ provider: name, sessionId, providerPaymentId })),
      ];
      const isRefund = (fact: Fact): boolean => fact.kind === 'refund' && fact.neverCaptured !== true;

      it('T8s of which a part is taken, and of the rest nothing as a refund', async () => {
        const session = await held();
        await stage.capture(session.sessionId, 20_000);
        const facts = await both(session);
        expect(facts.filter(isRefund)).toEqual([]);
        const taken = facts.filter((fact) => fact.kind === 'payment' && fact.name === 'succeeded');
        expect(taken.length).toBeGreaterThan(1);
        for (const fact of taken) expect(fact.money).toEqual({ amount: 20_000n, currency: 'MXN' });
      });

      it('T9s that is let go of as released: neither a success nor a refund', async () => {
        const session = await held();
        await stage.releaseHold(session.sessionId);
        const facts = await both(session);
        expect(facts.filter(isRefund)).toEqual([]);
        expect(names(facts.filter(({ kind }) => kind === 'payment'))).not.toContain('succeeded');
        expect(facts.filter(({ kind }) => kind === 'payment').at(-1)).toMatchObject({ name: 'canceled' });
      });
    });

    it("T10s of a dispute that was lost and is won after all, with the stage in the provider's own words", async () => {
      const { sessionId, providerPaymentId } = await open();
      await stage.pay(sessionId);
      const standing = async (): Promise<unknown> => {
        const facts = await stage.provider.retrieve({ provider: name, sessionId, providerPaymentId });
        return facts.filter(({ kind }) => kind === 'dispute');
      };
      await stage.dispute(sessionId, 'open');
      expect(await standing()).toMatchObject([
        { status: 'open', inquiry: false, stage: expect.stringMatching(/^\w+$/) },
      ]);
      await stage.dispute(sessionId, 'lost');
      expect(await standing()).toMatchObject([{ status: 'lost', stage: 'lost' }]);
      await stage.dispute(sessionId, 'won');
      expect(await standing()).toMatchObject([{ status: 'won', stage: 'won' }]);
    });

    it('only in currencies that it takes, and says so by the field', () => {
      const act = () =>
        stage.provider.sessionRequest({ ...input(), money: { amount: 30_000n, currency: 'XAU' } });
      expect(refusalOf(act)).toBe('currency_not_supported');
    });
  });

  it('tells by a read what its webhooks told', async () => {
    const session = await open();
    await stage.pay(session.sessionId);
    const { sessionId, providerPaymentId } = session;
    const read = await stage.provider.retrieve({ provider: name, sessionId, providerPaymentId });
    expect(names(read)).toContain('succeeded');
    const success = read.find((fact) => fact.kind === 'payment' && fact.name === 'succeeded');
    const hook = (await told()).find((fact) => fact.kind === 'payment' && fact.name === 'succeeded');
    expect(success?.ref.chargeId).toEqual(expect.any(String));
    expect(success?.ref.chargeId).toBe(hook?.ref.chargeId);
    expect(success?.ref.paymentId).toBe(hook?.ref.paymentId);
  });

  it('gives no key away in an error', async () => {
    stage.faults.add({ kind: 'status', status: 401, method: 'POST', path: stage.paths.session, count: 0 });
    const error: unknown = await stage.provider.createSession(plan()).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(ProviderError);
    expect(`${JSON.stringify(error)}${String(error)}`).not.toMatch(/sk_test|key_|Bearer/);
  });

  describe('says what it can do', () => {
    const ASKS: [Capability, Partial<SessionInput>][] = [
      ['hosted_checkout', { ui: 'hosted' }],
      ['embedded_checkout', { ui: 'embedded' }],
      ['manual_capture', { capture: 'manual', paymentMethods: ['card'] }],
      ['installments', { installments: [3], paymentMethods: ['card'] }],
      ['taxes', { taxes: [{ name: 'IVA', amount: 1n }] }],
      ['shipping', { shipping: [{ name: 'Envío', amount: 1n }] }],
      ['discounts', { discounts: [{ name: 'Bienvenida', amount: 1n }] }],
      ['existing_customer', { customer: undefined, customerId: 'cus_0123456789' }],
      ['on_demand', { onDemand: true, paymentMethods: ['card'] }],
      ['three_ds_mode', { threeDs: 'smart' }],
      ...PAYMENT_METHODS.map((method): [Capability, Partial<SessionInput>] => [
        `method:${method}`,
        { paymentMethods: [method] },
      ]),
    ];

    it.each(ASKS)('honestly: %s', async (capability, changes) => {
      if (stage.provider.capabilities.has(capability)) {
        expect(() => plan(changes)).not.toThrow();
      } else {
        expect(refusalOf(() => plan(changes))).toBe('capability_not_supported');
      }
    });

    it('S12d and about return URLs: only Stripe writes the id of a session into them', () => {
      const { capabilities } = stage.provider;
      expect(capabilities.has('session_id_in_urls')).toBe(name === 'stripe');
      if (name !== 'stripe') return;
      const successUrl = 'https://shop.example/ok?session={CHECKOUT_SESSION_ID}';
      expect(plan({ successUrl }).request).toMatchObject({ session: { success_url: successUrl } });
    });

    it('and shows its checkout by a script that can stand in any page', async () => {
      const { provider } = stage;
      if (!can(provider, 'embeddedCheckout')) return;
      const { embed, checkoutUrl } = await open(plan({ ui: 'embedded' }));
      expect(checkoutUrl).toBe(input().payUrl);
      for (const language of ['es', 'en'] as const) {
        const checkout = provider.embeddedCheckout(embed ?? {}, language);
        expect(checkout.driver).not.toMatch(/<\/script|<!--|\r/i);
        expect(Object.values(checkout.config).every((text) => text !== '')).toBe(true);
        const origins = Object.values(checkout.sources).filter(Array.isArray).flat();
        for (const origin of [checkout.scriptUrl, ...origins]) expect(URL.canParse(origin)).toBe(true);
      }
    });

    it('and has the interfaces that it claims', () => {
      const { provider } = stage;
      expect(can(provider, 'embeddedCheckout')).toBe(provider.capabilities.has('embedded_checkout'));
      expect(can(provider, 'endpoints')).toBe(provider.capabilities.has('webhook_endpoints'));
      expect(can(provider, 'customers')).toBe(provider.capabilities.has('customers'));
      expect(can(provider, 'plans')).toBe(provider.capabilities.has('plans'));
      expect(can(provider, 'subscriptions')).toBe(provider.capabilities.has('subscriptions'));
      expect(can(provider, 'charges')).toBe(provider.capabilities.has('direct_charges'));
      expect(can(provider, 'cardSetups')).toBe(provider.capabilities.has('card_setups'));
      expect(provider).toMatchObject({ name, livemode: false });
    });
  });
});
