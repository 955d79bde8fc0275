import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  ApiCaller,
  CHECKOUT,
  ORDER_ID,
  orderParams,
  problemsOf,
  startSandbox,
} from '../../test/support/sandbox/conekta.caller.js';
import { DEFAULT_PRIVATE_KEY, type ConektaSandbox } from './conekta.sandbox.js';

const DAY = 24 * 60 * 60;

describe('the API of the stand-in Conekta', () => {
  let sandbox: ConektaSandbox;
  let api: ApiCaller;

  beforeEach(async () => {
    sandbox = await startSandbox();
    api = new ApiCaller(sandbox);
  });

  afterEach(() => sandbox.close());

  describe('at its door', () => {
    it('wants the private key', async () => {
      const [none, wrong] = await Promise.all([
        api.call('GET', '/orders', undefined, { authorization: '' }),
        api.call('GET', '/orders', undefined, { authorization: 'Bearer key_other' }),
      ]);
      expect(none).toMatchObject({ status: 401, body: { object: 'error', type: 'authentication_error' } });
      expect([problemsOf(none), problemsOf(wrong)]).toMatchObject([
        [{ code: 'missing_key' }],
        [{ code: 'invalid_key' }],
      ]);
      expect(sandbox.privateKey).toBe(DEFAULT_PRIVATE_KEY);
    });

    it('answers in the media type that was asked for', async () => {
      expect((await api.get('/orders')).type).toMatch(/^application\/vnd\.conekta-v2\.3\.0\+json;/);
      const plain = await api.call('GET', '/orders', undefined, { accept: '*/*' });
      expect(plain.type).toBe('application/json; charset=utf-8');
    });

    it('says in Spanish, or in English, what is wrong', async () => {
      const language = (one: string) =>
        api.call('GET', '/orders/ord_none', undefined, { 'accept-language': one });
      const [spanish, english] = await Promise.all([language('es-MX,es;q=0.9'), language('en-US')]);
      expect([spanish.status, problemsOf(spanish)[0]?.message]).toEqual([
        404,
        'No encontramos lo que buscas.',
      ]);
      expect(problemsOf(english)[0]?.message).toBe('What you asked for does not exist.');
    });

    it('does not know every address, and no broken JSON', async () => {
      expect(await api.get('/nowhere')).toMatchObject({ status: 404, body: { object: 'error' } });
      const answer = await fetch(`${sandbox.url}/orders`, {
        method: 'POST',
        headers: { authorization: `Bearer ${sandbox.privateKey}` },
        body: '{"currency":',
      });
      expect(answer.status).toBe(422);
    });
  });

  describe('for orders', () => {
    it('gives a checkout to be paid in, and nothing else yet', async () => {
      const answer = await api.post('/orders', orderParams());
      const now = Math.floor(Date.now() / 1000);
      expect(answer).toMatchObject({
        status: 200,
        body: {
          object: 'order',
          amount: 39_800,
          currency: 'MXN',
          livemode: false,
          metadata: { orderId: ORDER_ID },
          checkout: { type: 'Integration', status: 'Issued' },
          channel: { segment: 'Checkout', checkout_request_type: 'Integration' },
          line_items: { total: 1, data: [{ name: 'Teclado' }] },
        },
      });
      const [order] = sandbox.state().orders;
      expect(order?.checkout?.url).toBe(`${sandbox.url}/checkout/${order?.checkout?.id}`);
      expect(order?.checkout?.expires_at).toBeGreaterThanOrEqual(now + 3 * DAY - 5);
      expect(answer.body).not.toHaveProperty('charges');
      expect(answer.body).not.toHaveProperty('payment_status');
    });

    it('adds taxes and shipping and takes discounts off', async () => {
      const order = await api.order({
        tax_lines: [{ description: 'IVA', amount: 6_368 }],
        shipping_lines: [{ amount: 9_900 }],
        discount_lines: [{ code: 'HOLA', type: 'coupon', amount: 1_000 }],
      });
      expect(order).toMatchObject({ amount: 55_068, tax_lines: { total: 1 }, discount_lines: { total: 1 } });
    });

    it.each<[string, Record<string, unknown>, string, string]>([
      ['a currency of another country', { currency: 'EUR' }, 'currency', 'unknown_value'],
      ['a short name', items({ name: 'ab' }), 'line_items.0.name', 'too_short'],
      ['a long name', items({ name: 'a'.repeat(250) }), 'line_items.0.name', 'too_long'],
      ['half a cent', items({ unit_price: 10.5 }), 'line_items.0.unit_price', 'not_integer'],
      ['a price as text', items({ unit_price: '100' }), 'line_items.0.unit_price', 'not_integer'],
      ['no pieces', items({ quantity: 0 }), 'line_items.0.quantity', 'too_small'],
      ['a price of its own invention', items({ price: 3 }), 'line_items.0.price', 'unknown_parameter'],
      ['no items', { line_items: [] }, 'line_items', 'wrong_length'],
      ['nothing to pay', items({ unit_price: 0 }), 'amount', 'out_of_range'],
      ['a long text in the metadata', { metadata: { note: 'a'.repeat(250) } }, 'metadata.note', 'too_long'],
      ['an object in the metadata', { metadata: { note: {} } }, 'metadata.note', 'not_text'],
      [
        'no phone',
        { customer_info: { name: 'Ana', email: 'a@b.example' } },
        'customer_info.phone',
        'missing',
      ],
      [
        'a stranger',
        { customer_info: { customer_id: 'cus_none' } },
        'customer_info.customer_id',
        'nonexistent_customer',
      ],
      ['an unknown 3DS mode', { three_ds_mode: 'maybe' }, 'three_ds_mode', 'unknown_value'],
      ['a checkout too short', checkout({ expires_at: soon(4 * 60) }), 'checkout.expires_at', 'out_of_range'],
      [
        'a checkout too long',
        checkout({ expires_at: soon(366 * DAY) }),
        'checkout.expires_at',
        'out_of_range',
      ],
      [
        'a page to return to without a page',
        checkout({ success_url: 'https://a.example' }),
        'checkout.success_url',
        'only_hosted_payment',
      ],
      [
        'months without saying so',
        checkout({ monthly_installments_options: [3] }),
        'checkout.monthly_installments_options',
        'not_enabled',
      ],
      [
        'seven months',
        checkout({ monthly_installments_enabled: true, monthly_installments_options: [7] }),
        'checkout.monthly_installments_options.0',
        'unknown_value',
      ],
      [
        'a method that is none',
        checkout({ allowed_payment_methods: ['oxxo'] }),
        'checkout.allowed_payment_methods.0',
        'unknown_value',
      ],
      [
        'charges and a checkout',
        { checkout: CHECKOUT, charges: [card('tok_test_visa_4242')] },
        'charges',
        'not_with_checkout',
      ],
      ['a token of nobody', { charges: [card('tok_none')] }, 'payment_method.token_id', 'nonexistent_token'],
      [
        'another sum',
        { charges: [{ ...card('tok_test_visa_4242'), amount: 1 }] },
        'charges.amount',
        'not_the_total',
      ],
    ])('refuse %s', async (_name, changes, param, code) => {
      const answer = await api.post('/orders', orderParams(changes));
      expect(answer).toMatchObject({ status: 422, body: { type: 'parameter_validation_error' } });
      expect(problemsOf(answer)).toMatchObject([{ param, code }]);
      expect(sandbox.state().orders).toEqual([]);
    });

    it('tell everything that is wrong at once', async () => {
      const answer = await api.post('/orders', { line_items: [{ name: 'ab', unit_price: -1, quantity: 1 }] });
      expect(problemsOf(answer).map(({ param }) => param)).toEqual([
        'currency',
        'customer_info',
        'line_items.0.name',
        'line_items.0.unit_price',
      ]);
    });

    it('know no idempotency: the same request makes another order', async () => {
      const headers = { 'idempotency-key': 'once' };
      await api.call('POST', '/orders', orderParams(), headers);
      await api.call('POST', '/orders', orderParams(), headers);
      expect(sandbox.state().orders).toHaveLength(2);
    });

    it('list page by page, newest first, forwards and back', async () => {
      const made: string[] = [];
      for (let count = 0; count < 5; count += 1) made.unshift((await api.order()).id);
      const first = await pageAt('/orders?limit=2');
      const second = await pageAt(first.next);
      const third = await pageAt(second.next);
      expect([first.ids, second.ids, third.ids]).toEqual([made.slice(0, 2), made.slice(2, 4), made.slice(4)]);
      expect([third.hasMore, third.next, first.previous]).toEqual([false, null, null]);
      expect((await pageAt(third.previous)).ids).toEqual(second.ids);
    });

    it('T5m show the first page of the lists inside them, and where the next one is', async () => {
      const { id } = await api.order();
      for (let tries = 0; tries < 21; tries += 1)
        await sandbox.payWithCard(id, { number: '4000000000000002' });
      const { body } = await api.get(`/orders/${id}`);
      const { charges } = readCharges(body);
      expect(charges).toMatchObject({ has_more: true, total: 21 });
      expect(charges.data).toHaveLength(20);
      const rest = await pageAt(charges.next_page_url);
      expect(rest).toMatchObject({ hasMore: false, next: null });
      const all = sandbox.state().orders[0]?.charges?.data.map((charge) => charge.id);
      expect([...charges.data.map((charge) => charge.id), ...rest.ids]).toEqual(all);
      const told = sandbox.events.findLast(({ type }) => type === 'order.declined');
      expect(told?.data.object).toMatchObject({ charges: { has_more: true } });
      sandbox.setPages({ rows: 1, oldestFirst: true });
      const oldest = readCharges((await api.get(`/orders/${id}`)).body);
      expect(oldest.charges.data.map((charge) => charge.id)).toEqual(all?.slice(-1));
    });

    it('list what was asked for', async () => {
      const paid = await api.order();
      const other = await api.order({
        customer_info: { name: 'Otra', email: 'otra@tienda.example', phone: '+525555550102' },
      });
      await sandbox.payWithCard(paid.id);
      const found = async (query: string) => (await pageAt(`/orders?${query}`)).ids;
      const { created_at: at } = paid;
      expect(await found('payment_status=paid')).toEqual([paid.id]);
      expect(await found('last_payment_info.status=paid')).toEqual([paid.id]);
      expect(await found('search=otra%40tienda.example')).toEqual([other.id]);
      expect(await found(`created_at.gte=${at}&created_at.lte=${at + 60}`)).toEqual([other.id, paid.id]);
      expect(await found(`created_at.gte=${at + 60}`)).toEqual([]);
      expect(await api.get('/orders?limit=0')).toMatchObject({ status: 422 });
      expect(await api.get('/orders?created_at.gte=today')).toMatchObject({ status: 422 });
    });

    const readCharges = (order: Record<string, unknown>) => {
      const read: { charges: { data: { id: string }[]; next_page_url: string } } = JSON.parse(
        JSON.stringify(order),
      );
      return read;
    };

    const pageAt = async (address: unknown) => {
      const path = String(address).replace(sandbox.url, '');
      const { body } = await api.get(path);
      const data: unknown = body['data'];
      if (!Array.isArray(data)) throw new Error(JSON.stringify(body));
      const ids = data.map(({ id }: { id: string }) => id);
      const { has_more: hasMore, next_page_url: next, previous_page_url: previous } = body;
      return { ids, hasMore, next, previous };
    };
  });

  it('knows its company', async () => {
    expect((await api.get('/companies/current')).body).toMatchObject({ object: 'company', active: true });
  });
});

function items(changes: Record<string, unknown>): Record<string, unknown> {
  return { line_items: [{ name: 'Teclado', unit_price: 19_900, quantity: 1, ...changes }] };
}

function checkout(changes: Record<string, unknown>): Record<string, unknown> {
  return { checkout: { ...CHECKOUT, ...changes } };
}

function card(token: string): { payment_method: Record<string, unknown> } {
  return { payment_method: { type: 'card', token_id: token } };
}

function soon(seconds: number): number {
  return Math.floor(Date.now() / 1000) + seconds;
}
