import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { MONTHLY } from '../support/openapi/billing.driver.js';
import { CONEKTA_SCHEMAS, ConektaStage, newConektaProvider } from '../support/openapi/conekta.stage.js';
import { describeDocument } from '../support/openapi/document.suite.js';
import { eventFaults } from '../support/openapi/event.faults.js';
import { validCalls, verdict } from '../support/openapi/exchange.verdict.js';
import { kindsFor } from '../support/openapi/session.kinds.js';
import { OpenApiDocument } from '../support/openapi/openapi.document.js';

const { capabilities } = newConektaProvider('http://127.0.0.1:9', 'key_none');
const SUBSCRIPTIONS = '/customers/{customer_id}/subscriptions';
const DAY_S = 86_400;

describeDocument('conekta', "Conekta's own document", () => {
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

  describe('agrees with what our adapter sends and what the stand-in answers', () => {
    it.each(kindsFor(capabilities))('when it opens a session $name', async ({ changes }) => {
      await stage.adapter.look(await stage.adapter.open(changes));
      expectValid('POST /orders', 'GET /orders/{id}');
    });

    it('when it opens a session for a customer whom Conekta knows', async () => {
      const customer = { name: 'Ada Lovelace', email: 'ada@example.com', phone: '+525512345678' };
      const { id } = await stage.call('POST', '/customers', customer);
      await stage.adapter.open({ customer: undefined, customerId: String(id) });
      expectValid('POST /customers', 'POST /orders');
    });

    it('when it looks for a session, opens it once more, and closes it', async () => {
      const first = await stage.adapter.openAgain();
      const session = await stage.adapter.open();
      await stage.adapter.close(session);
      await stage.adapter.close(session);
      await stage.adapter.close(first);
      expectValid('POST /orders', 'GET /orders', 'GET /orders/{id}', 'POST /orders/{id}/cancel');
    });

    it('when it manages webhook endpoints', async () => {
      const { provider } = stage.adapter;
      await stage.adapter.manageEndpoints('https://payments.example/webhooks/conekta');
      const made = await provider.endpoints.create('https://payments.example/other', []);
      if (!made.known) throw made.error;
      await provider.endpoints.ping(made.value.endpoint.remoteId);
      expectValid(
        'POST /webhook_keys',
        'GET /webhook_keys',
        'DELETE /webhook_keys/{id}',
        'POST /webhooks',
        'GET /webhooks',
        'DELETE /webhooks/{id}',
        'POST /webhooks/{id}/test',
      );
    });

    it('when it is refused', async () => {
      const unknown = { ...(await stage.adapter.open()), providerPaymentId: 'ord_nothing' };
      await expect(stage.adapter.look(unknown)).rejects.toMatchObject({ kind: 'not_found' });
      expect(statuses()).toEqual([200, 404]);
      expectValid('POST /orders', 'GET /orders/{id}');
    });
  });

  describe('agrees with what our adapter asks of customers and their money', () => {
    it('when it keeps a customer and cards', async () => {
      await stage.billing.keepCustomer();
      await stage.billing.openCardForms();
      expectValid(
        'POST /customers',
        'GET /customers',
        'GET /customers/{id}',
        'PUT /customers/{id}',
        'DELETE /customers/{id}',
        'POST /customers/{id}/payment_sources',
        'DELETE /customers/{id}/payment_sources/{payment_method_id}',
        'POST /tokens',
      );
      expectValidEvents('customer.created', 'customer.updated', 'customer.deleted');
    });

    it('when it keeps a plan', async () => {
      await stage.billing.keepPlan({ maxRetries: 4, retryDelayHours: 48 });
      expectValid('POST /plans', 'GET /plans/{id}', 'PUT /plans/{id}', 'DELETE /plans/{id}');
      expectValidEvents('plan.created', 'plan.updated', 'plan.deleted');
    });

    it('when it keeps a subscription', async () => {
      const { billing, sandbox } = stage;
      const subscriber = await billing.subscribe();
      const { target } = subscriber;
      await billing.change({ kind: 'pause_subscription', target });
      await billing.change({ kind: 'resume_subscription', target });
      await billing.changeCard(subscriber);
      await billing.changePlan(subscriber, 'at_period_end');
      const { providerSourceId = '' } = await billing.look(subscriber);
      await sandbox.setCardOutcome(providerSourceId, 'insufficient_funds');
      await sandbox.advance(32 * DAY_S);
      await billing.change({ kind: 'retry_subscription', target });
      await sandbox.setCardOutcome(providerSourceId, null);
      await billing.change({ kind: 'retry_subscription', target });
      await billing.change({ kind: 'cancel_subscription', target, atPeriodEnd: false });
      await billing.subscribeInDoubt();
      expectValid(
        'POST /customers',
        'GET /customers/{id}',
        'POST /customers/{id}/payment_sources',
        'POST /plans',
        ...['', '/{id}', '/{id}/events'].map((one) => `GET ${SUBSCRIPTIONS}${one}`),
        ...['', ...['pause', 'resume', 'retry', 'cancel'].map((verb) => `/{id}/${verb}`)].map(
          (act) => `POST ${SUBSCRIPTIONS}${act}`,
        ),
        `PUT ${SUBSCRIPTIONS}/{id}`,
        'GET /orders/{id}',
      );
      expectValidEvents(
        'subscription.created',
        'subscription.paused',
        'subscription.resumed',
        'subscription.updated',
        'subscription.payment_failed',
        'subscription.paid',
        'subscription.canceled',
      );
    });

    it('when subscriptions begin with a trial, come to their end, or are not paid', async () => {
      const { billing, sandbox } = stage;
      const trial = await billing.subscribe({ ...MONTHLY, trialDays: 7, expiryCount: 1 });
      await billing.look(trial);
      const unpaid = await billing.subscribe(MONTHLY, new Date(Date.now() + DAY_S * 1000));
      await sandbox.blockCard(unpaid.cardId);
      await sandbox.advance(60 * DAY_S);
      expect(await billing.look(trial)).toMatchObject({ cancelReason: 'completed' });
      expect(await billing.look(unpaid)).toMatchObject({ cancelReason: 'payment_failed' });
      expectValid(
        'POST /customers',
        'GET /customers/{id}',
        'POST /plans',
        `POST ${SUBSCRIPTIONS}`,
        `GET ${SUBSCRIPTIONS}/{id}`,
        `GET ${SUBSCRIPTIONS}/{id}/events`,
        'GET /orders/{id}',
      );
      expectValidEvents(
        'subscription.expired',
        'subscription.canceled',
        'customer.payment_source.card.blocked',
      );
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
      for (const number of ['4000000000000002', '4000002500003155']) {
        const { facts } = await billing.charge({ card: { kind: 'token', token: stage.token(number) } });
        const { providerPaymentId = '' } = facts.at(-1)?.ref ?? {};
        if (number.endsWith('3155')) await sandbox.answerChallenge(providerPaymentId, true);
      }
      const used = { kind: 'token', token: stage.token() } as const;
      await billing.charge({ card: used });
      await expect(billing.charge({ card: used })).rejects.toMatchObject({ kind: 'card_unusable' });
      expectValid(
        'POST /orders',
        'GET /orders',
        'GET /orders/{id}',
        'POST /customers',
        'GET /customers/{id}',
      );
      expectValidEvents('order.pre_authorized', 'order.paid', 'order.declined');
    });
  });

  describe('agrees with the payments that the stand-in plays', () => {
    it('by card: declined, asked by the bank, paid by months, refunded, charged back', async () => {
      const session = await stage.adapter.open({ installments: [3, 6] });
      const { sandbox } = stage;
      await sandbox.payWithCard(session.sessionId, { number: '4000000000000002' });
      await stage.adapter.look(session);
      await sandbox.payWithCard(session.sessionId, { number: '4000002500003155' });
      await stage.adapter.look(session);
      await sandbox.answerChallenge(session.sessionId, false);
      await sandbox.payWithCard(session.sessionId, { installments: 6 });
      await stage.adapter.look(session);
      await sandbox.refund(session.sessionId, 1000);
      await stage.adapter.look(session);
      await sandbox.openChargeback(session.sessionId);
      await sandbox.updateChargeback(session.sessionId);
      await stage.adapter.look(session);
      await sandbox.closeChargeback(session.sessionId, 'lost');
      await stage.adapter.look(session);
      expectValidEvents('order.declined', 'order.paid', 'order.partially_refunded', 'charge.chargeback.lost');
      expectValid('POST /orders', 'GET /orders/{id}');
    });

    it('by card: held, then taken or let go', async () => {
      for (const end of ['capture', 'cancel'] as const) {
        const session = await stage.adapter.open({ capture: 'manual' });
        await stage.sandbox.payWithCard(session.sessionId);
        await stage.adapter.look(session);
        await stage.sandbox[end](session.sessionId);
        await stage.adapter.look(session);
      }
      expectValidEvents('order.pre_authorized', 'order.paid', 'order.voided');
      expectValid('POST /orders', 'GET /orders/{id}');
    });

    it('by voucher and by transfer, in time and too late', async () => {
      const cash = await stage.adapter.open({ paymentMethods: ['cash'] });
      await stage.sandbox.issueCash(cash.sessionId);
      await stage.adapter.look(cash);
      await stage.sandbox.payVoucher(cash.sessionId);
      await stage.adapter.look(cash);
      const transfer = await stage.adapter.open({ paymentMethods: ['bank_transfer'], expiresIn: 3600 });
      await stage.sandbox.issueTransfer(transfer.sessionId);
      await stage.adapter.look(transfer);
      await stage.sandbox.advance(60 * 86_400);
      await stage.adapter.look(transfer);
      await stage.sandbox.receiveTransfer(transfer.sessionId, { late: true });
      await stage.adapter.look(transfer);
      expectValidEvents('order.pending_payment', 'order.paid', 'order.expired', 'charge.paid');
      expectValid('POST /orders', 'GET /orders/{id}');
    });

    it('under a review for fraud', async () => {
      const session = await stage.adapter.open();
      await stage.sandbox.startFraudReview(session.sessionId);
      await stage.sandbox.payWithCard(session.sessionId);
      await stage.adapter.look(session);
      await stage.sandbox.closeFraudReview(session.sessionId, 'fraudulent');
      await stage.adapter.look(session);
      expectValidEvents('order.under_fraud_review', 'order.fraudulent');
      expectValid('POST /orders', 'GET /orders/{id}');
    });
  });
});
