import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type Stripe from 'stripe';
import {
  billingEvents,
  newPrice,
  newSubscriber,
  seconds,
} from '../../test/support/sandbox/stripe.subscriber.js';
import { sdkFor } from '../../test/support/sandbox/stripe.sdk.js';
import { startStripeSandbox, type StripeSandbox } from './stripe.sandbox.js';

const START = '2026-10-31T12:00:00Z';

describe('subscriptions of the stand-in Stripe', () => {
  let sandbox: StripeSandbox;
  let stripe: Stripe;

  beforeEach(async () => {
    sandbox = await startStripeSandbox({ now: () => Date.parse(START) });
    stripe = sdkFor(sandbox, { maxNetworkRetries: 0 });
  });

  afterEach(() => sandbox.close());

  const goTo = (iso: string) => sandbox.advance(seconds(iso) - sandbox.state().now);
  const read = (id: string) => stripe.subscriptions.retrieve(id);
  const periodOf = ({ items }: Stripe.Subscription) =>
    [items.data[0]?.current_period_start ?? 0, items.data[0]?.current_period_end ?? 0].map((at) =>
      new Date(at * 1000).toISOString().slice(0, 10),
    );

  it('bill a year by the month, through a card that fails in the fourth month and recovers', async () => {
    const { customer, method, price } = await newSubscriber(stripe);
    const created = await stripe.subscriptions.create(
      { customer, items: [{ price }], metadata: { subscriptionId: 's1' } },
      { idempotencyKey: 'once' },
    );
    expect(created).toMatchObject({ status: 'active', billing_mode: { type: 'flexible' } });
    expect(periodOf(created)).toEqual(['2026-10-31', '2026-11-30']);
    expect(billingEvents(sandbox)).toEqual([
      '2026-10-31 invoice.created',
      '2026-10-31 invoice.finalized',
      '2026-10-31 customer.subscription.created',
      '2026-10-31 invoice_payment.paid',
      '2026-10-31 invoice.paid',
      '2026-10-31 invoice.payment_succeeded',
    ]);
    await goTo('2026-12-31T12:00:00Z');
    await sandbox.setCardOutcome(method, 'insufficient_funds');
    const before = sandbox.events.length;
    await goTo('2027-02-05T12:00:00Z');
    expect(await read(created.id)).toMatchObject({ status: 'past_due' });
    await sandbox.setCardOutcome(method, null);
    await goTo('2027-02-09T12:00:00Z');
    expect(billingEvents(sandbox, before)).toEqual([
      '2027-01-24 invoice.upcoming',
      '2027-01-31 customer.subscription.updated',
      '2027-01-31 invoice.created',
      '2027-01-31 invoice.finalized',
      '2027-01-31 invoice.payment_failed',
      '2027-01-31 customer.subscription.updated',
      '2027-02-03 invoice.payment_failed',
      '2027-02-08 customer.subscription.updated',
      '2027-02-08 invoice_payment.paid',
      '2027-02-08 invoice.paid',
      '2027-02-08 invoice.payment_succeeded',
    ]);
    await goTo('2027-10-30T12:00:00Z');
    expect(periodOf(await read(created.id))).toEqual(['2027-09-30', '2027-10-31']);

    const invoices = await stripe.invoices.list({ subscription: created.id, limit: 100 });
    expect(invoices.data.map(({ status, amount_paid }) => [status, amount_paid])).toEqual(
      Array.from({ length: 12 }, () => ['paid', 19_900]),
    );
    const recovered = invoices.data.find(({ attempt_count }) => attempt_count === 3);
    const { data: payments } = await stripe.invoicePayments.list({ invoice: recovered?.id });
    expect(payments).toHaveLength(1);
    const intent = payments[0]?.payment.payment_intent?.toString() ?? '';
    const charges = await stripe.charges.list({ payment_intent: intent });
    expect(charges.data.map(({ status }) => status)).toEqual(['succeeded', 'failed', 'failed']);
    expect(charges.data[0]?.receipt_url).toContain(charges.data[0]?.id);
    expect(await stripe.paymentIntents.retrieve(intent)).toMatchObject({ metadata: {}, customer });
    const full = await stripe.invoices.retrieve(recovered?.id ?? '', {
      expand: ['payments.data.payment.payment_intent'],
    });
    expect(full).toMatchObject({
      billing_reason: 'subscription_cycle',
      parent: { subscription_details: { subscription: created.id, metadata: { subscriptionId: 's1' } } },
      payments: { data: [{ status: 'paid', payment: { payment_intent: { id: intent } } }] },
    });
  });

  it('are tried again by the schedule of the account, and canceled after the last attempt', async () => {
    await sandbox.setDunning({ retryDays: [2, 2] });
    const { customer, method, price } = await newSubscriber(stripe);
    const { id } = await stripe.subscriptions.create({ customer, items: [{ price }] });
    await sandbox.setCardOutcome(method, 'lost_card');
    await goTo('2027-03-01T00:00:00Z');
    expect(billingEvents(sandbox).slice(7)).toEqual([
      '2026-11-30 customer.subscription.updated',
      '2026-11-30 invoice.created',
      '2026-11-30 invoice.finalized',
      '2026-11-30 invoice.payment_failed',
      '2026-11-30 customer.subscription.updated',
      '2026-12-02 invoice.payment_failed',
      '2026-12-04 invoice.payment_failed',
      '2026-12-04 customer.subscription.deleted',
    ]);
    expect(await read(id)).toMatchObject({
      status: 'canceled',
      ended_at: seconds('2026-12-04T12:00:00Z'),
      cancellation_details: { reason: 'payment_failed' },
    });
    const [open] = (await stripe.invoices.list({ subscription: id })).data;
    expect(open).toMatchObject({ status: 'open', attempt_count: 3, next_payment_attempt: null });
    await expect(stripe.subscriptions.cancel(id)).rejects.toMatchObject({ code: 'resource_missing' });
  });

  it('stay unpaid where the account says so, and come back by an invoice that is paid by hand', async () => {
    await sandbox.setDunning({ retryDays: [], afterLast: 'unpaid' });
    const { customer, method, price } = await newSubscriber(stripe);
    const { id } = await stripe.subscriptions.create({ customer, items: [{ price }] });
    await sandbox.setCardOutcome(method, 'insufficient_funds');
    await goTo('2026-12-01T12:00:00Z');
    const { status, latest_invoice: invoice } = await read(id);
    expect(status).toBe('unpaid');
    await expect(stripe.invoices.pay(String(invoice))).rejects.toMatchObject({
      statusCode: 402,
      decline_code: 'insufficient_funds',
      payment_intent: { status: 'requires_payment_method' },
    });
    await sandbox.setCardOutcome(method, null);
    expect(await stripe.invoices.pay(String(invoice))).toMatchObject({ status: 'paid', attempt_count: 1 });
    expect((await read(id)).status).toBe('active');
  });

  it('S6i pile drafts up while they are unpaid, which have to be finalized before they are paid', async () => {
    await sandbox.setDunning({ retryDays: [], afterLast: 'unpaid' });
    const { customer, method, price } = await newSubscriber(stripe);
    const { id } = await stripe.subscriptions.create({ customer, items: [{ price }] });
    await sandbox.setCardOutcome(method, 'insufficient_funds');
    await goTo('2027-01-02T12:00:00Z');
    const { data } = await stripe.invoices.list({ subscription: id });
    const [draft = '', open = ''] = data.map((one) => one.id);
    expect(data).toMatchObject([
      { status: 'draft', auto_advance: false, hosted_invoice_url: null },
      { status: 'open', hosted_invoice_url: expect.stringMatching(/^http/) },
      { status: 'paid' },
    ]);
    await sandbox.setCardOutcome(method, null);
    await expect(stripe.invoices.pay(draft)).rejects.toMatchObject({ statusCode: 400 });
    expect((await read(id)).status).toBe('unpaid');
    expect(await stripe.invoices.finalizeInvoice(draft, { auto_advance: false })).toMatchObject({
      status: 'open',
      next_payment_attempt: null,
    });
    expect(await stripe.invoices.pay(draft)).toMatchObject({ status: 'paid' });
    await stripe.invoices.voidInvoice(open);
    await expect(stripe.invoices.pay(open)).rejects.toMatchObject({ statusCode: 400 });
  });

  it('S7j end with a dispute of one of their months where the account says so', async () => {
    const { customer, price } = await newSubscriber(stripe);
    const kept = await stripe.subscriptions.create({ customer, items: [{ price }] });
    const lost = await stripe.subscriptions.create({ customer, items: [{ price }] });
    const [later, first] = (await stripe.charges.list({ customer })).data;
    await sandbox.openDispute(first?.id ?? '');
    await sandbox.setDunning({ afterDispute: 'cancel' });
    await sandbox.openDispute(later?.id ?? '');
    expect((await read(kept.id)).status).toBe('active');
    expect(await read(lost.id)).toMatchObject({
      status: 'canceled',
      cancellation_details: { reason: 'payment_disputed' },
    });
  });

  it('begin with a trial of nothing, and say three days before its end that it ends', async () => {
    const { customer, price } = await newSubscriber(stripe);
    const created = await stripe.subscriptions.create({
      customer,
      items: [{ price }],
      trial_period_days: 10,
      expand: ['latest_invoice.payments'],
    });
    expect(created).toMatchObject({
      status: 'trialing',
      latest_invoice: { status: 'paid', total: 0, payments: { data: [] } },
    });
    await goTo('2026-11-20T12:00:00Z');
    expect(billingEvents(sandbox).slice(5)).toEqual([
      '2026-11-03 invoice.upcoming',
      '2026-11-07 customer.subscription.trial_will_end',
      '2026-11-10 customer.subscription.updated',
      '2026-11-10 invoice.created',
      '2026-11-10 invoice.finalized',
      '2026-11-10 invoice_payment.paid',
      '2026-11-10 invoice.paid',
      '2026-11-10 invoice.payment_succeeded',
    ]);
    expect(periodOf(await read(created.id))).toEqual(['2026-11-10', '2026-12-10']);
  });

  it('are left behind by a card that is declined, asked, or never comes', async () => {
    const { customer, method, price } = await newSubscriber(stripe);
    const items = [{ price }];
    await sandbox.setCardOutcome(method, 'insufficient_funds');
    await expect(
      stripe.subscriptions.create({ customer, items, payment_behavior: 'error_if_incomplete' }),
    ).rejects.toMatchObject({ statusCode: 402, decline_code: 'insufficient_funds' });
    expect(sandbox.state().subscriptions).toEqual([]);

    const waiting = await stripe.subscriptions.create({
      customer,
      items,
      payment_behavior: 'default_incomplete',
      expand: ['latest_invoice.confirmation_secret'],
    });
    expect(waiting.status).toBe('incomplete');
    expect(waiting.latest_invoice).toMatchObject({ confirmation_secret: { type: 'payment_intent' } });

    await sandbox.setCardOutcome(method, 'authentication_required');
    const asked = await stripe.subscriptions.create({ customer, items });
    expect(asked.status).toBe('incomplete');
    const intent = sandbox.state().paymentIntents.at(-1);
    expect(intent?.status).toBe('requires_action');
    await sandbox.authenticate(intent?.id ?? '', true);
    expect((await read(asked.id)).status).toBe('active');

    await sandbox.advance(23 * 3600);
    expect(await read(waiting.id)).toMatchObject({ status: 'incomplete_expired' });
    expect((await stripe.invoices.list({ subscription: waiting.id })).data[0]?.status).toBe('void');
  });

  it('are paused with a credit for what is left, and resumed with a period that begins then', async () => {
    const { customer, price } = await newSubscriber(stripe);
    const { id } = await stripe.subscriptions.create({ customer, items: [{ price }] });
    await goTo('2026-11-15T12:00:00Z');
    expect(await stripe.subscriptions.pause(id)).toMatchObject({
      status: 'paused',
      status_details: { paused: { subscription: { type: 'pause_requested' } } },
    });
    await goTo('2027-02-15T12:00:00Z');
    expect((await stripe.invoices.list({ subscription: id })).data).toHaveLength(1);
    const resumed = await stripe.subscriptions.resume(id, { expand: ['latest_invoice'] });
    expect(resumed).toMatchObject({ status: 'active', latest_invoice: { amount_paid: 9_950 } });
    expect(periodOf(resumed)).toEqual(['2027-02-15', '2027-03-15']);
    expect(sandbox.events.map(({ type }) => type)).toEqual(
      expect.arrayContaining(['customer.subscription.paused', 'customer.subscription.resumed']),
    );
    const classic = await stripe.subscriptions.create({
      customer,
      items: [{ price }],
      billing_mode: { type: 'classic' },
    });
    await expect(stripe.subscriptions.pause(classic.id)).rejects.toThrow(/flexible/);
  });

  it('are billed without being charged while the collection is paused', async () => {
    const { customer, price } = await newSubscriber(stripe);
    const { id } = await stripe.subscriptions.create({ customer, items: [{ price }] });
    await stripe.subscriptions.update(id, { pause_collection: { behavior: 'void' } });
    await goTo('2026-12-01T12:00:00Z');
    await stripe.subscriptions.update(id, { pause_collection: '' });
    await goTo('2027-01-01T12:00:00Z');
    const { data } = await stripe.invoices.list({ subscription: id });
    expect(data.map(({ status }) => status)).toEqual(['paid', 'void', 'paid']);
  });

  it('take another price in the same rhythm with, or without, prorations', async () => {
    const { customer, price } = await newSubscriber(stripe);
    const created = await stripe.subscriptions.create({ customer, items: [{ price }] });
    const item = created.items.data[0]?.id;
    const [dear, plain] = [await newPrice(stripe, 39_900), await newPrice(stripe, 9_900)];
    await goTo('2026-11-15T12:00:00Z');
    await stripe.subscriptions.update(created.id, { items: [{ id: item, price: dear.id }] });
    await stripe.subscriptions.update(created.id, {
      items: [{ id: item, price: plain.id }],
      proration_behavior: 'none',
    });
    expect(sandbox.state().invoices).toHaveLength(1);
    await goTo('2026-12-01T12:00:00Z');
    const [next] = (await stripe.invoices.list({ subscription: created.id })).data;
    expect(next?.lines.data.map(({ amount }) => amount)).toEqual([-9_950, 19_950, 9_900]);
    expect(next).toMatchObject({ billing_reason: 'subscription_cycle', amount_paid: 19_900 });
  });

  it('begin anew, and are billed at once, with a price of another interval', async () => {
    const { customer, price } = await newSubscriber(stripe);
    const created = await stripe.subscriptions.create({ customer, items: [{ price }] });
    const yearly = await newPrice(stripe, 199_000, { interval: 'year' });
    await goTo('2026-11-15T12:00:00Z');
    const changed = await stripe.subscriptions.update(created.id, {
      items: [{ id: created.items.data[0]?.id, price: yearly.id }],
      proration_behavior: 'none',
      expand: ['latest_invoice'],
    });
    expect(periodOf(changed)).toEqual(['2026-11-15', '2027-11-15']);
    expect(changed.latest_invoice).toMatchObject({
      billing_reason: 'subscription_update',
      amount_paid: 199_000,
    });
  });

  it('end with their period, at a moment, and with their customer', async () => {
    const { customer, price } = await newSubscriber(stripe);
    const items = [{ price }];
    const atEnd = await stripe.subscriptions.create({ customer, items, cancel_at_period_end: true });
    const kept = await stripe.subscriptions.create({ customer, items, cancel_at_period_end: true });
    await stripe.subscriptions.update(kept.id, { cancel_at_period_end: false });
    const cancel_at = seconds('2026-12-10T00:00:00Z');
    const later = await stripe.subscriptions.create({ customer, items, cancel_at });
    await goTo('2027-01-01T00:00:00Z');
    expect(await read(atEnd.id)).toMatchObject({
      status: 'canceled',
      canceled_at: seconds(START),
      ended_at: seconds('2026-11-30T12:00:00Z'),
    });
    expect(await read(later.id)).toMatchObject({ status: 'canceled', ended_at: cancel_at });
    expect((await read(kept.id)).status).toBe('active');
    await stripe.customers.del(customer);
    expect((await read(kept.id)).status).toBe('canceled');
    expect(sandbox.events.slice(-2).map(({ type }) => type)).toEqual([
      'customer.subscription.deleted',
      'customer.deleted',
    ]);
  });

  it('are changed in the panel as by the API, by nobody whom the events name', async () => {
    const { customer, price } = await newSubscriber(stripe);
    const { id } = await sandbox.panel.createSubscription({ customer, items: [{ price }] });
    await sandbox.panel.updateSubscription(id, { cancel_at_period_end: true });
    const answer = await fetch(`${sandbox.url}/_sandbox/panel`, {
      method: 'POST',
      body: JSON.stringify({ method: 'POST', path: `/v1/prices/${price}`, params: { active: false } }),
    });
    expect(await answer.json()).toMatchObject({ id: price, active: false });
    expect(sandbox.events.slice(-2)).toMatchObject([
      { type: 'customer.subscription.updated', request: { id: null } },
      { type: 'price.updated', data: { previous_attributes: { active: true } }, request: { id: null } },
    ]);
    await expect(sandbox.panel.createSubscription({ customer, items: [{ price }] })).rejects.toThrow(
      /inactive/,
    );
  });
});
