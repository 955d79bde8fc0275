import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { eq, sql } from 'drizzle-orm';
import { DomainBed } from '../../../test/support/domain/domain.bed.js';
import { paymentFact } from '../../../test/support/domain/facts.js';
import { sessionRequest } from '../../../test/support/domain/requests.js';
import { migratedDatabase, type MigratedDatabase } from '../../../test/support/outbox/migrated.database.js';
import { providerOperations } from '../../operations/operation.tables.js';
import type { SessionCommand } from './session.command.js';

const HOUR_S = 3_600;

describe('a checkout session', () => {
  let home: MigratedDatabase;
  let bed: DomainBed;
  beforeAll(async () => {
    Logger.overrideLogger(false);
    home = await migratedDatabase();
  });
  afterAll(() => home.drop());
  beforeEach(async () => {
    await home.database.db.execute(sql`truncate payments, provider_operations`);
    bed = new DomainBed(home.database);
    await bed.clock.advance(0);
  });

  const open = (request: SessionCommand, caller = 'shop') => bed.sessions.open(request, caller);
  const codeOf = async (work: Promise<unknown>): Promise<unknown> => {
    const error: unknown = await work.then(
      () => undefined,
      (caught: unknown) => caught,
    );
    return typeof error === 'object' && error !== null && 'code' in error ? error.code : error;
  };
  const verbs = () => bed.provider.calls.map((call) => call.split(' ')[0]);
  const operationsOf = (paymentId: string) =>
    home.database.db.select().from(providerOperations).where(eq(providerOperations.subjectId, paymentId));
  const other = (request: SessionCommand): SessionCommand => ({
    ...request,
    money: { amount: 500n, currency: 'USD' },
    items: [{ name: 'Mouse', unitAmount: 500n, quantity: 1 }],
  });

  it('is opened once for the same content, one after the other and all at once', async () => {
    const request = sessionRequest();
    const first = await open(request);
    const again = await Promise.all(Array.from({ length: 10 }, () => open(request)));
    expect(new Set(again.map(({ id, checkoutUrl }) => `${id} ${checkoutUrl}`))).toEqual(
      new Set([`${first.id} ${first.checkoutUrl}`]),
    );
    const fresh = sessionRequest();
    const rows = await Promise.all(Array.from({ length: 10 }, () => open(fresh)));
    expect(new Set(rows.map(({ id }) => id)).size).toBe(1);
    expect(verbs()).toEqual(['create', 'create']);
  });

  it('is recorded, call and all, before the provider is asked', async () => {
    const request = sessionRequest();
    let recorded: unknown;
    bed.provider.meanwhile = async () => {
      const [payment] = await bed.paymentsOf(request.orderId);
      const [operation] = await operationsOf(payment?.id ?? '');
      recorded = { status: payment?.status, operation: operation?.state, request: operation?.request };
    };
    const payment = await open(request);
    expect(recorded).toMatchObject({
      status: 'created',
      operation: 'sent',
      request: { paymentId: payment.id, orderId: request.orderId, amount: '1999' },
    });
    expect(await operationsOf(payment.id)).toMatchObject([{ state: 'done', leaseUntil: null }]);
  });

  it('S12d returns to an address with the session’s id, or with ours where the provider writes none', async () => {
    const successUrl = 'https://shop.example/ok?session_id={CHECKOUT_SESSION_ID}';
    const wished = { successUrl, cancelUrl: `${successUrl}&no` };
    const payment = await open(sessionRequest(wished));
    const filled = {
      successUrl: `https://shop.example/ok?session_id=${payment.id}`,
      cancelUrl: `https://shop.example/ok?session_id=${payment.id}&no`,
    };
    expect(payment).toMatchObject(filled);
    expect((await operationsOf(payment.id))[0]?.request).toMatchObject(filled);
    Object.assign(bed.provider, { capabilities: new Set(['session_id_in_urls']) });
    const left = await open(sessionRequest(wished));
    expect(left).toMatchObject(wished);
    expect((await operationsOf(left.id))[0]?.request).toMatchObject(wished);
  });

  it('with other content closes the open one at the provider first', async () => {
    const request = sessionRequest();
    const first = await open(request);
    const second = await open(other(request));
    expect(verbs()).toEqual(['create', 'expire', 'retrieve', 'create']);
    expect(await bed.payment(first.id)).toMatchObject({
      status: 'canceled',
      closedBy: 'us',
      nextCheckAt: null,
    });
    expect(second).toMatchObject({ status: 'created', amount: 500n });
    expect((await bed.slot(request.orderId))?.openPaymentId).toBe(second.id);
    expect(await bed.eventTypes(request.orderId)).toEqual([
      'payment.created',
      'payment.canceled',
      'payment.created',
    ]);
  });

  it.each<[string, Partial<SessionCommand>]>([
    ['metadata', { metadata: { table: '4' } }],
    ['the customer', { customer: { email: 'other@example.com' } }],
    ['the return URL', { successUrl: 'https://shop.example/other' }],
    ['the locale', { locale: 'es' }],
    ['a name', { items: [{ name: 'Keyboard!', unitAmount: 1_999n, quantity: 1 }] }],
    ['how the money is taken', { capture: 'manual' }],
  ])('differs by %s', async (_what, change) => {
    const request = sessionRequest();
    const first = await open(request);
    const second = await open({ ...request, ...change });
    expect(second.id).not.toBe(first.id);
  });

  it('close to its end is not handed out again', async () => {
    const request = sessionRequest();
    const first = await open(request);
    await bed.clock.advance(24 * HOUR_S - 30);
    const second = await open(request);
    expect(second.id).not.toBe(first.id);
    expect((await bed.payment(first.id)).status).toBe('canceled');
  });

  it('is refused for an order that is paid, in review, or being paid', async () => {
    const paid = await open(sessionRequest());
    await bed.apply(paymentFact(paid, 'succeeded'));
    expect(await codeOf(open(sessionRequest({ orderId: paid.orderId })))).toBe('order_already_paid');
    const review = await open(sessionRequest());
    await bed.apply(paymentFact(review, 'succeeded', { money: { amount: 1n, currency: 'USD' } }));
    expect(await codeOf(open(sessionRequest({ orderId: review.orderId })))).toBe('order_already_paid');
    const request = sessionRequest();
    const pending = await open(request);
    await bed.apply(paymentFact(pending, 'pending'));
    expect(await codeOf(open(other(request)))).toBe('order_payment_pending');
    expect((await open(request)).id).toBe(pending.id);
    expect(verbs()).toEqual(['create', 'create', 'create']);
  });

  it('is waited for while another request makes it', async () => {
    const request = sessionRequest();
    const { operation, payment } = await reserveElsewhere(request);
    let patience = 3;
    const sleep = bed.clock.sleep.bind(bed.clock);
    bed.clock.sleep = async (ms) => {
      patience -= 1;
      if (patience === 0) await bed.executor.execute(operation, 'api:other');
      await sleep(ms);
    };
    expect((await open(request)).id).toBe(payment.id);
    expect(patience).toBe(0);
    expect(verbs()).toEqual(['create']);
  });

  it('that another request makes for too long is in doubt', async () => {
    const request = sessionRequest();
    const { payment } = await reserveElsewhere(request);
    const failure = open(request);
    await expect(failure).rejects.toMatchObject({
      code: 'operation_in_doubt',
      details: { paymentId: payment.id },
    });
    expect(verbs()).toEqual([]);
  });

  const reserveElsewhere = async (request: SessionCommand) => {
    const operation = await bed.dying(() => open(request));
    return { operation, payment: await bed.payment(operation.subjectId) };
  };

  it('that a crashed process began is finished with the very call that it recorded', async () => {
    const request = sessionRequest();
    const { payment, operation } = await reserveElsewhere(request);
    await bed.clock.advance(31);
    const resumed = await open(request);
    expect(resumed.id).toBe(payment.id);
    expect(bed.provider.sessions[0]?.sessionId).toContain(operation.id);
    expect(verbs()).toEqual(['create']);
  });

  it('that a crashed process began for other content is finished, and then closed', async () => {
    const request = sessionRequest();
    const { payment } = await reserveElsewhere(request);
    await bed.clock.advance(31);
    const second = await open(other(request));
    expect(second.id).not.toBe(payment.id);
    expect((await bed.payment(payment.id)).status).toBe('canceled');
    expect(verbs()).toEqual(['create', 'expire', 'retrieve', 'create']);
  });

  it.each(['lost', 'vanished'] as const)(
    'whose answer is %s is unknown, and becomes one session',
    async (answer) => {
      const request = sessionRequest();
      bed.provider.answers = [answer];
      await expect(open(request)).rejects.toMatchObject({
        code: 'unknown_outcome',
        status: 503,
        details: { paymentId: expect.any(String) },
      });
      const [payment] = await bed.paymentsOf(request.orderId);
      expect(payment?.status).toBe('unknown');
      // Not yet: the first call may still be on its way.
      expect(await bed.janitor.runOnce()).toBe(0);
      await bed.clock.advance(16);
      expect(await bed.janitor.runOnce()).toBe(1);
      expect(await bed.payment(payment?.id ?? '')).toMatchObject({
        status: 'created',
        checkoutUrl: expect.any(String),
      });
      expect(bed.provider.sessions).toHaveLength(1);
      expect((await open(request)).id).toBe(payment?.id);
      expect(await bed.eventTypes(request.orderId)).toEqual(['payment.created']);
    },
  );

  it('that the provider refuses on the merits has failed, and the order is free again', async () => {
    const request = sessionRequest();
    bed.provider.answers = ['invalid_request'];
    expect(await codeOf(open(request))).toBe('provider_rejected');
    const [refused] = await bed.paymentsOf(request.orderId);
    expect(refused).toMatchObject({ status: 'failed', closedBy: 'us' });
    const second = await open(request);
    expect(second.id).not.toBe(refused?.id);
    expect(await bed.eventTypes(request.orderId)).toEqual([
      'payment.created',
      'payment.failed',
      'payment.created',
    ]);
  });

  it('that is turned away for our pace or our key, when it is sent again, stays unknown: the first sending may have worked', async () => {
    const request = sessionRequest();
    bed.provider.answers = ['lost', 'rate_limited', 'authentication'];
    await codeOf(open(request));
    const [payment] = await bed.paymentsOf(request.orderId);
    for (let round = 0; round < 2; round += 1) {
      await bed.clock.advance(31);
      await bed.janitor.runOnce();
      expect((await bed.payment(payment?.id ?? '')).status).toBe('unknown');
    }
    await bed.clock.advance(61);
    await bed.janitor.runOnce();
    expect((await bed.payment(payment?.id ?? '')).status).toBe('created');
    expect(bed.provider.sessions).toHaveLength(1);
  });

  it('in doubt is sent again as it was, with the word that it was sent before, and when', async () => {
    const request = sessionRequest();
    bed.provider.answers = ['lost'];
    await codeOf(open(request));
    const [sent] = await home.database.db.select().from(providerOperations);
    await bed.clock.advance(24 * HOUR_S);
    await bed.janitor.runOnce();
    expect(verbs()).toEqual(['create', 'create']);
    expect(bed.provider.sentBefore).toEqual([undefined, sent?.firstSentAt]);
    expect(bed.provider.sessions).toHaveLength(1);
    const [payment] = await bed.paymentsOf(request.orderId);
    expect(payment).toMatchObject({ status: 'created', sessionId: bed.provider.sessions[0]?.sessionId });
  });

  it('that turns out to be paid while we close it counts', async () => {
    const request = sessionRequest();
    const first = await open(request);
    const [session] = bed.provider.sessions;
    if (session !== undefined) session.state = 'paid';
    bed.provider.truth = () => [paymentFact(first, 'succeeded')];
    expect(await codeOf(open(other(request)))).toBe('order_already_paid');
    expect(await bed.payment(first.id)).toMatchObject({ status: 'succeeded', closedBy: null });
    expect(verbs()).toEqual(['create', 'expire', 'retrieve']);
  });

  it('that is being paid while we close it is left alone, and the provider not asked again and again', async () => {
    const request = sessionRequest();
    const first = await open(request);
    const [session] = bed.provider.sessions;
    if (session !== undefined) session.state = 'paid';
    expect(await codeOf(open(other(request)))).toBe('order_payment_pending');
    expect(verbs()).toEqual(['create', 'expire', 'retrieve']);
    // It was not us who ended it, whatever comes now.
    await bed.apply(paymentFact(first, 'expired'));
    await bed.apply(paymentFact(first, 'succeeded'));
    expect((await bed.payment(first.id)).status).toBe('succeeded');
  });

  it('whose closing is refused stays as it was', async () => {
    const request = sessionRequest();
    const first = await open(request);
    bed.provider.answers = ['authentication'];
    expect(await codeOf(open(other(request)))).toBe('provider_authentication');
    expect(await bed.payment(first.id)).toMatchObject({ status: 'created', closedBy: null });
    expect((await open(other(request))).amount).toBe(500n);
  });

  it('whose closing gets no answer is closed later, and only then replaced', async () => {
    const request = sessionRequest();
    const first = await open(request);
    bed.provider.answers = ['lost'];
    expect(await codeOf(open(other(request)))).toBe('unknown_outcome');
    expect((await bed.paymentsOf(request.orderId)).map(({ id }) => id)).toEqual([first.id]);
    await bed.clock.advance(31);
    await bed.janitor.runOnce();
    expect((await bed.payment(first.id)).status).toBe('canceled');
    expect((await open(other(request))).amount).toBe(500n);
  });

  it('that the provider says has expired, while we wait for the answer to our closing, was closed by us', async () => {
    const request = sessionRequest();
    const first = await open(request);
    bed.provider.meanwhile = async () => {
      bed.provider.meanwhile = () => Promise.resolve();
      await bed.apply(paymentFact(first, 'expired'));
    };
    await open(other(request));
    expect(await bed.payment(first.id)).toMatchObject({ status: 'canceled', closedBy: 'us' });
    await bed.apply(paymentFact(first, 'succeeded'));
    expect(await bed.payment(first.id)).toMatchObject({ status: 'review', reviewReason: 'late_payment' });
  });

  it('that is left open when its order was paid by another one is closed by the janitor', async () => {
    const request = sessionRequest();
    const first = await open(request);
    await bed.apply(paymentFact(first, 'expired'));
    const second = await open(request);
    await bed.apply(paymentFact(first, 'succeeded'));
    await bed.janitor.runOnce();
    expect((await bed.payment(second.id)).status).toBe('canceled');
    expect(bed.provider.sessions.at(-1)?.state).toBe('expired');
    expect((await bed.payment(first.id)).status).toBe('succeeded');
  });

  it('of which nothing was heard for long is asked about, less and less often', async () => {
    const payment = await open(sessionRequest());
    await bed.clock.advance(9 * 60);
    expect(await bed.janitor.runOnce()).toBe(0);
    await bed.clock.advance(2 * 60);
    bed.provider.truth = () => [paymentFact(payment, 'succeeded')];
    expect(await bed.janitor.runOnce()).toBe(1);
    expect(await bed.payment(payment.id)).toMatchObject({ status: 'succeeded', nextCheckAt: null });
    await bed.clock.advance(24 * HOUR_S);
    expect(await bed.janitor.runOnce()).toBe(0);
  });
});
