import { describe, expect, it } from '@jest/globals';
import type { PlanTerms } from '../../billing.facts.js';
import type { SubscriptionCommand } from '../../billing.ports.js';
import type { Json } from '../../json.read.js';
import {
  AnswersByPath,
  callOf,
  list,
  SENT,
  SENT_AT,
} from '../../../../test/support/conekta/answers.by.path.js';
import { ConektaSubscriptions } from './conekta.subscriptions.js';

const TERMS: PlanTerms = {
  name: 'Gold',
  money: { amount: 9_900n, currency: 'MXN' },
  interval: 'month',
  frequency: 1,
  trialDays: 0,
};
const target = { providerCustomerId: 'cus_1', providerSubscriptionId: 'sub_1' };
const CREATE = {
  kind: 'create_subscription',
  subscriptionId: 'subscription-1',
  providerCustomerId: 'cus_1',
  providerPlanId: 'gold',
  terms: TERMS,
  providerSourceId: 'src_1',
  trialEnd: new Date((SENT_AT + 86_400) * 1000),
  metadata: { seat: '7' },
  now: SENT,
} as const;
const CHANGE = {
  kind: 'change_plan',
  target,
  present: TERMS,
  providerPlanId: 'silver',
  terms: TERMS,
  timing: 'at_period_end',
} as const;
const CANCEL = { kind: 'cancel_subscription', target, atPeriodEnd: false } as const;
const RETRY = { kind: 'retry_subscription', target } as const;
const PATH = '/customers/cus_1/subscriptions/sub_1';

const subscriptionJson = (changes: Json = {}): Json => ({
  object: 'subscription',
  id: 'sub_1',
  customer_id: 'cus_1',
  plan_id: 'gold',
  card_id: 'src_1',
  status: 'active',
  created_at: SENT_AT,
  subscription_start: SENT_AT,
  billing_cycle_start: SENT_AT,
  billing_cycle_end: SENT_AT + 2_592_000,
  trial_start: null,
  trial_end: SENT_AT,
  canceled_at: null,
  paused_at: null,
  last_billing_cycle_order_id: 'ord_1',
  ...changes,
});

const chargeJson = (id: string, changes: Json = {}): Json => ({
  object: 'charge',
  id,
  order_id: 'ord_1',
  livemode: false,
  status: 'declined',
  failure_code: 'insufficient_funds',
  amount: 9_900,
  currency: 'MXN',
  created_at: SENT_AT + 10,
  customer_id: 'cus_1',
  payment_method: { object: 'card_payment', type: 'credit', brand: 'visa', last4: '4242' },
  ...changes,
});

const orderJson = (id: string, charges: readonly Json[], changes: Json = {}): Json => ({
  object: 'order',
  id,
  livemode: false,
  amount: 9_900,
  currency: 'MXN',
  created_at: SENT_AT,
  updated_at: SENT_AT + 100,
  payment_status: 'declined',
  customer_info: { object: 'customer_info', customer_id: 'cus_1' },
  metadata: {},
  charges: list(charges),
  ...changes,
});

const PAID_ORDER = orderJson(
  'ord_1',
  [
    chargeJson('chg_1'),
    chargeJson('chg_2', {
      status: 'paid',
      failure_code: null,
      created_at: SENT_AT + 20,
      paid_at: SENT_AT + 21,
    }),
  ],
  { payment_status: 'paid' },
);

function house(answers: Record<string, Json> = {}, now = SENT) {
  const conekta = new AnswersByPath({ [PATH]: subscriptionJson(), '/orders/ord_1': PAID_ORDER, ...answers });
  const subscriptions = new ConektaSubscriptions(conekta, { livemode: false, clock: { now: () => now } });
  const run = (command: SubscriptionCommand, sentBefore?: Date) =>
    subscriptions.run(command.kind, callOf(subscriptions.request(command), sentBefore));
  const snapshot = (...periodIds: string[]) =>
    subscriptions.retrieve({ kind: 'subscription', ...target, periodIds, trialEnding: false });
  return { conekta, subscriptions, run, snapshot };
}

const at = (seconds: number): Date => new Date((SENT_AT + seconds) * 1000);

