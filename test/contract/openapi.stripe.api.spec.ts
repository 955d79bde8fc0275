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

  it('agree about cards that are saved, by forms and by servers', async () => {
    const { setupIntents, paymentMethods, customers, checkout } = stage.sdk;
    const customer = (await customers.create({ email: 'ada@example.com' })).id;
    const intent = await setupIntents.create({ customer, usage: 'off_session', metadata: { note: 'kept' } });
    await setupIntents.update(intent.id, { description: 'A card' });
    const asked = await setupIntents.confirm(intent.id, {
      payment_method: 'pm_card_authenticationRequired',
      return_url: 'https://shop.example/ok',
    });
    await stage.sandbox.authenticate(asked.id, true);
    const declined = setupIntents.create({
      customer,
      payment_method: 'pm_card_chargeDeclined',
      confirm: true,
      return_url: 'https://shop.example/ok',
    });
    await expect(declined).rejects.toMatchObject({ statusCode: 402 });
    await setupIntents.cancel((await setupIntents.create({ customer })).id);
    await setupIntents.retrieve(intent.id, { expand: ['payment_method', 'customer'] });
    await setupIntents.list({ customer, limit: 2 });
    const form = await checkout.sessions.create({
      mode: 'setup',
      currency: 'mxn',
      customer,
      success_url: 'https://shop.example/ok',
    });
    const { paymentMethod } = await stage.sandbox.saveCard(form.id);
    const id = paymentMethod?.id ?? '';
    await checkout.sessions.retrieve(form.id, { expand: ['setup_intent'] });
    await paymentMethods.update(id, { metadata: { note: 'kept' }, card: { exp_year: 2040 } });
    await paymentMethods.retrieve(id);
    await paymentMethods.list({ customer, type: 'card', limit: 1 });
    await customers.listPaymentMethods(customer, { limit: 1 });
    await paymentMethods.detach(id);
    await paymentMethods.attach('pm_card_mx', { customer });
    expectValid(
      'POST /v1/customers',
      'POST /v1/setup_intents',
      'GET /v1/setup_intents',
      'GET /v1/setup_intents/{id}',
      'POST /v1/setup_intents/{id}',
      'POST /v1/setup_intents/{id}/confirm',
      'POST /v1/setup_intents/{id}/cancel',
      `POST ${SESSIONS}`,
      `GET ${SESSIONS}/{id}`,
      'GET /v1/payment_methods',
      'GET /v1/payment_methods/{id}',
      'POST /v1/payment_methods/{id}',
      'POST /v1/payment_methods/{id}/attach',
      'POST /v1/payment_methods/{id}/detach',
      'GET /v1/customers/{id}/payment_methods',
    );
    expectValidEvents('setup_intent.setup_failed', 'setup_intent.succeeded', 'payment_method.updated');
  });

  it('agree about products and prices', async () => {
    const { products, prices } = stage.sdk;
    const product = await products.create({
      name: 'Gold',
      description: 'The best',
      metadata: { planId: 'gold' },
    });
    const price = await prices.create({
      product: product.id,
      currency: 'mxn',
      unit_amount: 19_900,
      recurring: { interval: 'month', interval_count: 2 },
      nickname: 'gold',
    });
    await prices.create({ product: product.id, currency: 'usd', unit_amount: 1_000 });
    await prices.update(price.id, { active: false, metadata: { note: 'kept' } });
    await prices.retrieve(price.id, { expand: ['product'] });
    await prices.list({ product: product.id, active: true, limit: 1 });
    await products.update(product.id, { name: 'Platinum', active: false });
    await products.retrieve(product.id);
    await products.list({ active: false, limit: 1 });
    await products.del((await products.create({ name: 'Silver' })).id);
    expectValid(
      'POST /v1/products',
      'GET /v1/products',
      'GET /v1/products/{id}',
      'POST /v1/products/{id}',
      'DELETE /v1/products/{id}',
      'POST /v1/prices',
      'GET /v1/prices',
      'GET /v1/prices/{id}',
      'POST /v1/prices/{id}',
    );
    expectValidEvents(
      'product.created',
      'product.updated',
      'product.deleted',
      'price.created',
      'price.updated',
    );
  });

  it('agree about subscriptions and invoices', async () => {
    const { subscriptions, invoices, invoicePayments, customers, prices } = stage.sdk;
    const customer = (
      await customers.create({
        payment_method: 'pm_card_visa',
        invoice_settings: { default_payment_method: 'pm_card_visa' },
      })
    ).id;
    const [price, other] = await Promise.all(
      [19_900, 29_900].map(async (unit_amount) => {
        const recurring = { interval: 'month' } as const;
        return (
          await prices.create({ currency: 'mxn', unit_amount, recurring, product_data: { name: 'Gold' } })
        ).id;
      }),
    );
    const { id, items, latest_invoice } = await subscriptions.create({
      customer,
      items: [{ price, quantity: 2 }],
      metadata: { note: 'kept' },
      expand: ['latest_invoice.payments'],
    });
    const invoice = typeof latest_invoice === 'string' ? latest_invoice : (latest_invoice?.id ?? '');
    const trial = await subscriptions.create({
      customer,
      items: [{ price }],
      trial_period_days: 7,
      trial_settings: { end_behavior: { missing_payment_method: 'pause' } },
    });
    const asked = await subscriptions.create({
      customer,
      items: [{ price }],
      payment_behavior: 'default_incomplete',
    });
    await subscriptions.update(id, {
      items: [{ id: items.data[0]?.id ?? '', price: other }],
      proration_behavior: 'always_invoice',
    });
    await subscriptions.update(id, { pause_collection: { behavior: 'void' } });
    await subscriptions.update(id, { pause_collection: '', cancel_at_period_end: true });
    await subscriptions.retrieve(id, { expand: ['customer', 'latest_invoice', 'default_payment_method'] });
    await subscriptions.list({ customer, status: 'all', limit: 2 });
    await subscriptions.cancel(trial.id, { cancellation_details: { comment: 'Too dear' } });
    await invoices.retrieve(invoice, { expand: ['payments', 'customer'] });
    await invoices.list({ customer, status: 'paid', limit: 2 });
    await invoices.listLineItems(invoice, { limit: 1 });
    await invoices.update(invoice, { description: 'Two of them', metadata: { note: 'kept' } });
    const { data: paid } = await invoicePayments.list({ invoice });
    await invoicePayments.retrieve(paid[0]?.id ?? '');
    const { data: open } = await invoices.list({ subscription: asked.id, status: 'open' });
    await invoices.pay(open[0]?.id ?? '', { off_session: true });
    await stage.sandbox.advance(32 * 86_400);
    expectValid(
      'POST /v1/customers',
      'POST /v1/prices',
      'POST /v1/subscriptions',
      'GET /v1/subscriptions',
      'GET /v1/subscriptions/{id}',
      'POST /v1/subscriptions/{id}',
      'DELETE /v1/subscriptions/{id}',
      'GET /v1/invoices',
      'GET /v1/invoices/{id}',
      'POST /v1/invoices/{id}',
      'POST /v1/invoices/{id}/pay',
      'GET /v1/invoices/{id}/lines',
      'GET /v1/invoice_payments',
      'GET /v1/invoice_payments/{id}',
    );
    expectValidEvents(
      'invoice.upcoming',
      'invoice.created',
      'invoice.finalized',
      'customer.subscription.deleted',
    );
  });

  it('agree about invoices that are sent by hand, voided or given up', async () => {
    const { subscriptions, invoices, customers, prices } = stage.sdk;
    const customer = (await customers.create({ email: 'ada@example.com' })).id;
    const recurring = { interval: 'week' } as const;
    const product_data = { name: 'Gold' };
    const price = (await prices.create({ currency: 'mxn', unit_amount: 19_900, recurring, product_data })).id;
    for (const act of ['voidInvoice', 'markUncollectible'] as const) {
      const { latest_invoice } = await subscriptions.create({
        customer,
        items: [{ price }],
        payment_behavior: 'default_incomplete',
      });
      await invoices[act](String(latest_invoice));
    }
    expectValid(
      'POST /v1/customers',
      'POST /v1/prices',
      'POST /v1/subscriptions',
      'POST /v1/invoices/{id}/void',
      'POST /v1/invoices/{id}/mark_uncollectible',
    );
    expectValidEvents('invoice.voided', 'invoice.marked_uncollectible');
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
