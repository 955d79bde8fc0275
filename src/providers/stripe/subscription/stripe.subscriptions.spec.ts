import { describe, expect, it } from '@jest/globals';
import type { PlanTerms } from '../../billing.facts.js';
import type { SubscriptionCommand } from '../../billing.ports.js';
import type { Json } from '../../json.read.js';
import { ProviderError } from '../../provider.errors.js';
import {
  ACCOUNT,
  LONG_AGO,
  refusalOf,
  ScriptedStripe,
} from '../../../../test/support/stripe/stripe.calls.js';
import {
  at,
  intentJson,
  invoiceJson,
  PAID_CHARGE,
  subscriptionJson,
} from '../../../../test/support/stripe/stripe.objects.js';
import { StripeSubscriptions } from './stripe.subscriptions.js';

const TERMS: PlanTerms = {
  name: 'Gold',
  money: { amount: 19900n, currency: 'MXN' },
  interval: 'month',
  frequency: 1,
  trialDays: 0,
};
const TARGET = { providerSubscriptionId: 'sub_1', providerCustomerId: 'cus_1' };
const SUB = 'POST /v1/subscriptions/sub_1';

type Command<K extends SubscriptionCommand['kind']> = Extract<SubscriptionCommand, { kind: K }>;

function creating(changes: Partial<Command<'create_subscription'>> = {}): Command<'create_subscription'> {
  return {
    kind: 'create_subscription',
    subscriptionId: 's-1',
    providerCustomerId: 'cus_1',
    providerPlanId: 'price_1',
    terms: TERMS,
    metadata: { tier: 'gold' },
    now: ACCOUNT.clock.now(),
    ...changes,
  };
}

function changing(changes: Partial<Command<'change_plan'>> = {}): Command<'change_plan'> {
  return {
    kind: 'change_plan',
    target: TARGET,
    present: TERMS,
    providerPlanId: 'price_2',
    terms: TERMS,
    timing: 'at_period_end',
    ...changes,
  };
}

function stage(answers: Json = {}): {
  stripe: ScriptedStripe;
  run: (command: SubscriptionCommand, sentBefore?: Date) => Promise<unknown>;
} {
  const stripe = new ScriptedStripe({
    'POST /v1/subscriptions': subscriptionJson(),
    'GET /v1/subscriptions/sub_1': subscriptionJson(),
    [SUB]: subscriptionJson(),
    'GET /v1/invoices/in_2': invoiceJson(),
    'GET /v1/payment_intents/pi_2': intentJson(),
    'GET /v1/charges': [PAID_CHARGE],
    'GET /v1/payment_methods/pm_2': { object: 'payment_method', id: 'pm_2', customer: 'cus_1' },
    ...answers,
  });
  const subscriptions = new StripeSubscriptions(stripe, ACCOUNT);
  const run = (command: SubscriptionCommand, sentBefore?: Date): Promise<unknown> => {
    const request = subscriptions.request(command);
    expect(JSON.parse(JSON.stringify(request))).toStrictEqual(request);
    return subscriptions.run(command.kind, {
      operationId: 'op-1',
      request,
      ...(sentBefore && { sentBefore }),
    });
  };
  return { stripe, run };
}

