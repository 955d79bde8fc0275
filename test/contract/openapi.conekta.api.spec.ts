import { afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { jsonOf, listOf } from '../../src/providers/json.read.js';
import { CONEKTA_SCHEMAS, ConektaStage } from '../support/openapi/conekta.stage.js';
import { describeDocument } from '../support/openapi/document.suite.js';
import { eventFaults } from '../support/openapi/event.faults.js';
import { validCalls, verdict } from '../support/openapi/exchange.verdict.js';
import { OpenApiDocument } from '../support/openapi/openapi.document.js';

const CARD = { payment_method: { type: 'card', token_id: 'tok_test_visa_4242' } };
const LATER = Math.floor(Date.now() / 1000) + 7 * 86_400;

describeDocument('conekta', "Conekta's own document, and the whole API that the stand-in serves,", () => {
  let document: OpenApiDocument;
  let stage: ConektaStage;

  beforeAll(() => {
    document = OpenApiDocument.load('conekta');
  });
  beforeEach(async () => {
    stage = await ConektaStage.start();
  });
  afterEach(() => stage.stop());

  function expectValid(...operations: string[]): void {
    expect(verdict(document, stage.proxy.exchanges)).toEqual(validCalls(...operations));
  }

  function expectValidEvents(...atLeast: string[]): void {
    const { events } = stage.sandbox;
    expect(events.map(({ type }) => type)).toEqual(expect.arrayContaining(atLeast));
    expect(eventFaults(document, events, CONEKTA_SCHEMAS)).toEqual([]);
  }

  function statuses(): number[] {
    return stage.proxy.exchanges.map(({ status }) => status);
  }

  it('agree about orders with a checkout', async () => {
    const methods = ['card', 'cash', 'bank_transfer', 'bnpl', 'pay_by_bank', 'apple', 'google'];
    const embedded = await stage.order({
      checkout: { type: 'Integration', name: 'Two keyboards', allowed_payment_methods: methods },
    });
    const hosted = await stage.order({
      tax_lines: [{ description: 'IVA', amount: 3200 }],
      shipping_lines: [{ amount: 9900, carrier: 'Courier', method: 'Courier' }],
      discount_lines: [{ amount: 1000, code: 'WELCOME', type: 'coupon' }],
      three_ds_mode: 'strict',
      checkout: {
        type: 'HostedPayment',
        name: 'Two keyboards',
        allowed_payment_methods: ['card', 'cash'],
        success_url: 'https://shop.example/ok',
        failure_url: 'https://shop.example/no',
        expires_at: Math.floor(Date.now() / 1000) + 3600,
        monthly_installments_enabled: true,
        monthly_installments_options: [3, 6, 12],
        on_demand_enabled: true,
      },
    });
    const id = stage.idOf(hosted);
    await stage.call('GET', `/orders/${id}`);
    await stage.call('PUT', `/orders/${id}`, { metadata: { channel: 'shop' } });
    await stage.call('GET', '/orders?limit=1&created_at.gte=1');
    await stage.call('POST', `/orders/${stage.idOf(embedded)}/cancel`);
    expect(new Set(statuses())).toEqual(new Set([200]));
    expectValid(
      'POST /orders',
      'GET /orders',
      'GET /orders/{id}',
      'PUT /orders/{id}',
      'POST /orders/{id}/cancel',
    );
  });

  it('agree about orders that are charged at once, captured and refunded', async () => {
    const { id } = await stage.order({ charges: [CARD], pre_authorize: true });
    await stage.call('POST', `/orders/${String(id)}/capture`, { amount: 30_000 });
    await stage.call('POST', `/orders/${String(id)}/refunds`, {
      amount: 1000,
      reason: 'requested_by_client',
    });
    const read = await stage.call('GET', `/orders/${String(id)}`);
    const [charge] = listOf(jsonOf(read.charges).data);
    const [refund] = listOf(jsonOf(jsonOf(charge).refunds).data);
    await stage.call('DELETE', `/orders/${String(id)}/refunds/${stage.idOf(jsonOf(refund))}`);
    expect(statuses()).toEqual([200, 200, 200, 200, 200]);
    expectValid(
      'POST /orders',
      'GET /orders/{id}',
      'POST /orders/{id}/capture',
      'POST /orders/{id}/refunds',
      'DELETE /orders/{id}/refunds/{refund_id}',
    );
    expectValidEvents('order.pre_authorized', 'order.paid', 'order.partially_refunded');
  });

  it('agree about charges of every method', async () => {
    const later = Math.floor(Date.now() / 1000) + 86_400;
    const methods = [
      { type: 'card', token_id: 'tok_test_mastercard_4444', monthly_installments: 3 },
      { type: 'cash', expires_at: later },
      { type: 'spei', expires_at: later },
      {
        type: 'bnpl',
        product_type: 'aplazo_bnpl',
        success_url: 'https://shop.example/ok',
        failure_url: 'https://shop.example/no',
      },
      { type: 'pay_by_bank', product_type: 'bbva_pay_by_bank' },
    ];
    for (const payment_method of methods) await stage.order({ charges: [{ payment_method }] });
    const { id } = await stage.order();
    const charge = await stage.call('POST', `/orders/${String(id)}/charges`, { ...CARD, amount: 39_800 });
    await stage.call('PUT', `/charges/${stage.idOf(charge)}`, { reference_id: 'reference-1' });
    await stage.call('GET', '/charges?limit=10');
    expect(new Set(statuses())).toEqual(new Set([200]));
    expectValid('POST /orders', 'POST /orders/{id}/charges', 'PUT /charges/{id}', 'GET /charges');
    expectValidEvents('order.pending_payment', 'charge.created', 'charge.paid');
  });

  it('agree about customers, their cards and tokens', async () => {
    const customer = await stage.call('POST', '/customers', {
      name: 'Ada Lovelace',
      email: 'ada@example.com',
      phone: '+525512345678',
      metadata: { note: 'kept' },
      payment_sources: [{ type: 'card', token_id: 'tok_test_visa_4242' }],
    });
    const at = `/customers/${stage.idOf(customer)}`;
    await stage.call('POST', '/tokens', { checkout: { returns_control_on: 'Token' } });
    const token = await stage.call('POST', '/tokens', {
      card: {
        number: '4242424242424242',
        name: 'Ada Lovelace',
        cvc: '123',
        exp_month: '12',
        exp_year: '39',
      },
    });
    const card = await stage.call('POST', `${at}/payment_sources`, { type: 'card', token_id: token.id });
    await stage.call('POST', `${at}/payment_sources`, { type: 'cash_recurrent' });
    await stage.call('POST', `${at}/payment_sources`, { type: 'spei_recurrent' });
    await stage.call('GET', `${at}/payment_sources?limit=10`);
    await stage.call('PUT', `${at}/payment_sources/${stage.idOf(card)}`, { name: 'Ada Byron' });
    await stage.call('PUT', at, { name: 'Ada Byron', default_payment_source_id: card.id });
    await stage.call('GET', at);
    await stage.call('GET', '/customers?limit=5&search=ada@example.com');
    await stage.order({
      customer_info: { customer_id: customer.id },
      charges: [{ payment_method: { type: 'default' } }],
    });
    await stage.call('DELETE', `${at}/payment_sources/${stage.idOf(card)}`);
    await stage.call('DELETE', at);
    expect(new Set(statuses())).toEqual(new Set([200]));
    expectValid(
      'POST /customers',
      'GET /customers',
      'GET /customers/{id}',
      'PUT /customers/{id}',
      'DELETE /customers/{id}',
      'POST /tokens',
      'POST /customers/{id}/payment_sources',
      'GET /customers/{id}/payment_sources',
      'PUT /customers/{id}/payment_sources/{payment_method_id}',
      'DELETE /customers/{id}/payment_sources/{payment_method_id}',
      'POST /orders',
    );
    expectValidEvents('customer.created', 'customer.updated', 'customer.deleted');
  });

  it('agree about plans and subscriptions', async () => {
    const plan = { name: 'Gold', amount: 19_900, currency: 'MXN', interval: 'month', frequency: 1 };
    const { id: plan_id } = await stage.call('POST', '/plans', { ...plan, expiry_count: 12 });
    await stage.call('GET', '/plans?limit=5&currency=MXN');
    const customer = await stage.call('POST', '/customers', {
      name: 'Ada Lovelace',
      email: 'ada@example.com',
      phone: '+525512345678',
      custom_reference: 'reference-1',
      payment_sources: [{ type: 'card', token_id: 'tok_test_visa_4242' }],
      plan_id,
    });
    const at = `/customers/${stage.idOf(customer)}`;
    const second = await stage.call('POST', `${at}/subscriptions`, { plan_id, trial_end: LATER });
    await stage.call('PUT', `${at}/subscriptions/${stage.idOf(second)}`, { trial_end: LATER + 86_400 });
    await stage.call('GET', `${at}/subscriptions?limit=1`);
    await stage.call('GET', `${at}/subscriptions/${stage.idOf(second)}/events?limit=5`);
    await stage.call('GET', at);
    await stage.call('GET', '/customers?limit=5');
    expect(new Set(statuses())).toEqual(new Set([200]));
    expectValid(
      'POST /plans',
      'GET /plans',
      'POST /customers',
      'GET /customers',
      'GET /customers/{id}',
      'GET /customers/{customer_id}/subscriptions',
      'POST /customers/{customer_id}/subscriptions',
      'PUT /customers/{customer_id}/subscriptions/{id}',
      'GET /customers/{customer_id}/subscriptions/{id}/events',
    );
    expectValidEvents('plan.created', 'subscription.created', 'subscription.paid', 'subscription.updated');
  });

  it('agree about the addresses that were for the one subscription of a customer', async () => {
    const plan = { name: 'Gold', amount: 19_900, interval: 'week', frequency: 1 };
    const { id } = await stage.call('POST', '/plans', plan);
    const customer = await stage.call('POST', '/customers', {
      name: 'Ada Lovelace',
      email: 'ada@example.com',
      phone: '+525512345678',
      payment_sources: [{ type: 'card', token_id: 'tok_test_visa_4242' }],
    });
    const at = `/customers/${stage.idOf(customer)}/subscription`;
    await stage.call('POST', at, { plan_id: id });
    await stage.call('GET', at);
    await stage.call('PUT', at, { plan_id: id });
    await stage.call('POST', `${at}/pause`);
    await stage.call('POST', `${at}/resume`);
    await stage.call('GET', `${at}/events`);
    await stage.call('POST', `${at}/cancel`);
    expect(new Set(statuses())).toEqual(new Set([200]));
    expectValid(
      'POST /plans',
      'POST /customers',
      'POST /customers/{id}/subscription',
      'GET /customers/{id}/subscription',
      'PUT /customers/{id}/subscription',
      'POST /customers/{id}/subscription/pause',
      'POST /customers/{id}/subscription/resume',
      'GET /customers/{id}/subscription/events',
      'POST /customers/{id}/subscription/cancel',
    );
  });

  it('agree about payment links', async () => {
    const link = await stage.call('POST', '/checkouts', {
      type: 'PaymentLink',
      name: 'Two keyboards',
      recurrent: false,
      allowed_payment_methods: ['card', 'cash'],
      expires_at: Math.floor(Date.now() / 1000) + 86_400,
      order_template: {
        currency: 'MXN',
        customer_info: { name: 'Ada Lovelace', email: 'ada@example.com', phone: '+525512345678' },
        line_items: [{ name: 'Keyboard', unit_price: 19_900, quantity: 2 }],
      },
    });
    await stage.call('GET', `/checkouts/${stage.idOf(link)}`);
    await stage.call('GET', '/checkouts?limit=5');
    await stage.call('PUT', `/checkouts/${stage.idOf(link)}/cancel`);
    expect(new Set(statuses())).toEqual(new Set([200]));
    expectValid('POST /checkouts', 'GET /checkouts', 'GET /checkouts/{id}', 'PUT /checkouts/{id}/cancel');
  });

  it('agree about webhooks, their keys and events', async () => {
    const webhook = await stage.call('POST', '/webhooks', {
      url: 'https://payments.example/webhooks/conekta',
      subscribed_events: ['order.paid', 'charge.paid'],
    });
    const at = `/webhooks/${stage.idOf(webhook)}`;
    await stage.call('GET', at);
    await stage.call('GET', '/webhooks?limit=5');
    await stage.call('PUT', at, { url: 'https://payments.example/hooks', active: true });
    const key = await stage.call('POST', '/webhook_keys', { active: true });
    await stage.call('GET', `/webhook_keys/${stage.idOf(key)}`);
    await stage.call('GET', '/webhook_keys');
    await stage.call('PUT', `/webhook_keys/${stage.idOf(key)}`, { active: false });
    await stage.call('DELETE', `/webhook_keys/${stage.idOf(key)}`);
    const event = stage.sandbox.emit('order.paid', {});
    await stage.call('GET', '/events?limit=10');
    await stage.call('GET', `/events/${event.id}`);
    await stage.call('POST', `/events/${event.id}/resend`, { webhooks_ids: [webhook.id] });
    await stage.call('POST', `${at}/test`);
    await stage.call('GET', '/companies/current');
    await stage.call('DELETE', at);
    expect(new Set(statuses())).toEqual(new Set([200]));
    expectValid(
      'POST /webhooks',
      'GET /webhooks',
      'GET /webhooks/{id}',
      'PUT /webhooks/{id}',
      'DELETE /webhooks/{id}',
      'POST /webhook_keys',
      'GET /webhook_keys',
      'GET /webhook_keys/{id}',
      'PUT /webhook_keys/{id}',
      'DELETE /webhook_keys/{id}',
      'GET /events',
      'GET /events/{id}',
      'POST /events/{event_id}/resend',
      'POST /webhooks/{id}/test',
      'GET /companies/current',
    );
  });

  it.each(['es', 'en'] as const)('agree when it refuses, in %s', async (language) => {
    const at = `/orders/${stage.idOf(await stage.order())}`;
    const declined = { payment_method: { type: 'card', token_id: 'tok_test_card_declined' } };
    const amount = { amount: 100, reason: 'requested_by_client' };
    await stage.call('GET', '/orders/ord_nothing', undefined, language);
    await stage.call('POST', '/orders', { currency: 'MXN', line_items: [], customer_info: {} }, language);
    await stage.call('POST', `${at}/capture`, undefined, language);
    await stage.call('POST', `${at}/refunds`, amount, language);
    await stage.call('POST', `${at}/charges`, declined, language);
    await stage.order({ charges: [declined] });
    await stage.call('POST', '/webhooks', { url: 'http://localhost/' }, language);
    await stage.call('POST', '/plans', { name: 'Gold', amount: 0 }, language);
    await stage.call('GET', '/plans/nothing', undefined, language);
    await stage.call('GET', '/customers/cus_nothing/subscriptions', undefined, language);
    await stage.call('POST', '/customers/cus_nothing/subscriptions', { plan_id: 'gold' }, language);
    expect(statuses()).toEqual([200, 404, 422, 428, 428, 402, 402, 422, 422, 404, 404, 404]);
    expect(verdict(document, stage.proxy.exchanges)).toMatchObject({ answers: [], unknown: [] });
  });

  it('agree about a key that is not the right one', async () => {
    const headers = {
      authorization: 'Bearer key_stranger',
      accept: 'application/vnd.conekta-v2.3.0+json',
      'accept-language': 'es',
    };
    await Promise.all(['/orders', '/charges'].map((path) => fetch(`${stage.proxy.url}${path}`, { headers })));
    expect(statuses()).toEqual([401, 401]);
    expectValid('GET /orders', 'GET /charges');
  });
});
