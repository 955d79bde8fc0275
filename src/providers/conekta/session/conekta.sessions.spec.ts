import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Json } from '../../json.read.js';
import type { OpenedSession } from '../../payment.ports.js';
import type { Outcome, ProviderCall } from '../../provider.calls.js';
import { checkoutOf, OrdersInMemory } from '../../../../test/support/conekta/orders.in.memory.js';
import { createSession } from './conekta.sessions.js';

const ACCOUNT = { livemode: false, publicKey: 'key_public' };
const ORDER = { currency: 'MXN', metadata: { orderId: 'order-1', paymentId: 'pay-1' } };
const FIRST: ProviderCall = { operationId: 'op-1', request: { order: ORDER } };
const AGAIN: ProviderCall = { ...FIRST, sentBefore: new Date('2026-09-20T00:00:00Z') };
const PAID = { object: 'charge', id: 'chr_1', status: 'paid', created_at: 1, amount: 1, currency: 'MXN' };

const chargesOf = (...data: Json[]): Json => ({ charges: { object: 'list', data } });

describe('opening a session', () => {
  let conekta: OrdersInMemory;
  const create = (call = FIRST): Promise<Outcome<OpenedSession>> => createSession(conekta, call, ACCOUNT);
  const openOnes = (): unknown[] =>
    conekta.kept.filter(({ payment_status }) => !payment_status).map(({ id }) => id);

  beforeEach(() => {
    conekta = new OrdersInMemory();
  });

  it('sends the recorded request, with the id of the operation, and looks for nothing', async () => {
    expect(await create()).toEqual({
      known: true,
      value: {
        sessionId: 'chk-ord_1',
        providerPaymentId: 'ord_1',
        checkoutUrl: 'https://pay.conekta.com/checkout/ord_1',
        expiresAt: new Date(1_790_259_200_000),
        livemode: false,
      },
    });
    expect(conekta.kept).toMatchObject([
      { currency: 'MXN', metadata: { orderId: 'order-1', paymentId: 'pay-1', operationId: 'op-1' } },
    ]);
    expect(conekta.listings).toBe(0);
  });

  it('answers our own page and what the component needs when it is embedded', async () => {
    const payUrl = 'https://payments.example/pay/pay-1';
    expect(await create({ ...FIRST, request: { order: ORDER, payUrl } })).toMatchObject({
      known: true,
      value: { checkoutUrl: payUrl, embed: { checkoutId: 'chk-ord_1', publicKey: 'key_public' } },
    });
  });

  it.each<[string, Json]>([
    ["another payment's order", { metadata: { paymentId: 'pay-2', operationId: 'op-1' } }],
    ["another operation's order", { metadata: { paymentId: 'pay-1', operationId: 'op-2' } }],
    ['no order', { object: 'charge' }],
    ['an order without a checkout', { checkout: null }],
    ['a checkout without a page', { checkout: { ...checkoutOf('ord_1'), url: null } }],
    [
      'T24h a checkout whose page is a script',
      { checkout: { ...checkoutOf('ord_1'), url: 'javascript:alert(1)' } },
    ],
    [
      'T24h a checkout whose page is plain http',
      { checkout: { ...checkoutOf('ord_1'), url: 'http://pay.conekta.com/1' } },
    ],
    ['a checkout without an end', { checkout: { ...checkoutOf('ord_1'), expires_at: null } }],
  ])('does not know the outcome when the answer is %s', async (_, changes) => {
    const answered = { ...conekta.add('ord_1'), ...changes };
    conekta.write = () => Promise.resolve({ known: true, value: answered });
    expect(await create()).toMatchObject({ known: false, error: { kind: 'unavailable' } });
  });

  it('is refused when the key is of the other mode than we were told', async () => {
    const live = createSession(conekta, FIRST, { ...ACCOUNT, livemode: true });
    await expect(live).rejects.toMatchObject({
      kind: 'authentication',
      details: { providerCode: 'livemode_mismatch' },
    });
  });

  it('speaks the language of the request', async () => {
    const languages: unknown[] = [];
    const write = conekta.write.bind(conekta);
    conekta.write = (given) => {
      languages.push(given.language);
      return write(given);
    };
    await create();
    await create({ ...FIRST, request: { order: ORDER, language: 'en' } });
    expect(languages).toEqual([undefined, 'en']);
  });

  describe('that was sent before', () => {
    it('answers the order that the lost answer was of, and makes no other', async () => {
      conekta.turns = [[/orders/, 'lost']];
      expect(await create()).toMatchObject({ known: false });
      expect(await create(AGAIN)).toMatchObject({ known: true, value: { providerPaymentId: 'ord_1' } });
      expect(conekta.writes).toEqual(['POST /orders']);
    });

    it('finds it behind pages of others', async () => {
      conekta.add('ord_ours');
      for (let at = 0; at < 9; at += 1) conekta.add(`ord_${at}`, { metadata: { paymentId: 'pay-2' } });
      expect(await create(AGAIN)).toMatchObject({ value: { providerPaymentId: 'ord_ours' } });
      expect(conekta.listings).toBe(5);
    });

    it('asks from ten minutes before, for clocks differ', async () => {
      const asked: number[] = [];
      const orders = conekta.orders.bind(conekta);
      conekta.orders = (createdFrom, next) => {
        asked.push(createdFrom);
        return orders(createdFrom, next);
      };
      await create(AGAIN);
      expect(asked[0]).toBe(Date.parse('2026-09-19T23:50:00Z') / 1000);
    });

    it('makes one where there is none, and looks again', async () => {
      expect(await create(AGAIN)).toMatchObject({ known: true, value: { providerPaymentId: 'ord_1' } });
      expect(conekta.listings).toBe(2);
    });

    it('leaves the earlier of two when the first arrives late', async () => {
      const orders = conekta.orders.bind(conekta);
      conekta.orders = async (createdFrom, next) => {
        const page = await orders(createdFrom, next);
        if (conekta.listings === 1) conekta.add('ord_late');
        return page;
      };
      expect(await create(AGAIN)).toMatchObject({ known: true, value: { providerPaymentId: 'ord_late' } });
      expect(openOnes()).toEqual(['ord_late']);
      expect(conekta.writes).toEqual(['POST /orders', 'POST /orders/ord_2/cancel']);
    });

    it('leaves the one that somebody is paying, be it the later', async () => {
      conekta.add('ord_1');
      conekta.add('ord_2', { payment_status: 'paid', ...chargesOf(PAID) });
      conekta.add('ord_3');
      expect(await create(AGAIN)).toMatchObject({ value: { providerPaymentId: 'ord_2' } });
      expect(openOnes()).toEqual([]);
    });

    it('T5h leaves the one that Conekta calls paid, whatever the charges on its first page say', async () => {
      const declined = { ...PAID, id: 'chr_0', status: 'declined' };
      const next = {
        has_more: true,
        next_page_url: 'https://api.conekta.io/orders/ord_2/charges?next=chr_0',
      };
      conekta.add('ord_1');
      conekta.add('ord_2', {
        payment_status: 'paid',
        charges: { object: 'list', ...next, data: [declined] },
      });
      conekta.further = { '/orders/ord_2/charges?next=chr_0': { object: 'list', data: [PAID] } };
      expect(await create(AGAIN)).toMatchObject({ value: { providerPaymentId: 'ord_2' } });
      expect(conekta.writes).toEqual(['POST /orders/ord_1/cancel']);
    });

    it('answers an order that is closed rather than to make another', async () => {
      conekta.add('ord_1', { payment_status: 'expired' });
      expect(await create(AGAIN)).toMatchObject({ value: { providerPaymentId: 'ord_1' } });
      expect(conekta.writes).toEqual([]);
    });

    it('does not mind a second one that Conekta does not let close', async () => {
      conekta.add('ord_1');
      conekta.add('ord_2');
      conekta.turns = [
        [/cancel/, 'refused'],
        [/cancel/, 'refused'],
      ];
      expect(await create(AGAIN)).toMatchObject({ known: true, value: { providerPaymentId: 'ord_1' } });
    });

    it.each(['lost', 'limited'] as const)(
      'comes back later when closing the second one is %s',
      async (turn) => {
        conekta.add('ord_1');
        conekta.add('ord_2');
        conekta.turns = [[/cancel/, turn]];
        expect(await create(AGAIN)).toMatchObject({ known: false });
        expect(await create(AGAIN)).toMatchObject({ known: true, value: { providerPaymentId: 'ord_1' } });
        expect(openOnes()).toEqual(['ord_1']);
      },
    );

    it.each<[string, Json]>([
      ['no list', { object: 'order' }],
      ['a list that goes on nowhere', { object: 'list', has_more: true, data: [] }],
      [
        'a list that never ends',
        { object: 'list', has_more: true, data: [], next_page_url: 'https://x/?next=1' },
      ],
    ])('makes none where it cannot look: %s', async (_, page) => {
      conekta.orders = () => Promise.resolve(page);
      await expect(create(AGAIN)).rejects.toMatchObject({ kind: 'unavailable', retryable: true });
      expect(conekta.writes).toEqual([]);
    });

    it('is not lost when Conekta cannot be read after it was made', async () => {
      const orders = conekta.orders.bind(conekta);
      conekta.orders = (createdFrom, next) =>
        conekta.kept.length > 0 ? Promise.resolve({}) : orders(createdFrom, next);
      expect(await create(AGAIN)).toMatchObject({ known: false, error: { kind: 'unavailable' } });
      conekta.orders = orders;
      expect(await create(AGAIN)).toMatchObject({ known: true, value: { providerPaymentId: 'ord_1' } });
      expect(conekta.writes).toEqual(['POST /orders']);
    });
  });
});