describe('a new subscription', () => {
  it('leaves nothing behind where its first charge is declined', async () => {
    const { stripe, run } = stage();
    expect(await run(creating({ providerSourceId: 'pm_1' }))).toMatchObject({
      known: true,
      value: { madeId: 'sub_1', facts: [{ subscriptionId: 's-1', periods: [{ periodId: 'in_2' }] }] },
    });
    expect(stripe.sent).toEqual([
      {
        path: 'POST /v1/subscriptions',
        params: {
          customer: 'cus_1',
          items: [{ price: 'price_1', metadata: { isPlan: 'true' } }],
          default_payment_method: 'pm_1',
          off_session: true,
          payment_behavior: 'error_if_incomplete',
          billing_mode: { type: 'flexible' },
          proration_behavior: 'none',
          metadata: { tier: 'gold', subscriptionId: 's-1', operationId: 'op-1' },
        },
        key: 'op-1',
      },
    ]);
    const declined = new ProviderError('declined', 'declined', { provider: 'stripe' });
    const refusing = stage({ 'POST /v1/subscriptions': declined });
    await expect(refusing.run(creating())).rejects.toBe(declined);
  });

  it("has the plan's days of trial, or its own end of it", async () => {
    const { stripe, run } = stage();
    await run(creating({ terms: { ...TERMS, trialDays: 7 } }));
    const trialEnd = new Date('2026-11-01T00:00:00.500Z');
    await run(creating({ terms: { ...TERMS, trialDays: 7 }, trialEnd }));
    expect(stripe.sent[0]?.params).toMatchObject({ trial_period_days: 7 });
    expect(stripe.sent[1]?.params).toMatchObject({ trial_end: at('2026-11-01T00:00:00Z') });
    expect(stripe.sent[1]?.params).not.toHaveProperty('trial_period_days');
  });

  it("of so many cycles is told to end with the last of them, by Stripe's own anchor", async () => {
    const { stripe, run } = stage();
    await run(creating({ terms: { ...TERMS, expiryCount: 3 } }));
    expect(stripe.sent[0]?.params).toMatchObject({ metadata: { expiryCount: '3' } });
    expect(stripe.sent[1]).toEqual({
      path: SUB,
      params: { cancel_at: at('2026-04-30T10:00:00Z'), proration_behavior: 'none' },
      key: 'op-1:end',
    });
  });

  it('is in doubt, and not refused, while it has no end', async () => {
    const { run } = stage({ [SUB]: new ProviderError('rate_limited', 'slow down', { provider: 'stripe' }) });
    expect(await run(creating({ terms: { ...TERMS, expiryCount: 3 } }))).toMatchObject({ known: false });
  });

  it('is told as canceled, where it was so before it had an end', async () => {
    const refusal = new ProviderError('invalid_request', 'canceled', { provider: 'stripe' });
    const ended = { 'GET /v1/subscriptions/sub_1': subscriptionJson({ status: 'canceled' }), [SUB]: refusal };
    expect(await stage(ended).run(creating({ terms: { ...TERMS, expiryCount: 3 } }))).toMatchObject({
      value: { facts: [{ status: 'canceled' }] },
    });
    const runs = stage({ [SUB]: refusal });
    expect(await runs.run(creating({ terms: { ...TERMS, expiryCount: 3 } }))).toMatchObject({ known: false });
  });

  it('is found, and not made again, once Stripe has forgotten the key', async () => {
    const { stripe, run } = stage({ 'GET /v1/subscriptions': { data: [subscriptionJson()] } });
    expect(await run(creating({ terms: { ...TERMS, expiryCount: 3 } }), LONG_AGO)).toMatchObject({
      value: { madeId: 'sub_1' },
    });
    expect(stripe.sent.map(({ key }) => key)).toEqual(['op-1:end']);
  });
});

