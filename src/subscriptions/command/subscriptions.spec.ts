import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { eq } from 'drizzle-orm';
import { randomUUID } from 'node:crypto';
import { FAKE } from '../../../test/support/domain/fake.provider.js';
import { foreignFact } from '../../../test/support/domain/facts.js';
import type { FakeSubscription } from '../../../test/support/domain/fake.subscriptions.js';
import {
  type BedCustomer,
  OPERATOR,
  SHOP,
  SubscriptionBed,
} from '../../../test/support/domain/subscription.bed.js';
import { migratedDatabase, type MigratedDatabase } from '../../../test/support/outbox/migrated.database.js';
import { customerAccounts } from '../../customers/customer/customer.tables.js';
import { ServiceError } from '../../kernel/errors.js';
import { derivedId } from '../../kernel/ids.js';
import { providerOperations } from '../../operations/operation.tables.js';
import { outbox } from '../../outbox/outbox.tables.js';
import { orderSlots, payments } from '../../payments/payment/payment.tables.js';
import type { ClosedAs, SubscriptionItem, SubscriptionPeriod } from '../../providers/billing.facts.js';
import type { PaymentFact } from '../../providers/facts.js';
import type { PlanRow } from '../plan/plan.tables.js';
import { subscriptions } from '../subscription/subscription.tables.js';
import type { CallerCommand } from './subscription.commands.js';

const HOUR_MS = 3_600_000;

