import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { BillingSubject, PlanTerms, SubscriptionPeriod } from '../../src/providers/billing.facts.js';
import { isOfAnOrder } from '../../src/providers/facts.js';
import type { WebhookEvent } from '../../src/providers/webhook.ports.js';
import { known } from '../support/stripe/adapter.bed.js';
import { BillingBench, DAY_S, MONTHLY, only } from './billing.bench.js';
import { STAGES, type StageName } from './provider.stage.js';
import { refusalOf } from './refusals.js';

/** Events about what we keep that tell nothing which another event does not tell. */
const SILENT: Record<StageName, string[]> = {
  stripe: [
    'invoice.created',
    'invoice.payment_succeeded',
    'invoice.upcoming',
    'invoice_payment.paid',
    'product.created',
    'setup_intent.created',
    'setup_intent.succeeded',
  ],
  conekta: [],
};

/** Events of money: what they say of a payment is for the other half of the port. */
const OF_MONEY = /^(charge|order|payment_intent)\./;

/** What every adapter owes the service of subscriptions, whichever provider is behind it. */
describe.each(STAGES)('the adapter of %s keeps a subscription', (name) => {
  let bench: BillingBench;
  beforeEach(async () => {
    bench = await BillingBench.open(name);
  });
  afterEach(() => bench.close());

  it('that is charged at once, and is made once', async () => {
    const { stage, subscriptions } = bench;
    const { cardId, target: _, ...command } = await bench.creation();
    const { providerCustomerId, providerPlanId } = command;
    const path = stage.paths.subscription(providerCustomerId);
    const [soon, late] = await bench.runInDoubt(subscriptions, command, path);
    const fact = only(soon ?? { facts: [] }, 'subscription');
    expect(fact).toMatchObject({
      provider: name,
      livemode: false,
      providerCustomerId,
      providerPlanId,
      status: 'active',
      createdAt: new Date('2026-01-31T12:00:00Z'),
      periodStart: new Date('2026-01-31T12:00:00Z'),
      periodEnd: new Date('2026-02-28T12:00:00Z'),
      cancelAtPeriodEnd: false,
      periods: [
        {
          money: MONTHLY.money,
          failures: [],
          start: new Date('2026-01-31T12:00:00Z'),
          end: new Date('2026-02-28T12:00:00Z'),
          paidAt: new Date('2026-01-31T12:00:00Z'),
        },
      ],
    });
    expect([undefined, command.subscriptionId]).toContain(fact.subscriptionId);
    expect([undefined, cardId]).toContain(fact.providerSourceId);
    const [period] = fact.periods;
    expect(period?.payment).toMatchObject([{ name: 'succeeded' }]);
    expect(period?.payment[0]).toMatchObject({
      money: MONTHLY.money,
      method: { type: 'card', last4: '4242' },
      ref: { provider: name, providerPaymentId: period?.providerPaymentId, chargeId: expect.any(String) },
    });
    expect(period?.payment[0]?.ref).not.toHaveProperty('paymentId', expect.anything());
    expect(late).toMatchObject({ madeId: fact.providerSubscriptionId });
    expect(stage.made()).toMatchObject({ subscriptions: 1, paidCharges: 1 });
  });

  it('that never arrived, and then is made, or known not to be', async () => {
    const { stage, subscriptions } = bench;
    const { cardId: _, target: __, ...command } = await bench.creation();
    const call = bench.recorded(subscriptions.request(command));
    const path = stage.paths.subscription(command.providerCustomerId);
    stage.faults.add({ kind: 'reset_before', method: 'POST', path, exact: true, count: 0 });
    expect(await subscriptions.run(command.kind, call)).toMatchObject({ known: false });
    stage.faults.clear();
    const again = { ...call, sentBefore: stage.clock.now() };
    await stage.advance(600);
    // Conekta has no idempotency key: whoever asks twice is charged twice.
    const outcome = subscriptions.run(command.kind, again);
    if (name === 'stripe') expect(await outcome).toMatchObject({ known: true });
    else await expect(outcome).rejects.toMatchObject({ kind: 'not_found' });
    const times = name === 'stripe' ? 1 : 0;
    expect(stage.made()).toMatchObject({ subscriptions: times, paidCharges: times });
  });

  it('that ends with its customer', async () => {
    const { customers, stage } = bench;
    const subscriber = await bench.subscriber();
    const { providerCustomerId } = subscriber.target;
    await bench.run(customers, { kind: 'delete_customer', providerCustomerId });
    // Conekta knows a customer's subscriptions no longer than the customer.
    if (name === 'stripe') expect(await bench.look(subscriber)).toMatchObject({ status: 'canceled' });
    else await expect(bench.look(subscriber)).rejects.toMatchObject({ kind: 'not_found' });
    await bench.until('2026-04-01');
    expect(stage.made().paidCharges).toBe(1);
  });

  it("that is charged when its trial ends: the plan's, or its own", async () => {
    const { stage } = bench;
    const byPlan = await bench.subscriber({ ...MONTHLY, trialDays: 7 });
    const trialEnd = new Date('2026-03-01T12:00:00Z');
    const ofItsOwn = await bench.subscriber({ ...MONTHLY, trialDays: 7 }, { trialEnd });
    expect(await bench.look(byPlan)).toMatchObject({
      status: 'in_trial',
      trialEnd: new Date('2026-02-07T12:00:00Z'),
      periodStart: undefined,
      periods: [],
    });
    expect(await bench.look(ofItsOwn)).toMatchObject({ status: 'in_trial', trialEnd, periods: [] });
    await bench.until('2026-02-08');
    expect(await bench.look(ofItsOwn)).toMatchObject({ status: 'in_trial' });
    expect(await bench.look(byPlan)).toMatchObject({
      status: 'active',
      periodStart: new Date('2026-02-07T12:00:00Z'),
      periods: [{ paidAt: expect.any(Date) }],
    });
    expect(stage.made().paidCharges).toBe(1);
  });

  it('that pauses, goes on and ends, and is so already when it is told again', async () => {
    const { stage, subscriptions } = bench;
    const subscriber = await bench.subscriber();
    const { target } = subscriber;
    const acts = [
      ['pause_subscription', 'paused'],
      ['resume_subscription', 'active'],
      ['cancel_subscription', 'canceled'],
    ] as const;
    for (const [kind, status] of acts) {
      const call = bench.recorded(
        subscriptions.request(
          kind === 'cancel_subscription' ? { kind, target, atPeriodEnd: false } : { kind, target },
        ),
      );
      for (const sentBefore of [undefined, stage.clock.now()]) {
        const told = only(known(await subscriptions.run(kind, { ...call, sentBefore })), 'subscription');
        expect(told).toMatchObject({ status });
        expect(await bench.look(subscriber)).toEqual(told);
      }
      const now = await bench.look(subscriber);
      expect(now.pausedAt !== undefined).toBe(status === 'paused');
      expect(now.canceledAt !== undefined).toBe(status === 'canceled');
      expect(now.cancelReason).toBe(status === 'canceled' ? 'requested' : undefined);
      // The 28th, when a cycle ends, passes while it is paused: nothing is asked for.
      if (status === 'paused') await bench.until('2026-03-02');
    }
    await bench.until('2026-06-01');
    // Conekta begins a cycle, and charges it, when what was paid for ran out in the pause.
    expect(stage.made().paidCharges).toBe(name === 'stripe' ? 1 : 2);
  });

  it('that ends with its cycle where the provider can, and is refused by name where not', async () => {
    const { subscriptions, provider } = bench;
    const subscriber = await bench.subscriber();
    const command = { kind: 'cancel_subscription', target: subscriber.target, atPeriodEnd: true } as const;
    if (!provider.capabilities.has('cancel_at_period_end')) {
      expect(refusalOf(() => subscriptions.request(command))).toEqual([
        'capability_not_supported',
        'atPeriodEnd',
      ]);
      return;
    }
    await bench.run(subscriptions, command);
    expect(await bench.look(subscriber)).toMatchObject({ status: 'active', cancelAtPeriodEnd: true });
    await bench.until('2026-03-01');
    expect(await bench.look(subscriber)).toMatchObject({
      status: 'canceled',
      cancelReason: 'requested',
      cancelAtPeriodEnd: false,
    });
  });

  it('S8f that was to end with its cycle, and goes on to the last of its cycles, though every answer is lost', async () => {
    const { stage, subscriptions, provider } = bench;
    const terms = { ...MONTHLY, expiryCount: 3 };
    const subscriber = await bench.subscriber(terms);
    const { target } = subscriber;
    const undo = { kind: 'undo_cancel_subscription', target, present: terms } as const;
    if (!provider.capabilities.has('cancel_at_period_end')) {
      expect(refusalOf(() => subscriptions.request(undo))).toEqual(['capability_not_supported', 'provider']);
      return;
    }
    const path = `/v1/subscriptions/${target.providerSubscriptionId}`;
    const comment = 'Me mudo & ya no la uso';
    const cancel = { kind: 'cancel_subscription', target, atPeriodEnd: true, comment } as const;
    for (const told of await bench.runInDoubt(subscriptions, cancel, path)) {
      expect(only(told, 'subscription')).toMatchObject({ cancelAtPeriodEnd: true, cancelComment: comment });
    }
    for (const told of await bench.runInDoubt(subscriptions, undo, path)) {
      expect(only(told, 'subscription').cancelAtPeriodEnd).toBe(false);
    }
    expect((await bench.look(subscriber)).cancelComment).toBeUndefined();
    await bench.until('2026-06-01');
    expect(await bench.look(subscriber)).toMatchObject({ status: 'canceled', cancelReason: 'completed' });
    expect(stage.made().paidCharges).toBe(3);
  });

  it('S8g that ends for a reason, in the words of its owner, which the provider keeps where it can', async () => {
    const { subscriptions } = bench;
    const subscriber = await bench.subscriber();
    const { target } = subscriber;
    const comment = 'Demasiado cara: 50% más';
    await bench.run(subscriptions, { kind: 'cancel_subscription', target, atPeriodEnd: false, comment });
    const { status, cancelComment } = await bench.look(subscriber);
    expect([status, cancelComment]).toEqual(['canceled', name === 'stripe' ? comment : undefined]);
  });

  it('S8h whose unpaid invoices are closed with it, or on a repeat; refused by name where there are none', async () => {
    const { stage, subscriptions, provider } = bench;
    const subscriber = await bench.subscriber();
    const { target, cardId } = subscriber;
    const cancel = {
      kind: 'cancel_subscription',
      target,
      atPeriodEnd: false,
      openInvoices: 'void',
    } as const;
    if (!provider.capabilities.has('void_invoices')) {
      expect(refusalOf(() => subscriptions.request(cancel))).toEqual([
        'capability_not_supported',
        'openInvoices',
      ]);
      return;
    }
    await stage.setCardOutcome(cardId, 'card_declined');
    await bench.until('2026-03-01');
    const [{ periodId = '' } = {}] = (await bench.look(subscriber)).periods;
    const voided = () => stage.events().filter(({ type }) => type === 'invoice.voided').length;
    // The subscription is canceled by then, and the invoice is voided too, but nobody hears of it.
    const told = await bench.runInDoubt(subscriptions, cancel, `/v1/invoices/${periodId}/void`);
    expect(told.map((one) => only(one, 'subscription').status)).toEqual(['canceled', 'canceled']);
    expect(voided()).toBe(1);
    await stage.setCardOutcome(cardId, null);
    await bench.until('2026-06-01');
    expect(stage.made().paidCharges).toBe(1);
  });

  it('whose next cycle is paid by another plan and another card', async () => {
    const { stage, customers, subscriptions } = bench;
    const subscriber = await bench.subscriber();
    const { target } = subscriber;
    const { providerCustomerId } = target;
    const token = await stage.token('pays');
    const adding = { kind: 'add_card', providerCustomerId, token, makeDefault: false } as const;
    const { madeId: cardId = '' } = await bench.run(customers, adding);
    const carded = await bench.run(subscriptions, {
      kind: 'change_card',
      target,
      providerSourceId: cardId,
    });
    expect(only(carded, 'subscription').providerSourceId).toBe(cardId);
    const terms: PlanTerms = { ...MONTHLY, name: 'Plata', money: { amount: 9_900n, currency: 'MXN' } };
    const { providerPlanId } = await bench.plan(terms);
    const change = {
      kind: 'change_plan',
      target,
      present: MONTHLY,
      providerPlanId,
      terms,
      timing: 'at_period_end',
    } as const;
    const changed = await bench.run(subscriptions, change);
    expect(only(changed, 'subscription')).toMatchObject({
      status: 'active',
      periods: [{ money: MONTHLY.money }],
    });
    expect(stage.made().paidCharges).toBe(1);
    await stage.setCardOutcome(subscriber.cardId, 'card_declined');
    await bench.until('2026-03-01');
    expect(await bench.look(subscriber)).toMatchObject({
      status: 'active',
      providerPlanId,
      periods: [{ money: terms.money, failures: [], paidAt: expect.any(Date) }],
    });
  });

  it('whose plan changes at once where what is left is settled, and is refused by name where not', async () => {
    const { stage, subscriptions, provider } = bench;
    const subscriber = await bench.subscriber();
    const terms: PlanTerms = { ...MONTHLY, name: 'Plata', money: { amount: 9_900n, currency: 'MXN' } };
    const { providerPlanId } = await bench.plan(terms);
    const { target } = subscriber;
    const change = {
      kind: 'change_plan',
      target,
      present: MONTHLY,
      providerPlanId,
      terms,
      timing: 'immediately',
    } as const;
    if (!provider.capabilities.has('subscription_proration')) {
      expect(refusalOf(() => subscriptions.request(change))).toEqual([
        'capability_not_supported',
        'proration',
      ]);
      return;
    }
    // Half of a cycle of 28 days.
    await stage.advance(14 * DAY_S);
    expect(only(await bench.run(subscriptions, change), 'subscription')).toMatchObject({ providerPlanId });
    expect(stage.made().paidCharges).toBe(1);
    await bench.until('2026-03-01');
    // A cycle of the new plan and half of one, less half of one of the old.
    const money = { amount: 9_900n + 4_950n - 9_950n, currency: 'MXN' };
    expect(await bench.look(subscriber)).toMatchObject({ periods: [{ money, paidAt: expect.any(Date) }] });
  });

  it('that is dunned, tells every failure once, and is paid when it is tried with a card that pays', async () => {
    const { stage, subscriptions } = bench;
    const subscriber = await bench.subscriber();
    const { target, cardId } = subscriber;
    await stage.setCardOutcome(cardId, 'insufficient_funds');
    await bench.until('2026-03-01');
    const failing = await bench.look(subscriber);
    expect(failing).toMatchObject({
      status: 'past_due',
      periods: [
        {
          money: MONTHLY.money,
          failures: [{ reason: 'insufficient_funds', at: expect.any(Date) }],
          paidAt: undefined,
          payment: [{ kind: 'payment', name: 'attempt_failed' }],
        },
      ],
    });
    const [{ periodId, failures: [first] = [], nextAttemptAt } = {}] = failing.periods;
    expect(failing.periods[0]?.payment[0]).toMatchObject({ attemptId: first?.attemptId });
    if (nextAttemptAt !== undefined)
      expect(nextAttemptAt.getTime()).toBeGreaterThan(stage.clock.now().getTime());
    await stage.setCardOutcome(cardId, null);
    const retry = { kind: 'retry_subscription', target } as const;
    const call = bench.recorded(subscriptions.request(retry));
    const told = only(known(await subscriptions.run(retry.kind, call)), 'subscription');
    expect(told).toMatchObject({
      status: 'active',
      periods: [{ periodId, failures: [first], paidAt: expect.any(Date) }],
    });
    expect(told.periods[0]?.nextAttemptAt).toBeUndefined();
    expect(told.periods[0]?.payment).toMatchObject([{ name: 'attempt_failed' }, { name: 'succeeded' }]);
    // Never sent twice: what was sent is only looked at.
    await subscriptions.run(retry.kind, { ...call, sentBefore: stage.clock.now() });
    expect(stage.made().paidCharges).toBe(2);
    await bench.until('2026-03-20');
    expect(await bench.look(subscriber, [periodId ?? ''])).toEqual(told);
  });

  it('that nobody pays for in the end', async () => {
    const { stage, subscriptions } = bench;
    const subscriber = await bench.subscriber();
    const { target, cardId } = subscriber;
    await stage.setCardOutcome(cardId, 'card_declined');
    await bench.until('2026-03-01');
    // By hand, and in vain: a refusal, or a subscription that is told as it is.
    await bench.run(subscriptions, { kind: 'retry_subscription', target }).catch((error: unknown) => {
      expect(error).toMatchObject({ kind: 'declined' });
    });
    await bench.until('2026-05-01');
    const ended = await bench.look(subscriber);
    expect(ended).toMatchObject({ status: 'canceled', cancelReason: 'payment_failed' });
    const [{ failures = [], paidAt, nextAttemptAt } = {}] = ended.periods;
    expect([paidAt, nextAttemptAt]).toEqual([undefined, undefined]);
    expect(failures).toHaveLength(5);
    expect(new Set(failures.map(({ attemptId }) => attemptId)).size).toBe(5);
    const moments = failures.map(({ at }) => at.getTime());
    expect(moments).toEqual([...moments].sort((a, b) => a - b));
    expect(stage.made().paidCharges).toBe(1);
  });

  it('of which nobody heard for three cycles, and tells them all', async () => {
    const { subscriptions } = bench;
    const subscriber = await bench.subscriber();
    const [{ periodId: first, end: since } = {}] = (await bench.look(subscriber)).periods;
    await bench.until('2026-05-10');
    const about = { kind: 'subscription', ...subscriber.target, periodIds: [], trialEnding: false } as const;
    expect((await subscriptions.retrieve(about)).periods).toHaveLength(1);
    const { periods } = await subscriptions.retrieve({ ...about, since });
    const heard = periods.filter(({ periodId }) => periodId !== first);
    expect(heard.map(({ paidAt }) => paidAt?.toISOString().slice(0, 7))).toEqual([
      '2026-02',
      '2026-03',
      '2026-04',
    ]);
  });

  it('that is complete when its cycles were paid', async () => {
    const { stage } = bench;
    const subscriber = await bench.subscriber({ ...MONTHLY, expiryCount: 2 });
    await bench.until('2026-03-30');
    expect(await bench.look(subscriber)).toMatchObject({ status: 'active' });
    await bench.until('2026-06-01');
    expect(await bench.look(subscriber)).toMatchObject({ status: 'canceled', cancelReason: 'completed' });
    expect(stage.made().paidCharges).toBe(2);
  });

  it('and says of every webhook what of ours it is about, and what that is now', async () => {
    const { stage, customers, plans, subscriptions } = bench;
    const subscriber = await bench.subscriber({ ...MONTHLY, trialDays: 3 });
    const { target, cardId, providerPlanId } = subscriber;
    await bench.until('2026-02-05');
    await stage.setCardOutcome(cardId, 'insufficient_funds');
    await bench.until('2026-03-04');
    await stage.setCardOutcome(cardId, null);
    await bench.run(subscriptions, { kind: 'retry_subscription', target });
    await bench.run(subscriptions, { kind: 'pause_subscription', target });
    await bench.run(subscriptions, { kind: 'resume_subscription', target });
    await bench.run(subscriptions, { kind: 'cancel_subscription', target, atPeriodEnd: false });
    await bench.run(plans, { kind: 'delete_plan', target: { providerPlanId } });
    const { providerCustomerId } = target;
    await bench.run(customers, { kind: 'remove_card', providerCustomerId, providerSourceId: cardId });
    await stage.delivery.settled();
    const silent = new Set<string>();
    const subjects = new Set<string>();
    for (const { body, rawHeaders } of stage.receiver.deliveries) {
      const now = stage.clock.arrival();
      const event = await stage.provider.verify({ body, rawHeaders, query: '', now, registeredKeys: [] });
      await expectNoOrder(event);
      const subject = stage.provider.subjectOf(event);
      if (subject !== undefined && subject.kind !== 'payment') subjects.add(JSON.stringify(subject));
      else if (!OF_MONEY.test(event.type)) silent.add(event.type);
    }
    expect([...silent].sort().filter((type) => !SILENT[name].includes(type))).toEqual([]);
    const kinds = new Set<string>();
    const periods = new Map<string, SubscriptionPeriod>();
    for (const text of subjects) kinds.add(await read(JSON.parse(text)));
    expect([...kinds].sort()).toEqual(
      name === 'stripe'
        ? ['card_setup', 'customer', 'plan', 'subscription', 'trial end']
        : ['customer', 'plan', 'subscription'],
    );
    // Of each cycle that money was asked for, and of no trial.
    const cycles = [...periods.values()].map(({ failures, paidAt }) => failures.length + Number(!paidAt));
    expect(cycles.sort()).toEqual([0, 1]);

    async function read(subject: BillingSubject): Promise<string> {
      switch (subject.kind) {
        case 'customer':
          await customers.retrieve(subject.providerCustomerId);
          return subject.kind;
        case 'plan':
          await plans.retrieve(subject.providerPlanId);
          return subject.kind;
        case 'card_setup':
          expect(await bench.cardSetups.tokenOf(subject.providerSetupId)).toEqual(expect.any(String));
          return subject.kind;
        case 'subscription': {
          expect([undefined, providerCustomerId]).toContain(subject.providerCustomerId);
          const now = await subscriptions.retrieve({ ...subject, providerCustomerId });
          expect(now).toMatchObject({ status: 'canceled', cancelReason: 'requested' });
          for (const period of now.periods) {
            expect(period).toEqual(periods.get(period.periodId) ?? period);
            periods.set(period.periodId, period);
          }
          return subject.trialEnding ? 'trial end' : subject.kind;
        }
      }
    }
  });

  /** The money of a subscription's cycle is nobody's order. */
  async function expectNoOrder(event: WebhookEvent): Promise<void> {
    const facts = await bench.provider.factsOf(event, undefined);
    expect(facts.filter(({ ref }) => isOfAnOrder(ref))).toEqual([]);
  }
});
