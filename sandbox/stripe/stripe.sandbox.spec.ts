import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type Stripe from 'stripe';
import { newReceiver, type Receiver } from '../../test/support/sandbox/receiver.js';
import { ORDER_ID, sdkFor, sessionParams } from '../../test/support/sandbox/stripe.sdk.js';
import { startStripeSandbox, type StripeSandbox } from './stripe.sandbox.js';

describe('the stand-in Stripe', () => {
  let receiver: Receiver;
  let sandbox: StripeSandbox;
  let stripe: Stripe;

  beforeEach(async () => {
    receiver = await newReceiver('stripe-signature');
    sandbox = await startStripeSandbox({ webhookUrls: [receiver.url], retryScheduleMs: [1, 1] });
    stripe = sdkFor(sandbox);
  });

  afterEach(async () => {
    await sandbox.close();
    await receiver.close();
  });

  const typesSent = async (): Promise<string[]> => {
    await sandbox.delivery.settled();
    return receiver.received.map(({ type }) => type);
  };

  it('opens a session without a payment intent, and a paid card announces itself in the order of Stripe', async () => {
    const session = await stripe.checkout.sessions.create(sessionParams());
    expect(session.payment_intent).toBeNull();
    expect(session.amount_total).toBe(3998);
    expect(session.url).toBe(`${sandbox.url}/c/pay/${session.id}`);
    expect(session.expires_at - session.created).toBe(86_400);

    const paid = await sandbox.payWithCard(session.id);
    expect(paid.outcome).toBe('paid');
    expect(await typesSent()).toEqual([
      'payment_intent.created',
      'charge.succeeded',
      'payment_intent.succeeded',
      'checkout.session.completed',
    ]);
    const read = await stripe.checkout.sessions.retrieve(session.id, {
      expand: ['payment_intent.latest_charge', 'line_items'],
    });
    expect(read).toMatchObject({
      status: 'complete',
      payment_status: 'paid',
      url: null,
      line_items: { data: [{ description: 'Teclado', quantity: 2, amount_total: 3998 }] },
      payment_intent: {
        status: 'succeeded',
        metadata: { orderId: ORDER_ID },
        latest_charge: {
          amount: 3998,
          captured: true,
          metadata: { orderId: ORDER_ID },
          receipt_url: `${sandbox.url}/receipts/${paid.charge?.id}`,
        },
      },
    });
  });

  it('signs the bytes that it sends, once per secret', async () => {
    sandbox.setWebhooks([receiver.url], ['whsec_old', 'whsec_new']);
    const session = await stripe.checkout.sessions.create(sessionParams());
    await sandbox.expire(session.id);
    await sandbox.delivery.settled();
    const [sent] = receiver.received;
    expect(sent?.headers['content-type']).toBe('application/json; charset=utf-8');
    for (const secret of ['whsec_old', 'whsec_new']) {
      const event = stripe.webhooks.constructEvent(sent?.body ?? '', sent?.signature ?? '', secret);
      expect(event).toMatchObject({
        type: 'checkout.session.expired',
        api_version: '2026-10-28.endive',
        livemode: false,
        data: { object: { id: session.id, status: 'expired' } },
      });
    }
    expect(() =>
      stripe.webhooks.constructEvent(sent?.body ?? '', sent?.signature ?? '', 'whsec_other'),
    ).toThrow(/signature/i);
  });

  it('lets a declined customer try again on the same payment intent', async () => {
    const session = await stripe.checkout.sessions.create(sessionParams());
    const declined = await sandbox.payWithCard(session.id, { number: '4000 0000 0000 9995' });
    expect(declined).toMatchObject({
      outcome: 'declined',
      session: { status: 'open' },
      paymentIntent: {
        status: 'requires_payment_method',
        last_payment_error: { decline_code: 'insufficient_funds' },
      },
      charge: { status: 'failed', paid: false },
    });
    const paid = await sandbox.payWithCard(session.id);
    expect(paid.paymentIntent?.id).toBe(declined.paymentIntent?.id);
    expect(await typesSent()).toEqual([
      'payment_intent.created',
      'charge.failed',
      'payment_intent.payment_failed',
      'charge.succeeded',
      'payment_intent.succeeded',
      'checkout.session.completed',
    ]);
  });

  it('asks the customer of a 3-D Secure card, and takes no for an answer', async () => {
    const session = await stripe.checkout.sessions.create(sessionParams());
    const number = '4000002500003155';
    expect((await sandbox.payWithCard(session.id, { number })).outcome).toBe('asked');
    const refused = await sandbox.answerChallenge(session.id, false);
    expect(refused.paymentIntent?.last_payment_error?.code).toBe('payment_intent_authentication_failure');
    expect((await sandbox.payWithCard(session.id, { number })).outcome).toBe('asked');
    expect((await sandbox.answerChallenge(session.id, true)).session.payment_status).toBe('paid');
  });

  it('completes unpaid with a voucher that is paid later', async () => {
    const session = await stripe.checkout.sessions.create(sessionParams('mxn', 19_900));
    expect(session.payment_method_types).toEqual(['card', 'oxxo']);
    const issued = await sandbox.issueVoucher(session.id);
    expect(issued.session).toMatchObject({ status: 'complete', payment_status: 'unpaid' });
    const paid = await sandbox.payVoucher(session.id);
    expect(paid.session.payment_status).toBe('paid');
    expect(await typesSent()).toEqual([
      'payment_intent.created',
      'payment_intent.requires_action',
      'checkout.session.completed',
      'charge.succeeded',
      'payment_intent.succeeded',
      'checkout.session.async_payment_succeeded',
    ]);
    await expect(stripe.refunds.create({ charge: paid.charge?.id ?? '' })).rejects.toThrow(/OXXO/);
  });

  it('lets a voucher run out when the clock moves', async () => {
    const session = await stripe.checkout.sessions.create(sessionParams('mxn', 19_900));
    await sandbox.issueVoucher(session.id);
    await sandbox.advance(2 * 86_400);
    expect(sandbox.events.at(-1)?.type).toBe('checkout.session.completed');
    await sandbox.advance(3 * 86_400);
    expect((await typesSent()).slice(-2)).toEqual([
      'payment_intent.payment_failed',
      'checkout.session.async_payment_failed',
    ]);
    await expect(sandbox.payVoucher(session.id)).rejects.toThrow(/voucher/);
  });

  it('funds a transfer in parts', async () => {
    const customer = await stripe.customers.create({ email: 'ana@example.com', name: 'Ana' });
    const session = await stripe.checkout.sessions.create({
      ...sessionParams('mxn', 25_000),
      customer: customer.id,
      allowed_payment_method_types: ['customer_balance'],
    });
    const started = await sandbox.startTransfer(session.id);
    const asked = started.paymentIntent?.next_action?.display_bank_transfer_instructions;
    expect(asked?.financial_addresses?.[0]?.spei?.clabe).toMatch(/^646\d{15}$/);
    expect((await sandbox.receiveTransfer(session.id, 20_000)).outcome).toBe('partial');
    expect((await sandbox.receiveTransfer(session.id)).session.payment_status).toBe('paid');
    expect(await typesSent()).toEqual([
      'customer.created',
      'payment_intent.created',
      'payment_intent.requires_action',
      'checkout.session.completed',
      'payment_intent.partially_funded',
      'charge.succeeded',
      'payment_intent.succeeded',
      'checkout.session.async_payment_succeeded',
    ]);
  });

  it('plays a bank debit that fails days later', async () => {
    const session = await stripe.checkout.sessions.create({
      ...sessionParams(),
      allowed_payment_method_types: ['us_bank_account'],
    });
    expect((await sandbox.startDebit(session.id)).paymentIntent?.status).toBe('processing');
    await sandbox.settleDebit(session.id, false);
    expect(await typesSent()).toEqual([
      'payment_intent.created',
      'charge.pending',
      'payment_intent.processing',
      'checkout.session.completed',
      'charge.failed',
      'payment_intent.payment_failed',
      'checkout.session.async_payment_failed',
    ]);
  });

  it('holds an authorization until its capture, and releases what is canceled', async () => {
    const manual = { ...sessionParams(), payment_intent_data: { capture_method: 'manual' as const } };
    const first = await stripe.checkout.sessions.create(manual);
    const authorized = await sandbox.payWithCard(first.id);
    const intentId = authorized.paymentIntent?.id ?? '';
    expect(authorized).toMatchObject({
      session: { status: 'complete', payment_status: 'unpaid' },
      paymentIntent: { status: 'requires_capture', amount_capturable: 3998 },
      charge: { status: 'succeeded', captured: false },
    });
    const captured = await stripe.paymentIntents.capture(intentId, { amount_to_capture: 3000 });
    expect(captured).toMatchObject({ status: 'succeeded', amount_received: 3000 });

    const second = await stripe.checkout.sessions.create(manual);
    const { paymentIntent } = await sandbox.payWithCard(second.id);
    const canceled = await stripe.paymentIntents.cancel(paymentIntent?.id ?? '');
    expect(canceled.status).toBe('canceled');
    expect((await typesSent()).slice(-2)).toEqual(['charge.refunded', 'payment_intent.canceled']);
  });

  it('T8h lists what was reserved and not taken as a refund that moved no money', async () => {
    const manual = { ...sessionParams(), payment_intent_data: { capture_method: 'manual' as const } };
    for (const taken of [3000, 0]) {
      const session = await stripe.checkout.sessions.create(manual);
      const { paymentIntent, charge } = await sandbox.payWithCard(session.id);
      const [intent, id] = [paymentIntent?.id ?? '', charge?.id ?? ''];
      if (taken > 0) await stripe.paymentIntents.capture(intent, { amount_to_capture: taken });
      else await stripe.paymentIntents.cancel(intent);
      const { data } = await stripe.refunds.list({ charge: id });
      const rest = { amount: 3998 - taken, status: 'succeeded', balance_transaction: null };
      expect(data).toMatchObject([rest]);
      expect(await stripe.charges.retrieve(id)).toMatchObject({ amount_refunded: 3998 - taken });
      const back = stripe.refunds.create({ charge: id, amount: 3001 });
      await expect(back).rejects.toMatchObject({ type: 'StripeInvalidRequestError' });
      if (taken === 0) continue;
      expect(await stripe.refunds.create({ charge: id })).toMatchObject({ amount: taken });
      expect(await stripe.charges.retrieve(id)).toMatchObject({ amount_refunded: 3998, refunded: true });
    }
  });

  it('T10j opens an inquiry, which takes no money and may be answered by a refund, and makes it a chargeback', async () => {
    const session = await stripe.checkout.sessions.create(sessionParams());
    const charge = (await sandbox.payWithCard(session.id)).charge?.id ?? '';
    const { id } = await sandbox.openDispute(charge, { inquiry: true });
    expect(await stripe.disputes.retrieve(id)).toMatchObject({
      status: 'warning_needs_response',
      balance_transactions: [],
    });
    expect(await stripe.refunds.create({ charge, amount: 500 })).toMatchObject({ status: 'succeeded' });
    await sandbox.escalateInquiry(id);
    expect(await stripe.disputes.retrieve(id)).toMatchObject({
      status: 'needs_response',
      balance_transactions: [{ amount: -3998 }],
    });
  });

  it('lets an authorization lapse after seven days', async () => {
    const session = await stripe.checkout.sessions.create({
      ...sessionParams(),
      payment_intent_data: { capture_method: 'manual' },
    });
    await sandbox.payWithCard(session.id);
    await sandbox.advance(8 * 86_400);
    expect((await typesSent()).slice(-2)).toEqual(['charge.expired', 'payment_intent.canceled']);
  });

  it('refunds in parts and never more than was captured', async () => {
    const session = await stripe.checkout.sessions.create(sessionParams());
    const charge = (await sandbox.payWithCard(session.id)).charge?.id ?? '';
    const first = await stripe.refunds.create({ charge, amount: 1000, metadata: { refundId: 'r1' } });
    expect(first).toMatchObject({ amount: 1000, status: 'succeeded', metadata: { refundId: 'r1' } });
    await expect(stripe.refunds.create({ charge, amount: 2999 })).rejects.toMatchObject({ param: 'amount' });
    await stripe.refunds.create({ charge });
    await expect(stripe.refunds.create({ charge })).rejects.toMatchObject({
      code: 'charge_already_refunded',
    });
    const read = await stripe.charges.retrieve(charge, { expand: ['refunds'] });
    expect(read).toMatchObject({ amount_refunded: 3998, refunded: true });
    expect(read.refunds?.data.map(({ amount }) => amount)).toEqual([2998, 1000]);
    expect((await typesSent()).slice(-2)).toEqual(['refund.created', 'charge.refunded']);
  });

  it('takes a refund back when the bank says that it failed', async () => {
    const session = await stripe.checkout.sessions.create(sessionParams());
    const charge = (await sandbox.payWithCard(session.id)).charge?.id ?? '';
    const refund = await sandbox.refund(charge, 500);
    await sandbox.settleRefund(refund.id, 'failed');
    expect((await stripe.charges.retrieve(charge)).amount_refunded).toBe(0);
    expect((await typesSent()).slice(-2)).toEqual(['refund.failed', 'charge.refund.updated']);
  });

  it('opens and closes a dispute, and refuses a refund in between', async () => {
    const session = await stripe.checkout.sessions.create(sessionParams());
    const charge = (await sandbox.payWithCard(session.id)).charge?.id ?? '';
    const dispute = await sandbox.openDispute(charge);
    await expect(stripe.refunds.create({ charge })).rejects.toMatchObject({ code: 'charge_disputed' });
    await stripe.disputes.update(dispute.id, { evidence: { uncategorized_text: 'It was delivered.' } });
    await sandbox.closeDispute(dispute.id, 'won');
    expect((await stripe.disputes.retrieve(dispute.id)).status).toBe('won');
    expect((await typesSent()).slice(4)).toEqual([
      'charge.dispute.created',
      'charge.dispute.funds_withdrawn',
      'charge.dispute.updated',
      'charge.dispute.closed',
      'charge.dispute.funds_reinstated',
    ]);
  });

  it('expires an open session by request and by time', async () => {
    const first = await stripe.checkout.sessions.create(sessionParams());
    const second = await stripe.checkout.sessions.create(sessionParams());
    expect((await stripe.checkout.sessions.expire(first.id)).status).toBe('expired');
    await expect(stripe.checkout.sessions.expire(first.id)).rejects.toThrow(/Only Checkout Sessions/);
    await sandbox.advance(86_401);
    expect((await stripe.checkout.sessions.retrieve(second.id)).status).toBe('expired');
    await expect(sandbox.payWithCard(second.id)).rejects.toThrow(/expired/);
  });

  it('opens the session of the service that was replaced', async () => {
    const session = await sandbox.legacySession({ orderId: ORDER_ID });
    expect(session).toMatchObject({ metadata: {}, client_reference_id: null, amount_total: 3998 });
    const { charge } = await sandbox.payWithCard(session.id);
    expect(charge?.metadata).toEqual({ orderId: ORDER_ID });
  });
});