describe('another plan', () => {
  const sent = async (command: SubscriptionCommand, answers: Json = {}): Promise<unknown[]> => {
    const { stripe, run } = stage(answers);
    await run(command);
    return stripe.sent.map(({ params }) => params);
  };
  const items = [{ id: 'si_1', price: 'price_2' }];

  it('is asked for from the next cycle on, or settled from now', async () => {
    expect(await sent(changing())).toEqual([{ items, proration_behavior: 'none' }]);
    expect(await sent(changing({ timing: 'immediately' }))).toEqual([
      {
        items,
        proration_behavior: 'create_prorations',
        payment_behavior: 'error_if_incomplete',
        off_session: true,
      },
    ]);
  });

  const addOn = { id: 'si_0', price: { id: 'price_0' }, quantity: 1 };
  const seats = { id: 'si_1', price: { id: 'price_1' }, quantity: 3 };
  const withAddOn = (plan: Json = seats): Json => {
    const now = subscriptionJson({ items: { data: [addOn, plan] } });
    return { 'GET /v1/subscriptions/sub_1': now, [SUB]: now };
  };

  it.each<[string, Json, readonly string[]]>([
    ['by the ids of the plan', withAddOn(), ['price_9', 'price_1']],
    ['by its mark', withAddOn({ ...seats, metadata: { isPlan: 'true' } }), []],
  ])(
    'S3e replaces the item of the plan, %s, with its seats, and no add-on before it',
    async (_, answers, presentPlanIds) => {
      const [params] = await sent(changing({ presentPlanIds }), answers);
      expect(params).toEqual({
        items: [{ id: 'si_1', price: 'price_2', quantity: 3, metadata: { isPlan: 'true' } }],
        proration_behavior: 'none',
      });
    },
  );

  it('S3f is refused, and nothing is sent, where nobody can say which item is the plan', async () => {
    const { stripe, run } = stage(withAddOn());
    await expect(run(changing({ presentPlanIds: ['price_9'] }))).rejects.toMatchObject({
      kind: 'not_allowed',
      details: { providerCode: 'plan_unclear' },
    });
    expect(stripe.sent).toEqual([]);
  });

  it('counts its own cycles from the next one, or with the present one', async () => {
    const terms = { ...TERMS, expiryCount: 2 };
    const end = (time: string): Json => ({
      cancel_at: at(time),
      proration_behavior: 'none',
      metadata: { expiryCount: '2' },
    });
    expect((await sent(changing({ terms })))[1]).toEqual(end('2026-05-31T10:00:00Z'));
    expect((await sent(changing({ terms, timing: 'immediately' })))[1]).toEqual(end('2026-04-30T10:00:00Z'));
  });

  it('without an end takes the old one away, but no wish to cancel', async () => {
    const cancel_at = at('2026-12-31T10:00:00Z');
    const metadata = { expiryCount: '11' };
    const lifted = await sent(changing(), { [SUB]: subscriptionJson({ cancel_at, metadata }) });
    expect(lifted[1]).toEqual({ cancel_at: '', metadata: { expiryCount: '' } });
    const canceling = subscriptionJson({ cancel_at, metadata, cancel_at_period_end: true });
    expect(await sent(changing(), { [SUB]: canceling })).toHaveLength(1);
  });

  it.each<[string, Partial<Command<'change_plan'>>]>([
    ['of another length, at the end of the cycle', { terms: { ...TERMS, interval: 'year' } }],
    ['of another currency', { terms: { ...TERMS, money: { amount: 100n, currency: 'USD' } } }],
  ])('cannot be one %s', (_, changes) => {
    const request = () => new StripeSubscriptions(stage().stripe, ACCOUNT).request(changing(changes));
    expect(refusalOf(request)).toEqual({ code: 'capability_not_supported', field: 'planId' });
  });

  it('of another length may begin now', async () => {
    const yearly = changing({ terms: { ...TERMS, interval: 'year' }, timing: 'immediately' });
    expect(await sent(yearly)).toHaveLength(1);
  });
});

