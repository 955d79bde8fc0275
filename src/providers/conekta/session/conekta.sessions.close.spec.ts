import { beforeEach, describe, expect, it } from '@jest/globals';
import { type Json, jsonOf } from '../../json.read.js';
import type { Outcome } from '../../provider.calls.js';
import { checkoutOf, OrdersInMemory } from '../../../../test/support/conekta/orders.in.memory.js';
import { expireSession } from './conekta.sessions.js';

const charge = (status: string): Json => ({
  charges: {
    object: 'list',
    data: [{ object: 'charge', id: 'chr_1', status, created_at: 1, amount: 1, currency: 'MXN' }],
  },
});

describe('closing a session', () => {
  let conekta: OrdersInMemory;
  const close = (): Promise<Outcome<{ paid: boolean }>> =>
    expireSession(conekta, { sessionId: 'chk-ord_1', providerPaymentId: 'ord_1' });
  const unpaid = { known: true, value: { paid: false } };
  const paid = { known: true, value: { paid: true } };

  beforeEach(() => {
    conekta = new OrdersInMemory();
    conekta.add('ord_1');
  });

  it('cancels the order, and says the same when asked again', async () => {
    expect(await close()).toEqual(unpaid);
    expect(await close()).toEqual(unpaid);
    expect(conekta.writes).toEqual(['POST /orders/ord_1/cancel']);
  });

  it.each<[string, Json]>([
    ['is paid', { payment_status: 'paid', ...charge('paid') }],
    ['was refunded', { payment_status: 'refunded', ...charge('refunded') }],
    ['holds the money of a card', { payment_status: 'pre_authorized', ...charge('pre_authorized') }],
    ['waits for a voucher', { payment_status: 'pending_payment', ...charge('pending_payment') }],
    ['is looked into', { payment_status: 'under_fraud_review', ...charge('under_fraud_review') }],
    ['is paid, without its charges', { payment_status: 'paid' }],
  ])('leaves an order alone that %s', async (_, changes) => {
    conekta.change('ord_1', changes);
    expect(await close()).toEqual(paid);
    expect(conekta.writes).toEqual([]);
  });

  it.each(['paid', 'partially_refunded', 'refunded', 'charged_back', 'pre_authorized'])(
    'T5f leaves an order alone that says it is %s, although the charges that it shows were declined',
    async (status) => {
      const { charges } = charge('declined');
      conekta.change('ord_1', { payment_status: status, charges: { ...jsonOf(charges), has_more: true } });
      expect(await close()).toEqual(paid);
      expect(conekta.writes).toEqual([]);
    },
  );

  it('T5g looks for a voucher on the further pages before it closes', async () => {
    const { charges } = charge('declined');
    const next = { has_more: true, next_page_url: 'https://api.conekta.io/orders/ord_1/charges?next=chr_1' };
    conekta.change('ord_1', { payment_status: 'declined', charges: { ...jsonOf(charges), ...next } });
    conekta.further = { '/orders/ord_1/charges?next=chr_1': jsonOf(charge('pending_payment').charges) };
    expect(await close()).toEqual(paid);
    expect(conekta.writes).toEqual([]);
  });

  it.each<[string, Json]>([
    ['ran out', { payment_status: 'expired' }],
    ['had a voucher that ran out', { payment_status: 'expired', ...charge('expired') }],
    ['was canceled', { payment_status: 'canceled' }],
    ['has a checkout that was closed', { checkout: { ...checkoutOf('ord_1'), status: 'Cancelled' } }],
  ])('has nothing to do for an order that %s', async (_, changes) => {
    conekta.change('ord_1', changes);
    expect(await close()).toEqual(unpaid);
    expect(conekta.writes).toEqual([]);
  });

  it.each<[string, string]>([
    ['can be tried again', 'Issued'],
    ['was the last that the checkout takes', 'Failed'],
  ])('knows whether a card that was called a fraud %s', async (_, status) => {
    const checkout = { ...checkoutOf('ord_1'), status };
    conekta.change('ord_1', { payment_status: 'fraudulent', ...charge('fraudulent'), checkout });
    expect(await close()).toEqual(unpaid);
    expect(conekta.writes).toEqual(status === 'Issued' ? ['POST /orders/ord_1/cancel'] : []);
  });

  it.each(['declined', 'pending_confirmation'])('cancels an order whose card is %s', async (status) => {
    conekta.change('ord_1', { payment_status: 'pending_payment', ...charge(status) });
    expect(await close()).toEqual(unpaid);
    expect(conekta.writes).toEqual(['POST /orders/ord_1/cancel']);
  });

  it('finds out, when refused, that somebody paid in between', async () => {
    conekta.turns = [[/cancel/, 'refused']];
    conekta.meanwhile = () => {
      if (conekta.writes.length > 0) conekta.change('ord_1', charge('pending_payment'));
    };
    expect(await close()).toEqual(paid);
    expect(conekta.writes).toEqual(['POST /orders/ord_1/cancel']);
  });

  it('closes the checkout where the order itself cannot be canceled', async () => {
    conekta.turns = [[/cancel/, 'refused']];
    expect(await close()).toEqual(unpaid);
    expect(conekta.writes).toEqual(['POST /orders/ord_1/cancel', 'PUT /checkouts/chk-ord_1/cancel']);
  });

  it('finds the voucher that was issued before the checkout was closed', async () => {
    conekta.turns = [[/cancel/, 'refused']];
    conekta.meanwhile = () => {
      if (conekta.writes.length > 1) conekta.change('ord_1', charge('pending_payment'));
    };
    expect(await close()).toEqual(paid);
  });

  it('is refused when the order stays open all the same', async () => {
    conekta.turns = [
      [/cancel/, 'refused'],
      [/cancel/, 'refused'],
    ];
    await expect(close()).rejects.toMatchObject({ kind: 'invalid_request' });
  });

  it('does not know the outcome when the answer is lost, and finds it out', async () => {
    conekta.turns = [[/cancel/, 'lost']];
    expect(await close()).toMatchObject({ known: false });
    expect(await close()).toEqual(unpaid);
    expect(conekta.writes).toHaveLength(1);
  });

  it('does not know the outcome when the answer is another object', async () => {
    conekta.write = () => Promise.resolve({ known: true, value: { object: 'charge' } });
    expect(await close()).toMatchObject({ known: false });
  });

  it('is refused for one that does not exist', async () => {
    conekta.kept = [];
    await expect(close()).rejects.toMatchObject({ kind: 'not_found' });
  });

  it('closes the order of a second payment by the order', async () => {
    const second = { sessionId: 'chk-ord_1', providerPaymentId: 'ord_1/chr_2' };
    expect(await expireSession(conekta, second)).toEqual(unpaid);
  });
});
