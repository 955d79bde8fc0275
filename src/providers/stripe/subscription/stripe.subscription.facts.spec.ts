import { describe, expect, it } from '@jest/globals';
import type { SubscriptionFact } from '../../billing.facts.js';
import type { PaymentFact } from '../../facts.js';
import { type Json, jsonOf, listOf } from '../../json.read.js';
import { ACCOUNT, ScriptedStripe } from '../../../../test/support/stripe/stripe.calls.js';
import { readSubscription } from './stripe.subscription.read.js';
import {
  at,
  chargeJson,
  intentJson,
  invoiceJson,
  PAID_CHARGE,
  subscriptionJson,
} from '../../../../test/support/stripe/stripe.objects.js';
import { StripeSubscriptions } from './stripe.subscriptions.js';

const END = at('2026-03-31T10:00:00Z');

function fact(changes: Json): Omit<SubscriptionFact, 'periods'> | undefined {
  return readSubscription(subscriptionJson(changes))?.fact;
}

async function periodsOf(answers: Json, periodIds: readonly string[] = []) {
  const stripe = new ScriptedStripe({
    'GET /v1/subscriptions/sub_1': subscriptionJson(),
    'GET /v1/invoices/in_2': invoiceJson(),
    'GET /v1/payment_intents/pi_2': intentJson(),
    'GET /v1/charges': [PAID_CHARGE],
    ...answers,
  });
  const subject = { providerSubscriptionId: 'sub_1', periodIds };
  return (await new StripeSubscriptions(stripe, ACCOUNT).retrieve(subject)).periods;
}

describe('a subscription at Stripe', () => {
  it('is told with the cycle that runs', () => {
    expect(fact({})).toEqual({
      kind: 'subscription',
      provider: 'stripe',
      livemode: false,
      providerSubscriptionId: 'sub_1',
      providerCustomerId: 'cus_1',
      subscriptionId: 's-1',
      status: 'active',
      cancelReason: undefined,
      providerPlanId: 'price_1',
      providerSourceId: 'pm_1',
      createdAt: new Date('2026-01-31T10:00:00Z'),
      trialEnd: undefined,
      periodStart: new Date('2026-02-28T10:00:00Z'),
      periodEnd: new Date('2026-03-31T10:00:00Z'),
      cancelAtPeriodEnd: false,
      pausedAt: undefined,
      canceledAt: undefined,
    });
  });

  const paused = { paused: { transitioned_at: at('2026-03-05T00:00:00Z') } };

  it.each<[Json, Partial<SubscriptionFact>]>([
    [{ status: 'incomplete' }, { status: 'incomplete' }],
    [
      { status: 'trialing', trial_end: END },
      { status: 'in_trial', trialEnd: new Date(END * 1000), periodEnd: undefined },
    ],
    [{ status: 'past_due' }, { status: 'past_due' }],
    [{ status: 'unpaid' }, { status: 'past_due' }],
    [{ pause_collection: { behavior: 'void' } }, { status: 'paused' }],
    [{ status: 'past_due', pause_collection: { behavior: 'void' } }, { status: 'past_due' }],
    [
      { status: 'paused', status_details: paused },
      { status: 'paused', pausedAt: new Date('2026-03-05T00:00:00Z') },
    ],
    [{ status: 'incomplete_expired' }, { status: 'canceled', cancelReason: 'rejected' }],
    [{ cancel_at_period_end: true, cancel_at: END }, { cancelAtPeriodEnd: true }],
    [{ cancel_at: END }, { cancelAtPeriodEnd: true }],
    [{ cancel_at: END, metadata: { expiryCount: '2' } }, { cancelAtPeriodEnd: false }],
  ])('with %j is %j', (changes, expected) => {
    expect(fact(changes)).toMatchObject(expected);
  });

  const ended = { status: 'canceled', canceled_at: END - 500, ended_at: END, metadata: { expiryCount: '2' } };

  it.each<[string, Json]>([
    ['completed', { cancel_at: END }],
    ['requested', { cancel_at: END, cancel_at_period_end: true }],
    ['requested', { cancel_at: END + 1 }],
    ['requested', { cancel_at: END, metadata: {} }],
    ['payment_failed', { cancel_at: END, cancellation_details: { reason: 'payment_failed' } }],
    ['requested', { cancellation_details: { reason: 'canceled_by_retention_policy' } }],
  ])('ended %s with %j', (cancelReason, changes) => {
    expect(fact({ ...ended, ...changes })).toMatchObject({
      status: 'canceled',
      cancelReason,
      cancelAtPeriodEnd: false,
      canceledAt: new Date(END * 1000),
    });
  });

  it('S7a ended disputed where the bank took the money back, and not because somebody asked', () => {
    const disputed = { cancel_at: END, cancellation_details: { reason: 'payment_disputed' } };
    expect(fact({ ...ended, ...disputed })).toMatchObject({ status: 'canceled', cancelReason: 'disputed' });
  });

  it('is none without a status that we know, or a price', () => {
    expect(fact({ status: 'dormant' })).toBeUndefined();
    expect(fact({ items: { data: [] } })).toBeUndefined();
  });
});