describe('the request of a command for a subscription at Conekta', () => {
  const { subscriptions } = house();

  it.each<[SubscriptionCommand, string, Json | undefined]>([
    [
      CREATE,
      'POST /customers/cus_1/subscriptions',
      { plan_id: 'gold', card_id: 'src_1', trial_end: SENT_AT + 86_400 },
    ],
    [CHANGE, `PUT ${PATH}`, { plan_id: 'silver' }],
    [{ kind: 'change_card', target, providerSourceId: 'src_2' }, `PUT ${PATH}`, { card_id: 'src_2' }],
    [{ kind: 'pause_subscription', target }, `POST ${PATH}/pause`, undefined],
    [{ kind: 'resume_subscription', target }, `POST ${PATH}/resume`, undefined],
    [CANCEL, `POST ${PATH}/cancel`, undefined],
    [RETRY, `POST ${PATH}/retry`, undefined],
  ])('is one request to a route of its own (%#)', (command, line, body) => {
    const { method, path, ...rest } = subscriptions.request(command);
    expect(`${String(method)} ${String(path)}`).toBe(line);
    expect(rest.body).toEqual(body);
  });

  it('names what Conekta cannot do', () => {
    const refused = (command: SubscriptionCommand): unknown => {
      try {
        return subscriptions.request(command);
      } catch (error) {
        return error;
      }
    };
    expect(refused({ ...CHANGE, timing: 'immediately' })).toMatchObject({
      code: 'capability_not_supported',
      details: [{ field: 'proration' }],
    });
    expect(refused({ ...CANCEL, atPeriodEnd: true })).toMatchObject({
      code: 'capability_not_supported',
      details: [{ field: 'atPeriodEnd' }],
    });
    // S8o
    expect(refused({ ...CANCEL, openInvoices: 'void' })).toMatchObject({
      code: 'capability_not_supported',
      details: [{ field: 'openInvoices' }],
    });
    expect(refused({ kind: 'undo_cancel_subscription', target, present: TERMS })).toMatchObject({
      code: 'capability_not_supported',
      details: [{ field: 'provider' }],
    });
  });
});