describe('a subscription that is there', () => {
  it("is charged to another card of its customer's, and to nobody else's", async () => {
    const command = { kind: 'change_card', target: TARGET, providerSourceId: 'pm_2' } as const;
    const { stripe, run } = stage();
    await run(command);
    expect(stripe.sent).toEqual([{ path: SUB, params: { default_payment_method: 'pm_2' }, key: 'op-1' }]);
    const strangers = { object: 'payment_method', id: 'pm_2', customer: 'cus_2' };
    const refusing = stage({ 'GET /v1/payment_methods/pm_2': strangers });
    await expect(refusing.run(command)).rejects.toMatchObject({ kind: 'card_unusable' });
    expect(refusing.stripe.sent).toEqual([]);
  });

  it('is paused and resumed without crediting or asking for anything in between', async () => {
    const { stripe, run } = stage({
      'POST /v1/subscriptions/sub_1/pause': subscriptionJson({ status: 'paused' }),
      'POST /v1/subscriptions/sub_1/resume': subscriptionJson(),
    });
    await run({ kind: 'pause_subscription', target: TARGET });
    await run({ kind: 'resume_subscription', target: TARGET });
    expect(stripe.sent).toEqual([
      {
        path: `${SUB}/pause`,
        params: {
          type: 'subscription',
          bill_for: { unused_time_from: { type: 'none' }, outstanding_usage_through: { type: 'none' } },
        },
        key: 'op-1',
      },
      {
        path: `${SUB}/resume`,
        params: { billing_cycle_anchor: { type: 'unchanged' }, proration_behavior: 'none' },
        key: 'op-1',
      },
    ]);
  });

  it("is resumed as Stripe's panel has paused it", async () => {
    const paused = subscriptionJson({ pause_collection: { behavior: 'void' } });
    const { stripe, run } = stage({ 'GET /v1/subscriptions/sub_1': paused });
    await run({ kind: 'resume_subscription', target: TARGET });
    expect(stripe.sent).toEqual([{ path: SUB, params: { pause_collection: '' }, key: 'op-1:collect' }]);
  });

  it('is canceled now, or when its cycle ends', async () => {
    const { stripe, run } = stage({ 'DELETE /v1/subscriptions/sub_1': subscriptionJson() });
    await run({ kind: 'cancel_subscription', target: TARGET, atPeriodEnd: true });
    await run({ kind: 'cancel_subscription', target: TARGET, atPeriodEnd: false });
    expect(stripe.sent.map(({ path, params }) => [path, params])).toEqual([
      [SUB, { cancel_at_period_end: true }],
      ['DELETE /v1/subscriptions/sub_1', {}],
    ]);
  });

  describe('that is canceled with what it owes', () => {
    const cancel = {
      kind: 'cancel_subscription',
      target: TARGET,
      atPeriodEnd: false,
      openInvoices: 'void',
    } as const;
    const owing = (answers: Json = {}) =>
      stage({
        'DELETE /v1/subscriptions/sub_1': subscriptionJson({ status: 'canceled' }),
        'GET /v1/invoices': ({ status }: Json) => [
          invoiceJson({ id: status === 'draft' ? 'in_draft' : 'in_open', status }),
        ],
        'POST /v1/invoices/in_draft/finalize': {},
        'POST /v1/invoices/in_draft/void': {},
        'POST /v1/invoices/in_open/void': {},
        ...answers,
      });
    const refusal = new ProviderError('invalid_request', 'no', { provider: 'stripe' });

    it('S8i has its drafts finalized, for only what is final can be voided, and then its open ones', async () => {
      const { stripe, run } = owing();
      expect(await run(cancel)).toMatchObject({ known: true });
      expect(stripe.sent).toEqual([
        { path: 'DELETE /v1/subscriptions/sub_1', params: {}, key: '' },
        {
          path: 'POST /v1/invoices/in_draft/finalize',
          params: { auto_advance: false },
          key: 'op-1:in_draft:finalize',
        },
        { path: 'POST /v1/invoices/in_draft/void', params: {}, key: 'op-1:in_draft:void' },
        { path: 'POST /v1/invoices/in_open/void', params: {}, key: 'op-1:in_open:void' },
      ]);
    });

    it('S8j lets be what was paid meanwhile, and says so where Stripe will not close what is open', async () => {
      const now = (status: string) =>
        owing({ 'POST /v1/invoices/in_open/void': refusal, 'GET /v1/invoices/in_open': { status } });
      expect(await now('paid').run(cancel)).toMatchObject({ known: true });
      await expect(now('open').run(cancel)).rejects.toBe(refusal);
    });

    it('S8k is in doubt, and not refused, while Stripe cannot be asked what it owes', async () => {
      const limited = new ProviderError('rate_limited', 'slow down', { provider: 'stripe' });
      expect(await owing({ 'GET /v1/invoices': limited }).run(cancel)).toMatchObject({ known: false });
    });

    it('keeps what it owes where nothing else was asked for', async () => {
      const { stripe, run } = owing();
      await run({ ...cancel, openInvoices: 'keep' });
      expect(stripe.sent.map(({ path }) => path)).toEqual(['DELETE /v1/subscriptions/sub_1']);
    });
  });

  it('S8m goes on, whichever way its end was set, to the last of its cycles', async () => {
    const undo = (present: PlanTerms = TERMS) =>
      ({ kind: 'undo_cancel_subscription', target: TARGET, present }) as const;
    const sent = async (changes: Json, command: SubscriptionCommand = undo()) => {
      const { stripe, run } = stage({ 'GET /v1/subscriptions/sub_1': subscriptionJson(changes) });
      await run(command);
      return stripe.sent.map(({ params, key }) => [params, key]);
    };
    expect(await sent({ cancel_at_period_end: true })).toEqual([[{ cancel_at_period_end: false }, 'op-1']]);
    // As newer panels set it.
    expect(await sent({ cancel_at: at('2026-03-31T10:00:00Z') })).toEqual([[{ cancel_at: '' }, 'op-1']]);
    const limited = { metadata: { expiryCount: '3', cyclesEnd: String(at('2026-06-30T10:00:00Z')) } };
    const end = (day: string) => [
      {
        cancel_at: at(`${day}T10:00:00Z`),
        proration_behavior: 'none',
        metadata: { cyclesEnd: '' },
      },
      'op-1:end',
    ];
    const three = undo({ ...TERMS, expiryCount: 3 });
    expect(await sent({ cancel_at_period_end: true, ...limited }, three)).toEqual([
      [{ cancel_at_period_end: false }, 'op-1'],
      end('2026-06-30'),
    ]);
    // The panel does not keep what it overwrites.
    const byPanel = { cancel_at_period_end: true, metadata: { expiryCount: '3' } };
    expect((await sent(byPanel, three)).slice(1)).toEqual([end('2026-04-30')]);
  });

  it('S8n keeps the end of its cycles while it is to end before, and is not told twice what is so', async () => {
    const { stripe, run } = stage({
      'GET /v1/subscriptions/sub_1': subscriptionJson({
        cancel_at: at('2026-06-30T10:00:00Z'),
        metadata: { expiryCount: '6' },
      }),
    });
    const cancel = {
      kind: 'cancel_subscription',
      target: TARGET,
      atPeriodEnd: true,
      comment: 'too dear',
    } as const;
    await run(cancel);
    expect(stripe.sent[0]?.params).toEqual({
      cancel_at_period_end: true,
      cancellation_details: { comment: 'too dear' },
      metadata: { cyclesEnd: String(at('2026-06-30T10:00:00Z')) },
    });
    const done = subscriptionJson({
      cancel_at_period_end: true,
      cancellation_details: { comment: 'too dear' },
    });
    const again = stage({ 'GET /v1/subscriptions/sub_1': done });
    await again.run(cancel, ACCOUNT.clock.now());
    expect(again.stripe.sent).toEqual([]);
  });

  it.each<[SubscriptionCommand, Json]>([
    [{ kind: 'undo_cancel_subscription', target: TARGET, present: TERMS }, {}],
    [changing({ providerPlanId: 'price_1' }), {}],
    [{ kind: 'change_card', target: TARGET, providerSourceId: 'pm_1' }, {}],
    [{ kind: 'pause_subscription', target: TARGET }, { status: 'paused' }],
    [{ kind: 'resume_subscription', target: TARGET }, {}],
    [{ kind: 'cancel_subscription', target: TARGET, atPeriodEnd: true }, { cancel_at_period_end: true }],
    [{ kind: 'cancel_subscription', target: TARGET, atPeriodEnd: false }, { status: 'canceled' }],
  ])('is left as it is by %j once Stripe has forgotten the key, where it is so', async (command, now) => {
    const { stripe, run } = stage({ 'GET /v1/subscriptions/sub_1': subscriptionJson(now) });
    expect(await run(command, LONG_AGO)).toMatchObject({ known: true });
    expect(stripe.sent).toEqual([]);
  });
});