describe("a subscription's period", () => {
  it('T5p is paid by the payment that is on a further page of the payments of its invoice', async () => {
    const paid = { status: 'paid', payment: { type: 'payment_intent', payment_intent: 'pi_2' } };
    const other = { status: 'canceled', payment: { type: 'payment_intent', payment_intent: 'pi_1' } };
    const [period] = await periodsOf({
      'GET /v1/invoices/in_2': invoiceJson({ payments: { has_more: true, data: [other] } }),
      'GET /v1/invoice_payments': [other, paid],
      'GET /v1/charges': [PAID_CHARGE],
    });
    expect(period).toMatchObject({ providerPaymentId: 'pi_2' });
  });

  const declined = [chargeJson('ch_2', '2026-03-01T09:00:00Z'), chargeJson('ch_1', '2026-02-28T10:00:00Z')];

  it('has its own time, every declined attempt and the payment, under no id of ours', async () => {
    const [period, ...others] = await periodsOf({ 'GET /v1/charges': [PAID_CHARGE, ...declined] });
    expect(others).toEqual([]);
    expect(period).toMatchObject({
      periodId: 'in_2',
      start: new Date('2026-02-28T10:00:00Z'),
      end: new Date('2026-03-31T10:00:00Z'),
      money: { amount: 19900n, currency: 'MXN' },
      failures: [
        { attemptId: 'ch_1', at: new Date('2026-02-28T10:00:00Z'), reason: 'insufficient_funds' },
        { attemptId: 'ch_2', at: new Date('2026-03-01T09:00:00Z'), reason: 'insufficient_funds' },
      ],
      nextAttemptAt: undefined,
      paidAt: new Date('2026-03-02T12:00:00Z'),
      providerPaymentId: 'pi_2',
    });
    const ref = { provider: 'stripe', providerPaymentId: 'pi_2', chargeId: undefined };
    expect(period?.payment).toMatchObject([
      { name: 'attempt_failed', attemptId: 'ch_1', ref },
      { name: 'attempt_failed', attemptId: 'ch_2', ref },
      { name: 'succeeded', ref: { ...ref, chargeId: 'ch_3' } },
    ]);
    expect(period?.payment.at(-1)).toMatchObject({
      money: { amount: 19900n, currency: 'MXN' },
      method: { type: 'card', last4: '0341' },
      receiptUrl: 'https://pay.stripe.com/receipts/3',
    });
  });

  it('that is unpaid says when it is tried again, and each attempt once', async () => {
    const [period] = await periodsOf({
      'GET /v1/invoices/in_2': invoiceJson({ status: 'open', next_payment_attempt: END }),
      'GET /v1/payment_intents/pi_2': intentJson({
        status: 'requires_payment_method',
        latest_charge: declined[0],
        last_payment_error: { code: 'card_declined', charge: 'ch_2' },
      }),
      'GET /v1/charges': declined,
    });
    expect(period).toMatchObject({ nextAttemptAt: new Date(END * 1000), paidAt: undefined });
    expect(period?.payment).toMatchObject([{ attemptId: 'ch_1' }, { attemptId: 'ch_2' }]);
  });

  describe('that no bank was asked for', () => {
    const waiting = {
      status: 'open',
      attempted: true,
      attempt_count: 1,
      next_payment_attempt: END,
      status_transitions: { finalized_at: at('2026-02-28T11:00:00Z') },
      hosted_invoice_url: 'https://invoice.stripe.com/i/1',
    };
    const cardless = { status: 'requires_payment_method', latest_charge: null };
    const asks = {
      status: 'requires_action',
      latest_charge: null,
      next_action: { type: 'use_stripe_sdk', use_stripe_sdk: {} },
    };
    const read = async (invoice: Json, intent: Json, charges: readonly Json[] = []) => {
      const [period] = await periodsOf({
        'GET /v1/invoices/in_2': invoiceJson({ ...waiting, ...invoice }),
        'GET /v1/payment_intents/pi_2': intentJson(intent),
        'GET /v1/charges': charges,
      });
      return period;
    };
    const first = { attemptId: 'in_2:1', at: new Date('2026-02-28T11:00:00Z') };

    it('S5a for want of a card is a failed attempt, with the next one and the page to pay on', async () => {
      expect(await read({}, cardless)).toMatchObject({
        failures: [{ ...first, reason: 'no_payment_method' }],
        nextAttemptAt: new Date(END * 1000),
        hostedInvoiceUrl: 'https://invoice.stripe.com/i/1',
        paidAt: undefined,
        payment: [],
      });
    });

    it.each<[string, Json, Json]>([
      ['once it is counted', {}, asks],
      ['before it is counted', { attempt_count: 0, next_payment_attempt: null }, asks],
      [
        'and did not get it',
        {},
        { ...cardless, last_payment_error: { code: 'payment_intent_authentication_failure' } },
      ],
    ])(
      "S5b because the bank wants the customer's consent %s is a failed attempt",
      async (_, invoice, intent) => {
        expect(await read(invoice, intent)).toMatchObject({
          failures: [{ ...first, reason: 'authentication_required' }],
        });
      },
    );

    it('S5c again and again is an attempt each time, by its number', async () => {
      const period = await read({ attempt_count: 3 }, cardless);
      expect(period?.failures.map(({ attemptId }) => attemptId)).toEqual(['in_2:1', 'in_2:2', 'in_2:3']);
    });

    it('S5d after a card was declined keeps both, and a charge that follows makes no attempt more', async () => {
      const error = { code: 'card_declined', charge: 'ch_1' };
      const second = await read(
        { attempt_count: 2 },
        { ...cardless, last_payment_error: error },
        declined.slice(1),
      );
      expect(second?.failures).toMatchObject([
        { attemptId: 'ch_1', reason: 'insufficient_funds' },
        { attemptId: 'in_2:1', reason: 'no_payment_method' },
      ]);
      const third = await read({ attempt_count: 3 }, { ...cardless, last_payment_error: error }, declined);
      expect(third?.failures.map(({ attemptId }) => attemptId)).toEqual(['ch_1', 'ch_2', 'in_2:1']);
    });

    it.each<[string, Json, Json]>([
      ['nothing was attempted yet', { attempted: false, attempt_count: 0 }, cardless],
      [
        'a voucher is out',
        {},
        {
          status: 'requires_action',
          next_action: { type: 'oxxo_display_details', oxxo_display_details: { number: '1' } },
        },
      ],
      ['money is on its way', {}, { status: 'processing' }],
      ['it is paid', { status: 'paid', status_transitions: { paid_at: END } }, { latest_charge: null }],
      ['it is void', { status: 'void' }, { status: 'canceled', latest_charge: null }],
    ])('is none where %s', async (_, invoice, intent) => {
      expect(await read(invoice, intent)).toMatchObject({ failures: [] });
    });

    it.each<[string, Json]>([
      ['it is paid', { status: 'paid', status_transitions: { paid_at: END } }],
      ['it is void', { status: 'void' }],
      ['it is written off', { status: 'uncollectible' }],
      ['the address is none of the web', { hosted_invoice_url: 'javascript:alert(1)' }],
      ['the address is a public one without TLS', { hosted_invoice_url: 'http://invoice.stripe.com/i/1' }],
    ])('S5e names no page to pay on where %s', async (_, invoice) => {
      expect(await read({}, cardless)).toHaveProperty('hostedInvoiceUrl', 'https://invoice.stripe.com/i/1');
      expect(await read(invoice, cardless)).toHaveProperty('hostedInvoiceUrl', undefined);
    });
  });

  const unpaid = {
    status: 'requires_payment_method',
    latest_charge: declined[0],
    last_payment_error: { code: 'card_declined', charge: 'ch_2' },
  };
  const toIntent = {
    is_default: true,
    status: 'open',
    payment: { type: 'payment_intent', payment_intent: 'pi_2' },
  };
  const byRecord = {
    is_default: false,
    status: 'paid',
    payment: { type: 'payment_record', payment_record: 'pr_1' },
  };
  const byCharge = { is_default: false, status: 'paid', payment: { type: 'charge', charge: 'py_1' } };

  it.each<[string, Json, Json, string]>([
    ['out of band, while its intent waits', { payments: { data: [toIntent] } }, unpaid, 'in_2'],
    [
      'out of band, and its intent was canceled',
      { payments: { data: [{ ...toIntent, status: 'canceled' }] } },
      { ...unpaid, status: 'canceled' },
      'in_2',
    ],
    ['by a payment record', { payments: { data: [toIntent, byRecord] } }, unpaid, 'in_2'],
    ['by a charge without an intent', { payments: { data: [toIntent, byCharge] } }, unpaid, 'py_1'],
    [
      'out of band, as old versions of the API say it',
      { payments: null, payment_intent: 'pi_2', paid_out_of_band: true },
      unpaid,
      'in_2',
    ],
  ])('T11a that was paid %s is paid for its payment too', async (_, invoice, intent, chargeId) => {
    const [period] = await periodsOf({
      'GET /v1/invoices/in_2': invoiceJson(invoice),
      'GET /v1/payment_intents/pi_2': intentJson(intent),
      'GET /v1/charges': declined,
    });
    expect(period).toMatchObject({ paidAt: new Date('2026-03-02T12:00:00Z'), providerPaymentId: 'pi_2' });
    expect(period?.payment).toMatchObject([
      { name: 'attempt_failed', attemptId: 'ch_1' },
      { name: 'attempt_failed', attemptId: 'ch_2' },
      {
        name: 'succeeded',
        ref: { provider: 'stripe', providerPaymentId: 'pi_2', chargeId },
        occurredAt: new Date('2026-03-02T12:00:00Z'),
        money: { amount: 19900n, currency: 'MXN' },
      },
    ]);
  });

  it('T11b that never had an intent is told once it is paid, under the id of its invoice', async () => {
    const periods = (invoice: Json) => periodsOf({ 'GET /v1/invoices/in_2': invoiceJson(invoice) });
    const [period] = await periods({ payments: { data: [byRecord] } });
    expect(period).toMatchObject({ periodId: 'in_2', providerPaymentId: 'in_2' });
    expect(period?.payment).toMatchObject([
      { name: 'succeeded', ref: { provider: 'stripe', providerPaymentId: 'in_2', chargeId: 'in_2' } },
    ]);
    expect(await periods({ status: 'open', payments: { data: [] } })).toEqual([]);
  });

  it('is told beside the latest one, the older first', async () => {
    const older = invoiceJson({ id: 'in_1', created: at('2026-01-31T10:00:00Z') });
    const periods = await periodsOf({ 'GET /v1/invoices/in_1': older }, ['in_1', 'in_2']);
    expect(periods.map(({ periodId }) => periodId)).toEqual(['in_1', 'in_2']);
  });

  it.each<[string, Json]>([
    ['of another subscription', { parent: { subscription_details: { subscription: 'sub_9' } } }],
    ['of nothing, and was not paid', { amount_due: 0, status: 'void' }],
    ['not yet finalized', { status: 'draft', payments: { data: [] } }],
  ])('is none where the invoice is %s', async (_, changes) => {
    expect(await periodsOf({ 'GET /v1/invoices/in_2': invoiceJson(changes) })).toEqual([]);
  });

  it('is none where the invoice is gone', async () => {
    expect(await periodsOf({}, ['in_0'])).toHaveLength(1);
  });

  const span = (item: string, price: string, start: string, end: string, proration = false): Json => ({
    period: { start: at(start), end: at(end) },
    parent: {
      type: 'subscription_item_details',
      subscription_item_details: { subscription_item: item, proration },
    },
    pricing: { price_details: { price } },
  });
  const month = (item: string, price: string) =>
    span(item, price, '2026-02-28T10:00:00Z', '2026-03-31T10:00:00Z');
  const part = span('si_1', 'price_1', '2026-03-10T00:00:00Z', '2026-03-31T10:00:00Z', true);
  const pending = (index: number): Json => ({
    period: { start: at('2026-02-01T00:00:00Z') + index, end: at('2026-02-01T00:00:00Z') + index },
    parent: { type: 'invoice_item_details', invoice_item_details: { proration: false } },
  });
  const OF_MONTH = {
    start: new Date('2026-02-28T10:00:00Z'),
    end: new Date('2026-03-31T10:00:00Z'),
  };

  const periodWith = async (billing_reason: string | undefined, data: readonly Json[]) =>
    (await periodsOf({ 'GET /v1/invoices/in_2': invoiceJson({ billing_reason, lines: { data } }) }))[0];

  it.each<[string, string | undefined, Json[]]>([
    ['settles a change', 'subscription_update', [part]],
    ['bills what passed a threshold', 'subscription_threshold', [month('si_1', 'price_1')]],
    ['was made by hand', 'manual', [pending(1)]],
    ['settles a change and has no reason, as in the oldest versions of the API', undefined, [part]],
  ])('S1c that %s is beside the cycles, and has its payment', async (_, reason, lines) => {
    expect(await periodWith(reason, lines)).toMatchObject({
      offCycle: true,
      providerPaymentId: 'pi_2',
      paidAt: expect.any(Date),
    });
  });

  const old = { type: 'subscription', proration: false, subscription_item: 'si_1' };

  it.each<[string, string | undefined, Json[]]>([
    ['the first month', 'subscription_create', [month('si_1', 'price_1')]],
    ['a later one with a proration', 'subscription_cycle', [part, month('si_1', 'price_1')]],
    ['one that begins at once', 'subscription_update', [part, month('si_1', 'price_1')]],
    ['one without a reason', undefined, [month('si_1', 'price_1')]],
    ['one of the oldest versions of the API', undefined, [{ ...old, period: month('', '').period }]],
  ])('of %s is a cycle', async (_, reason, lines) => {
    const period = await periodWith(reason, lines);
    expect(period).toMatchObject({ ...OF_MONTH, providerPaymentId: 'pi_2' });
    expect(period).not.toHaveProperty('offCycle');
  });

  const nothing = { amount_due: 0, payments: { data: [] } };

  it.each<[string, Json]>([
    ['a credit of the customer paid it', { total: 19900, starting_balance: -19900 }],
    ['a coupon took everything off', { total: 0, total_discount_amounts: [{ amount: 19900 }] }],
    ['its price is nothing', { total: 0, subtotal: 0 }],
  ])('S2b is told as paid, with no payment, where %s', async (_, changes) => {
    const invoice = invoiceJson({ ...nothing, ...changes, billing_reason: 'subscription_cycle' });
    const [period] = await periodsOf({ 'GET /v1/invoices/in_2': invoice });
    expect(period).toMatchObject({
      ...OF_MONTH,
      money: { amount: 0n, currency: 'MXN' },
      paidAt: new Date('2026-03-02T12:00:00Z'),
      payment: [],
    });
  });

  it('S2c is none while a trial runs: not of its empty invoice, nor of a fee that is asked for with it', async () => {
    const trial = {
      status: 'trialing',
      trial_start: at('2026-02-28T10:00:00Z'),
      trial_end: at('2026-03-31T10:00:00Z'),
    };
    const during = (invoice: Json) =>
      periodsOf({
        'GET /v1/subscriptions/sub_1': subscriptionJson(trial),
        'GET /v1/invoices/in_2': invoiceJson({ billing_reason: 'subscription_create', ...invoice }),
      });
    expect(await during(nothing)).toEqual([]);
    expect(await during({})).toMatchObject([{ offCycle: true, providerPaymentId: 'pi_2' }]);
  });

  it('S3c has the dates of the line of its plan, though that is on the second page of its lines', async () => {
    const lines = [
      ...Array.from({ length: 10 }, (_, index) => pending(index)),
      part,
      month('si_1', 'price_1'),
    ];
    const [period] = await periodsOf({
      'GET /v1/invoices/in_2': invoiceJson({ lines: { has_more: true, data: lines.slice(0, 10) } }),
      'GET /v1/invoices/in_2/lines': lines,
    });
    expect(period).toMatchObject(OF_MONTH);
  });

  it('S3d has those of the plan, and not of an add-on before it that runs a year', async () => {
    const year = span('si_0', 'price_0', '2026-02-28T10:00:00Z', '2027-02-28T10:00:00Z');
    const addOn = {
      id: 'si_0',
      price: { id: 'price_0' },
      current_period_start: at('2026-02-28T10:00:00Z'),
      current_period_end: at('2027-02-28T10:00:00Z'),
    };
    const items = jsonOf(subscriptionJson().items);
    const item = jsonOf(listOf(items.data)[0]);
    const withAddOn = (plan: Json) => subscriptionJson({ items: { data: [addOn, { ...item, ...plan }] } });
    const marked = withAddOn({ metadata: { isPlan: 'true' } });
    const [period] = await periodsOf({
      'GET /v1/subscriptions/sub_1': marked,
      'GET /v1/invoices/in_2': invoiceJson({ lines: { data: [year, month('si_1', 'price_1')] } }),
    });
    expect(period).toMatchObject({ ...OF_MONTH, spans: [{ itemId: 'si_0' }, { itemId: 'si_1' }] });
    expect(readSubscription(marked)?.fact).toMatchObject({
      providerPlanId: 'price_1',
      periodEnd: OF_MONTH.end,
      items: [
        { itemId: 'si_0', isPlan: false },
        { itemId: 'si_1', isPlan: true },
      ],
    });
  });

  const END_OF_IT = {
    voided_at: at('2026-03-05T00:00:00Z'),
    marked_uncollectible_at: at('2026-03-05T00:00:00Z'),
  };

  it.each<[string, Partial<PaymentFact>]>([
    ['void', { name: 'canceled' }],
    ['uncollectible', { name: 'failed', reason: 'uncollectible' }],
  ])('S4c that is %s is closed, and so is its payment', async (status, end) => {
    const [period] = await periodsOf({
      'GET /v1/invoices/in_2': invoiceJson({
        status,
        status_transitions: END_OF_IT,
        payments: { data: [toIntent] },
      }),
      'GET /v1/payment_intents/pi_2': intentJson(unpaid),
      'GET /v1/charges': declined,
    });
    const closedAt = new Date('2026-03-05T00:00:00Z');
    expect(period).toMatchObject({ closed: { as: status, at: closedAt }, paidAt: undefined });
    expect(period?.payment.at(-1)).toMatchObject({ kind: 'payment', occurredAt: closedAt, ...end });
  });
});
