import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eq, sql } from 'drizzle-orm';
import { randomUUID } from 'node:crypto';
import { DomainBed, OUR_INSTALLATION } from '../../../test/support/domain/domain.bed.js';
import { disputeFact, foreignFact, paymentFact, refundFact } from '../../../test/support/domain/facts.js';
import { sessionRequest } from '../../../test/support/domain/requests.js';
import { migratedDatabase, type MigratedDatabase } from '../../../test/support/outbox/migrated.database.js';
import { Installation } from '../../database/service.store.js';
import { derivedId } from '../../kernel/ids.js';
import type { Fact, PaymentRef } from '../../providers/facts.js';
import { disputes } from '../payment/payment.tables.js';
import type { PaymentRow } from '../payment/payment.tables.js';

const HOUR_MS = 3_600_000;

describe('a fact', () => {
  let home: MigratedDatabase;
  let bed: DomainBed;
  beforeAll(async () => {
    home = await migratedDatabase();
    bed = new DomainBed(home.database);
  });
  afterAll(() => home.drop());

  const opened = (changes: Parameters<typeof sessionRequest>[0] = {}): Promise<PaymentRow> =>
    bed.sessions.open(sessionRequest(changes), 'shop');
  const succeed = (payment: PaymentRow) => bed.apply(paymentFact(payment, 'succeeded'));
  const successes = async (orderId: string | null): Promise<number> =>
    (await bed.messages(orderId)).filter(({ type }) => type === 'payment.succeeded').length;

  describe('that says paid', () => {
    it.each<[string, Partial<Extract<Fact, { kind: 'payment' }>>]>([
      ['another amount', { money: { amount: 1_998n, currency: 'USD' } }],
      ['more than was asked', { money: { amount: 2_000n, currency: 'USD' } }],
      ['another currency', { money: { amount: 1_999n, currency: 'MXN' } }],
      ['no amount at all', { money: undefined }],
    ])('with %s puts the payment before a person, and is no success', async (_what, changes) => {
      const payment = await opened();
      await bed.apply(paymentFact(payment, 'succeeded', changes));
      expect(await bed.payment(payment.id)).toMatchObject({
        status: 'review',
        reviewReason: 'amount_mismatch',
      });
      expect(await bed.eventTypes(payment.orderId)).toEqual(['payment.created', 'payment.review']);
      expect(await successes(payment.orderId)).toBe(0);
      expect((await bed.slot(payment.orderId))?.paidPaymentId).toBeNull();
    });

    it('in the other mode than the payment moves nothing', async () => {
      const payment = await opened();
      const applied = await bed.apply(paymentFact(payment, 'succeeded', { livemode: true }));
      expect(applied).toEqual({ kind: 'conflict', reason: 'another mode than the payment' });
      expect((await bed.payment(payment.id)).status).toBe('created');
      expect(await successes(payment.orderId)).toBe(0);
    });

    it('at another provider than the payment moves nothing', async () => {
      const payment = await opened();
      const applied = await bed.apply(paymentFact(payment, 'succeeded', { ref: { provider: 'other' } }));
      expect(applied.kind).toBe('conflict');
      expect((await bed.payment(payment.id)).status).toBe('created');
    });

    it('takes any part of what was held, with manual capture, and no more', async () => {
      const part = await opened({ capture: 'manual' });
      await bed.apply(paymentFact(part, 'succeeded', { money: { amount: 500n, currency: 'USD' } }));
      expect(await bed.payment(part.id)).toMatchObject({ status: 'succeeded', amountCaptured: 500n });
      const more = await opened({ capture: 'manual' });
      await bed.apply(paymentFact(more, 'succeeded', { money: { amount: 2_000n, currency: 'USD' } }));
      expect(await bed.payment(more.id)).toMatchObject({ status: 'review', reviewReason: 'amount_mismatch' });
    });

    it('after we closed the payment is for review, and never a success', async () => {
      const payment = await opened();
      await bed.say(payment, { name: 'closed' });
      await succeed(payment);
      await succeed(payment);
      expect(await bed.payment(payment.id)).toMatchObject({
        status: 'review',
        reviewReason: 'late_payment',
        amountCaptured: 1_999n,
      });
      expect(await bed.eventTypes(payment.orderId)).toEqual([
        'payment.created',
        'payment.canceled',
        'payment.review',
      ]);
    });

    it.each(['expired', 'failed', 'canceled'] as const)(
      'after the provider said %s counts',
      async (ending) => {
        const payment = await opened();
        await bed.apply(paymentFact(payment, ending));
        await succeed(payment);
        expect(await bed.payment(payment.id)).toMatchObject({ status: 'succeeded', closedBy: null });
        expect(await successes(payment.orderId)).toBe(2);
      },
    );

    it('for an order that another payment paid is for review', async () => {
      const first = await opened();
      await succeed(first);
      const second = foreignFact(first.orderId, 'succeeded');
      await bed.apply(second);
      const rows = await bed.paymentsOf(first.orderId);
      expect(rows.map(({ status, reviewReason }) => [status, reviewReason])).toEqual([
        ['succeeded', null],
        ['review', 'duplicate_payment'],
      ]);
      expect(await successes(first.orderId)).toBe(2);
    });

    it('is a success for one of two payments of an order, however close they come', async () => {
      for (let round = 0; round < 5; round += 1) {
        const payment = await opened();
        // Paid after this database was first used: whichever of the two wins is announced.
        const other = foreignFact(payment.orderId, 'succeeded', {
          occurredAt: new Date('2100-01-01T00:00:00Z'),
        });
        await Promise.all([succeed(payment), bed.apply(other)]);
        const statuses = (await bed.paymentsOf(payment.orderId)).map(({ status }) => status).sort();
        expect(statuses).toEqual(['review', 'succeeded']);
        expect(await successes(payment.orderId)).toBe(2);
      }
    });

    it('fifty times at once is one success', async () => {
      const payment = await opened();
      await Promise.all(Array.from({ length: 50 }, () => succeed(payment)));
      expect(await bed.eventTypes(payment.orderId)).toEqual(['payment.created', 'payment.succeeded']);
      expect(await successes(payment.orderId)).toBe(2);
      expect((await bed.payment(payment.id)).version).toBe(2);
    });

    it('by a charge that nobody names is not applied', async () => {
      const payment = await opened();
      await expect(
        bed.apply(paymentFact(payment, 'succeeded', { ref: { provider: 'fake', chargeId: undefined } })),
      ).rejects.toThrow('a charge that nobody named');
      expect((await bed.payment(payment.id)).status).toBe('created');
    });

    it.each([
      'javascript:alert(1)',
      'https://localhost/r',
      'https://pay.example/r\r\nX: y',
      'https://a:b@pay.example/r',
    ])(
      'T24j is told with our own receipt where its row has %j, and so is all that follows',
      async (unsound) => {
        const payment = await opened();
        await home.database.db.execute(
          sql`update payments set receipt_url = ${unsound} where id = ${payment.id}`,
        );
        await succeed(payment);
        // As a release before this one has left it.
        await home.database.db.execute(
          sql`update payments set receipt_url = ${unsound} where id = ${payment.id}`,
        );
        await bed.apply(refundFact(payment, 're_1', 'succeeded', 500n));
        const messages = (await bed.messages(payment.orderId)).filter(
          ({ type }) => type !== 'payment.created',
        );
        const receiptUrl = `https://pay.example/payments/${payment.id}/receipt`;
        expect(messages.map(({ data }) => data)).toMatchObject(messages.map(() => ({ receiptUrl })));
        expect(messages).toHaveLength(4);
      },
    );

    it('without a receipt of the provider gets a public one of ours', async () => {
      const payment = await opened();
      await succeed(payment);
      const [legacy] = (await bed.messages(payment.orderId)).filter(({ channel }) => channel === 'orders');
      expect(legacy?.data).toEqual({
        stripePaymentId: `ch_${payment.id}`,
        orderId: payment.orderId,
        receiptUrl: `https://pay.example/payments/${payment.id}/receipt`,
      });
    });
  });

  describe('about money of a second session that carries the same payment', () => {
    const ofSecond = (payment: PaymentRow, kind: 'succeeded' | 'expired' = 'succeeded') =>
      paymentFact(payment, kind, {
        ref: {
          provider: 'fake',
          sessionId: `cs_second_${payment.id}`,
          providerPaymentId: `pi_second_${payment.id}`,
          chargeId: `ch_second_${payment.id}`,
        },
      });

    it('never hides behind the first: one success, one review, and nothing waits for ever', async () => {
      const payment = await opened();
      await succeed(payment);
      expect((await bed.apply(ofSecond(payment))).kind).toBe('applied');
      // A further event type tells of the same money, and then it is refunded.
      expect((await bed.apply(ofSecond(payment))).kind).toBe('stale');
      const refund = refundFact(payment, 'second', 'succeeded', 1_999n, {
        ref: { provider: 'fake', paymentId: payment.id, providerPaymentId: `pi_second_${payment.id}` },
      });
      expect((await bed.apply(refund)).kind).toBe('applied');
      const rows = await bed.paymentsOf(payment.orderId);
      expect(rows.map(({ status, amountRefunded }) => [status, amountRefunded])).toEqual([
        ['succeeded', 0n],
        ['review', 1_999n],
      ]);
    });

    it('counts as a second payment also when both arrive at once', async () => {
      for (let round = 0; round < 5; round += 1) {
        const payment = await opened();
        const facts = [paymentFact(payment, 'succeeded'), ofSecond(payment)];
        await Promise.all(facts.map((fact) => bed.apply(fact)));
        const rows = await bed.paymentsOf(payment.orderId);
        expect(rows.map(({ status }) => status).sort()).toEqual(['review', 'succeeded']);
        expect(rows.map(({ chargeId }) => chargeId).sort()).toEqual(
          facts.map(({ ref }) => ref.chargeId).sort(),
        );
        expect(await successes(payment.orderId)).toBe(2);
      }
    });

    it('does not end the payment when only the second session does', async () => {
      const payment = await opened();
      await bed.apply(paymentFact(payment, 'authorized'));
      expect((await bed.apply(ofSecond(payment, 'expired'))).kind).toBe('stale');
      expect((await bed.payment(payment.id)).status).toBe('authorized');
    });
  });

  describe('about a payment that is not ours', () => {
    it('without an order is ignored', async () => {
      expect(await bed.apply(foreignFact(undefined, 'succeeded'))).toEqual({
        kind: 'ignored',
        reason: 'not_ours',
      });
      expect(await bed.apply(foreignFact('', 'succeeded'))).toEqual({ kind: 'ignored', reason: 'not_ours' });
    });

    it('with the id of a payment that we do not have waits for it', async () => {
      const fact = foreignFact(randomUUID(), 'succeeded', {
        ref: { provider: 'fake', paymentId: randomUUID() },
      });
      expect(await bed.apply(fact)).toMatchObject({ kind: 'parked', reason: 'payment_unknown' });
      expect(await bed.paymentsOf(fact.ref.orderId ?? '')).toEqual([]);
    });

    it('T3e with an id that no UUID is, as of the replaced service, is adopted by its order at once', async () => {
      const orderId = randomUUID();
      const fact = foreignFact(orderId, 'succeeded', { ref: { provider: 'fake', paymentId: "' or 1=1 --" } });
      expect((await bed.apply(fact)).kind).toBe('applied');
      expect(await bed.paymentsOf(orderId)).toMatchObject([{ status: 'succeeded', adopted: true }]);
      const nobodys = foreignFact(undefined, 'succeeded', { ref: { provider: 'fake', paymentId: '7' } });
      expect(await bed.apply(nobodys)).toEqual({ kind: 'ignored', reason: 'not_ours' });
    });

    it('with an order is adopted, once, and announced', async () => {
      const orderId = randomUUID();
      const at = new Date(Date.now() + HOUR_MS);
      const fact = foreignFact(orderId, 'succeeded', { occurredAt: at });
      const applied = await Promise.all(Array.from({ length: 10 }, () => bed.apply(fact)));
      expect(applied.filter(({ kind }) => kind === 'applied')).toHaveLength(1);
      const [row, ...others] = await bed.paymentsOf(orderId);
      expect(others).toEqual([]);
      expect(row).toMatchObject({
        status: 'succeeded',
        adopted: true,
        announced: true,
        amount: 1_999n,
        version: 1,
      });
      expect(await bed.eventTypes(orderId)).toEqual(['payment.succeeded']);
      expect(await successes(orderId)).toBe(2);
      expect((await bed.slot(orderId))?.paidPaymentId).toBe(row?.id);
    });

    it.each([
      ['a moment before ADOPT_SINCE', -1, 0],
      ['at ADOPT_SINCE', 0, 2],
      ['after ADOPT_SINCE', 1, 2],
    ])('paid %s is recorded, and announced or not', async (_when, offsetMs, told) => {
      const since = new Date('2026-06-01T00:00:00Z');
      const dated = new DomainBed(home.database, { adoptSince: since });
      const orderId = randomUUID();
      await dated.apply(
        foreignFact(orderId, 'succeeded', { occurredAt: new Date(since.getTime() + offsetMs) }),
      );
      expect(await bed.paymentsOf(orderId)).toMatchObject([
        { status: 'succeeded', adopted: true, announced: told > 0 },
      ]);
      expect(await bed.messages(orderId)).toHaveLength(told);
    });

    it('paid before this database was first used is recorded and announced to nobody', async () => {
      const orderId = randomUUID();
      await bed.apply(foreignFact(orderId, 'succeeded', { occurredAt: new Date('2020-01-01T00:00:00Z') }));
      expect(await bed.paymentsOf(orderId)).toMatchObject([{ status: 'succeeded', announced: false }]);
      expect(await bed.messages(orderId)).toEqual([]);
    });

    it.each([
      ['as long ago is announced as little as it', '2020-01-01T00:01:00Z', []],
      ['since then is announced', '2100-01-01T00:00:00Z', ['payment.succeeded']],
    ])('by a declined attempt of long ago is recorded, and paid %s', async (_when, paidAt, told) => {
      const orderId = randomUUID();
      const attempt = foreignFact(orderId, 'attempt_failed', {
        occurredAt: new Date('2020-01-01T00:00:00Z'),
      });
      await bed.apply(attempt);
      await bed.apply({ ...attempt, name: 'succeeded', occurredAt: new Date(paidAt) });
      expect(await bed.paymentsOf(orderId)).toMatchObject([{ status: 'succeeded', adopted: true }]);
      expect(await bed.eventTypes(orderId)).toEqual(told);
      expect(await successes(orderId)).toBe(told.length * 2);
    });

    it('with a voucher out is the live attempt of its order, and its success is told', async () => {
      const orderId = randomUUID();
      const voucher = foreignFact(orderId, 'pending', { occurredAt: new Date('2020-01-01T00:00:00Z') });
      await bed.apply(voucher);
      const [row] = await bed.paymentsOf(orderId);
      expect((await bed.slot(orderId))?.openPaymentId).toBe(row?.id);
      await expect(bed.sessions.open(sessionRequest({ orderId }), 'shop')).rejects.toMatchObject({
        code: 'order_payment_pending',
      });
      await bed.apply({ ...voucher, name: 'succeeded' });
      expect(await bed.eventTypes(orderId)).toEqual(['payment.pending', 'payment.succeeded']);
      expect(await successes(orderId)).toBe(2);
    });
  });

  describe('about money for an order whose own session is open', () => {
    const otherMoney = [
      ['another amount', { amount: 100n, currency: 'USD' }],
      ['another currency', { amount: 1_999n, currency: 'MXN' }],
      ['nothing at all', { amount: 0n, currency: 'USD' }],
    ] as const;

    it.each(otherMoney)('T1b of %s is for review, and closes nothing', async (_what, money) => {
      const own = await opened();
      const foreign = foreignFact(own.orderId, 'succeeded', { money });
      expect((await bed.apply(foreign)).kind).toBe('applied');
      const adopted = (await bed.paymentsOf(own.orderId)).find(({ id }) => id !== own.id);
      expect(adopted).toMatchObject({
        status: 'review',
        reviewReason: 'amount_mismatch',
        amount: 1_999n,
        currency: 'USD',
        amountCaptured: money.currency === 'USD' ? money.amount : 0n,
      });
      expect(await successes(own.orderId)).toBe(0);
      expect(await bed.slot(own.orderId)).toMatchObject({ openPaymentId: own.id, paidPaymentId: null });
      // The same content again returns the open session, and its money counts.
      const again = await bed.sessions.open(sessionRequest({ orderId: own.orderId ?? '' }), 'shop');
      expect(again.id).toBe(own.id);
      await succeed(own);
      expect((await bed.payment(own.id)).status).toBe('succeeded');
      expect(await successes(own.orderId)).toBe(2);
    });

    it.each(otherMoney)(
      'T1c of %s, held or awaited, occupies nothing, and is for review when paid',
      async (_what, money) => {
        for (const first of ['pending', 'authorized'] as const) {
          const own = await opened();
          const foreign = foreignFact(own.orderId, first, { money });
          await bed.apply(foreign);
          expect((await bed.slot(own.orderId))?.openPaymentId).toBe(own.id);
          await bed.apply(paymentFact(own, 'expired'));
          // Its own session is over: what it asked for stays what the order costs.
          await bed.apply({ ...foreign, name: 'succeeded' });
          const adopted = (await bed.paymentsOf(own.orderId)).find(({ id }) => id !== own.id);
          expect(adopted).toMatchObject({ status: 'review', reviewReason: 'amount_mismatch' });
          expect(await successes(own.orderId)).toBe(0);
        }
      },
    );

    it('T1d that is what was asked for pays the order, and the own session is looked at', async () => {
      const own = await opened();
      await bed.apply(foreignFact(own.orderId, 'succeeded'));
      expect(await bed.slot(own.orderId)).toMatchObject({ openPaymentId: own.id });
      expect((await bed.slot(own.orderId))?.paidPaymentId).not.toBeNull();
      expect((await bed.payment(own.id)).nextCheckAt).not.toBeNull();
    });

    it('T1e that an older version adopted without proof, and a read does not prove, is for review', async () => {
      const orderId = randomUUID();
      await bed.apply(foreignFact(orderId, 'pending', { money: { amount: 100n, currency: 'USD' } }));
      const [link] = await bed.paymentsOf(orderId);
      // As the janitor reads a Payment Link: the session names no order, whoever asks knows which payment it is.
      const paid = foreignFact(undefined, 'succeeded', {
        money: { amount: 100n, currency: 'USD' },
        ref: {
          provider: 'fake',
          paymentId: link?.id,
          providerPaymentId: link?.providerPaymentId ?? undefined,
          chargeId: `ch_${orderId}`,
        },
      });
      bed.provider.truth = ({ paymentId }) => (paymentId === link?.id ? [paid] : []);
      await home.database.db.execute(
        sql`update payments set next_check_at = payments_now() - interval '1 second' where id = ${link?.id}`,
      );
      await bed.janitor.runOnce();
      bed.provider.truth = () => [];
      expect(await bed.paymentsOf(orderId)).toMatchObject([
        { status: 'review', reviewReason: 'unverified_order' },
      ]);
      expect(await successes(orderId)).toBe(0);
    });
  });

  describe('that carries an installation', () => {
    const named = (installationId: string | undefined, changes: Partial<PaymentRef> = {}) =>
      foreignFact(randomUUID(), 'succeeded', {
        occurredAt: new Date('2020-01-01T00:00:00Z'),
        ref: { provider: 'fake', installationId, paymentId: randomUUID(), ...changes },
      });

    it("T3a another's is ignored, with or without an id, its refunds and disputes too", async () => {
      const ignored = { kind: 'ignored', reason: 'other_installation' };
      const fact = named('staging');
      for (const apply of [bed.apply(fact), bed.applyLate(fact)]) expect(await apply).toEqual(ignored);
      expect(await bed.apply(named('staging', { paymentId: undefined }))).toEqual(ignored);
      const payment = await opened();
      const ref = { ...fact.ref, chargeId: `ch_${randomUUID()}` };
      expect(await bed.apply(refundFact(payment, '1', 'succeeded', 5n, { ref }))).toEqual(ignored);
      expect(await bed.apply(disputeFact(payment, '1', 'open', { ref }))).toEqual(ignored);
      expect(await bed.paymentsOf(fact.ref.orderId ?? '')).toEqual([]);
    });

    it('T3b ours and the id of a payment that is lost waits for it, and is adopted under that id and told', async () => {
      const fact = named(OUR_INSTALLATION);
      expect(await bed.apply(fact)).toMatchObject({ kind: 'parked', reason: 'payment_unknown' });
      expect(await bed.paymentsOf(fact.ref.orderId ?? '')).toEqual([]);
      expect((await bed.applyLate(fact)).kind).toBe('applied');
      const { orderId = '', paymentId } = fact.ref;
      expect(await bed.paymentsOf(orderId)).toMatchObject([
        { id: paymentId, status: 'succeeded', adopted: true, announced: true },
      ]);
      expect(await successes(orderId)).toBe(2);
      // Heard again, under any name, it is known.
      expect((await bed.applyLate(fact)).kind).toBe('stale');
      expect((await bed.apply(fact)).kind).toBe('stale');
    });

    it('T3c ours and of no order is adopted, with what its caller noted', async () => {
      const fact = {
        ...named(OUR_INSTALLATION, { orderId: undefined }),
        metadata: { seat: '7', paymentId: 'x' },
      };
      expect((await bed.applyLate(fact)).kind).toBe('applied');
      expect(await bed.payment(fact.ref.paymentId ?? '')).toMatchObject({
        orderId: null,
        status: 'succeeded',
        metadata: { seat: '7' },
      });
    });

    it('T3d none, and the id of a payment that nobody has, is quarantined after it was waited for', async () => {
      const fact = named(undefined);
      expect(await bed.apply(fact)).toMatchObject({ kind: 'parked', reason: 'payment_unknown' });
      expect((await bed.applyLate(fact)).kind).toBe('quarantined');
      expect(await bed.paymentsOf(fact.ref.orderId ?? '')).toEqual([]);
      const refund = refundFact(await opened(), '1', 'succeeded', 5n, { ref: fact.ref });
      expect((await bed.applyLate(refund)).kind).toBe('quarantined');
    });

    it('T3f counts for nothing where the payment is here', async () => {
      const byId = await opened();
      await bed.apply(
        paymentFact(byId, 'succeeded', { ref: { provider: 'fake', installationId: 'staging' } }),
      );
      expect((await bed.payment(byId.id)).status).toBe('succeeded');
      const byProvider = await opened();
      await bed.apply(paymentFact(byProvider, 'authorized'));
      const ref = { provider: 'fake', installationId: 'staging', paymentId: undefined };
      await bed.apply(paymentFact(byProvider, 'succeeded', { ref }));
      expect((await bed.payment(byProvider.id)).status).toBe('succeeded');
    });

    it('T3g that was in use here before stays ours', async () => {
      await Installation.open(home.database.db, 'shop-of-last-year');
      const fact = named('shop-of-last-year');
      expect((await bed.applyLate(fact)).kind).toBe('applied');
      expect(await successes(fact.ref.orderId ?? null)).toBe(2);
    });

    it('T3h ours is announced however old it is, also when it is adopted by its order', async () => {
      const fact = named(OUR_INSTALLATION, { paymentId: undefined });
      await bed.apply(fact);
      expect(await bed.paymentsOf(fact.ref.orderId ?? '')).toMatchObject([{ announced: true }]);
      expect(await successes(fact.ref.orderId ?? null)).toBe(2);
    });
  });

  it('T3i gives an adopted payment the id that it has everywhere and for ever', async () => {
    const byIntent = foreignFact(randomUUID(), 'succeeded');
    await bed.apply(byIntent);
    const [first] = await bed.paymentsOf(byIntent.ref.orderId ?? '');
    expect(first?.id).toBe(derivedId('payment', 'fake', byIntent.ref.providerPaymentId ?? ''));
    const bySession = foreignFact(randomUUID(), 'pending', {
      ref: { provider: 'fake', providerPaymentId: undefined, chargeId: undefined, sessionId: 'cs_adopted' },
    });
    await bed.apply(bySession);
    const [second] = await bed.paymentsOf(bySession.ref.orderId ?? '');
    expect(second?.id).toBe(derivedId('payment', 'fake', 'cs_adopted'));
  });

  describe('that says paid with nothing to pay', () => {
    it('T7a is a success of 0, told with the session in place of a charge and our receipt', async () => {
      const orderId = randomUUID();
      const free = foreignFact(orderId, 'succeeded', {
        occurredAt: new Date('2100-01-01T00:00:00Z'),
        money: { amount: 0n, currency: 'USD' },
        ref: {
          provider: 'fake',
          providerPaymentId: undefined,
          chargeId: undefined,
          sessionId: `cs_${orderId}`,
        },
      });
      expect((await bed.apply(free)).kind).toBe('applied');
      expect((await bed.apply(free)).kind).toBe('stale');
      const [row] = await bed.paymentsOf(orderId);
      expect(row).toMatchObject({ status: 'succeeded', amount: 0n, amountCaptured: 0n, chargeId: null });
      const [legacy] = (await bed.messages(orderId)).filter(({ channel }) => channel === 'orders');
      expect(legacy?.data).toEqual({
        stripePaymentId: `cs_${orderId}`,
        orderId,
        receiptUrl: `https://pay.example/payments/${row?.id}/receipt`,
      });
      expect((await bed.slot(orderId))?.paidPaymentId).toBe(row?.id);
    });

    it('T7b for a session that asked for money is for review', async () => {
      const payment = await opened();
      await bed.apply(
        paymentFact(payment, 'succeeded', {
          money: { amount: 0n, currency: 'USD' },
          ref: { provider: 'fake', providerPaymentId: undefined, chargeId: undefined },
        }),
      );
      expect(await bed.payment(payment.id)).toMatchObject({
        status: 'review',
        reviewReason: 'amount_mismatch',
      });
    });
  });

  describe('that money went back', () => {
    it('waits until the payment is paid', async () => {
      const payment = await opened();
      const refund = refundFact(payment, '1', 'succeeded', 500n);
      expect(await bed.apply(refund)).toMatchObject({ kind: 'parked', reason: 'payment_unknown' });
      await bed.apply(paymentFact(payment, 'authorized'));
      expect(await bed.apply(refund)).toMatchObject({ kind: 'parked', reason: 'payment_not_paid_yet' });
      await succeed(payment);
      expect((await bed.apply(refund)).kind).toBe('applied');
      expect(await bed.payment(payment.id)).toMatchObject({
        status: 'partially_refunded',
        amountRefunded: 500n,
      });
    });

    it('is told from its beginning, each step once', async () => {
      const payment = await opened();
      await succeed(payment);
      for (const status of ['succeeded', 'pending', 'succeeded', 'failed', 'succeeded'] as const) {
        await bed.apply(refundFact(payment, '1', status, 1_999n));
      }
      expect((await bed.eventTypes(payment.orderId)).slice(2)).toEqual([
        'refund.created',
        'refund.succeeded',
        'refund.failed',
      ]);
      expect(await bed.payment(payment.id)).toMatchObject({ status: 'succeeded', amountRefunded: 0n });
    });

    it('beyond what came in waits, and goes through once an earlier one has failed', async () => {
      const payment = await opened();
      await succeed(payment);
      await bed.apply(refundFact(payment, '1', 'succeeded', 1_500n));
      const excess = refundFact(payment, '2', 'succeeded', 500n);
      expect(await bed.apply(excess)).toMatchObject({ kind: 'parked', reason: 'refunds_exceed_capture' });
      expect(await bed.payment(payment.id)).toMatchObject({
        amountRefunded: 1_500n,
        status: 'partially_refunded',
      });
      expect(await bed.eventTypes(payment.orderId)).not.toContain('refund.failed');
      await bed.apply(refundFact(payment, '1', 'failed', 1_500n));
      expect((await bed.apply(excess)).kind).toBe('applied');
      expect(await bed.payment(payment.id)).toMatchObject({
        amountRefunded: 500n,
        status: 'partially_refunded',
      });
    });

    it('at the same time by many refunds never exceeds what came in', async () => {
      const payment = await opened();
      await succeed(payment);
      const refunds = Array.from({ length: 10 }, (_, at) =>
        refundFact(payment, String(at), 'succeeded', 600n),
      );
      const applied = await Promise.all(refunds.map((fact) => bed.apply(fact)));
      expect(applied.filter(({ kind }) => kind === 'applied')).toHaveLength(3);
      expect((await bed.payment(payment.id)).amountRefunded).toBe(1_800n);
    });

    it('in another currency is for the operator', async () => {
      const payment = await opened();
      await succeed(payment);
      const refund = refundFact(payment, '1', 'succeeded', 5n, { money: { amount: 5n, currency: 'MXN' } });
      expect((await bed.apply(refund)).kind).toBe('conflict');
      expect((await bed.payment(payment.id)).amountRefunded).toBe(0n);
    });

    it('leaves a payment in review there', async () => {
      const payment = await opened();
      await bed.apply(paymentFact(payment, 'succeeded', { money: { amount: 2_500n, currency: 'USD' } }));
      await bed.apply(refundFact(payment, '1', 'succeeded', 2_500n));
      expect(await bed.payment(payment.id)).toMatchObject({ status: 'review', amountRefunded: 2_500n });
    });

    it('T8d that never took place takes back what was recorded of it, and is otherwise nothing', async () => {
      const payment = await opened({ capture: 'manual' });
      await bed.apply(paymentFact(payment, 'succeeded', { money: { amount: 1_000n, currency: 'USD' } }));
      const rest = refundFact(payment, 'rest', 'failed', 999n, {
        reason: 'never_captured',
        neverCaptured: true,
      });
      expect(await bed.apply(rest)).toEqual({ kind: 'ignored', reason: 'never_captured' });
      // As the build before recorded it.
      await bed.apply(refundFact(payment, 'rest', 'succeeded', 999n));
      expect(await bed.payment(payment.id)).toMatchObject({ status: 'partially_refunded' });
      expect((await bed.apply(rest)).kind).toBe('applied');
      expect(await bed.payment(payment.id)).toMatchObject({ status: 'succeeded', amountRefunded: 0n });
      expect((await bed.apply(rest)).kind).toBe('stale');
      expect((await bed.eventTypes(payment.orderId)).slice(2)).toEqual([
        'refund.created',
        'refund.succeeded',
        'refund.failed',
      ]);
    });

    it('T9b of more than ever came in can never fit, and is not waited for', async () => {
      const payment = await opened({ capture: 'manual' });
      await bed.apply(paymentFact(payment, 'succeeded', { money: { amount: 1_000n, currency: 'USD' } }));
      expect(await bed.apply(refundFact(payment, '1', 'succeeded', 1_001n))).toEqual({
        kind: 'conflict',
        reason: 'refund of more than ever came in',
      });
    });

    it.each(['refund', 'dispute'])(
      'T9c by a %s, of a payment that nobody looks at any more, has the provider asked for the success that is missing',
      async (kind) => {
        const payment = await opened();
        const ref = { provider: 'fake', providerPaymentId: `pi_${payment.id}` };
        await bed.apply(paymentFact(payment, 'expired', { ref }));
        expect((await bed.payment(payment.id)).nextCheckAt).toBeNull();
        const back =
          kind === 'refund'
            ? refundFact(payment, '1', 'succeeded', 500n, { ref })
            : disputeFact(payment, '1', 'open', { ref });
        expect(await bed.apply(back)).toMatchObject({ kind: 'parked', reason: 'payment_not_paid_yet' });
        bed.provider.truth = () => [paymentFact(payment, 'succeeded')];
        await bed.janitor.runOnce();
        bed.provider.truth = () => [];
        expect((await bed.apply(back)).kind).toBe('applied');
        expect((await bed.payment(payment.id)).nextCheckAt).toBeNull();
      },
    );

    it.each([
      ['too much', { amount: 2_500n, currency: 'USD' }],
      ['another currency', { amount: 35_000n, currency: 'MXN' }],
    ])('T10c of all that came in and was %s frees the order for another session', async (_, money) => {
      const payment = await opened();
      await bed.apply(paymentFact(payment, 'succeeded', { money }));
      const again = () => bed.sessions.open(sessionRequest({ orderId: payment.orderId ?? '' }), 'shop');
      await bed.apply(refundFact(payment, '1', 'succeeded', 500n, { money: { ...money, amount: 500n } }));
      await expect(again()).rejects.toMatchObject({ code: 'order_already_paid' });
      const rest = { ...money, amount: money.amount - 500n };
      await bed.apply(refundFact(payment, '2', 'succeeded', rest.amount, { money: rest }));
      expect((await bed.payment(payment.id)).status).toBe('review');
      const second = await again();
      expect(second.id).not.toBe(payment.id);
      await succeed(second);
      expect(await successes(payment.orderId)).toBe(2);
    });
  });

  describe('about a dispute', () => {
    it('says so on the payment until every dispute is decided', async () => {
      const payment = await opened();
      await succeed(payment);
      await bed.apply(disputeFact(payment, '1', 'open', { stage: 'needs_response' }));
      await bed.apply(disputeFact(payment, '2', 'open'));
      expect(await bed.payment(payment.id)).toMatchObject({ status: 'succeeded', disputed: true });
      await bed.apply(disputeFact(payment, '1', 'open', { stage: 'under_review' }));
      await bed.apply(disputeFact(payment, '1', 'lost'));
      expect((await bed.payment(payment.id)).disputed).toBe(true);
      await bed.apply(disputeFact(payment, '2', 'won'));
      await bed.apply(disputeFact(payment, '2', 'open'));
      expect(await bed.payment(payment.id)).toMatchObject({ status: 'succeeded', disputed: false });
      expect((await bed.eventTypes(payment.orderId)).slice(2)).toEqual([
        'dispute.opened',
        'dispute.opened',
        'dispute.updated',
        'dispute.lost',
        'dispute.won',
      ]);
    });

    it('that is decided when we first hear of it was opened all the same', async () => {
      const payment = await opened();
      await succeed(payment);
      await bed.apply(disputeFact(payment, '1', 'lost'));
      expect((await bed.eventTypes(payment.orderId)).slice(2)).toEqual(['dispute.opened', 'dispute.lost']);
      expect((await bed.payment(payment.id)).disputed).toBe(false);
    });
  });

  describe('about a dispute that is not over', () => {
    const told = async (payment: PaymentRow) =>
      (await bed.messages(payment.orderId))
        .filter(({ type }) => type.startsWith('dispute.'))
        .map(({ type, data }) => [type, data.dispute]);

    it('T10d is won with its event, though it was lost before', async () => {
      const payment = await opened();
      await succeed(payment);
      await bed.apply(disputeFact(payment, '1', 'lost', { stage: 'lost' }));
      expect((await bed.apply(disputeFact(payment, '1', 'won', { stage: 'won' }))).kind).toBe('applied');
      expect((await bed.apply(disputeFact(payment, '1', 'lost', { stage: 'lost' }))).kind).toBe('stale');
      expect((await bed.eventTypes(payment.orderId)).slice(2)).toEqual([
        'dispute.opened',
        'dispute.lost',
        'dispute.won',
      ]);
    });

    it('T10e is told with its stage; an inquiry takes no money, until it becomes a chargeback', async () => {
      const payment = await opened();
      await succeed(payment);
      const inquiry = { inquiry: true };
      await bed.apply(disputeFact(payment, '1', 'open', { ...inquiry, stage: 'asked' }));
      expect((await bed.payment(payment.id)).disputed).toBe(false);
      await bed.apply(disputeFact(payment, '1', 'open', { stage: 'needs_response' }));
      expect((await bed.payment(payment.id)).disputed).toBe(true);
      // An older word, late.
      await bed.apply(disputeFact(payment, '1', 'won', { ...inquiry, stage: 'inquiry_closed' }));
      expect((await bed.payment(payment.id)).disputed).toBe(true);
      await bed.apply(disputeFact(payment, '1', 'won', { stage: 'won' }));
      expect(await told(payment)).toMatchObject([
        ['dispute.opened', { status: 'open', stage: 'asked', inquiry: true }],
        ['dispute.updated', { status: 'open', stage: 'needs_response', inquiry: false }],
        ['dispute.won', { status: 'won', stage: 'won', inquiry: false }],
      ]);
    });

    it('T12f is told again when its inquiry was closed and the bank takes the money after all', async () => {
      const payment = await opened();
      await succeed(payment);
      await bed.apply(disputeFact(payment, '1', 'won', { inquiry: true, stage: 'inquiry_closed' }));
      expect((await bed.apply(disputeFact(payment, '1', 'open', { stage: 'needs_response' }))).kind).toBe(
        'applied',
      );
      expect(await bed.payment(payment.id)).toMatchObject({ disputed: true });
      await bed.apply(disputeFact(payment, '1', 'lost', { stage: 'lost' }));
      expect((await bed.eventTypes(payment.orderId)).slice(2)).toEqual([
        'dispute.opened',
        'dispute.won',
        'dispute.updated',
        'dispute.lost',
      ]);
      expect(await bed.payment(payment.id)).toMatchObject({ disputed: false });
    });

    it('T10f of before inquiries were told apart is sorted out by the next look, and nobody is told', async () => {
      const payment = await opened();
      await succeed(payment);
      await bed.apply(disputeFact(payment, '1', 'open', { stage: 'asked' }));
      await home.database.db
        .update(disputes)
        .set({ inquiry: null })
        .where(eq(disputes.paymentId, payment.id));
      expect((await bed.payment(payment.id)).disputed).toBe(true);
      const look = disputeFact(payment, '1', 'open', { stage: 'asked', inquiry: true });
      expect((await bed.apply(look)).kind).toBe('stale');
      expect((await bed.payment(payment.id)).disputed).toBe(false);
      expect((await bed.eventTypes(payment.orderId)).slice(2)).toEqual(['dispute.opened']);
    });
  });

  describe('about an attempt', () => {
    it('is told once for each attempt, and the payment stays open', async () => {
      const payment = await opened();
      for (const attemptId of ['a', 'b', 'a']) {
        await bed.apply(paymentFact(payment, 'attempt_failed', { attemptId, reason: 'card_declined' }));
      }
      expect(await bed.eventTypes(payment.orderId)).toEqual([
        'payment.created',
        'payment.attempt_failed',
        'payment.attempt_failed',
      ]);
      expect(await bed.payment(payment.id)).toMatchObject({ status: 'created', version: 3, chargeId: null });
    });
  });

  it('about the beginning of a payment that has ended does not have it looked at for ever', async () => {
    const closed = await opened();
    await bed.say(closed, { name: 'closed' });
    await bed.apply(paymentFact(closed, 'opened'));
    expect((await bed.payment(closed.id)).nextCheckAt).toBeNull();
    const paid = await opened();
    await succeed(paid);
    await bed.apply(paymentFact(paid, 'pending'));
    expect((await bed.payment(paid.id)).nextCheckAt).toBeNull();
  });
});