/** The subscription's invoices by their status, newest first. */
const listing = (lists: Json): Json => ({
  'GET /v1/invoices': ({ status }: Json) => lists[String(status)] ?? [],
});

describe('a cycle that failed', () => {
  const retry = { kind: 'retry_subscription', target: TARGET } as const;
  const open = [invoiceJson({ status: 'open' })];
  const answers = { ...listing({ open }), 'POST /v1/invoices/in_2/pay': invoiceJson() };

  it('is paid by its open invoice', async () => {
    const { stripe, run } = stage(answers);
    expect(await run(retry)).toMatchObject({ known: true });
    expect(stripe.sent).toEqual([
      { path: 'POST /v1/invoices/in_2/pay', params: { off_session: true }, key: 'op-1' },
    ]);
    expect(stripe.reads).toContain('/v1/invoices/in_2');
  });

  it('is never paid again on a repeat', async () => {
    const { stripe, run } = stage(answers);
    expect(await run(retry, ACCOUNT.clock.now())).toMatchObject({ known: true });
    expect(stripe.sent).toEqual([]);
  });

  const month = (id: string, day: string, changes: Json) =>
    invoiceJson({ id, created: at(`${day}T10:00:00Z`), auto_advance: false, ...changes });
  const held = [
    month('in_4', '2026-04-30', { status: 'draft' }),
    month('in_3', '2026-03-31', { status: 'draft' }),
  ];
  const pays = (id: string) => ({
    path: `POST /v1/invoices/${id}/pay`,
    params: { off_session: true },
    key: 'op-1',
  });

  it('S6a of two open months is paid by the oldest, and both are told', async () => {
    const newer = month('in_3', '2026-03-31', { status: 'open' });
    const { stripe, run } = stage({
      ...listing({ open: [newer, ...open], draft: held.slice(0, 1) }),
      'POST /v1/invoices/in_2/pay': invoiceJson(),
      'POST /v1/invoices/in_3/pay': newer,
      'GET /v1/invoices/in_3': newer,
    });
    expect(await run(retry)).toMatchObject({
      known: true,
      value: { facts: [{ periods: [{ periodId: 'in_2' }, { periodId: 'in_3' }] }] },
    });
    expect(stripe.sent).toEqual([pays('in_2')]);
  });

  it('S6b whose month is a draft that was held back has it finalized, and then paid', async () => {
    const { stripe, run } = stage({
      ...listing({ draft: held }),
      'POST /v1/invoices/in_3/finalize': month('in_3', '2026-03-31', { status: 'open' }),
      'POST /v1/invoices/in_3/pay': month('in_3', '2026-03-31', {}),
    });
    expect(await run(retry)).toMatchObject({ known: true });
    expect(stripe.sent).toEqual([
      { path: 'POST /v1/invoices/in_3/finalize', params: { auto_advance: false }, key: 'op-1:finalize' },
      pays('in_3'),
    ]);
  });

  it('S6c goes on where somebody else was faster to finalize, or to pay', async () => {
    const late = new ProviderError('invalid_request', 'late', { provider: 'stripe' });
    const finalized = stage({
      ...listing({ draft: held }),
      'POST /v1/invoices/in_3/finalize': late,
      'GET /v1/invoices/in_3': month('in_3', '2026-03-31', { status: 'open' }),
      'POST /v1/invoices/in_3/pay': month('in_3', '2026-03-31', {}),
    });
    expect(await finalized.run(retry)).toMatchObject({ known: true });
    expect(finalized.stripe.sent[1]).toEqual(pays('in_3'));
    const paid = stage({ ...answers, 'POST /v1/invoices/in_2/pay': late });
    expect(await paid.run(retry)).toMatchObject({ known: true });
    const refusing = { 'POST /v1/invoices/in_2/pay': late, 'GET /v1/invoices/in_2': open[0] };
    await expect(stage({ ...answers, ...refusing }).run(retry)).rejects.toBe(late);
  });

  it('S6d is in doubt where the answer to finalizing is lost, and nothing is paid on a repeat', async () => {
    const { stripe, run } = stage(listing({ draft: held }));
    expect(await run(retry)).toMatchObject({ known: false });
    expect(await run(retry, ACCOUNT.clock.now())).toMatchObject({ known: true });
    expect(stripe.sent.map(({ path }) => path)).toEqual(['POST /v1/invoices/in_3/finalize']);
  });

  it.each<[string, { open?: Json[]; draft?: Json[] }]>([
    ['none', {}],
    [
      'a draft that Stripe collects by itself',
      { draft: [month('in_4', '2026-04-30', { status: 'draft', auto_advance: true })] },
    ],
    ['a bill of nothing', { open: [month('in_4', '2026-04-30', { status: 'open', amount_due: 0 })] }],
    ["another subscription's", { open: [invoiceJson({ parent: null, status: 'open' })] }],
  ])('S6e says that there is nothing to pay where there is %s', async (_, lists) => {
    const { stripe, run } = stage(listing(lists));
    await expect(run(retry)).rejects.toMatchObject({ kind: 'nothing_due' });
    expect(stripe.sent).toEqual([]);
  });
});

