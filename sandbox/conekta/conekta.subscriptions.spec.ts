import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ApiCaller, problemsOf, startSandbox } from '../../test/support/sandbox/conekta.caller.js';
import type { ConektaSandbox } from './conekta.sandbox.js';
import { DAY, dayOf, HOUR, noon, Subscriber } from '../../test/support/sandbox/conekta.subscriber.js';

const START = noon('2026-01-31');

describe('subscriptions at the stand-in Conekta', () => {
  let sandbox: ConektaSandbox;
  let api: ApiCaller;

  beforeEach(async () => {
    sandbox = await startSandbox({ now: () => START * 1000 });
    api = new ApiCaller(sandbox);
  });

  afterEach(() => sandbox.close());

  const until = (day: string) => sandbox.advance(noon(day) - sandbox.state().now);
  const types = () => sandbox.events.map(({ type }) => type);

  it('charge at once without a trial, and tell it in order', async () => {
    const subscriber = await Subscriber.start(sandbox, api);
    expect(types().slice(2)).toEqual([
      'subscription.created',
      'order.created',
      'charge.created',
      'charge.paid',
      'order.paid',
      'subscription.paid',
    ]);
    const [order] = sandbox.state().orders;
    expect(order).toMatchObject({
      amount: 19_900,
      payment_status: 'paid',
      metadata: {},
      customer_info: { customer_id: subscriber.customerId },
      line_items: { data: [{ name: 'Oro', quantity: 1 }] },
    });
    expect((await api.get(subscriber.path)).body).toMatchObject({
      object: 'subscription',
      status: 'active',
      last_billing_cycle_order_id: order?.id,
      charge_id: order?.charges?.data[0]?.id,
      billing_cycle_start: START,
      billing_cycle_end: noon('2026-02-28'),
    });
  });

  it('live a year in one jump: a trial, months by their own ends, a dunning and its recovery', async () => {
    const subscriber = await Subscriber.start(sandbox, api, { plan: { trial_period_days: 10 } });
    expect(subscriber.now).toMatchObject({ status: 'in_trial', trial_end: noon('2026-02-10') });
    expect(sandbox.state().orders).toEqual([]);
    await until('2026-05-01');
    await sandbox.setCardOutcome(subscriber.cardId, 'insufficient_funds');
    // Two tries fail: the cycle's own and the one 50 hours later.
    await sandbox.advance(12 * DAY);
    expect(subscriber.now).toMatchObject({ status: 'past_due', billing_cycle_end: noon('2026-06-10') });
    await sandbox.setCardOutcome(subscriber.cardId, null);
    await until('2027-02-09');
    expect(subscriber.story).toEqual([
      '2026-01-31 created',
      ...['2026-02-10', '2026-03-10', '2026-04-10'].map((day) => `${day} paid`),
      '2026-05-10 payment_failed',
      '2026-05-12 payment_failed',
      '2026-05-14 paid',
      ...[6, 7, 8, 9, 10, 11, 12].map((month) => `2026-${String(month).padStart(2, '0')}-10 paid`),
      '2027-01-10 paid',
    ]);
    const { orders } = sandbox.state();
    expect(orders).toHaveLength(12);
    expect(orders.every(({ payment_status }) => payment_status === 'paid')).toBe(true);
    const [recovered] = orders.filter(({ charges }) => charges?.data.length === 3);
    expect(recovered?.charges?.data).toMatchObject([
      { status: 'paid', paid_at: noon('2026-05-10') + 100 * HOUR },
      { status: 'declined', failure_code: 'insufficient_funds', created_at: noon('2026-05-10') + 50 * HOUR },
      { status: 'declined', created_at: noon('2026-05-10') },
    ]);
    const moments = sandbox.events.map(({ created_at }) => created_at);
    expect(moments).toEqual([...moments].sort((a, b) => a - b));
  });

  it('end when the retries are used up, by what the plan says of them', async () => {
    const plan = { max_retries: 4, retry_delay_hours: 48 };
    const subscriber = await Subscriber.start(sandbox, api, { plan, card: 'tok_test_card_declined' });
    expect(subscriber.now).toMatchObject({ status: 'past_due', charge_id: expect.any(String) });
    expect(problemsOf(await subscriber.act('pause'))).toMatchObject([{ code: 'not_active' }]);
    // Asked for by hand: one more charge, and the plan of tries stays.
    expect((await subscriber.act('retry')).body).toMatchObject({ status: 'past_due' });
    await sandbox.advance(60 * DAY);
    const failed = Array.from({ length: 2 }, () => '2026-01-31 payment_failed');
    expect(subscriber.story).toEqual([
      '2026-01-31 created',
      ...failed,
      '2026-02-02 payment_failed',
      '2026-02-04 payment_failed',
      '2026-02-06 payment_failed',
      '2026-02-08 payment_failed',
      '2026-02-08 canceled',
    ]);
    expect(subscriber.now).toMatchObject({
      status: 'canceled',
      canceled_reason: 'payment_failed',
      canceled_at: noon('2026-02-08'),
    });
    expect(sandbox.state().orders).toMatchObject([{ payment_status: 'declined', charges: { total: 6 } }]);
    expect(problemsOf(await subscriber.act('cancel'))).toMatchObject([{ code: 'canceled' }]);
  });

  it('end as complete when the last of their cycles is over', async () => {
    const plan = { interval: 'half_month', expiry_count: 3 };
    const subscriber = await Subscriber.start(sandbox, api, { plan });
    await sandbox.advance(365 * DAY);
    expect(subscriber.story).toEqual([
      '2026-01-31 created',
      '2026-01-31 paid',
      '2026-02-15 paid',
      '2026-03-02 paid',
      '2026-03-17 expired',
    ]);
    expect(subscriber.now).toMatchObject({ status: 'canceled', canceled_reason: 'completed' });
  });

  it('come back to the 31st after shorter months, and to leap days', async () => {
    const monthly = await Subscriber.start(sandbox, api);
    await until('2026-05-01');
    const paid = monthly.events.filter(({ type }) => type === 'subscription.paid');
    expect(paid.map(({ created_at }) => dayOf(created_at))).toEqual([
      '2026-01-31',
      '2026-02-28',
      '2026-03-31',
      '2026-04-30',
    ]);
    await until('2028-02-29');
    const yearly = await Subscriber.start(sandbox, api, { plan: { interval: 'year' } });
    const ends = [dayOf(yearly.now.billing_cycle_end)];
    for (const day of ['2029-03-01', '2030-03-01', '2031-03-01']) {
      await until(day);
      ends.push(dayOf(yearly.now.billing_cycle_end));
    }
    expect(ends).toEqual(['2029-02-28', '2030-02-28', '2031-02-28', '2032-02-29']);
  });

  it('charge nothing while they are paused', async () => {
    const subscriber = await Subscriber.start(sandbox, api, { plan: { interval: 'week' } });
    expect((await subscriber.act('pause')).body).toMatchObject({ status: 'paused', paused_at: START });
    expect(problemsOf(await subscriber.act('pause'))).toMatchObject([{ code: 'not_active' }]);
    await sandbox.advance(2 * DAY);
    await subscriber.act('resume');
    expect(problemsOf(await subscriber.act('resume'))).toMatchObject([{ code: 'not_paused' }]);
    await sandbox.advance(6 * DAY);
    await subscriber.act('pause');
    await sandbox.advance(30 * DAY);
    expect((await subscriber.act('resume')).body).toMatchObject({
      status: 'active',
      paused_at: null,
      billing_cycle_start: START + 38 * DAY,
      billing_cycle_end: START + 45 * DAY,
    });
    expect(subscriber.story).toEqual([
      '2026-01-31 created',
      '2026-01-31 paid',
      '2026-01-31 paused',
      '2026-02-02 resumed',
      '2026-02-07 paid',
      '2026-02-08 paused',
      '2026-03-10 resumed',
      '2026-03-10 paid',
    ]);
  });

  it('charge another plan when the present cycle is over, and another card at once', async () => {
    const subscriber = await Subscriber.start(sandbox, api);
    const weekly = { id: 'plata', name: 'Plata', amount: 5_000, interval: 'week', frequency: 2 };
    await api.post('/plans', weekly);
    const card = await sandbox.panel.addCard(subscriber.customerId, 'tok_test_mastercard_4444');
    const changed = await subscriber.change({ plan_id: 'plata', card_id: card.id });
    expect(changed.body).toMatchObject({ plan_id: 'plata', billing_cycle_end: noon('2026-02-28') });
    expect(problemsOf(await subscriber.change({ trial_end: START + DAY }))).toMatchObject([
      { code: 'not_in_trial' },
    ]);
    await api.call('DELETE', '/plans/plata');
    await until('2026-03-15');
    expect(sandbox.state().orders.slice(1)).toMatchObject(
      ['2026-02-28', '2026-03-14'].map((day) => ({
        created_at: noon(day),
        amount: 5_000,
        charges: { data: [{ payment_method: { last4: '4444' } }] },
      })),
    );
  });

  it('stand beside each other, and end with their customer', async () => {
    const first = await Subscriber.start(sandbox, api);
    const second = await api.post(`/customers/${first.customerId}/subscriptions`, {
      plan_id: first.now.plan_id,
      trial_end: START + DAY,
    });
    expect(second.body).toMatchObject({ status: 'in_trial', trial_end: START + DAY });
    const list = await api.get(`/customers/${first.customerId}/subscriptions?limit=1`);
    expect(list.body).toMatchObject({ object: 'list', has_more: true, data: [{ id: second.body['id'] }] });
    const events = await api.get(`${first.path}/events`);
    expect(events.body).toMatchObject({
      data: [{ type: 'subscription.paid' }, { type: 'subscription.created' }],
    });
    expect(await api.get(`/customers/${await api.customer()}/subscriptions/${first.id}`)).toMatchObject({
      status: 404,
    });
    await sandbox.panel.deleteCustomer(first.customerId);
    expect(types().slice(-3)).toEqual(['subscription.canceled', 'subscription.canceled', 'customer.deleted']);
    await sandbox.advance(90 * DAY);
    expect(sandbox.state().orders).toHaveLength(1);
  });

  it('begin with their customer, and are known by the addresses of old too, which are counted', async () => {
    const plan = await sandbox.panel.createPlan({ name: 'Oro', amount: 100, interval: 'week', frequency: 1 });
    const customer = await api.post('/customers', {
      name: 'Ana Prueba',
      email: 'ana@tienda.example',
      phone: '55-5555-5555',
      plan_id: plan.id,
      payment_sources: [{ type: 'card', token_id: 'tok_test_visa_4242' }],
    });
    const { default_payment_source_id: card, subscription } = customer.body;
    expect(subscription).toMatchObject({ status: 'active', card_id: card, customer_id: customer.body['id'] });
    expect(sandbox.state().deprecatedCalls).toBe(0);
    const old = `/customers/${String(customer.body['id'])}/subscription`;
    expect((await api.post(`${old}/pause`)).body).toMatchObject({ status: 'paused' });
    expect(problemsOf(await api.post(old, { plan_id: plan.id }))).toMatchObject([
      { code: 'already_subscribed' },
    ]);
    expect(sandbox.state().deprecatedCalls).toBe(2);
    const refused = await api.post('/customers', { ...named(), plan_id: plan.id });
    expect(problemsOf(refused)).toMatchObject([{ code: 'missing_card' }]);
    expect(sandbox.state().customers).toHaveLength(1);
  });

  it('are declined when their card is blocked or gone, unless the customer has another', async () => {
    const subscriber = await Subscriber.start(sandbox, api, { plan: { interval: 'week' } });
    await sandbox.blockCard(subscriber.cardId);
    expect(types().at(-1)).toBe('customer.payment_source.card.blocked');
    await sandbox.advance(7 * DAY);
    expect(sandbox.state().orders[1]?.charges?.data[0]).toMatchObject({ failure_code: 'card_blocked' });
    const next = await sandbox.panel.addCard(subscriber.customerId, 'tok_test_visa_4242');
    await sandbox.panel.deleteCard(subscriber.customerId, subscriber.cardId);
    expect(subscriber.now).toMatchObject({ status: 'past_due', card_id: next.id });
    expect((await subscriber.act('retry')).body).toMatchObject({
      status: 'active',
      billing_cycle_end: START + 14 * DAY,
    });
    await sandbox.panel.deleteCard(subscriber.customerId, next.id);
    await sandbox.advance(7 * DAY);
    expect(subscriber.now).toMatchObject({ status: 'past_due', charge_id: null });
  });
});

function named(): Record<string, unknown> {
  return { name: 'Ana Prueba', email: 'ana@tienda.example', phone: '55-5555-5555' };
}
