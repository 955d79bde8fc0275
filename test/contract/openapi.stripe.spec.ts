import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { MONTHLY } from '../support/openapi/billing.driver.js';
import { describeDocument } from '../support/openapi/document.suite.js';
import { eventFaults } from '../support/openapi/event.faults.js';
import { validCalls, verdict } from '../support/openapi/exchange.verdict.js';
import { OpenApiDocument } from '../support/openapi/openapi.document.js';
import { kindsFor } from '../support/openapi/session.kinds.js';
import { newStripeProvider, STRIPE_SCHEMAS, StripeStage } from '../support/openapi/stripe.stage.js';

const SESSIONS = '/v1/checkout/sessions';
const DAY_S = 86_400;
const SUBSCRIBING = [
  'POST /v1/customers',
  'GET /v1/customers/{id}',
  'GET /v1/customers/{id}/payment_methods',
  'POST /v1/products',
  'POST /v1/products/{id}',
  'POST /v1/prices',
  'GET /v1/prices/{id}',
  'POST /v1/subscriptions',
  'GET /v1/subscriptions/{id}',
  'GET /v1/invoices/{id}',
  'GET /v1/payment_intents/{id}',
  'GET /v1/charges',
];
const SUBSCRIBED = [
  'POST /v1/payment_methods/{id}/attach',
  'GET /v1/payment_methods/{id}',
  'GET /v1/subscriptions',
  'POST /v1/subscriptions/{id}',
  'DELETE /v1/subscriptions/{id}',
  'POST /v1/subscriptions/{id}/pause',
  'POST /v1/subscriptions/{id}/resume',
  'GET /v1/invoices',
  'POST /v1/invoices/{id}/pay',
];
const { capabilities } = newStripeProvider('http://127.0.0.1:9');
describeDocument('stripe', "Stripe's own document", () => {
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

  describe('agrees with what our adapter sends and what the stand-in answers', () => {
    it.each(kindsFor(capabilities))('when it opens a session $name', async ({ changes }) => {
      await stage.adapter.look(await stage.adapter.open(changes));
      const { paymentMethods = [], discounts = [] } = changes;
      expectValid(
        `POST ${SESSIONS}`,
        `GET ${SESSIONS}/{id}`,
        ...(paymentMethods.includes('bank_transfer') ? ['POST /v1/customers'] : []),
        ...(discounts.length > 0 ? ['POST /v1/coupons'] : []),
      );
    });

    it('when it opens a session for a customer whom Stripe knows', async () => {
      const { id } = await stage.sdk.customers.create({ name: 'Ada', email: 'ada@example.com' });
      await stage.adapter.open({ customer: undefined, customerId: id });
      expectValid('POST /v1/customers', `POST ${SESSIONS}`);
    });

    it('when it looks for a session and closes it', async () => {
      const session = await stage.adapter.open();
      expect(await stage.adapter.openAgain()).toEqual(session);
      await stage.adapter.close(session);
      await stage.adapter.close(session);
      expectValid(
        `POST ${SESSIONS}`,
        `GET ${SESSIONS}`,
        `POST ${SESSIONS}/{id}/expire`,
        `GET ${SESSIONS}/{id}`,
      );
    });

    it('when it manages webhook endpoints', async () => {
      await stage.adapter.manageEndpoints('https://payments.example/webhooks/stripe');
      expectValid(
        'POST /v1/webhook_endpoints',
        'GET /v1/webhook_endpoints',
        'DELETE /v1/webhook_endpoints/{id}',
      );
    });

    it('when it reads a payment that was declined, paid, refunded and disputed', async () => {
      const session = await stage.adapter.open();
      await stage.sandbox.payWithCard(session.sessionId, { number: '4000000000009995' });
      await stage.adapter.look(session);
      const { charge } = await stage.sandbox.payWithCard(session.sessionId);
      await stage.sandbox.refund(charge?.id ?? '', 1000);
      await stage.sandbox.openDispute(charge?.id ?? '');
      await stage.adapter.look(session);
      await stage.adapter.provider.retrieve({ provider: 'stripe', chargeId: charge?.id });
      expectValid(
        `POST ${SESSIONS}`,
        `GET ${SESSIONS}/{id}`,
        'GET /v1/charges/{id}',
        'GET /v1/payment_intents/{id}',
        'GET /v1/refunds',
        'GET /v1/disputes',
      );
    });

    it('when it is refused', async () => {
      const unknown = { ...(await stage.adapter.open()), sessionId: 'cs_test_nothing' };
      await expect(stage.adapter.look(unknown)).rejects.toMatchObject({ kind: 'not_found' });
      expect(stage.proxy.exchanges.map(({ status }) => status)).toEqual([200, 404]);
      expectValid(`POST ${SESSIONS}`, `GET ${SESSIONS}/{id}`);
    });
  });

  describe('agrees with what our adapter asks of customers and their money', () => {
    it('when it keeps a customer and cards', async () => {
      await stage.billing.keepCustomer();
      await stage.billing.openCardForms();
      expectValid(
        'POST /v1/customers',
        'GET /v1/customers',
        'GET /v1/customers/{id}',
        'POST /v1/customers/{id}',
        'DELETE /v1/customers/{id}',
        'GET /v1/customers/{id}/payment_methods',
        'GET /v1/payment_methods/{id}',
        'POST /v1/payment_methods/{id}/attach',
        'POST /v1/payment_methods/{id}/detach',
        `POST ${SESSIONS}`,
        `GET ${SESSIONS}/{id}`,
      );
      expectValidEvents('customer.deleted', 'payment_method.attached', 'payment_method.detached');
    });

    it('when it keeps a plan', async () => {
      await stage.billing.keepPlan();
      expectValid(
        'POST /v1/products',
        'POST /v1/products/{id}',
        'POST /v1/prices',
        'GET /v1/prices',
        'GET /v1/prices/{id}',
        'POST /v1/prices/{id}',
      );
      expectValidEvents('product.created', 'product.updated', 'price.created', 'price.updated');
    });

    it('when it keeps a subscription', async () => {
      const { billing, sandbox } = stage;
      const subscriber = await billing.subscribe();
      const { target } = subscriber;
      await billing.change({ kind: 'pause_subscription', target });
      await billing.change({ kind: 'resume_subscription', target });
      await billing.changeCard(subscriber);
      await billing.changePlan(subscriber, 'at_period_end');
      await billing.changePlan(subscriber, 'immediately');
      const { providerSourceId = '' } = await billing.look(subscriber);
      await sandbox.setCardOutcome(providerSourceId, 'insufficient_funds');
      await sandbox.advance(32 * DAY_S);
      const retry = billing.change({ kind: 'retry_subscription', target });
      await expect(retry).rejects.toMatchObject({ kind: 'declined' });
      await sandbox.setCardOutcome(providerSourceId, null);
      await billing.change({ kind: 'retry_subscription', target });
      await billing.change({ kind: 'cancel_subscription', target, atPeriodEnd: true });
      await billing.change({ kind: 'cancel_subscription', target, atPeriodEnd: false });
      await billing.subscribeInDoubt();
      expectValid(...SUBSCRIBING, ...SUBSCRIBED);
      expectValidEvents(
        'customer.subscription.created',
        'customer.subscription.paused',
        'customer.subscription.resumed',
        'customer.subscription.updated',
        'customer.subscription.deleted',
        'invoice.payment_failed',
        'invoice.paid',
        'invoice_payment.paid',
      );
    });

    it('when subscriptions begin with a trial, come to their end, or are not paid', async () => {
      const { billing, sandbox } = stage;
      const trial = await billing.subscribe({ ...MONTHLY, trialDays: 7, expiryCount: 1 });
      const unpaid = await billing.subscribe(MONTHLY, new Date(Date.now() + DAY_S * 1000));
      await billing.look(trial);
      await sandbox.setCardOutcome(unpaid.cardId, 'card_declined');
      await sandbox.advance(60 * DAY_S);
      expect(await billing.look(trial)).toMatchObject({ cancelReason: 'completed' });
      expect(await billing.look(unpaid)).toMatchObject({ cancelReason: 'payment_failed' });
      expectValid(...SUBSCRIBING, 'POST /v1/subscriptions/{id}', 'GET /v1/invoices');
      expectValidEvents('customer.subscription.trial_will_end', 'customer.subscription.deleted');
    });

    it('when it charges without a checkout', async () => {
      const { billing, sandbox } = stage;
      await billing.charge({ installments: 3, capture: 'manual', threeDs: 'smart' });
      const providerCustomerId = await billing.customer();
      const { defaultCardId: providerSourceId = '' } =
        await billing.provider.customers.retrieve(providerCustomerId);
      const card = { kind: 'saved', providerSourceId } as const;
      await billing.charge({
        card,
        providerCustomerId,
        customer: undefined,
        buyerPresent: false,
        locale: 'en',
      });
      for (const token of ['pm_card_chargeDeclined', 'pm_card_authenticationRequired']) {
        const { facts, continueAt } = await billing.charge({ card: { kind: 'token', token } });
        const { providerPaymentId = '' } = facts.at(-1)?.ref ?? {};
        if (continueAt !== undefined) await sandbox.authenticate(providerPaymentId, true);
      }
      const gone = billing.charge({ card: { kind: 'token', token: 'pm_nothing' } });
      await expect(gone).rejects.toMatchObject({ kind: 'card_unusable' });
      expectValid(
        'POST /v1/customers',
        'GET /v1/customers/{id}',
        'GET /v1/customers/{id}/payment_methods',
        'POST /v1/payment_intents',
        'GET /v1/payment_intents',
        'POST /v1/payment_intents/{id}/cancel',
      );
      expectValidEvents('payment_intent.requires_action', 'payment_intent.canceled', 'charge.failed');
    });
  });

  describe('agrees with the payments that the stand-in plays', () => {
    it('by card: held, captured, refunded, disputed', async () => {
      const session = await stage.adapter.open({ capture: 'manual' });
      const { paymentIntent } = await stage.sandbox.payWithCard(session.sessionId);
      await stage.adapter.look(session);
      await stage.sandbox.capture(paymentIntent?.id ?? '', 30_000);
      const { charges } = stage.sandbox.state();
      const refund = await stage.sandbox.refund(charges[0]?.id ?? '', 1000);
      await stage.sandbox.settleRefund(refund.id, 'failed');
      const dispute = await stage.sandbox.openDispute(charges[0]?.id ?? '');
      await stage.sandbox.closeDispute(dispute.id, 'lost');
      await stage.adapter.look(session);
      expectValidEvents(
        'charge.captured',
        'refund.failed',
        'charge.dispute.closed',
        'checkout.session.completed',
      );
      expectValid(`POST ${SESSIONS}`, `GET ${SESSIONS}/{id}`, 'GET /v1/refunds', 'GET /v1/disputes');
    });

    it('by card in installments, after the bank has asked', async () => {
      const session = await stage.adapter.open({ installments: [3, 6] });
      await stage.sandbox.payWithCard(session.sessionId, { number: '4000002500003155' });
      await stage.adapter.look(session);
      await stage.sandbox.answerChallenge(session.sessionId, false);
      await stage.sandbox.payWithCard(session.sessionId, { installments: 6 });
      await stage.adapter.look(session);
      expectValidEvents(
        'payment_intent.requires_action',
        'payment_intent.payment_failed',
        'charge.succeeded',
      );
      expectValid(`POST ${SESSIONS}`, `GET ${SESSIONS}/{id}`, 'GET /v1/refunds');
    });

    it('by voucher, paid or run out', async () => {
      const paid = await stage.adapter.open({ paymentMethods: ['cash'] });
      await stage.sandbox.issueVoucher(paid.sessionId);
      await stage.adapter.look(paid);
      await stage.sandbox.payVoucher(paid.sessionId);
      await stage.adapter.look(paid);
      const late = await stage.adapter.open({ paymentMethods: ['cash'] });
      await stage.sandbox.issueVoucher(late.sessionId);
      await stage.sandbox.advance(8 * 86_400);
      await stage.adapter.look(late);
      expectValidEvents('checkout.session.async_payment_succeeded', 'checkout.session.async_payment_failed');
      expectValid(`POST ${SESSIONS}`, `GET ${SESSIONS}/{id}`, 'GET /v1/refunds');
    });

    it('by transfer, in two parts', async () => {
      const session = await stage.adapter.open({ paymentMethods: ['bank_transfer'] });
      await stage.sandbox.startTransfer(session.sessionId);
      await stage.adapter.look(session);
      await stage.sandbox.receiveTransfer(session.sessionId, 10_000);
      await stage.adapter.look(session);
      await stage.sandbox.receiveTransfer(session.sessionId);
      await stage.adapter.look(session);
      expectValidEvents('payment_intent.partially_funded', 'payment_intent.succeeded', 'customer.created');
      expectValid('POST /v1/customers', `POST ${SESSIONS}`, `GET ${SESSIONS}/{id}`, 'GET /v1/refunds');
    });

    it('until a session ends unpaid', async () => {
      const session = await stage.adapter.open({ expiresIn: 3600 });
      await stage.sandbox.advance(3 * 3600);
      await stage.adapter.look(session);
      expectValidEvents('checkout.session.expired');
      expectValid(`POST ${SESSIONS}`, `GET ${SESSIONS}/{id}`);
    });
  });
});