describe('the cycles of a subscription', () => {
  it('are looked for since the last one that is known, with what was given back of them', async () => {
    const refund = { object: 'refund', id: 're_1', charge: 'ch_3', payment_intent: 'pi_2', created: 1 };
    const { stripe } = stage({
      'GET /v1/invoices': (query: Json) =>
        query['created[gte]'] === String(at('2026-01-31T10:00:00Z') - 600)
          ? [invoiceJson({ id: 'in_1' })]
          : [],
      'GET /v1/invoices/in_1': invoiceJson({ id: 'in_1', created: at('2026-01-31T10:00:00Z') }),
      'GET /v1/charges': [{ ...PAID_CHARGE, amount_refunded: 100 }],
      'GET /v1/refunds': [{ ...refund, status: 'succeeded', amount: 100, currency: 'mxn' }],
    });
    const told = await new StripeSubscriptions(stripe, ACCOUNT).retrieve({
      providerSubscriptionId: 'sub_1',
      periodIds: [],
      since: new Date('2026-01-31T10:00:00Z'),
    });
    expect(told.periods).toMatchObject([{ periodId: 'in_1' }, { periodId: 'in_2' }]);
    expect(told.periods[1]?.payment.at(-1)).toMatchObject({
      kind: 'refund',
      refundId: 're_1',
      ref: { providerPaymentId: 'pi_2', chargeId: 'ch_3' },
    });
  });
});
