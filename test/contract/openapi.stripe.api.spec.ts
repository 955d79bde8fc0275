import { afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { describeDocument } from '../support/openapi/document.suite.js';
import { eventFaults } from '../support/openapi/event.faults.js';
import { validCalls, verdict } from '../support/openapi/exchange.verdict.js';
import { OpenApiDocument } from '../support/openapi/openapi.document.js';
import { STRIPE_SCHEMAS, StripeStage } from '../support/openapi/stripe.stage.js';

const SESSIONS = '/v1/checkout/sessions';
describeDocument('stripe', "Stripe's own document, and the whole API that the stand-in serves,", () => {
  let document: OpenApiDocument;
  let stage: StripeStage;

  beforeAll(() => {
    document = OpenApiDocument.load('stripe');
  });
  beforeEach(async () => {
    stage = await StripeStage.start();
  });
  afterEach(() => stage.stop());

  function expectValid(...operations: string[]): void {
    expect(verdict(document, stage.proxy.exchanges)).toEqual(validCalls(...operations));
  }

  function expectValidEvents(...atLeast: string[]): void {
    const { events } = stage.sandbox;
    expect(events.map(({ type }) => type)).toEqual(expect.arrayContaining(atLeast));
    expect(eventFaults(document, events, STRIPE_SCHEMAS)).toEqual([]);
  }

  it('agree about sessions', async () => {
    const { sessionId } = await stage.adapter.open();
    const { sessions } = stage.sdk.checkout;
    await sessions.retrieve(sessionId, { expand: ['line_items', 'customer', 'payment_intent'] });
    await sessions.update(sessionId, { metadata: { channel: 'shop', note: '' } });
    await sessions.list({ limit: 3, status: 'open', created: { gte: 1 } });
    await sessions.listLineItems(sessionId, { limit: 1 });
    await sessions.expire(sessionId);
    expectValid(
      `POST ${SESSIONS}`,
      `GET ${SESSIONS}`,
      `GET ${SESSIONS}/{id}`,
      `POST ${SESSIONS}/{id}`,
      `GET ${SESSIONS}/{id}/line_items`,
      `POST ${SESSIONS}/{id}/expire`,
    );
  });

  it('agree about payment intents', async () => {
    const { paymentIntents } = stage.sdk;
    const held = await paymentIntents.create({
      amount: 5000,
      currency: 'usd',
      capture_method: 'manual',
      payment_method: 'pm_card_visa',
      confirm: true,
      return_url: 'https://shop.example/ok',
      metadata: { orderId: 'order-1' },
    });
    await paymentIntents.capture(held.id, { amount_to_capture: 4000 });
    const open = await paymentIntents.create({ amount: 5000, currency: 'usd' });
    await paymentIntents.update(open.id, { amount: 6000, description: 'Two keyboards' });
    const declined = paymentIntents.confirm(open.id, {
      payment_method: 'pm_card_chargeDeclined',
      return_url: 'https://shop.example/ok',
    });
    await expect(declined).rejects.toMatchObject({ statusCode: 402 });
    await paymentIntents.cancel(open.id, { cancellation_reason: 'requested_by_customer' });
    await paymentIntents.retrieve(held.id, { expand: ['latest_charge', 'payment_method', 'customer'] });
    await paymentIntents.list({ limit: 2 });
    await paymentIntents.search({ query: "metadata['orderId']:'order-1'", limit: 5 });
    expectValid(
      'POST /v1/payment_intents',
      'GET /v1/payment_intents',
      'GET /v1/payment_intents/search',
      'GET /v1/payment_intents/{id}',
      'POST /v1/payment_intents/{id}',
      'POST /v1/payment_intents/{id}/cancel',
      'POST /v1/payment_intents/{id}/capture',
      'POST /v1/payment_intents/{id}/confirm',
    );
    expectValidEvents('payment_intent.canceled', 'payment_intent.amount_capturable_updated');
  });

  it('agree about charges, refunds and disputes', async () => {
    const { sessionId } = await stage.adapter.open();
    const { charge } = await stage.sandbox.payWithCard(sessionId);
    const id = charge?.id ?? '';
    const { charges, refunds, disputes } = stage.sdk;
    await charges.update(id, { description: 'Two keyboards', metadata: { note: 'kept' } });
    await charges.retrieve(id, { expand: ['payment_intent', 'customer'] });
    await charges.list({ limit: 1 });
    const refund = await refunds.create({ charge: id, amount: 500, reason: 'requested_by_customer' });
    await refunds.create({
      payment_intent: refund.payment_intent?.toString() ?? '',
      metadata: { part: '2' },
    });
    await refunds.update(refund.id, { metadata: { note: 'kept' } });
    await refunds.retrieve(refund.id, { expand: ['charge'] });
    await refunds.list({ charge: id, limit: 10 });
    await expect(refunds.cancel(refund.id)).rejects.toMatchObject({ statusCode: 400 });
    const other = await stage.sandbox.payWithCard((await stage.adapter.open()).sessionId);
    const dispute = await stage.sandbox.openDispute(other.charge?.id ?? '');
    await disputes.update(dispute.id, { evidence: { customer_name: 'Ada' }, submit: false });
    await disputes.retrieve(dispute.id, { expand: ['charge', 'payment_intent'] });
    await disputes.list({ limit: 1 });
    await disputes.close(dispute.id);
    expectValid(
      `POST ${SESSIONS}`,
      'GET /v1/charges',
      'GET /v1/charges/{id}',
      'POST /v1/charges/{id}',
      'POST /v1/refunds',
      'GET /v1/refunds',
      'GET /v1/refunds/{id}',
      'POST /v1/refunds/{id}',
      'POST /v1/refunds/{id}/cancel',
      'GET /v1/disputes',
      'GET /v1/disputes/{id}',
      'POST /v1/disputes/{id}',
      'POST /v1/disputes/{id}/close',
    );
    expectValidEvents('charge.updated', 'charge.refunded', 'refund.updated', 'charge.dispute.closed');
  });

  it('agree about customers and events', async () => {
    const { customers, events } = stage.sdk;
    const { id } = await customers.create({
      name: 'Ada',
      email: 'ada@example.com',
      preferred_locales: ['es'],
    });
    await customers.update(id, { phone: '+525512345678', metadata: { note: 'kept' } });
    await customers.retrieve(id);
    await customers.list({ email: 'ada@example.com', limit: 1 });
    await customers.del(id);
    await customers.retrieve(id);
    const { data } = await events.list({
      types: ['customer.*'],
      delivery_success: true,
      created: { gte: 1 },
    });
    await events.retrieve(data[0]?.id ?? '');
    expectValid(
      'POST /v1/customers',
      'GET /v1/customers',
      'GET /v1/customers/{id}',
      'POST /v1/customers/{id}',
      'DELETE /v1/customers/{id}',
      'GET /v1/events',
      'GET /v1/events/{id}',
    );
    expectValidEvents('customer.created', 'customer.updated', 'customer.deleted');
  });

  it('agree about coupons and webhook endpoints', async () => {
    const { coupons, webhookEndpoints } = stage.sdk;
    const coupon = await coupons.create({
      amount_off: 1000,
      currency: 'mxn',
      duration: 'once',
      name: 'Welcome',
    });
    await coupons.retrieve(coupon.id);
    const { id } = await webhookEndpoints.create({
      url: 'https://payments.example/webhooks/stripe',
      enabled_events: ['charge.succeeded', 'charge.failed'],
      description: 'Payments',
    });
    await webhookEndpoints.update(id, { enabled_events: ['*'], disabled: true });
    await webhookEndpoints.retrieve(id);
    expectValid(
      'POST /v1/coupons',
      'GET /v1/coupons/{id}',
      'POST /v1/webhook_endpoints',
      'POST /v1/webhook_endpoints/{id}',
      'GET /v1/webhook_endpoints/{id}',
    );
  });
});
