import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { CONEKTA_SCHEMAS, ConektaStage, newConektaProvider } from '../support/openapi/conekta.stage.js';
import { describeDocument } from '../support/openapi/document.suite.js';
import { eventFaults } from '../support/openapi/event.faults.js';
import { validCalls, verdict } from '../support/openapi/exchange.verdict.js';
import { kindsFor } from '../support/openapi/session.kinds.js';
import { OpenApiDocument } from '../support/openapi/openapi.document.js';

const { capabilities } = newConektaProvider('http://127.0.0.1:9', 'key_none');

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
      const made = await provider.createEndpoint('https://payments.example/other', []);
      if (!made.known) throw made.error;
      await provider.pingEndpoint(made.value.endpoint.remoteId);
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
