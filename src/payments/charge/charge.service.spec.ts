import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { eq, sql } from 'drizzle-orm';
import { DomainBed } from '../../../test/support/domain/domain.bed.js';
import { paymentFact } from '../../../test/support/domain/facts.js';
import { sessionRequest } from '../../../test/support/domain/requests.js';
import { migratedDatabase, type MigratedDatabase } from '../../../test/support/outbox/migrated.database.js';
import { providerOperations } from '../../operations/operation.tables.js';
import { outbox } from '../../outbox/outbox.tables.js';
import { chargeAnswer } from './charge.dto.js';
import type { ChargeCommand } from './charge.reader.js';

const HOUR_S = 3_600;

describe('a charge without a checkout page', () => {
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

  const asked = (changes: Partial<ChargeCommand> = {}): ChargeCommand => ({
    provider: bed.provider,
    card: { kind: 'token', token: 'tok_1' },
    orderId: randomUUID(),
    money: { amount: 1_999n, currency: 'USD' },
    items: [{ name: 'Keyboard', unitAmount: 1_999n, quantity: 1 }],
    capture: 'automatic',
    buyerPresent: true,
    metadata: {},
    ...changes,
  });
  const charge = (request: ChargeCommand, id: string = randomUUID()) =>
    bed.charges.charge(id, () => Promise.resolve(request), 'shop');
  const failureOf = (work: Promise<unknown>): Promise<unknown> =>
    work.then(
      () => undefined,
      (error: unknown) => error,
    );
  const verbs = () => bed.provider.calls.map((call) => call.split(' ')[0]);
  /** What the janitor's next round makes of it, that much later. */
  const later = async (seconds: number, id: string) => {
    await bed.clock.advance(seconds);
    await bed.janitor.runOnce();
    return bed.payment(id);
  };

  it('is recorded, call and all, before it is sent, and paid by its answer', async () => {
    const request = asked({ customerId: randomUUID(), metadata: { table: '4' } });
    const id = randomUUID();
    let recorded: unknown;
    bed.provider.charges.meanwhile = async () => {
      const [operation] = await home.database.db.select().from(providerOperations);
      recorded = { status: (await bed.payment(id)).status, ...operation };
    };
    const payment = await charge(request, id);
    expect(recorded).toMatchObject({
      status: 'created',
      kind: 'charge',
      state: 'sent',
      request: {
        paymentId: id,
        amount: '1999',
        returnUrl: `https://pay.example/payments/success?payment=${id}`,
      },
    });
    expect(payment).toMatchObject({
      status: 'succeeded',
      customerId: request.customerId,
      chargeId: `ch_${id}`,
      receiptUrl: `https://pay.example/payments/${id}/receipt`,
    });
    expect(await bed.messages(payment.orderId)).toMatchObject([
      { type: 'payment.created' },
      { type: 'payment.succeeded', data: { customerId: request.customerId, metadata: { table: '4' } } },
      { channel: 'orders', data: { stripePaymentId: `ch_${id}` } },
    ]);
    expect(await bed.slot(payment.orderId)).toMatchObject({ openPaymentId: null, paidPaymentId: id });
  });

  it('for no order is told to everybody but the orders service', async () => {
    const payment = await charge(asked({ orderId: undefined }));
    expect(payment).toMatchObject({ status: 'succeeded', orderId: null });
    const told = await home.database.db.select().from(outbox).where(eq(outbox.key, payment.id));
    expect(told.map(({ channel, subject }) => `${channel} ${subject}`).sort()).toEqual([
      'stream payments.events.payment.created',
      'stream payments.events.payment.succeeded',
    ]);
  });

  it('that is declined has failed, with the words for the buyer, and its order is free', async () => {
    const request = asked();
    bed.provider.charges.fates = ['declined'];
    const payment = await charge(request);
    expect(payment).toMatchObject({
      status: 'failed',
      closedBy: 'provider',
      failure: { reason: 'insufficient_funds', message: 'Sin fondos.' },
    });
    await bed.apply(paymentFact(payment, 'attempt_failed', { attemptId: `ch_${payment.id}` }));
    expect(await bed.eventTypes(payment.orderId)).toEqual([
      'payment.created',
      'payment.attempt_failed',
      'payment.failed',
    ]);
    expect(await charge(request)).toMatchObject({ status: 'succeeded' });
  });

  it('that is declined has failed, too, when a webhook says so before the answer', async () => {
    const [request, id] = [asked(), randomUUID()];
    bed.provider.charges.fates = ['declined'];
    bed.provider.charges.meanwhile = async () => {
      await bed.apply(paymentFact(await bed.payment(id), 'attempt_failed', { attemptId: `ch_${id}` }));
    };
    expect(await charge(request, id)).toMatchObject({
      status: 'failed',
      closedBy: 'provider',
      failure: { message: 'Sin fondos.' },
    });
    expect(await bed.eventTypes(request.orderId ?? '')).toEqual([
      'payment.created',
      'payment.attempt_failed',
      'payment.failed',
    ]);
  });

  describe('for which the bank wants to see the buyer', () => {
    const atTheBank = async () => {
      bed.provider.charges.fates = ['bank'];
      return charge(asked());
    };

    it('leads there while it is open, and is paid as any other', async () => {
      const payment = await atTheBank();
      const url = `https://bank.example/${payment.id}`;
      expect(chargeAnswer(payment, 'https://pay.example')).toMatchObject({
        status: 'pending',
        nextAction: { type: 'redirect', url },
      });
      bed.provider.truth = (ref) =>
        ref.providerPaymentId === `pi_${payment.id}` ? [paymentFact(payment, 'succeeded')] : [];
      const paid = await later(660, payment.id);
      expect(paid.status).toBe('succeeded');
      expect(chargeAnswer(paid, 'https://pay.example').nextAction).toBeNull();
    });

    it('ends with the attempt that the bank declines: there is no page for another one', async () => {
      const payment = await atTheBank();
      const changes = { attemptId: 'ch_1', reason: 'authentication_failed' };
      await bed.apply(paymentFact(payment, 'attempt_failed', changes));
      await bed.apply(paymentFact(payment, 'attempt_failed', changes));
      expect(await bed.payment(payment.id)).toMatchObject({
        status: 'failed',
        closedBy: 'provider',
        failure: { reason: 'authentication_failed' },
      });
      expect((await bed.eventTypes(payment.orderId)).slice(2)).toEqual([
        'payment.attempt_failed',
        'payment.failed',
      ]);
      expect((await bed.slot(payment.orderId))?.openPaymentId).toBeNull();
    });

    it('is closed before another charge or a session takes its place', async () => {
      const { id, orderId } = await atTheBank();
      const session = await bed.sessions.open(sessionRequest({ orderId: orderId ?? '' }), 'shop');
      expect(await bed.payment(id)).toMatchObject({ status: 'canceled', closedBy: 'us' });
      expect((await bed.slot(orderId))?.openPaymentId).toBe(session.id);
      expect(verbs()).toEqual(['charge', 'close', 'retrieve', 'create']);
      await bed.apply(paymentFact(await bed.payment(id), 'succeeded'));
      expect(await bed.payment(id)).toMatchObject({ status: 'review', reviewReason: 'late_payment' });
    });

    it.each(['paid', 'refused'] as const)(
      'keeps its place when the provider does not close it (%s)',
      async (closing) => {
        const { id, orderId } = await atTheBank();
        bed.provider.charges.closing = closing;
        await expect(charge(asked({ orderId: orderId ?? '' }))).rejects.toMatchObject({
          code: 'order_payment_pending',
          details: { paymentId: id },
        });
        expect(await bed.payment(id)).toMatchObject({ status: 'pending', closedBy: null });
      },
    );

    it('is closed when the buyer does not come back, and its order is free', async () => {
      const { id, orderId } = await atTheBank();
      expect((await later(2 * HOUR_S, id)).status).toBe('pending');
      expect(await later(3 * HOUR_S, id)).toMatchObject({ status: 'canceled', closedBy: 'us' });
      expect((await bed.slot(orderId))?.openPaymentId).toBeNull();
      expect(verbs().filter((verb) => verb === 'close')).toHaveLength(1);
    });
  });

  describe('whose answer is lost', () => {
    const lost = async (fate: 'lost' | 'vanished' | 'rate_limited' | 'unavailable') => {
      bed.provider.charges.fates = [fate];
      const [request, id] = [asked(), randomUUID()];
      await expect(charge(request, id)).rejects.toMatchObject({
        code: 'unknown_outcome',
        details: { paymentId: id },
      });
      return { request, id };
    };

    it('is found, and never sent again', async () => {
      const { request, id } = await lost('lost');
      expect((await bed.payment(id)).status).toBe('unknown');
      const again = await failureOf(charge(request, id));
      expect(again).toMatchObject({ code: 'operation_in_doubt', details: { paymentId: id } });
      expect((await later(16, id)).status).toBe('succeeded');
      expect((await charge(request, id)).status).toBe('succeeded');
      expect(verbs()).toEqual(['charge', 'find']);
      expect(bed.provider.charges.made).toHaveLength(1);
    });

    it('is told by a webhook before anybody finds it', async () => {
      const { request, id } = await lost('lost');
      await bed.apply(paymentFact(await bed.payment(id), 'succeeded'));
      expect((await charge(request, id)).status).toBe('succeeded');
    });

    it.each(['vanished', 'rate_limited', 'unavailable'] as const)(
      'and that was not made (%s) is given up when it is not found twice, an hour later',
      async (fate) => {
        const { request, id } = await lost(fate);
        expect((await later(16, id)).status).toBe('unknown');
        expect((await later(HOUR_S - 60, id)).status).toBe('unknown');
        expect((await later(61, id)).status).toBe('unknown');
        expect(await later(121, id)).toMatchObject({
          status: 'failed',
          closedBy: 'us',
          failure: { reason: 'never_charged' },
        });
        expect(verbs()).toEqual(['charge', 'find', 'find', 'find', 'find']);
        expect((await charge(request, id)).status).toBe('failed');
        expect((await charge(request)).status).toBe('succeeded');
      },
    );

    it('stays in doubt while we may not look', async () => {
      const { id } = await lost('lost');
      bed.provider.charges.blind = 'authentication';
      expect((await later(2 * HOUR_S, id)).status).toBe('unknown');
      bed.provider.charges.blind = undefined;
      expect((await later(31, id)).status).toBe('succeeded');
    });

    it('is asked for less and less often', async () => {
      const { id } = await lost('vanished');
      const counts = [];
      for (const seconds of [16, 16, 15, 31, 30, 61, 60, 61, 60]) {
        await later(seconds, id);
        counts.push(verbs().length - 1);
      }
      expect(counts).toEqual([1, 1, 2, 2, 3, 3, 4, 4, 5]);
    });
  });

  it.each([
    ['card_unusable', 'card_unusable'],
    ['invalid_request', 'provider_rejected'],
    ['authentication', 'provider_authentication'],
  ] as const)(
    'that is refused for certain (%s) has failed, and its caller is told why',
    async (kind, code) => {
      const [request, id] = [asked(), randomUUID()];
      bed.provider.charges.fates = [kind];
      await expect(charge(request, id)).rejects.toMatchObject({ code, details: { paymentId: id } });
      expect(await bed.payment(id)).toMatchObject({ status: 'failed', failure: { reason: `code_${kind}` } });
      expect(await bed.eventTypes(request.orderId ?? '')).toEqual(['payment.created', 'payment.failed']);
      expect((await charge(request)).status).toBe('succeeded');
    },
  );

  describe('that a crashed process recorded and did not send', () => {
    const crashed = async () => {
      const [request, id] = [asked(), randomUUID()];
      const operation = await bed.dying(() => charge(request, id));
      return { request, id, operation };
    };

    it('is sent by the repeat, and not by the one that wakes up again', async () => {
      const { request, id, operation } = await crashed();
      bed.provider.charges.fates = ['lost'];
      expect(await failureOf(charge(request, id))).toMatchObject({ code: 'unknown_outcome' });
      expect(await bed.executor.execute(operation, 'api:shop')).toMatchObject({ kind: 'unknown' });
      expect((await bed.payment(id)).status).toBe('unknown');
      expect(verbs()).toEqual(['charge']);
      expect((await later(16, id)).status).toBe('succeeded');
    });

    it('is sent by one of those who begin at the same time', async () => {
      const { id, operation } = await crashed();
      const settlements = await Promise.all(
        Array.from({ length: 5 }, () => bed.executor.execute(operation, 'api:shop')),
      );
      expect(settlements.map(({ kind }) => kind)).toContain('done');
      expect(verbs()).toEqual(['charge']);
      expect((await bed.payment(id)).status).toBe('succeeded');
    });

    it('is never sent by the janitor: the buyer may be gone', async () => {
      const { request, id } = await crashed();
      expect(await later(31, id)).toMatchObject({ status: 'failed', failure: { reason: 'never_charged' } });
      expect((await charge(request, id)).status).toBe('failed');
      expect(verbs()).toEqual([]);
    });
  });

  it('of an order that is paid is refused, and nothing is sent', async () => {
    const paid = await charge(asked());
    const refusal = { code: 'order_already_paid', details: { paymentId: paid.id } };
    await expect(charge(asked({ orderId: paid.orderId ?? '' }))).rejects.toMatchObject(refusal);
    expect(verbs()).toEqual(['charge']);
  });

  it('closes the open session of its order first', async () => {
    const session = await bed.sessions.open(sessionRequest(), 'shop');
    const payment = await charge(asked({ orderId: session.orderId ?? '' }));
    expect(verbs()).toEqual(['create', 'expire', 'retrieve', 'charge']);
    expect(await bed.payment(session.id)).toMatchObject({ status: 'canceled', closedBy: 'us' });
    expect(payment.status).toBe('succeeded');
  });

  it('of an order is made once, however many ask for it at the same time', async () => {
    const orderId = randomUUID();
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => failureOf(charge(asked({ orderId })))),
    );
    expect(answers.filter((answer) => answer === undefined)).toHaveLength(1);
    expect(verbs()).toEqual(['charge']);
  });
});
