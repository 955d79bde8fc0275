import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { newReceiver, type Receiver } from '../../test/support/sandbox/receiver.js';
import { ApiCaller, startSandbox } from '../../test/support/sandbox/conekta.caller.js';
import type { ConektaSandbox } from './conekta.sandbox.js';

describe('the controls over HTTP', () => {
  let receiver: Receiver;
  let sandbox: ConektaSandbox;
  let api: ApiCaller;

  beforeEach(async () => {
    receiver = await newReceiver('digest');
    sandbox = await startSandbox();
    api = new ApiCaller(sandbox);
  });

  afterEach(async () => {
    await sandbox.close();
    await receiver.close();
  });

  const control = (path: string, body?: Record<string, unknown>) =>
    api.call(body === undefined ? 'GET' : 'POST', `/_sandbox/${path}`, body);
  const onOrder = async (id: string, path: string, body: Record<string, unknown> = {}) =>
    (await control(`orders/${id}/${path}`, body)).body;
  const types = () => sandbox.events.map(({ type }) => type);

  it('play a card, a refund and a chargeback', async () => {
    const { id, checkout } = await api.order();
    const declined = await onOrder(id, 'pay', { number: '4000000000000127', language: 'en' });
    expect(declined).toMatchObject({ outcome: { kind: 'declined', code: 'insufficient_funds' } });
    expect(await onOrder(checkout?.id ?? '', 'pay')).toMatchObject({ order: { payment_status: 'paid' } });
    expect(await onOrder(id, 'refund', { amount: 100 })).toMatchObject({ amount_refunded: 100 });
    expect(await onOrder(id, 'chargeback')).toMatchObject({
      object: 'chargeback',
      status: 'action_required',
    });
    expect(await onOrder(id, 'chargeback/update')).toMatchObject({ status: 'under_review' });
    expect(await onOrder(id, 'chargeback/close', { outcome: 'lost' })).toMatchObject({ status: 'lost' });
    expect(types().slice(-5)).toEqual([
      'charge.chargeback.created',
      'order.charged_back',
      'charge.chargeback.updated',
      'charge.chargeback.under_review',
      'charge.chargeback.lost',
    ]);
    expect((await api.get(`/orders/${id}`)).body).toMatchObject({ payment_status: 'charged_back' });
  });

  it('give the money back when a chargeback is won', async () => {
    const { id } = await api.order();
    await onOrder(id, 'pay');
    await onOrder(id, 'chargeback', { reason: 'duplicate' });
    expect(await onOrder(id, 'chargeback/close', { outcome: 'won' })).toMatchObject({ reason: 'duplicate' });
    expect((await api.get(`/orders/${id}`)).body).toMatchObject({ payment_status: 'paid' });
  });

  it('play a voucher, a transfer, the clock and the ends of orders', async () => {
    const [cash, transfer, open, canceled] = [
      await api.order(),
      await api.order(),
      await api.order(),
      await api.order(),
    ];
    await onOrder(cash.id, 'cash');
    await onOrder(transfer.id, 'transfer');
    expect(await onOrder(cash.id, 'voucher/pay')).toMatchObject({ payment_status: 'paid' });
    expect(await onOrder(canceled.id, 'cancel')).toMatchObject({ payment_status: 'canceled' });
    await control('clock', { advanceSeconds: 300_000 });
    expect((await control('state')).body).toMatchObject({
      orders: [
        { payment_status: 'paid' },
        { payment_status: 'expired' },
        { payment_status: 'expired', id: open.id },
        { payment_status: 'canceled' },
      ],
    });
    expect(await control(`orders/${transfer.id}/transfer/receive`, {})).toMatchObject({ status: 428 });
    expect(await onOrder(transfer.id, 'transfer/receive', { late: true })).toMatchObject({
      payment_status: 'paid',
    });
  });

  it('ask the customer, capture, and hold payments back', async () => {
    const [asked, held, fraud] = [
      await api.order({ pre_authorize: true }),
      await api.order(),
      await api.order(),
    ];
    await onOrder(asked.id, 'pay', { number: '4000002500003155' });
    const answered = await onOrder(asked.id, 'challenge', { approve: true });
    expect(answered).toMatchObject({ order: { payment_status: 'pre_authorized' } });
    expect(await onOrder(asked.id, 'capture')).toMatchObject({ payment_status: 'paid' });
    await onOrder(held.id, 'review');
    expect(await onOrder(held.id, 'pay')).toMatchObject({ order: { payment_status: 'under_fraud_review' } });
    expect(await onOrder(held.id, 'review/close', { outcome: 'paid' })).toMatchObject({
      payment_status: 'paid',
    });
    await onOrder(fraud.id, 'review');
    await onOrder(fraud.id, 'pay');
    expect(await onOrder(fraud.id, 'review/close', { outcome: 'fraudulent' })).toMatchObject({
      payment_status: 'fraudulent',
      checkout: { status: 'Failed' },
    });
    expect(types()).toEqual(expect.arrayContaining(['charge.under_fraud_review', 'order.fraudulent']));
  });

  it('change an order behind its back, and the payment is of that amount', async () => {
    const { id } = await api.order();
    const before = sandbox.events.length;
    await onOrder(id, 'alter', {
      amount: 1,
      currency: 'USD',
      livemode: true,
      metadata: { orderId: 'other' },
    });
    expect(sandbox.events).toHaveLength(before);
    expect(await onOrder(id, 'pay')).toMatchObject({
      order: { amount: 1, currency: 'USD', livemode: true, charges: { data: [{ amount: 1 }] } },
    });
  });

  it('page lists as they are told to, and let go of a hold as if it were refunded', async () => {
    const { id } = await api.order({ pre_authorize: true });
    await onOrder(id, 'pay', { number: '4000000000000002' });
    await onOrder(id, 'pay');
    await control('pages', { rows: 1, oldestFirst: true });
    expect((await api.get(`/orders/${id}`)).body).toMatchObject({
      charges: { has_more: true, data: [{ status: 'declined' }] },
    });
    await control('pages', { rows: 20 });
    expect(await onOrder(id, 'hold/refund')).toMatchObject({
      payment_status: 'refunded',
      amount_refunded: 39_800,
    });
    expect(types()).toEqual(expect.arrayContaining(['charge.refunded', 'order.refunded']));
  });

  it('set webhooks, switches and faults, and show what happened', async () => {
    await control('webhooks', { urls: [receiver.url] });
    await control('delivery', { duplicate: 2, drop: { types: ['order.created'] } });
    await control('emit', { type: 'order.updated', object: { id: 'ord_1' }, livemode: true });
    await control('emit', { type: 'webhook_ping' });
    await api.order();
    await control('delivery/settled', {});
    expect(receiver.received.map(({ type }) => type)).toEqual([
      'order.updated',
      'order.updated',
      'webhook_ping',
      'webhook_ping',
    ]);
    expect((await control('events')).body).toMatchObject({ data: { length: 3 } });
    expect((await control('deliveries')).body).toMatchObject({ data: { length: 6 } });
    await control(`events/${sandbox.events[0]?.id}/resend`, {});
    await control('delivery/settled', {});
    expect(receiver.received).toHaveLength(6);
    await control('faults', { kind: 'status', status: 503, count: 3 });
    expect((await control('faults')).body).toMatchObject({ armed: [{ left: 3 }], hanging: 0 });
    await control('faults/clear', {});
    expect((await control('health')).body).toMatchObject({ ok: true, provider: 'conekta' });
  });

  it('show the keys, rotate them, and sign what a test wants', async () => {
    const before = await control('keys');
    expect(before.body).toMatchObject({ data: [{ active: true }], publicKeyPem: sandbox.publicKeyPem });
    const rotated = await control('keys/rotate', { keepOld: true });
    expect(rotated.body['public_key']).toBe(sandbox.publicKeyPem);
    expect((await control('keys')).body).toMatchObject({ data: [{ active: true }, { active: true }] });
    const signed = await control('sign', { body: '{}' });
    expect(signed.body['digest']).toBe(sandbox.sign('{}'));
  });

  it('change a customer, and name what is wrong with a request', async () => {
    const id = await api.customer();
    expect((await control(`customers/${id}`, { email: 'nueva@tienda.example' })).body).toMatchObject({
      email: 'nueva@tienda.example',
      name: 'Ana Prueba',
    });
    expect(await control('clock', { advanceSeconds: 'soon' })).toMatchObject({
      status: 400,
      body: { error: { message: 'advanceSeconds must be an integer' } },
    });
    expect(await control('faults', { kind: 'earthquake' })).toMatchObject({ status: 400 });
    expect(await control('orders/ord_none/pay', {})).toMatchObject({ status: 404 });
  });
});