describe('a subscription at Conekta', () => {
  it('is told as it stands, with the payment of its latest cycle', async () => {
    expect(await house().snapshot()).toMatchObject({
      kind: 'subscription',
      providerSubscriptionId: 'sub_1',
      providerCustomerId: 'cus_1',
      status: 'active',
      providerPlanId: 'gold',
      providerSourceId: 'src_1',
      createdAt: SENT,
      trialEnd: undefined,
      periodStart: SENT,
      periodEnd: at(2_592_000),
      cancelAtPeriodEnd: false,
      periods: [
        {
          periodId: 'ord_1',
          start: SENT,
          end: at(2_592_000),
          money: TERMS.money,
          failures: [{ attemptId: 'chg_1', at: at(10), reason: 'insufficient_funds' }],
          paidAt: at(21),
          providerPaymentId: 'ord_1',
          payment: [
            { name: 'attempt_failed', attemptId: 'chg_1' },
            {
              name: 'succeeded',
              ref: { provider: 'conekta', providerPaymentId: 'ord_1', chargeId: 'chg_2' },
            },
          ],
        },
      ],
    });
  });

  it('tells the cycles that were asked for too, oldest first, each once', async () => {
    const older = orderJson('ord_0', [chargeJson('chg_0')], { created_at: SENT_AT - 9000 });
    const { snapshot } = house({ '/orders/ord_0': older });
    const { periods } = await snapshot('ord_1', 'ord_0');
    expect(periods.map(({ periodId, end }) => [periodId, end])).toEqual([
      ['ord_0', undefined],
      ['ord_1', at(2_592_000)],
    ]);
    // The card is charged again: a declined cycle has not failed.
    expect(periods[0]).toMatchObject({ paidAt: undefined, payment: [{ name: 'attempt_failed' }] });
  });

  it.each([
    ['by the customer of the order', { customer_info: { customer_id: 'cus_2' } }],
    ['by the customer of a charge', { charges: list([chargeJson('chg_1', { customer_id: 'cus_2' })]) }],
    ['by our own ids: a checkout', { metadata: { paymentId: 'pay-1' } }],
  ])("leaves out somebody else's order, told %s", async (_, changes) => {
    const { snapshot } = house({ '/orders/ord_x': orderJson('ord_x', [], changes) });
    const { periods } = await snapshot('ord_x');
    expect(periods.map(({ periodId }) => periodId)).toEqual(['ord_1']);
  });

  it.each([
    ['past_due', undefined],
    ['canceled', 'max_payment_retries_reached'],
  ])('S5f whose month failed without a card says so: %s', async (status, canceled_reason) => {
    const changes = { status, canceled_reason, charge_id: null };
    const failing = { [PATH]: subscriptionJson(changes), '/orders/ord_1': orderJson('ord_1', []) };
    const [period] = (await house(failing).snapshot()).periods;
    expect(period).toMatchObject({
      failures: [{ attemptId: 'ord_1:1', at: at(0), reason: 'no_payment_method' }],
      paidAt: undefined,
    });
    // Conekta has no page to pay a month on.
    expect(period).not.toHaveProperty('hostedInvoiceUrl');
  });

  it('whose month waits for its first charge, or was declined, was not without a card', async () => {
    const waiting = await house({ '/orders/ord_1': orderJson('ord_1', []) }).snapshot();
    expect(waiting.periods).toMatchObject([{ failures: [] }]);
    const failing = {
      [PATH]: subscriptionJson({ status: 'past_due' }),
      '/orders/ord_1': orderJson('ord_1', [chargeJson('chg_1')]),
    };
    const declined = await house(failing).snapshot();
    expect(declined.periods).toMatchObject([
      { failures: [{ attemptId: 'chg_1', reason: 'insufficient_funds' }] },
    ]);
  });

  it.each(['payment_disputed', 'chargeback', 'contracargo'])(
    'S7b that was canceled for %s was disputed',
    async (canceled_reason) => {
      const canceled = subscriptionJson({ status: 'canceled', canceled_reason });
      expect(await house({ [PATH]: canceled }).snapshot()).toMatchObject({ cancelReason: 'disputed' });
    },
  );

  it.each([
    ['user_cancelation', 'requested'],
    ['max_payment_retries_reached', 'payment_failed'],
    ['payment_failed', 'payment_failed'],
    ['cycles_completed', 'completed'],
    ['expired', 'completed'],
    ['something_new', 'requested'],
    [undefined, 'requested'],
  ])('that was canceled for %s was %s', async (canceled_reason, cancelReason) => {
    const canceled = subscriptionJson({ status: 'canceled', canceled_reason, canceled_at: SENT_AT + 5 });
    const told = await house({ [PATH]: canceled }).snapshot();
    expect(told).toMatchObject({ status: 'canceled', cancelReason, canceledAt: at(5) });
  });

  it('tells the cycles of which no event came, as its events of the time name them', async () => {
    const event = (seconds: number, order: string | null, id = 'sub_1'): Json => ({
      object: 'event',
      id: `evt_${seconds}`,
      created_at: SENT_AT + seconds,
      data: { object: { ...subscriptionJson(), id, last_billing_cycle_order_id: order } },
    });
    const paid = (id: string, seconds: number) => orderJson(id, [], { created_at: SENT_AT + seconds });
    const { conekta, subscriptions } = house({
      [`${PATH}/events`]: list(
        [event(900, 'ord_1'), event(800, 'ord_a'), event(790, 'ord_x', 'sub_2'), event(780, null)],
        'a',
      ),
      [`${PATH}/events?next=a`]: list([event(700, 'ord_a'), event(-9000, 'ord_old')], 'b'),
      '/orders/ord_a': paid('ord_a', -5),
    });
    const about = { kind: 'subscription', ...target, periodIds: [], trialEnding: false } as const;
    const { periods } = await subscriptions.retrieve({ ...about, since: SENT });
    expect(periods.map(({ periodId }) => periodId)).toEqual(['ord_a', 'ord_1']);
    expect(conekta.reads).not.toContain(`${PATH}/events?next=b`);
    delete conekta.answers[`${PATH}/events`];
    expect((await subscriptions.retrieve({ ...about, since: SENT })).periods).toHaveLength(1);
  });

  it('tells what was given back of a cycle, which nobody could tell before it was known', async () => {
    const refund = {
      object: 'refund',
      id: 'ref_1',
      status: 'refunded',
      amount: -900,
      created_at: SENT_AT + 50,
    };
    const charge = chargeJson('chg_2', { status: 'paid', failure_code: null, paid_at: SENT_AT + 21 });
    const refunded = { ...charge, status: 'partially_refunded', refunds: list([refund]) };
    const order = orderJson('ord_1', [refunded], { payment_status: 'partially_refunded' });
    const [period] = (await house({ '/orders/ord_1': order }).snapshot()).periods;
    expect(period?.payment).toMatchObject([
      { name: 'succeeded' },
      { kind: 'refund', ref: { providerPaymentId: 'ord_1', chargeId: 'chg_2' }, money: { amount: 900n } },
    ]);
  });

  it('must be the one that was asked for, in a state that is known', async () => {
    for (const wrong of [{ id: 'sub_2' }, { customer_id: 'cus_2' }, { status: 'frozen' }]) {
      const { snapshot } = house({ [PATH]: subscriptionJson(wrong) });
      await expect(snapshot()).rejects.toMatchObject({ details: { providerCode: 'not_the_subscription' } });
    }
  });
});