describe('a subscription', () => {
  let home: MigratedDatabase;
  let bed: SubscriptionBed;
  let plan: PlanRow;
  let customer: BedCustomer;
  beforeAll(async () => {
    Logger.overrideLogger(false);
    home = await migratedDatabase();
    bed = await SubscriptionBed.start(home.database);
  });
  afterAll(() => home.drop());
  beforeEach(async () => {
    bed.at.forget();
    bed.at.rules = { keepsOurId: false, drafts: false, tellsRetries: false };
    bed.at.now = bed.clock.now();
    bed.provider.capabilities = new Set();
    bed.settings.multiple = false;
    // What other tests have left is not looked at.
    await home.database.db.update(subscriptions).set({ nextCheckAt: null });
    [plan, customer] = [await bed.plan(), await bed.customer()];
  });

  const subscribe = (changes: { planId?: string; orderId?: string; paymentSourceId?: string } = {}) =>
    bed.service.create({ customerId: customer.id, planId: plan.id, ...changes }, SHOP);
  const theirs = (id: string) => bed.at.kept.find((one) => one.ours === id) ?? bed.at.get(id);
  const change = (id: string, ...commands: CallerCommand[]) => bed.service.change(id, commands, SHOP);
  const refusalOf = async (work: Promise<unknown>): Promise<ServiceError> => {
    const error: unknown = await work.catch((caught: unknown) => caught);
    if (!(error instanceof ServiceError)) throw new Error(`was not refused: ${JSON.stringify(error)}`);
    return error;
  };

  it('without a trial is charged at once, and tells of itself, its payment and that it is active', async () => {
    const made = await subscribe({ orderId: 'order-1' });
    expect(made).toMatchObject({
      status: 'active',
      customerId: customer.id,
      planId: plan.id,
      nextPlanId: null,
      orderId: 'order-1',
      version: 2,
      providerIds: { customer: customer.account },
    });
    const { periods } = await bed.directory.details(made.subscriptionId, SHOP);
    const paymentId = periods[0]?.paymentId ?? '';
    expect(periods).toEqual([
      expect.objectContaining({ amount: 77_700, currency: 'MXN', paidAt: expect.any(String) }),
    ]);
    expect(await bed.events(made.subscriptionId)).toEqual([
      expect.objectContaining({ type: 'subscription.created', status: 'incomplete', version: 1 }),
      expect.objectContaining({
        type: 'subscription.activated',
        status: 'active',
        version: 2,
        paymentId,
        amount: 77_700,
        currency: 'MXN',
        periodStart: periods[0]?.start,
        periodEnd: periods[0]?.end,
      }),
    ]);
    expect(await bed.eventTypes(paymentId)).toEqual(['payment.created', 'payment.succeeded']);
    const [payment] = await home.database.db.select().from(payments).where(eq(payments.id, paymentId));
    expect(payment).toMatchObject({
      subscriptionId: made.subscriptionId,
      customerId: customer.id,
      orderId: 'order-1',
      status: 'succeeded',
      items: [{ name: 'Gold', unitAmount: '77700', quantity: 1 }],
      caller: 'shop',
    });
  });

  it('of an order says once that the order is paid, with its first paid cycle', async () => {
    const { subscriptionId: id } = await subscribe({ orderId: `order-${customer.id}` });
    bed.at.passTime(theirs(id));
    await bed.hearAll();
    expect(await bed.eventTypes(id)).toEqual(['created', 'activated', 'renewed']);
    const cycles = await bed.payments.list({ subscriptionId: id }, SHOP);
    expect(cycles.data.map(({ status }) => status)).toEqual(['succeeded', 'succeeded']);
    expect(await bed.payments.list({ customerId: customer.id }, SHOP)).toEqual(cycles);
    const stranger = { ...SHOP, name: 'other', group: 'other' };
    expect((await bed.payments.list({ subscriptionId: id }, stranger)).data).toEqual([]);
    expect(await bed.toldOrders(`order-${customer.id}`)).toBe(1);
  });

  describe('that is to pay an order', () => {
    const declined = async (orderId: string) => {
      const one = bed.at.subscribe(customer.account, plan.id, { declines: true });
      await bed.hearAll();
      const [row] = await bed.rowsOf(customer.id);
      if (row === undefined) throw new Error('there is no subscription');
      await home.database.db
        .update(subscriptions)
        .set({ orderId, caller: SHOP.name })
        .where(eq(subscriptions.id, row.id));
      await home.database.db
        .update(payments)
        .set({ orderId, caller: SHOP.name })
        .where(eq(payments.subscriptionId, row.id));
      return { one, id: row.id };
    };
    const subscribeAgain = async (orderId: string) => {
      const other = await bed.customer();
      return bed.service.create({ customerId: other.id, planId: plan.id, orderId }, SHOP);
    };
    const collect = async (one: FakeSubscription): Promise<void> => {
      one.declines = false;
      bed.at.passTime(one);
      await bed.hearAll();
    };
    const paymentsOf = async (id: string) =>
      (await bed.payments.list({ subscriptionId: id }, OPERATOR)).data
        .reverse()
        .map(({ status, reviewReason }) => [status, reviewReason]);
    /** A session of the order, as another service has it. */
    const sessionPays = (orderId: string) =>
      bed.tell(
        foreignFact(orderId, 'succeeded', {
          money: { amount: 77_700n, currency: 'MXN' },
          occurredAt: new Date('2100-01-01T00:00:00Z'),
        }),
      );

    it('T4a while its first cycle is collected, lets nothing else be opened for the order', async () => {
      const orderId = randomUUID();
      const { one, id } = await declined(orderId);
      for (const attempt of [bed.openSession(orderId), subscribeAgain(orderId)]) {
        expect(await refusalOf(attempt)).toMatchObject({ code: 'order_payment_pending' });
      }
      await collect(one);
      expect(await refusalOf(bed.openSession(orderId))).toMatchObject({ code: 'order_already_paid' });
      expect(await refusalOf(subscribeAgain(orderId))).toMatchObject({ code: 'order_already_paid' });
      expect(await paymentsOf(id)).toEqual([['succeeded', null]]);
    });

    it('T4b whose order a session has paid meanwhile, has its month reviewed, and the order is told once', async () => {
      const orderId = randomUUID();
      const { one, id } = await declined(orderId);
      await sessionPays(orderId);
      await collect(one);
      expect(await paymentsOf(id)).toEqual([['review', 'duplicate_payment']]);
      expect(await bed.paidEvents(orderId)).toBe(1);
      expect(await bed.toldOrders(orderId)).toBe(1);
      // It goes on: the months after that pay for themselves, and for no order.
      bed.at.passTime(one);
      await bed.hearAll();
      expect(await paymentsOf(id)).toEqual([
        ['review', 'duplicate_payment'],
        ['succeeded', null],
      ]);
      expect(await bed.toldOrders(orderId)).toBe(1);
    });

    it('whose month was collected first, has the session reviewed, and the order is told once', async () => {
      const orderId = randomUUID();
      const { one, id } = await declined(orderId);
      await collect(one);
      await sessionPays(orderId);
      expect(await paymentsOf(id)).toEqual([['succeeded', null]]);
      const all = (await bed.payments.list({ orderId }, OPERATOR)).data;
      expect(all.map(({ status }) => status).sort()).toEqual(['review', 'succeeded']);
      expect(await bed.paidEvents(orderId)).toBe(1);
      expect(await bed.toldOrders(orderId)).toBe(1);
    });

    it('T4c is one success, however close the month and the session come', async () => {
      for (let round = 0; round < 5; round += 1) {
        customer = await bed.customer();
        const orderId = randomUUID();
        const { one } = await declined(orderId);
        one.declines = false;
        bed.at.passTime(one);
        await Promise.all([bed.hearAll(), sessionPays(orderId)]);
        const all = (await bed.payments.list({ orderId }, OPERATOR)).data;
        expect(all.map(({ status }) => status).sort()).toEqual(['review', 'succeeded']);
        expect(await bed.paidEvents(orderId)).toBe(1);
        expect(await bed.toldOrders(orderId)).toBe(1);
      }
    });

    it('is free again when the cycle is given up with the subscription', async () => {
      const orderId = randomUUID();
      const { one } = await declined(orderId);
      bed.at.cancel(one, false);
      await bed.hearAll();
      expect(await bed.openSession(orderId)).toMatchObject({ status: 'created' });
    });
  });

  it('T11d whose months an older version told as paid, and their payments not, has both say so after the next look', async () => {
    const orderId = randomUUID();
    const { subscriptionId: id } = await subscribe({ orderId });
    const one = theirs(id);
    one.declines = true;
    bed.at.passTime(one);
    await bed.hearAll();
    one.declines = false;
    bed.at.passTime(one);
    await bed.hearAll();
    // As that version left them: the periods are paid, the payments wait, and the orders service was never told.
    const { db } = home.database;
    await db
      .update(payments)
      .set({ status: 'created', amountCaptured: 0n, chargeId: null, paidAt: null })
      .where(eq(payments.subscriptionId, id));
    await db.update(orderSlots).set({ paidPaymentId: null }).where(eq(orderSlots.orderId, orderId));
    await db.delete(outbox).where(eq(outbox.orderId, orderId));
    const told = await bed.eventTypes(id);
    await db.update(subscriptions).set({ nextCheckAt: bed.clock.now() }).where(eq(subscriptions.id, id));
    await bed.check();
    const cycles = await bed.payments.list({ subscriptionId: id }, SHOP);
    expect(cycles.data.map(({ status }) => status)).toEqual(['succeeded', 'succeeded']);
    expect(await bed.toldOrders(orderId)).toBe(1);
    expect(await bed.paidEvents(orderId)).toBe(2);
    expect(await bed.eventTypes(id)).toEqual(told);
  });

  it("T12g a cycle's payment has an id that follows from the provider's, wherever it is heard of", async () => {
    const { subscriptionId: id } = await subscribe();
    bed.at.passTime(theirs(id));
    await bed.hearAll();
    const cycles = await bed.payments.list({ subscriptionId: id }, SHOP);
    const expected = theirs(id).periods.map(({ providerPaymentId }) =>
      derivedId('payment', FAKE, providerPaymentId),
    );
    // Newest first, though such an id does not grow with time.
    expect(cycles.data.map(({ paymentId }) => paymentId)).toEqual(expected.reverse());
    const first = await bed.payments.list({ subscriptionId: id, limit: 1 }, SHOP);
    const second = await bed.payments.list(
      { subscriptionId: id, limit: 1, cursor: first.nextCursor ?? '' },
      SHOP,
    );
    expect([...first.data, ...second.data]).toEqual(cycles.data);
    expect(second.nextCursor).toBeNull();
  });

  it('takes over the payment of a cycle that came here another way', async () => {
    const one = bed.at.subscribe(customer.account, plan.id);
    const [period] = one.periods;
    if (period === undefined) throw new Error('there is no cycle');
    const row = { id: randomUUID(), provider: FAKE, livemode: false, status: 'created', version: 0 } as const;
    const { amount, currency } = period.money;
    await home.database.db.insert(payments).values({
      ...{ ...row, amount, currency, capture: 'automatic', items: [], metadata: {}, caller: 'nats' },
      providerPaymentId: period.providerPaymentId,
    });
    await bed.hearAll();
    const [subscription] = await bed.rowsOf(customer.id);
    const found = await home.database.db
      .select()
      .from(payments)
      .where(eq(payments.subscriptionId, subscription?.id ?? ''));
    expect(found).toMatchObject([{ id: row.id, customerId: customer.id, status: 'succeeded' }]);
  });

  it('lives: trial, notice of its end, cycles, a failing card, tries, and the end', async () => {
    plan = await bed.plan({ trialDays: 10 });
    const { subscriptionId: id, status, trialEnd } = await subscribe();
    expect([status, trialEnd]).toEqual(['in_trial', bed.at.kept[0]?.trialEnd?.toISOString()]);
    const one = theirs(id);
    bed.at.announceTrialEnd(one);
    bed.at.announceTrialEnd(one);
    for (let cycle = 0; cycle < 2; cycle += 1) bed.at.passTime(one);
    await bed.hearAll();
    one.declines = true;
    for (let attempt = 0; attempt < 4; attempt += 1) bed.at.passTime(one);
    await bed.hearAll();
    expect(await bed.eventTypes(id)).toEqual([
      'created',
      'activated',
      'renewed',
      ...['payment_failed', 'payment_failed', 'payment_failed', 'payment_failed'],
      'canceled',
    ]);
    const failures = (await bed.events(id)).filter(({ type }) => type === 'subscription.payment_failed');
    const dates = one.periods.at(-1)?.failures.map(({ at }) => at.toISOString()) ?? [];
    expect(
      failures.map(({ attempt, maxAttempts, nextAttemptAt }) => [attempt, maxAttempts, nextAttemptAt]),
    ).toEqual([
      [1, 4, dates[1]],
      [2, 4, dates[2]],
      [3, 4, dates[3]],
      [4, 4, null],
    ]);
    expect((await bed.events(id)).at(-1)).toMatchObject({
      type: 'subscription.canceled',
      reason: 'payment_failed',
      cancelReason: 'payment_failed',
      occurredAt: one.canceledAt?.toISOString(),
    });
    expect(await bed.row(id)).toMatchObject({ status: 'canceled', nextCheckAt: null, nextAttemptAt: null });
  });

  it('announces the end of its trial once, by the event or by our own clock', async () => {
    plan = await bed.plan({ trialDays: 10 });
    const told = await subscribe();
    bed.at.announceTrialEnd(theirs(told.subscriptionId));
    await bed.hearAll();
    expect(await bed.eventTypes(told.subscriptionId)).toEqual(['created', 'trial_ending']);
    customer = await bed.customer();
    const quiet = await subscribe();
    [plan, customer] = [await bed.plan({ trialDays: 2 }), await bed.customer()];
    const short = await subscribe();
    expect(await bed.eventTypes(short.subscriptionId)).toEqual(['created', 'trial_ending']);
    await bed.clock.advance(7 * 86_400 + 60);
    await bed.check();
    await bed.clock.advance(3_600);
    await bed.check();
    expect(await bed.eventTypes(quiet.subscriptionId)).toEqual(['created', 'trial_ending']);
    expect(await bed.eventTypes(told.subscriptionId)).toEqual(['created', 'trial_ending']);
  });

  it('plans the next try by its plan, where the provider does not say', async () => {
    const { subscriptionId: id } = await subscribe();
    const one = theirs(id);
    one.declines = true;
    bed.at.passTime(one);
    await bed.hearAll();
    const at = one.periods.at(-1)?.failures[0]?.at.getTime() ?? 0;
    const next = new Date(at + 50 * HOUR_MS);
    expect(await bed.row(id)).toMatchObject({ status: 'past_due', failedAttempts: 1, nextAttemptAt: next });
    expect((await bed.eventTypes(id)).slice(2)).toEqual(['payment_failed', 'past_due']);
    one.declines = false;
    expect(await change(id, { name: 'retry' })).toMatchObject({
      status: 'active',
      failedAttempts: 0,
      nextAttemptAt: null,
    });
    expect((await bed.eventTypes(id)).slice(4)).toEqual(['renewed']);
  });

  it('S5g whose month no bank was asked for tells why, when it is tried again and where it can be paid', async () => {
    const { subscriptionId: id } = await subscribe();
    const one = theirs(id);
    one.declines = true;
    bed.at.passTime(one);
    const bill = one.periods.at(-1);
    if (bill === undefined) throw new Error('no month was billed');
    const { periodId } = bill;
    const next = new Date(bed.at.now.getTime() + 72 * HOUR_MS);
    const attempt = (count: number, reason: string) => ({
      attemptId: `${periodId}:${count}`,
      at: bed.at.now,
      reason,
    });
    const unpaid = {
      ...bill,
      payment: [],
      nextAttemptAt: next,
      hostedInvoiceUrl: 'https://invoice.test/1',
      failures: [attempt(1, 'no_payment_method')],
    };
    const hear = async (month: SubscriptionPeriod) => {
      one.periods[one.periods.length - 1] = month;
      const subject = { kind: 'subscription', providerSubscriptionId: one.id, trialEnding: false } as const;
      await bed.hear({ ...subject, periodIds: [periodId] });
    };
    for (let time = 0; time < 3; time += 1) await hear(unpaid);
    const told = {
      status: 'past_due',
      failedAttempts: 1,
      nextAttemptAt: next.toISOString(),
      hostedInvoiceUrl: 'https://invoice.test/1',
    };
    expect(await bed.directory.details(id, SHOP)).toMatchObject(told);
    const failed = { type: 'subscription.payment_failed', hostedInvoiceUrl: 'https://invoice.test/1' };
    expect((await bed.events(id)).slice(2)).toEqual([
      expect.objectContaining({
        ...failed,
        attempt: 1,
        reason: 'no_payment_method',
        nextAttemptAt: next.toISOString(),
      }),
      expect.objectContaining({ ...told, type: 'subscription.past_due' }),
    ]);

    // A card of another attempt was declined; of the two that came before it is only known how many there were.
    const charge = { attemptId: 'ch_late', at: bed.at.now, reason: 'insufficient_funds' };
    await hear({ ...unpaid, failures: [charge, ...unpaid.failures] });
    await hear({
      ...unpaid,
      failures: [charge, ...unpaid.failures, attempt(2, 'authentication_required')],
    });
    expect((await bed.events(id)).slice(4)).toEqual([
      expect.objectContaining({ ...failed, attempt: 2, nextAttemptAt: next.toISOString() }),
      expect.objectContaining({ ...failed, attempt: 3, reason: 'authentication_required' }),
    ]);
    expect(await bed.row(id)).toMatchObject({ failedAttempts: 3, nextAttemptAt: next });

    one.status = 'active';
    const { nextAttemptAt: _, hostedInvoiceUrl: __, ...paid } = unpaid;
    await hear({ ...paid, paidAt: bed.at.now });
    const gone = { status: 'active', nextAttemptAt: null, hostedInvoiceUrl: null };
    expect((await bed.events(id)).slice(6)).toEqual([
      expect.objectContaining({ ...gone, type: 'subscription.renewed' }),
    ]);
    expect(await bed.directory.details(id, SHOP)).toMatchObject(gone);
  });

  it('S6g whose latest month is paid and an older one is not may be charged for that, or hears why not', async () => {
    const { subscriptionId: id } = await subscribe();
    const one = theirs(id);
    one.declines = true;
    bed.at.passTime(one);
    await bed.hearAll();
    const older = one.periods.at(-1);
    one.declines = false;
    one.status = 'active';
    bed.at.passTime(one);
    await bed.hearAll();
    expect(await bed.row(id)).toMatchObject({ status: 'active' });
    expect(one.periods.map(({ paidAt }) => paidAt !== undefined)).toEqual([true, false, true]);
    bed.at.calls.length = 0;
    bed.at.answers = ['nothing_due'];
    expect(await refusalOf(change(id, { name: 'retry' }))).toMatchObject({
      code: 'transition_refused',
      status: 409,
      details: { from: 'active', to: 'active', reason: expect.stringMatching(/no unpaid bill/) },
    });
    expect(bed.at.calls).toEqual(['retry_subscription']);

    if (older === undefined) throw new Error('there was an older month');
    one.periods[1] = { ...older, paidAt: bed.at.now };
    await bed.hear({
      kind: 'subscription',
      providerSubscriptionId: one.id,
      periodIds: [older.periodId],
      trialEnding: false,
    });
    await home.database.db
      .update(payments)
      .set({ status: 'succeeded' })
      .where(eq(payments.providerPaymentId, older.providerPaymentId));
    expect(await refusalOf(change(id, { name: 'retry' }))).toMatchObject({
      details: { reason: 'every cycle so far is paid' },
    });
    expect(bed.at.calls).toEqual(['retry_subscription']);
  });

  it('S7d is refused for want of a card where its provider does not even have the customer, and makes nothing', async () => {
    await home.database.db
      .update(customerAccounts)
      .set({ providerCustomerId: null })
      .where(eq(customerAccounts.customerId, customer.id));
    bed.provider.people.calls.length = 0;
    expect(await refusalOf(subscribe())).toMatchObject({ code: 'card_unusable', status: 422 });
    expect([bed.provider.people.calls, bed.at.calls]).toEqual([[], []]);
    expect(await bed.rowsOf(customer.id)).toEqual([]);
  });

  describe('whose card is to be removed', () => {
    const remove = (how: { force?: boolean } = {}) =>
      bed.sources.remove(customer.id, customer.cardId, SHOP, how);

    it.each(['named', 'the default one'])(
      'S7e and is %s keeps it, unless that is insisted on',
      async (kind) => {
        const named = kind === 'named' ? { paymentSourceId: customer.cardId } : {};
        const { subscriptionId: id } = await subscribe(named);
        bed.provider.people.calls.length = 0;
        expect(await refusalOf(remove())).toMatchObject({
          code: 'card_in_use',
          status: 409,
          details: { subscriptionIds: [id] },
        });
        expect(bed.provider.people.calls).toEqual([]);
        await remove({ force: true });
        expect(bed.provider.people.calls).toEqual(['remove_card']);
      },
    );

    it('S7f names it no longer once it is gone, whoever removed it and whatever the provider goes on to say', async () => {
      const { subscriptionId: id } = await subscribe({ paymentSourceId: customer.cardId });
      expect(await bed.directory.details(id, SHOP)).toMatchObject({ paymentSourceId: customer.cardId });
      await home.database.db.update(subscriptions).set({ nextCheckAt: null });
      // In the provider's panel: the event tells of the customer alone.
      bed.provider.people.get(customer.account).cards = [];
      await bed.hearCustomer(customer.account);
      await bed.check();
      expect(await bed.directory.details(id, SHOP)).toMatchObject({ paymentSourceId: null });
      expect((await bed.events(id)).at(-1)).toMatchObject({
        type: 'subscription.updated',
        paymentSourceId: null,
      });
    });

    it('that has ended, or is charged to another one, lets it go', async () => {
      const { subscriptionId: id } = await subscribe({ paymentSourceId: customer.cardId });
      await change(id, { name: 'cancel', atPeriodEnd: false });
      await expect(remove()).resolves.toMatchObject({ paymentSourceId: customer.cardId });
    });
  });

  it('is one for each customer, however many ask at once, and again after it has ended', async () => {
    const answers = await Promise.allSettled(Array.from({ length: 50 }, () => subscribe()));
    const made = answers.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    expect(made).toHaveLength(1);
    const id = made[0]?.subscriptionId;
    for (const one of answers) {
      if (one.status === 'rejected')
        expect(one.reason).toMatchObject({ code: 'customer_subscribed', details: { subscriptionId: id } });
    }
    expect(bed.at.calls).toEqual(['create_subscription']);
    await change(id ?? '', { name: 'cancel', atPeriodEnd: false });
    expect((await subscribe()).subscriptionId).not.toBe(id);
  });

  it('may have others beside it where that is set', async () => {
    bed.settings.multiple = true;
    const [first, second] = [await subscribe(), await subscribe()];
    expect(first.subscriptionId).not.toBe(second.subscriptionId);
  });

  it('that the provider refuses never began: nobody is told, and the customer may try again', async () => {
    bed.at.answers = ['declined'];
    expect(await refusalOf(subscribe())).toMatchObject({ code: 'card_declined' });
    const [refused] = await bed.rowsOf(customer.id);
    expect(refused).toMatchObject({ status: 'canceled', cancelReason: 'rejected', version: 0 });
    expect(await bed.events(refused?.id ?? '')).toEqual([]);
    expect((await subscribe()).status).toBe('active');
  });

  it.each(['lost', 'vanished'] as const)(
    'whose answer is %s is in doubt, and becomes one',
    async (answer) => {
      bed.at.answers = [answer];
      const error = await refusalOf(subscribe());
      const [row] = await bed.rowsOf(customer.id);
      expect(error).toMatchObject({ code: 'unknown_outcome', details: { subscriptionId: row?.id } });
      // What the provider says meanwhile may be about this one: it waits.
      for (const event of bed.at.events.slice(0, 1))
        expect(await bed.hear(event)).toEqual({ kind: 'parked', reason: 'subscription_being_created' });
      expect(await refusalOf(subscribe())).toMatchObject({ code: 'customer_subscribed' });
      expect(await refusalOf(change(row?.id ?? '', { name: 'cancel', atPeriodEnd: false }))).toMatchObject({
        code: 'operation_in_doubt',
      });
      await bed.settle();
      await bed.hearAll();
      expect(bed.at.kept).toHaveLength(1);
      expect(await bed.eventTypes(row?.id ?? '')).toEqual(['created', 'activated']);
      expect(await bed.rowsOf(customer.id)).toMatchObject([{ status: 'active', version: 2 }]);
    },
  );

  it('that a request with a key began is ended by its repeat', async () => {
    const body = { customerId: customer.id, planId: plan.id };
    bed.at.answers = ['lost'];
    await refusalOf(bed.endpoint.create(body, SHOP, 'key-1'));
    expect(await refusalOf(bed.endpoint.create(body, SHOP, 'key-1'))).toMatchObject({
      code: 'operation_in_doubt',
    });
    await bed.clock.advance(60);
    const made = await bed.endpoint.create(body, SHOP, 'key-1');
    expect(made).toMatchObject({ status: 'active' });
    expect(await bed.endpoint.create(body, SHOP, 'key-1')).toEqual(made);
    expect(bed.at.kept).toHaveLength(1);
  });

  it('that a request with a key was refused for a passing reason is asked for anew by its repeat', async () => {
    const body = { customerId: customer.id, planId: plan.id };
    bed.at.answers = ['unavailable'];
    expect(await refusalOf(bed.endpoint.create(body, SHOP, 'key-2'))).toMatchObject({
      code: 'provider_unavailable',
    });
    expect(await bed.endpoint.create(body, SHOP, 'key-2')).toMatchObject({ status: 'active' });
    expect(bed.at.kept).toHaveLength(1);
  });

  it('with a card, a plan or a customer that are not the caller’s makes nothing', async () => {
    const stranger = await bed.customer();
    const half = await bed.customer();
    for (const [input, expected] of [
      [
        { paymentSourceId: stranger.cardId },
        { code: 'card_unusable', details: [{ field: 'paymentSourceId' }] },
      ],
      [{ planId: 'nothing' }, { code: 'not_found', details: [{ field: 'planId' }] }],
    ] as const) {
      expect(await refusalOf(subscribe(input))).toMatchObject(expected);
    }
    const other = { ...SHOP, name: 'other', group: 'other' };
    const work = bed.service.create({ customerId: half.id, planId: plan.id }, other);
    expect(await refusalOf(work)).toMatchObject({ code: 'not_found' });
    const { subscriptionId } = await subscribe();
    expect(await refusalOf(bed.directory.details(subscriptionId, other))).toMatchObject({
      code: 'not_found',
    });
    expect(bed.at.calls).toEqual(['create_subscription']);
  });

  it('is paused, resumed, given another card and canceled; what is refused is not even recorded', async () => {
    const { subscriptionId: id } = await subscribe();
    expect(await change(id, { name: 'pause' })).toMatchObject({
      status: 'paused',
      pausedAt: expect.any(String),
    });
    expect(await refusalOf(change(id, { name: 'pause' }))).toMatchObject({
      code: 'transition_refused',
      details: { from: 'paused', to: 'paused', reason: 'it is paused already' },
    });
    expect(await change(id, { name: 'resume' })).toMatchObject({ status: 'active', pausedAt: null });
    expect(await bed.endpoint.update(id, { paymentSourceId: customer.cardId }, SHOP)).toMatchObject({
      paymentSourceId: customer.cardId,
    });
    await change(id, { name: 'cancel', atPeriodEnd: false });
    for (const wish of [
      { name: 'change_plan', plan: await bed.plan(), timing: 'at_period_end' },
      { name: 'retry' },
      { name: 'resume' },
      { name: 'cancel', atPeriodEnd: false },
    ] as const) {
      expect(await refusalOf(change(id, wish))).toMatchObject({
        code: 'transition_refused',
        details: { from: 'canceled', reason: 'it has ended for good' },
      });
    }
    expect((await bed.eventTypes(id)).slice(2)).toEqual(['paused', 'resumed', 'updated', 'canceled']);
    expect((await bed.events(id)).at(-1)).toMatchObject({ reason: 'requested' });
    const recorded = await home.database.db
      .select()
      .from(providerOperations)
      .where(eq(providerOperations.subjectId, id));
    expect(recorded.map(({ kind }) => kind).sort()).toEqual([...bed.at.calls].sort());
    expect(bed.at.calls).toHaveLength(5);
  });

  it('changes its plan when the cycle ends, or at once where the provider can', async () => {
    const [second, third] = [await bed.plan({ name: 'Silver' }), await bed.plan({ name: 'Bronze' })];
    const { subscriptionId: id } = await subscribe();
    expect(await bed.endpoint.update(id, { planId: second.id }, SHOP)).toMatchObject({
      planId: plan.id,
      nextPlanId: second.id,
    });
    await bed.endpoint.update(id, { planId: second.id }, SHOP);
    expect(bed.at.calls).toEqual(['create_subscription', 'change_plan']);
    bed.at.passTime(theirs(id));
    await bed.hearAll();
    expect(await bed.directory.details(id, SHOP)).toMatchObject({ planId: second.id, nextPlanId: null });
    const atOnce = { planId: third.id, proration: 'prorate' } as const;
    expect(await refusalOf(bed.endpoint.update(id, atOnce, SHOP))).toMatchObject({
      code: 'capability_not_supported',
      details: [{ field: 'proration' }],
    });
    bed.provider.capabilities.add('subscription_proration');
    expect(await bed.endpoint.update(id, atOnce, SHOP)).toMatchObject({ planId: third.id, nextPlanId: null });
    await bed.hearAll();
    expect((await bed.eventTypes(id)).slice(2)).toEqual(['updated', 'renewed', 'updated', 'updated']);
    expect(await refusalOf(bed.endpoint.cancel(id, { atPeriodEnd: true }, SHOP))).toMatchObject({
      details: [{ field: 'atPeriodEnd' }],
    });
    bed.provider.capabilities.add('cancel_at_period_end');
    expect(await bed.endpoint.cancel(id, { atPeriodEnd: true }, SHOP)).toMatchObject({
      status: 'active',
      cancelAtPeriodEnd: true,
    });
    bed.at.passTime(theirs(id));
    await bed.hearAll();
    expect(await bed.row(id)).toMatchObject({ status: 'canceled', cancelReason: 'requested' });
  });

  it('S8b that is to end with its cycle goes on when that is undone; once it has ended, nothing can be undone', async () => {
    const { subscriptionId: id } = await subscribe();
    expect(await refusalOf(change(id, { name: 'undo_cancel' }))).toMatchObject({
      code: 'capability_not_supported',
      details: [{ field: 'provider' }],
    });
    bed.provider.capabilities.add('cancel_at_period_end');
    // Nothing is to be undone: it is as it is, and the provider is not asked.
    expect(await change(id, { name: 'undo_cancel' })).toMatchObject({ version: 2, cancelAtPeriodEnd: false });
    const reason = 'moving abroad';
    await bed.endpoint.cancel(id, { atPeriodEnd: true, reason }, SHOP);
    expect(await change(id, { name: 'undo_cancel' })).toMatchObject({
      status: 'active',
      cancelAtPeriodEnd: false,
      cancelComment: null,
    });
    await change(id, { name: 'undo_cancel' });
    expect(bed.at.calls).toEqual(['create_subscription', 'cancel_subscription', 'undo_cancel_subscription']);
    expect((await bed.events(id)).slice(2)).toMatchObject([
      { type: 'subscription.updated', cancelAtPeriodEnd: true, cancelComment: reason },
      { type: 'subscription.updated', cancelAtPeriodEnd: false, cancelComment: null },
    ]);
    bed.at.passTime(theirs(id));
    await bed.hearAll();
    expect((await bed.row(id)).status).toBe('active');
    await bed.endpoint.cancel(id, {}, SHOP);
    expect(await refusalOf(change(id, { name: 'undo_cancel' }))).toMatchObject({
      code: 'transition_refused',
      details: { from: 'canceled', to: 'active', reason: 'it has ended for good' },
    });
  });

  it('S8c says why it was canceled, in the word of its owner, whichever comes first: the event or the answer', async () => {
    const { subscriptionId: id } = await subscribe();
    bed.at.meanwhile = async () => {
      bed.at.meanwhile = () => Promise.resolve();
      await bed.hearAll();
    };
    const ended = await bed.endpoint.cancel(id, { reason: '  too dear  ' }, SHOP);
    expect(ended).toMatchObject({ status: 'canceled', cancelReason: 'requested', cancelComment: 'too dear' });
    expect((await bed.events(id)).slice(2)).toMatchObject([
      { type: 'subscription.canceled', reason: 'requested', cancelComment: 'too dear' },
    ]);
  });

  it('S8d forgets why it was to be canceled where the provider refused, and learns it where the provider tells', async () => {
    const { subscriptionId: id } = await subscribe();
    bed.at.answers = ['invalid_request'];
    expect(await refusalOf(bed.endpoint.cancel(id, { reason: 'too dear' }, SHOP))).toMatchObject({
      code: 'provider_rejected',
    });
    expect(await bed.row(id)).toMatchObject({ status: 'active', cancelComment: null });
    Object.assign(theirs(id), { cancelAtPeriodEnd: true, cancelComment: 'said in the panel' });
    await bed.truth.refresh(id, 'janitor');
    expect((await bed.events(id)).at(-1)).toMatchObject({
      type: 'subscription.updated',
      cancelComment: 'said in the panel',
    });
  });

  it('S8e can be told another reason while it is to end, and what is open then can still be closed', async () => {
    bed.provider.capabilities.add('cancel_at_period_end');
    const { subscriptionId: id } = await subscribe();
    const cancel = (more: { reason?: string; openInvoices?: 'keep' | 'void' }) =>
      bed.endpoint.cancel(id, { atPeriodEnd: true, ...more }, SHOP);
    await cancel({ reason: 'too dear' });
    await cancel({ reason: 'too dear', openInvoices: 'keep' });
    expect(bed.at.calls).toHaveLength(2);
    expect(await cancel({ reason: 'too slow' })).toMatchObject({ cancelComment: 'too slow' });
    expect(await refusalOf(cancel({ openInvoices: 'void' }))).toMatchObject({
      code: 'capability_not_supported',
      details: [{ field: 'openInvoices', rule: expect.stringContaining('must be keep') }],
    });
    bed.provider.capabilities.add('void_invoices');
    await cancel({ openInvoices: 'void' });
    expect(bed.at.calls).toHaveLength(4);
  });

  it('whose pausing gets no answer is paused by the janitor, and nothing else is asked before', async () => {
    const { subscriptionId: id } = await subscribe();
    bed.at.answers = ['lost'];
    expect(await refusalOf(change(id, { name: 'pause' }))).toMatchObject({
      code: 'unknown_outcome',
      details: { subscriptionId: id },
    });
    expect(await refusalOf(change(id, { name: 'resume' }))).toMatchObject({ code: 'operation_in_doubt' });
    await bed.settle();
    expect((await bed.row(id)).status).toBe('paused');
    expect((await bed.eventTypes(id)).slice(2)).toEqual(['paused']);
  });

  it('whose command the provider refuses is read again, and so is one that an event has overtaken', async () => {
    const { subscriptionId: id } = await subscribe();
    const one = theirs(id);
    one.declines = true;
    bed.at.passTime(one);
    bed.at.answers = ['invalid_request'];
    expect(await refusalOf(change(id, { name: 'pause' }))).toMatchObject({ code: 'provider_rejected' });
    expect((await bed.row(id)).status).toBe('past_due');
    one.declines = false;
    bed.at.meanwhile = async () => {
      bed.at.meanwhile = () => Promise.resolve();
      bed.at.pause(one);
      await bed.hearAll();
    };
    expect(await change(id, { name: 'retry' })).toMatchObject({ status: 'paused' });
    expect((await bed.eventTypes(id)).slice(2)).toEqual(['payment_failed', 'past_due', 'renewed', 'paused']);
  });

  it('made in the panel becomes ours, with a plan and a card that we did not know', async () => {
    const terms = { name: 'Panel', money: { amount: 500n, currency: 'MXN' } } as const;
    bed.provider.plans.put('panel-plan', {
      terms: { ...terms, interval: 'week', frequency: 1, trialDays: 0 },
    });
    bed.provider.people.get(customer.account).cards.push({ providerSourceId: 'src_panel', blocked: false });
    bed.at.subscribe(customer.account, 'panel-plan', { sourceId: 'src_panel' });
    bed.at.subscribe('cus_stranger', 'panel-plan');
    await bed.hearAll();
    const [row] = await bed.rowsOf(customer.id);
    expect(row).toMatchObject({ status: 'active', caller: 'provider', exclusive: false });
    expect(await bed.eventTypes(row?.id ?? '')).toEqual(['created', 'activated']);
    expect(await bed.directory.list({ customerId: customer.id }, SHOP)).toMatchObject({
      data: [{ planId: 'panel-plan', paymentSourceId: expect.any(String) }],
      nextCursor: null,
    });
    expect((await subscribe()).status).toBe('active');
  });

  it('is not set back by a reading of long ago, even when the last one said nothing new', async () => {
    const { subscriptionId: id } = await subscribe();
    const one = theirs(id);
    await bed.clock.advance(1);
    bed.at.pause(one);
    const [event] = bed.at.events.slice(-1);
    if (event === undefined) throw new Error('no event');
    const early = await bed.read(event);
    bed.at.resume(one);
    expect((await bed.hear(event)).kind).toBe('stale');
    expect(await bed.apply(early)).toEqual({ kind: 'parked', reason: 'read_overtaken' });
    expect(await bed.eventTypes(id)).toEqual(['created', 'activated']);
  });

  it('is followed to its end, though its last plan is one that its provider does not know any more', async () => {
    const { subscriptionId: id } = await subscribe();
    await bed.clock.advance(1);
    bed.at.changePlan(theirs(id), 'plan-that-is-gone');
    bed.at.cancel(theirs(id), false);
    await bed.hearAll();
    expect(await bed.row(id)).toMatchObject({ status: 'canceled', planUid: plan.uid });
  });

  it('tells what was given back of a cycle before anybody here knew of the cycle', async () => {
    const { subscriptionId: id } = await subscribe();
    const one = theirs(id);
    bed.at.passTime(one);
    const period = one.periods.at(-1);
    const [paid] = period?.payment ?? [];
    if (period === undefined || paid === undefined) throw new Error('no cycle was paid');
    const { ref, livemode, occurredAt } = paid;
    const money = { amount: 700n, currency: 'MXN' };
    const refund = { kind: 'refund', refundId: `re_${id}`, status: 'succeeded', money } as const;
    const payment = [paid, { ...refund, ref, livemode, occurredAt }];
    one.periods = [...one.periods.slice(0, -1), { ...period, payment }];
    await bed.hearAll();
    await bed.hearAll();
    const [row] = await home.database.db
      .select()
      .from(payments)
      .where(eq(payments.providerPaymentId, period.providerPaymentId));
    expect(row).toMatchObject({ status: 'partially_refunded', amountRefunded: 700n });
  });

  it('that an earlier call made is not taken for the one whose answer was lost', async () => {
    bed.settings.multiple = true;
    const { subscriptionId: first } = await subscribe();
    bed.at.answers = ['vanished'];
    await refusalOf(subscribe());
    const asked = jest.spyOn(bed.at, 'run');
    await bed.settle();
    const theirIds = [(await bed.row(first)).providerSubscriptionId];
    expect(asked.mock.lastCall?.[1]).toMatchObject({ madeByOthers: theirIds });
    asked.mockRestore();
    expect((await bed.rowsOf(customer.id)).map(({ status }) => status)).toEqual(['active', 'active']);
  });

  it('whose provider forgot it with its customer was canceled; one that we never had is none of ours', async () => {
    const { subscriptionId: id } = await subscribe();
    bed.provider.people.get(customer.account).deleted = true;
    await bed.clock.advance(1);
    bed.at.dropAllOf(customer.account);
    await bed.hearAll();
    expect(await bed.row(id)).toMatchObject({ status: 'canceled', cancelReason: 'requested' });
    expect((await bed.eventTypes(id)).slice(2)).toEqual(['canceled']);
    const stranger = { kind: 'subscription', providerSubscriptionId: 'sub_x', trialEnding: false } as const;
    const news = { ...stranger, providerCustomerId: customer.account, periodIds: [] };
    expect(await bed.hear(news)).toMatchObject({ kind: 'ignored' });
    await expect(bed.hear({ ...news, providerCustomerId: (await bed.customer()).account })).rejects.toThrow();
  });

  it.each([
    ['asked in time', 3_600],
    ['not asked for a quarter', 95 * 86_400],
  ])('is kept for a year of which no event arrives, though the provider is %s', async (_when, pause) => {
    bed.at.rules = { keepsOurId: false, drafts: true, tellsRetries: false };
    const { subscriptionId: id } = await subscribe();
    const one = theirs(id);
    const pass = async (): Promise<void> => {
      const before = bed.at.now.getTime();
      if (one.drafted) bed.at.now = new Date(before + HOUR_MS);
      bed.at.passTime(one);
      await bed.clock.advance((bed.at.now.getTime() - before) / 1000);
    };
    const checkFor = async (seconds: number): Promise<void> => {
      await bed.clock.advance(seconds);
      await bed.check();
    };
    const paid = () => one.periods.filter(({ paidAt }) => paidAt !== undefined);
    for (let turn = 0; paid().length < 12; turn += 1) {
      one.declines = paid().length === 4 && (one.periods.at(-1)?.failures.length ?? 0) < 3;
      await pass();
      if (pause < 86_400 || turn % 7 === 0) await checkFor(1_200);
    }
    bed.at.pause(one);
    await checkFor(86_400 + 1_200);
    await checkFor(86_400 + 1_200);
    const told = await bed.eventTypes(id);
    const payments = (await bed.events(id)).flatMap(({ type, paymentId }) =>
      type === 'subscription.renewed' ? [paymentId] : [],
    );
    expect(new Set(payments).size).toBe(12);
    expect(payments).toHaveLength(12);
    expect(told.filter((type) => type === 'payment_failed')).toHaveLength(3);
    expect(told.at(-1)).toBe('paused');
    expect((await bed.periods(id)).filter(({ paidAt }) => paidAt === null)).toEqual([]);
    expect(bed.at.events.length).toBeGreaterThan(12);
  });

  /** Puts a bill in place of, or behind, those that the provider has, and has it read. */
  const bill = async (one: FakeSubscription, changes: Partial<SubscriptionPeriod>, behind = true) => {
    const last = one.periods.at(-1);
    const periodId = changes.periodId ?? (behind ? `bill_${randomUUID()}` : (last?.periodId ?? ''));
    const fresh: SubscriptionPeriod = {
      periodId,
      start: one.periodStart,
      end: one.periodEnd,
      money: { amount: 77_700n, currency: 'MXN' },
      failures: [],
      providerPaymentId: `pay_${periodId}`,
      payment: [],
    };
    one.periods = behind
      ? [...one.periods, { ...fresh, ...changes }]
      : [...one.periods.slice(0, -1), { ...(last ?? fresh), ...changes }];
    return bed.hear({
      kind: 'subscription',
      providerSubscriptionId: one.id,
      providerCustomerId: one.customerId,
      periodIds: [periodId],
      trialEnding: false,
    });
  };
  const paymentFact = (
    one: FakeSubscription,
    name: PaymentFact['name'],
    more: Partial<PaymentFact> = {},
  ): PaymentFact => ({
    kind: 'payment',
    name,
    ref: {
      provider: FAKE,
      providerPaymentId: one.periods.at(-1)?.providerPaymentId,
      chargeId: `ch_${randomUUID()}`,
    },
    livemode: false,
    occurredAt: bed.at.now,
    money: { amount: 77_700n, currency: 'MXN' },
    ...more,
  });
  /** The next month has begun, and its first attempt was declined. */
  const overdue = async () => {
    const { subscriptionId } = await subscribe();
    const one = theirs(subscriptionId);
    one.declines = true;
    bed.at.passTime(one);
    await bed.hearAll();
    expect(await bed.row(subscriptionId)).toMatchObject({ status: 'past_due', failedAttempts: 1 });
    const paymentOf = async () => {
      const rows = await home.database.db
        .select()
        .from(payments)
        .where(eq(payments.subscriptionId, subscriptionId));
      return rows.find(
        ({ providerPaymentId }) => providerPaymentId === one.periods.at(-1)?.providerPaymentId,
      );
    };
    return { subscriptionId, one, paymentOf };
  };

  it('S1d keeps what is billed beside its cycles as a payment, and neither renews nor is in arrears by it', async () => {
    const { subscriptionId } = await subscribe();
    const one = theirs(subscriptionId);
    const before = await bed.row(subscriptionId);
    const failures = [{ attemptId: 'ch_attempt_failed', at: bed.at.now, reason: 'insufficient_funds' }];
    const providerPaymentId = `pay_${randomUUID()}`;
    const beside = { offCycle: true, start: undefined, end: undefined, providerPaymentId };
    const ref = { provider: FAKE, providerPaymentId, chargeId: undefined };
    const declined = paymentFact(one, 'attempt_failed', { ref, attemptId: 'ch_attempt_failed' });
    await bill(one, { ...beside, failures, payment: [declined] });
    expect(await bed.row(subscriptionId)).toMatchObject({ failedAttempts: 0, version: before.version });
    const paid = paymentFact(one, 'succeeded', { ref: { ...ref, chargeId: 'ch_1' } });
    await bill(one, { payment: [declined, paid], paidAt: bed.at.now, failures }, false);
    expect(await bed.eventTypes(subscriptionId)).toEqual(['created', 'activated']);
    const [payment] = await home.database.db
      .select()
      .from(payments)
      .where(eq(payments.providerPaymentId, providerPaymentId));
    expect(payment).toMatchObject({ status: 'succeeded', subscriptionId });
    expect(await bed.eventTypes(payment?.id ?? '')).toEqual([
      'payment.created',
      'payment.attempt_failed',
      'payment.succeeded',
    ]);
    // It counts as no cycle, and the cycle that runs is known to be billed: nobody asks every ten minutes.
    expect((await bed.directory.details(subscriptionId, SHOP)).periods).toHaveLength(1);
    const { nextCheckAt, confirmedAt } = await bed.row(subscriptionId);
    expect((nextCheckAt?.getTime() ?? 0) - (confirmedAt?.getTime() ?? 0)).toBeGreaterThan(HOUR_MS);
  });

  it('S2d is renewed by a month that costs nothing: once, with a version, a period and no payment', async () => {
    const { subscriptionId } = await subscribe();
    const one = theirs(subscriptionId);
    [one.periodStart, one.periodEnd] = [one.periodEnd, new Date(Number(one.periodEnd) + 30 * 24 * HOUR_MS)];
    const free = { money: { amount: 0n, currency: 'MXN' }, paidAt: one.periodStart } as const;
    await bill(one, free);
    await bill(one, free, false);
    const [, , renewed, ...more] = await bed.events(subscriptionId);
    expect(more).toEqual([]);
    expect(renewed).toMatchObject({
      type: 'subscription.renewed',
      version: 3,
      amount: 0,
      currency: 'MXN',
      periodStart: one.periodStart?.toISOString(),
      periodEnd: one.periodEnd.toISOString(),
    });
    expect(renewed).not.toHaveProperty('paymentId');
    const { periods } = await bed.directory.details(subscriptionId, SHOP);
    expect(periods).toMatchObject([{ amount: 0, paymentId: null }, { amount: 77_700 }]);
  });

  it('S2e begins with a first month that costs nothing, and does not begin while its trial runs', async () => {
    const trial = await bed.plan({ trialDays: 10, money: { amount: 0n, currency: 'MXN' } });
    const one = bed.at.subscribe(customer.account, trial.id, { sourceId: customer.cardAtProvider });
    await bed.hearAll();
    const [row] = await bed.rowsOf(customer.id);
    const id = row?.id ?? '';
    expect(await bed.eventTypes(id)).toEqual(['created']);
    Object.assign(one, {
      status: 'active',
      periodStart: one.trialEnd,
      periodEnd: new Date(Number(one.trialEnd) + 1),
    });
    await bill(one, { money: { amount: 0n, currency: 'MXN' }, paidAt: one.trialEnd });
    expect(await bed.eventTypes(id)).toEqual(['created', 'activated']);
    expect((await bed.events(id)).at(-1)).toMatchObject({ status: 'active', amount: 0 });
  });

  it('does not tell again of a free month that an older version has read without a word', async () => {
    const { subscriptionId } = await subscribe();
    const one = theirs(subscriptionId);
    const free = {
      money: { amount: 0n, currency: 'MXN' },
      paidAt: new Date(Date.now() - 48 * HOUR_MS),
    } as const;
    await bill(one, free);
    expect(await bed.eventTypes(subscriptionId)).toEqual(['created', 'activated']);
  });

  it('S2g drops the payment of a month that a credit has paid after it was asked for', async () => {
    const { subscriptionId, one, paymentOf } = await overdue();
    one.status = 'active';
    await bill(one, { money: { amount: 0n, currency: 'MXN' }, paidAt: bed.at.now, payment: [] }, false);
    expect(await paymentOf()).toMatchObject({ status: 'canceled' });
    expect((await bed.eventTypes(subscriptionId)).slice(-2)).toEqual(['past_due', 'renewed']);
    expect(await bed.row(subscriptionId)).toMatchObject({ status: 'active', failedAttempts: 0 });
  });

  it('S3g follows the item of the plan that was made here, though an add-on comes first; or says that it cannot', async () => {
    const addOn = { itemId: 'si_0', providerPlanId: 'price_of_others', isPlan: false };
    const day = (index: number) => new Date(Date.UTC(2031, 0, index));
    const ours = {
      itemId: 'si_1',
      providerPlanId: plan.id,
      isPlan: false,
      periodStart: day(1),
      periodEnd: day(31),
    };
    const read = bed.at.retrieve.bind(bed.at);
    const spy = jest.spyOn(bed.at, 'retrieve');
    const tell = (plans: readonly SubscriptionItem[]) =>
      spy.mockImplementation(async (subject) => {
        const fact = await read(subject);
        const [{ itemId: first } = addOn] = plans;
        const spans = plans.map(({ itemId }, index) => ({ itemId, start: day(index), end: day(index + 30) }));
        const periods = fact.periods.map((period) => ({ ...period, spans, start: day(0), end: day(30) }));
        return { ...fact, providerPlanId: first, items: plans, periods };
      });
    try {
      const one = bed.at.subscribe(customer.account, plan.id, { sourceId: customer.cardAtProvider });
      tell([addOn, { ...addOn, itemId: 'si_2' }]);
      const [event] = bed.at.events;
      if (event === undefined) throw new Error('nothing was told');
      expect(await bed.hear(event)).toEqual({ kind: 'parked', reason: 'plan_unclear' });
      tell([addOn, ours]);
      await bed.hear(event);
      const [row] = await bed.rowsOf(customer.id);
      expect(row).toMatchObject({
        planUid: plan.uid,
        nextPlanUid: null,
        periodStart: day(1),
        periodEnd: day(31),
      });
      expect(await bed.periods(row?.id ?? '')).toMatchObject([{ start: day(1), end: day(31) }]);
      // Its price is another one that nobody knows: the plan stays what it was.
      tell([addOn, { ...ours, providerPlanId: 'price_unknown' }]);
      await bed.hear({ ...event, periodIds: one.periods.map(({ periodId }) => periodId) });
      expect(await bed.rowsOf(customer.id)).toMatchObject([{ planUid: plan.uid, nextPlanUid: null }]);
      // Nor does the add-on become the plan when its price happens to be the only one that was heard of.
      const terms = { name: 'Add-on', money: { amount: 500n, currency: 'MXN' }, interval: 'month' } as const;
      bed.provider.plans.put(addOn.providerPlanId, { terms: { ...terms, frequency: 1, trialDays: 0 } });
      const { providerPlanId } = addOn;
      const heard = await bed.apply(await bed.read({ kind: 'plan', providerPlanId }));
      expect(heard.kind).toBe('applied');
      await bed.hear({ ...event, periodIds: [] });
      expect(await bed.rowsOf(customer.id)).toMatchObject([{ planUid: plan.uid, nextPlanUid: null }]);
    } finally {
      spy.mockRestore();
    }
  });

  it.each<[ClosedAs, PaymentFact['name'], string]>([
    ['void', 'canceled', 'canceled'],
    ['uncollectible', 'failed', 'failed'],
  ])('S4d whose open month is %s is told so once, with nothing left to collect', async (as, name, status) => {
    const { subscriptionId, one, paymentOf } = await overdue();
    one.status = 'active';
    const closed = { as, at: bed.at.now };
    const payment = [...(one.periods.at(-1)?.payment ?? []), paymentFact(one, name)];
    await bill(one, { closed, payment, nextAttemptAt: undefined }, false);
    await bill(one, {}, false);
    const { version } = await bed.row(subscriptionId);
    expect(await bed.row(subscriptionId)).toMatchObject({
      status: 'active',
      failedAttempts: 0,
      nextAttemptAt: null,
    });
    const events = await bed.events(subscriptionId);
    expect(events.filter(({ closed: told }) => told !== undefined)).toMatchObject([
      {
        type: 'subscription.updated',
        status: 'active',
        failedAttempts: 0,
        closed: as,
        amount: 77_700,
        version,
      },
    ]);
    const kept = await paymentOf();
    expect(kept).toMatchObject({ status });
    expect(
      (await bed.eventTypes(kept?.id ?? '')).filter((type) => type === `payment.${status}`),
    ).toHaveLength(1);
    expect(await bed.periods(subscriptionId)).toContainEqual(
      expect.objectContaining({ closedAt: closed.at }),
    );
  });

  it('S4f is renewed by a month that was given up and is paid after all', async () => {
    const { subscriptionId, one, paymentOf } = await overdue();
    one.status = 'active';
    const facts = [...(one.periods.at(-1)?.payment ?? []), paymentFact(one, 'failed')];
    await bill(one, { closed: { as: 'uncollectible', at: bed.at.now }, payment: facts }, false);
    expect(await bed.row(subscriptionId)).toMatchObject({ status: 'active', failedAttempts: 0 });
    await bill(
      one,
      { closed: undefined, paidAt: bed.at.now, payment: [...facts, paymentFact(one, 'succeeded')] },
      false,
    );
    expect(await paymentOf()).toMatchObject({ status: 'succeeded' });
    expect((await bed.eventTypes(subscriptionId)).slice(-2)).toEqual(['updated', 'renewed']);
  });

  it('S10c that has ended tells of a month that is paid after that as an update, and is not renewed', async () => {
    const { subscriptionId, one, paymentOf } = await overdue();
    bed.at.cancel(one, false);
    await bed.hearAll();
    expect(await paymentOf()).toMatchObject({ status: 'failed' });
    const payment = [...(one.periods.at(-1)?.payment ?? []), paymentFact(one, 'succeeded')];
    await bill(one, { paidAt: bed.at.now, payment }, false);
    const kept = await paymentOf();
    expect(kept).toMatchObject({ status: 'succeeded' });
    expect((await bed.eventTypes(subscriptionId)).slice(-2)).toEqual(['canceled', 'updated']);
    expect((await bed.events(subscriptionId)).at(-1)).toMatchObject({
      status: 'canceled',
      paymentId: kept?.id,
      amount: 77_700,
      currency: 'MXN',
      periodEnd: one.periodEnd?.toISOString(),
    });
  });

  it('that has ended for us and goes on for the provider is for the operator', async () => {
    const { subscriptionId: id } = await subscribe();
    await change(id, { name: 'cancel', atPeriodEnd: false });
    const one = theirs(id);
    one.status = 'active';
    await bed.clock.advance(1);
    bed.at.changeCard(one, customer.cardAtProvider);
    const [event] = bed.at.events.slice(-1);
    expect(event && (await bed.hear(event))).toEqual({ kind: 'conflict', reason: 'active after canceled' });
    expect((await bed.row(id)).status).toBe('canceled');
  });
});