describe('a subscription that was sent to Conekta', () => {
  const listed = (...all: Json[]): Record<string, Json> => ({ '/customers/cus_1/subscriptions': list(all) });

  it('is told once it is made, and in doubt when its cycle cannot be read', async () => {
    const { conekta, run } = house();
    conekta.turns = [subscriptionJson()];
    expect(await run(CREATE)).toMatchObject({ known: true, value: { madeId: 'sub_1' } });
    conekta.turns = [subscriptionJson({ last_billing_cycle_order_id: 'ord_gone' })];
    expect((await run(CREATE)).known).toBe(false);
  });

  it('is the newest of that plan since then, and is not sent again', async () => {
    const { conekta, run } = house(
      listed(
        subscriptionJson({ id: 'sub_0', created_at: SENT_AT - 7200 }),
        subscriptionJson({ id: 'sub_9', plan_id: 'silver' }),
        subscriptionJson(),
      ),
    );
    expect(await run(CREATE, SENT)).toMatchObject({ known: true, value: { madeId: 'sub_1' } });
    expect(conekta.writes).toEqual([]);
  });

  it('is none that another call has made', async () => {
    const two = listed(subscriptionJson(), subscriptionJson({ id: 'sub_2', created_at: SENT_AT + 9 }));
    const { subscriptions } = house({ ...two, [PATH]: subscriptionJson() });
    const call = { ...callOf(subscriptions.request(CREATE), SENT), madeByOthers: ['sub_2'] };
    expect(await subscriptions.run('create_subscription', call)).toMatchObject({
      value: { madeId: 'sub_1' },
    });
  });

  it('is waited for, then known to have never arrived', async () => {
    const none = listed(subscriptionJson({ created_at: SENT_AT - 7200 }));
    const soon = house(none, at(60));
    expect((await soon.run(CREATE, SENT)).known).toBe(false);
    const late = house(none, at(301));
    await expect(late.run(CREATE, SENT)).rejects.toMatchObject({
      details: { providerCode: 'never_arrived' },
    });
    // The customer is gone, and whatever it had with it.
    await expect(house().run(CREATE, SENT)).rejects.toMatchObject({ kind: 'not_found' });
    expect([...soon.conekta.writes, ...late.conekta.writes]).toEqual([]);
  });

  it.each<[SubscriptionCommand, string]>([
    [{ kind: 'pause_subscription', target }, 'paused'],
    [{ kind: 'resume_subscription', target }, 'past_due'],
    [CANCEL, 'canceled'],
  ])('is left alone where it is so already (%#)', async (command, status) => {
    const { conekta, run } = house({ [PATH]: subscriptionJson({ status }) });
    expect(await run(command)).toMatchObject({ known: true, value: { facts: [{ status }] } });
    expect(conekta.writes).toEqual([]);
  });

  it('is paused otherwise, and told as it is afterwards', async () => {
    const { conekta, run } = house();
    expect(await run({ kind: 'pause_subscription', target }, SENT)).toMatchObject({ known: true });
    expect(conekta.sent).toEqual([`POST ${PATH}/pause`]);
    expect(conekta.reads.filter((path) => path === PATH)).toHaveLength(2);
  });

  it('that is gone with its customer leaves nothing in doubt', async () => {
    const { conekta, run } = house();
    delete conekta.answers[PATH];
    await expect(run(RETRY, SENT)).rejects.toMatchObject({ kind: 'not_found' });
    await expect(run(CANCEL, SENT)).rejects.toMatchObject({ kind: 'not_found' });
  });

  it('is charged again once only', async () => {
    const { conekta, run } = house({ [PATH]: subscriptionJson({ status: 'past_due' }) });
    conekta.turns = ['lost'];
    expect((await run(RETRY)).known).toBe(false);
    expect(await run(RETRY, SENT)).toMatchObject({ known: true, value: { facts: [{ status: 'past_due' }] } });
    expect(conekta.sent).toEqual([`POST ${PATH}/retry`]);
  });

  it('S6f is not charged where Conekta has nothing to charge it for any more', async () => {
    const { conekta, run } = house();
    await expect(run(RETRY)).rejects.toMatchObject({ kind: 'nothing_due' });
    expect(conekta.sent).toEqual([]);
  });

  it.each(['canceled', 'expired'])(
    'S4e whose order is %s is closed, and so is its payment',
    async (status) => {
      const order = orderJson('ord_1', [chargeJson('chg_1')], { payment_status: status });
      const [period] = (await house({ '/orders/ord_1': order }).snapshot()).periods;
      expect(period).toMatchObject({
        closed: { as: 'void' },
        paidAt: undefined,
        failures: [{ attemptId: 'chg_1' }],
      });
      expect(period?.payment.at(-1)).toMatchObject({ kind: 'payment', name: status });
    },
  );
});
