import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createHash, randomUUID } from 'node:crypto';
import { startNatsServer, type NatsServer } from '../../sandbox/servers/nats.server.js';
import { AppBed } from '../support/domain/app.bed.js';
import { post } from '../support/domain/http.call.js';
import { OrdersResponder } from '../support/domain/orders.responder.js';
import { until } from '../support/outbox/until.js';

type Body = Record<string, unknown>;

const ITEM = { name: 'Keyboard', price: 19.99, quantity: 1 };
const TAX = { name: 'IVA', unitAmount: 320 };
/** A machine that is busy takes seconds; what grows with the square takes minutes. */
const FAST_MS = 10_000;
const JSON_TYPE = { 'content-type': 'application/json' };
const hashOf = (key: string) => createHash('sha256').update(key).digest('hex');
const key = (name: string) => ({ authorization: `Bearer key-of-${name}` });

function purchase(changes: Body = {}): Body {
  return { orderId: randomUUID(), currency: 'usd', items: [ITEM], ...changes };
}

describe('POST /payments/create-session', () => {
  let nats: NatsServer;
  let orders: OrdersResponder;
  let bed: AppBed;
  beforeAll(async () => {
    nats = await startNatsServer();
    orders = await OrdersResponder.start(nats.url);
    bed = await AppBed.start({
      NATS_SERVERS: nats.url,
      RATE_LIMIT: '0',
      ORDERS_TIMEOUT_MS: '2000',
      API_KEYS: ['shop', 'other'].map((name) => `${name}:service:${hashOf(`key-of-${name}`)}`).join(),
    });
    await until(async () => (await create({ orderId: orders.sells([ITEM]) }, {})).status === 201);
  });
  afterAll(async () => {
    await bed.stop();
    await orders.stop();
    await nats.stop();
  });

  const create = (
    body: Body | string,
    headers: Record<string, string> = key('shop'),
    path = '/payments/create-session',
  ) =>
    post(bed.url + path, typeof body === 'string' ? body : JSON.stringify(body), {
      ...JSON_TYPE,
      ...headers,
    });
  const everything = async () => {
    const [row] = await bed.rows(
      `select (select count(*)::int from payments) as payments, (select count(*)::int from outbox) as messages,
        (select count(*)::int from provider_operations) as operations, (select count(*)::int from order_slots) as orders`,
    );
    return { ...row, sessions: Object.keys(bed.stripe.state().sessions).length };
  };
  const createdAtProvider = async (orderId: unknown): Promise<number> => {
    const [row] = await bed.rows<{ n: number }>(
      `select coalesce(sum(attempts), 0)::int as n from provider_operations o join payments p on p.id = o.payment_id
       where p.order_id = '${String(orderId)}' and o.kind = 'create_session'`,
    );
    return row?.n ?? 0;
  };

  describe('refuses, by field and rule, and stores nothing of it:', () => {
    const long = 'x'.repeat(501);
    const withItem = (changes: Body) => purchase({ items: [{ ...ITEM, ...changes }] });
    const inMinor = (unitAmount: unknown) =>
      purchase({ items: [{ name: 'Keyboard', unitAmount, quantity: 1 }] });
    it.each<[string, Body | string, string]>([
      ['41: a negative price', withItem({ price: -1 }), 'items[0].price'],
      ['41: a price of nothing', withItem({ price: 0 }), 'items[0].price'],
      ['41: a price as text', withItem({ price: '100' }), 'items[0].price'],
      ['41: a price of 1e21', withItem({ price: 1e21 }), 'items[0].price'],
      ['41: a price with half a cent', withItem({ price: 1.005 }), 'items[0].price'],
      ['41: no price', withItem({ price: null }), 'items[0].price'],
      ['41: −1 minor units', inMinor(-1), 'items[0].unitAmount'],
      ['41: 0 minor units', inMinor(0), 'items[0].unitAmount'],
      ['41: 1.5 minor units', inMinor(1.5), 'items[0].unitAmount'],
      ['41: minor units as text', inMinor('100'), 'items[0].unitAmount'],
      ['41: 1e21 minor units', inMinor(1e21), 'items[0].unitAmount'],
      [
        '41: 2^53 + 1 minor units',
        JSON.stringify(inMinor(7)).replace(':7,', ':9007199254740993,'),
        'items[0].unitAmount',
      ],
      ['41: a price and minor units', withItem({ unitAmount: 1_999 }), 'items[0].unitAmount'],
      [
        '42: a sum beyond what is told exactly',
        withItem({ price: 90_000_000_000_000, quantity: 2 }),
        'items',
      ],
      ['43: yen with decimals', { ...withItem({ price: 19.5 }), currency: 'JPY' }, 'items[0].price'],
      [
        '43: a dinar with four decimals',
        { ...withItem({ price: 1.2345 }), currency: 'KWD' },
        'items[0].price',
      ],
      ['43: a currency that does not exist', purchase({ currency: 'abc' }), 'currency'],
      ['43: gold', purchase({ currency: 'XAU' }), 'currency'],
      ['43: no currency', purchase({ currency: undefined }), 'currency'],
      ['43: a currency that is a list', purchase({ currency: ['usd'] }), 'currency'],
      ['44: a quantity of 0', withItem({ quantity: 0 }), 'items[0].quantity'],
      ['44: a quantity of 1e9', withItem({ quantity: 1e9 }), 'items[0].quantity'],
      ['44: half a thing', withItem({ quantity: 0.5 }), 'items[0].quantity'],
      ['44: a quantity as text', withItem({ quantity: '2' }), 'items[0].quantity'],
      ['44: no items', purchase({ items: [] }), 'items'],
      ['44: items that are no list', purchase({ items: { 0: ITEM } }), 'items'],
      ['44: an item that is a list', purchase({ items: [[]] }), 'items[0]'],
      ['44: an item that is nothing', purchase({ items: [null] }), 'items[0]'],
      ['45: a NUL in a name', withItem({ name: 'a\u0000b' }), 'items[0].name'],
      ['45: a name that is too long', withItem({ name: long }), 'items[0].name'],
      ['45: a name of blanks', withItem({ name: '   ' }), 'items[0].name'],
      [
        '45: half a character',
        JSON.stringify(withItem({ name: 'HALF' })).replace('HALF', '\\ud800'),
        'items[0].name',
      ],
      ['45: an order id that is too long', purchase({ orderId: 'x'.repeat(201) }), 'orderId'],
      ['45: an empty order id', purchase({ orderId: '' }), 'orderId'],
      ['45: an order id that is no text', purchase({ orderId: { $ne: null } }), 'orderId'],
      ['45: a NUL in an order id', purchase({ orderId: 'a\u0000' }), 'orderId'],
      ['46: //evil', purchase({ successUrl: '//evil.example' }), 'successUrl'],
      ['46: javascript:', purchase({ cancelUrl: 'javascript:alert(1)' }), 'cancelUrl'],
      ['46: good@evil', purchase({ successUrl: 'https://shop.example@evil.example' }), 'successUrl'],
      ['46: a look-alike host', purchase({ successUrl: 'https://shop.example.evil.example' }), 'successUrl'],
      ['46: backslashes', purchase({ successUrl: 'https:\\\\evil.example' }), 'successUrl'],
      ['47: a line break in a URL', purchase({ successUrl: 'https://shop.example/\r\nx: y' }), 'successUrl'],
      ['47: a line break in an order id', purchase({ orderId: 'a\r\nb' }), 'orderId'],
      ['47: a line break in metadata', purchase({ metadata: { note: 'a\nb' } }), 'metadata'],
      ['our own keys in metadata', purchase({ metadata: { paymentId: randomUUID() } }), 'metadata'],
      ['metadata that is deep', purchase({ metadata: { a: { b: 'c' } } }), 'metadata'],
      ['51: an unknown field', purchase({ status: 'paid' }), 'status'],
      ['51: an unknown field of an item', withItem({ paid: true }), 'items[0].paid'],
      [
        'S9s no address to send to',
        purchase({ shippingContact: { receiver: 'Ana', phone: '5512345678' } }),
        'shippingContact.address',
      ],
      [
        'S9s shipping below zero',
        purchase({ shipping: [{ name: 'Post', price: -0.01 }] }),
        'shipping[0].price',
      ],
      ['a tax below zero', purchase({ taxes: [{ ...TAX, unitAmount: -1 }] }), 'taxes[0].unitAmount'],
      ['a tax of no amount', purchase({ taxes: [{ name: 'IVA' }] }), 'taxes[0].price'],
      ['a tax of two amounts', purchase({ taxes: [{ ...TAX, price: 1 }] }), 'taxes[0].unitAmount'],
      ['a tax of several', purchase({ taxes: [{ ...TAX, quantity: 2 }] }), 'taxes[0].quantity'],
      ['more taxes than anybody has', purchase({ taxes: Array.from({ length: 51 }, () => TAX) }), 'taxes'],
      [
        'a discount that leaves nothing',
        purchase({ discounts: [{ name: 'All', price: 39.98 }] }),
        'discounts',
      ],
      ['a customer twice', purchase({ customer: { name: 'Ana' }, customerId: 'cus_1' }), 'customer'],
      ['a customer id that is a path', purchase({ customerId: '../cus_1' }), 'customerId'],
      ['a mode of 3-D Secure that is none', purchase({ threeDs: 'never' }), 'threeDs'],
      ['on demand as a text', purchase({ onDemand: 'yes' }), 'onDemand'],
      ['a provider that is not configured', purchase({ provider: 'conekta' }), 'provider'],
      ['an amount below the provider’s least', withItem({ price: 0.01 }), 'items'],
      ['a customer that is a list', purchase({ customer: [] }), 'customer'],
      ['an e-mail address that is none', purchase({ customer: { email: 'nobody' } }), 'customer.email'],
      ['a method that does not exist', purchase({ paymentMethods: ['gold'] }), 'paymentMethods'],
    ])('%s', async (_what, body, field) => {
      const before = await everything();
      const answer = await create(body);
      expect([400, 422]).toContain(answer.status);
      expect(answer.body.details).toEqual(
        expect.arrayContaining([
          { field: expect.stringContaining(field), rule: expect.stringMatching(/\w/) },
        ]),
      );
      expect(answer.text).not.toMatch(/\bat .*\.[jt]s|node_modules|select |insert /);
      expect(await everything()).toEqual(before);
    });

    it('44: 10,001 items, fast', async () => {
      const before = await everything();
      const body = purchase({ items: Array.from({ length: 10_001 }, () => ITEM) });
      const started = performance.now();
      const answer = await create(body);
      expect(performance.now() - started).toBeLessThan(FAST_MS);
      expect(answer.status).toBe(400);
      expect(answer.body.details).toEqual([{ field: 'items', rule: 'must hold at most 10000 lines' }]);
      expect(await everything()).toEqual(before);
    });

    it('44: as many empty items as a body can hold, fast, and from everybody', async () => {
      const body = `{"orderId":"a","items":[${'{},'.repeat(340_000)}{}]}`;
      const started = performance.now();
      const answer = await create(body, {});
      expect(performance.now() - started).toBeLessThan(FAST_MS);
      expect(answer.status).toBe(400);
    });

    it('91: as many fields as a body can hold, fast, and from everybody', async () => {
      const fields = Array.from({ length: 90_000 }, (_, at) => `"f${at}":1`).join();
      const started = performance.now();
      const answer = await create(`{${fields}}`, {});
      expect(performance.now() - started).toBeLessThan(FAST_MS);
      expect(answer.status).toBe(400);
    });

    it('a body that is no object', async () => {
      for (const body of ['', 'null', '[]', '"text"', '1', '{"orderId":', '\uFEFF{}']) {
        const answer = await create(body);
        expect([body, answer.status, answer.body.code]).toEqual([body, 400, 'invalid_request']);
      }
    });
  });

  describe('takes', () => {
    it.each<[string, Body, number, string]>([
      ['a currency in either case', purchase({ currency: 'MxN' }), 1_999, 'MXN'],
      ['yen', purchase({ currency: 'jpy', items: [{ ...ITEM, price: 500 }] }), 500, 'JPY'],
      [
        'dinars of a thousand',
        purchase({ currency: 'KWD', items: [{ ...ITEM, price: 1.23 }] }),
        1_230,
        'KWD',
      ],
      [
        'minor units',
        purchase({ items: [{ name: 'Keyboard', unitAmount: 1_999, quantity: 3 }] }),
        5_997,
        'USD',
      ],
      [
        '10,000 items',
        purchase({ items: Array.from({ length: 10_000 }, () => ({ ...ITEM, price: 0.01 })) }),
        10_000,
        'USD',
      ],
      [
        'a name with markup',
        purchase({ items: [{ ...ITEM, name: '<script>alert(1)</script>' }] }),
        1_999,
        'USD',
      ],
      ['a name in another script', purchase({ items: [{ ...ITEM, name: 'لوحة مفاتيح 🎹' }] }), 1_999, 'USD'],
      [
        'taxes, shipping and discounts',
        purchase({
          taxes: [TAX],
          shipping: [{ name: 'Post', price: 5 }],
          discounts: [{ name: 'Hi', price: 1.19 }],
        }),
        2_700,
        'USD',
      ],
      [
        'S9t what is free: shipping, a tax, a discount',
        purchase({
          taxes: [{ name: 'IVA', price: 0 }],
          shipping: [{ name: 'Post', unitAmount: 0 }],
          discounts: [{ name: 'Hi', price: 0 }],
        }),
        1_999,
        'USD',
      ],
      [
        'a return URL at an allowed origin',
        purchase({ successUrl: 'https://shop.example/ok' }),
        1_999,
        'USD',
      ],
    ])('%s', async (_what, body, amount, currency) => {
      const answer = await create(body);
      expect([answer.status, answer.text]).toEqual([201, answer.text]);
      expect(answer.body).toMatchObject({
        status: 'created',
        provider: 'stripe',
        url: expect.stringContaining(bed.stripe.url),
        successUrl: expect.stringMatching(/^https:/),
        cancelUrl: expect.stringMatching(/^https:/),
      });
      const stored = await bed.rows(
        `select amount::text, currency from payments where id = '${String(answer.body.paymentId)}'`,
      );
      expect(stored).toEqual([{ amount: String(amount), currency }]);
    });

    it('the same on the path of old', async () => {
      expect((await create(purchase(), key('shop'), '/payments/create-payment-session')).status).toBe(201);
    });
  });

  describe('as an HTML form', () => {
    const submit = (fields: Record<string, string>, headers: Record<string, string> = key('shop')) =>
      fetch(`${bed.url}/payments/create-session`, {
        method: 'POST',
        headers,
        body: new URLSearchParams(fields),
        redirect: 'manual',
      });
    const fieldsOf = (orderId: string) => ({
      orderId,
      currency: 'usd',
      'items[0][name]': 'Keyboard',
      'items[0][price]': '19.99',
      'items[0][quantity]': '2',
      'customer[email]': '',
      'metadata[channel]': '7',
    });

    it('sends the browser on to the checkout, and again to the same one', async () => {
      const orderId = randomUUID();
      const answer = await submit(fieldsOf(orderId));
      expect([answer.status, await answer.text()]).toEqual([303, '']);
      expect(answer.headers.get('location')).toMatch(new RegExp(`^${bed.stripe.url}/`));
      const again = await submit(fieldsOf(orderId));
      expect(again.headers.get('location')).toBe(answer.headers.get('location'));
      const stored = await bed.rows(
        `select amount::text, metadata from payments where order_id = '${orderId}'`,
      );
      expect(stored).toEqual([{ amount: '3998', metadata: { channel: '7' } }]);
    });

    it('leads to the page of the payment when its order is paid already', async () => {
      const orderId = randomUUID();
      await submit(fieldsOf(orderId));
      const [payment] = await bed.rows<{ id: string }>(
        `select id from payments where order_id = '${orderId}'`,
      );
      await bed.rows(
        `update order_slots set paid_payment_id = '${payment?.id}' where order_id = '${orderId}'`,
      );
      const answer = await submit(fieldsOf(orderId));
      expect(answer.status).toBe(303);
      expect(answer.headers.get('location')).toMatch(new RegExp(`/pay/${payment?.id}$`));
    });

    it('may name the order only, where it has no key', async () => {
      const orderId = orders.sells([ITEM]);
      expect((await submit({ orderId }, {})).status).toBe(303);
      expect((await submit(fieldsOf(randomUUID()), {})).status).toBe(400);
    });

    it('S9u says where physical goods go', async () => {
      const orderId = randomUUID();
      const answer = await submit({
        ...fieldsOf(orderId),
        'shipping[0][name]': 'Post',
        'shipping[0][price]': '0',
        'shippingContact[receiver]': 'Ana',
        'shippingContact[phone]': '5512345678',
        'shippingContact[address][street1]': 'Nuevo León 254',
        'shippingContact[address][postalCode]': '06100',
        'shippingContact[address][country]': 'MX',
      });
      expect(answer.status).toBe(303);
      const [sent] = await bed.rows(
        `select o.request->'session'->'payment_intent_data'->'shipping' as shipping from provider_operations o
         join payments p on p.id = o.payment_id where p.order_id = '${orderId}'`,
      );
      expect(sent).toEqual({
        shipping: {
          name: 'Ana',
          phone: '5512345678',
          address: { line1: 'Nuevo León 254', postal_code: '06100', country: 'MX' },
        },
      });
    });

    it('is refused by field and rule like JSON', async () => {
      const answer = await submit({ ...fieldsOf(randomUUID()), 'items[0][quantity]': '2 pieces' });
      expect(answer.status).toBe(400);
      expect(await answer.json()).toMatchObject({ details: [{ field: 'items[0].quantity' }] });
    });
  });

  describe('with an Idempotency-Key', () => {
    const keyed = (idempotencyKey: string, name = 'shop') => ({
      ...key(name),
      'idempotency-key': idempotencyKey,
    });

    it('48: is answered again with the first answer, and refused for another body', async () => {
      const [id, body] = [randomUUID(), purchase()];
      const first = await create(body, keyed(id));
      const again = await create(body, keyed(id));
      expect([again.status, again.body]).toEqual([201, first.body]);
      const other = await create({ ...body, currency: 'mxn' }, keyed(id));
      expect([other.status, other.body.code]).toEqual([422, 'idempotency_key_reused']);
      expect(await createdAtProvider(body.orderId)).toBe(1);
    });

    it('48: of another caller is independent', async () => {
      const id = randomUUID();
      const [mine, theirs] = [purchase(), purchase()];
      const first = await create(mine, keyed(id));
      const second = await create(theirs, keyed(id, 'other'));
      expect([first.status, second.status]).toEqual([201, 201]);
      expect(second.body.paymentId).not.toBe(first.body.paymentId);
    });

    it('49: fifty at once make one call to the provider, and all get its answer', async () => {
      const [id, body] = [randomUUID(), purchase()];
      const answers = await Promise.all(Array.from({ length: 50 }, () => create(body, keyed(id))));
      expect(
        new Set(answers.map(({ status, body: { paymentId, url } }) => `${status} ${paymentId} ${url}`)).size,
      ).toBe(1);
      expect(answers[0]?.status).toBe(201);
      expect(await createdAtProvider(body.orderId)).toBe(1);
    });

    it('50: after an answer that never came, leads to the same session', async () => {
      const [id, body] = [randomUUID(), purchase()];
      bed.stripe.faults.add({ kind: 'reset_after_acting', path: '/v1/checkout/sessions', count: 2 });
      const lost = await create(body, keyed(id));
      expect([lost.status, lost.body.code]).toEqual([503, 'unknown_outcome']);
      expect(lost.body.details).toEqual({ paymentId: expect.any(String) });
      await bed.rows(`update provider_operations set lease_until = payments_now() where state = 'unknown'`);
      const again = await until(async () => {
        const answer = await create(body, keyed(id));
        return answer.status === 201 ? answer : undefined;
      }, 25_000);
      expect({ paymentId: again.body.paymentId }).toEqual(lost.body.details);
      const sessions = await bed.rows(`select id from payments where order_id = '${String(body.orderId)}'`);
      expect(sessions).toHaveLength(1);
    });

    it.each(['', 'a'.repeat(300), 'käse'])('that is no key (%j) is refused by name', async (id) => {
      const before = await everything();
      const answer = await create(purchase(), keyed(Buffer.from(id).toString('latin1')));
      expect([answer.status, answer.body.code]).toEqual([400, 'invalid_request']);
      expect(await everything()).toEqual(before);
    });
  });

  describe('from a browser, without a key', () => {
    it('52: names the order only, and what it costs is asked of the orders service', async () => {
      const orderId = orders.sells([
        { ...ITEM, price: 10.5, quantity: 2 },
        { ...ITEM, price: 1, quantity: 1 },
      ]);
      const answer = await create({ orderId }, {});
      expect(answer.status).toBe(201);
      const [stored] = await bed.rows(
        `select amount::text, currency from payments where order_id = '${orderId}'`,
      );
      expect(stored).toEqual({ amount: '2200', currency: 'USD' });
    });

    it.each<[string, Body]>([
      ['items', { items: [{ ...ITEM, price: 0.5 }], currency: 'usd' }],
      ['currency', { currency: 'mxn' }],
      ['successUrl', { successUrl: 'https://shop.example/ok' }],
      ['metadata', { metadata: { coupon: '100' } }],
      ['customer', { customer: { email: 'me@example.com' } }],
      ['capture', { capture: 'manual' }],
      ['expiresIn', { expiresIn: 3_600 }],
    ])('52: may not bring its own %s', async (field, own) => {
      const before = await everything();
      const answer = await create({ orderId: orders.sells([ITEM]), ...own }, {});
      expect(answer.status).toBe(400);
      expect(answer.body.details).toEqual([
        { field: expect.stringMatching(/\w/), rule: expect.stringContaining('needs an API key') },
      ]);
      expect(JSON.stringify(answer.body.details)).toContain(field);
      expect(await everything()).toEqual(before);
    });

    it('for an order that nobody knows, or that cannot be priced, is refused', async () => {
      for (const orderId of [randomUUID(), orders.sells([]), orders.sells([{ ...ITEM, quantity: -1 }])]) {
        const answer = await create({ orderId }, {});
        expect([answer.status, answer.body.code]).toEqual([422, 'order_not_found']);
      }
      const free = await create({ orderId: orders.sells([{ ...ITEM, price: 0 }]) }, {});
      expect([free.status, free.body.code]).toEqual([400, 'invalid_request']);
    });

    it('while the orders service is silent is answered 503', async () => {
      orders.silent = true;
      const answer = await create({ orderId: randomUUID() }, {});
      orders.silent = false;
      expect([answer.status, answer.body.code]).toEqual([503, 'orders_unavailable']);
    });

    it('with a key that nobody has, or one in the URL, is answered 401', async () => {
      expect((await create(purchase(), { authorization: 'Bearer wrong' })).status).toBe(401);
      expect(
        (await create(purchase(), key('shop'), '/payments/create-session?api_key=key-of-shop')).status,
      ).toBe(401);
    });
  });

  it('makes a payment that only its own caller reads', async () => {
    const { body } = await create(purchase());
    const read = (headers: Record<string, string>) =>
      fetch(`${bed.url}/payments/${String(body.paymentId)}`, { headers });
    expect((await read(key('shop'))).status).toBe(200);
    const other = await read(key('other'));
    expect([other.status, JSON.parse(await other.text()).code]).toEqual([404, 'not_found']);
    expect((await read({})).status).toBe(401);
    const list = await fetch(`${bed.url}/payments`, { headers: key('other') });
    expect(JSON.stringify(await list.json())).not.toContain(String(body.paymentId));
  });

  it('brings no secret and nothing of the buyer into the log, whatever goes wrong (I6)', async () => {
    const canaries = [
      'sk_live_c4n4ry00',
      'whsec_c4n4ry00',
      'canary.buyer@example.com',
      '4242 4242 4242 4242',
      'Canary Buyer',
    ];
    const [live, signing, email, card, name] = canaries;
    const customer = { name, email };
    await create(purchase({ customer: { name, email: `${email} ` }, items: [{ ...ITEM, name: card }] }));
    await create(purchase({ orderId: live, customer, metadata: { [String(email)]: signing } }));
    await create(`{"orderId":"${live}","customer":{"email":"${email}"`);
    await create(purchase(), { authorization: `Bearer ${live}` });
    await create(purchase(), key('shop'), `/payments/create-session?token=${live}&email=${email}`);
    for (const kind of ['html_200', 'truncated_json', 'reset_before'] as const) {
      bed.stripe.faults.add({ kind, path: '/v1/checkout/sessions', count: 2 });
      await create(purchase({ customer, metadata: { note: String(card) } }));
    }
    // The database refuses what the provider answered: the statement's parameters are the buyer's.
    await bed.rows(`alter table payments add constraint refuse_all check (status <> 'created') not valid`);
    const failed = await create(purchase({ customer, items: [{ ...ITEM, name: String(name) }] }));
    await bed.rows(`alter table payments drop constraint refuse_all`);
    expect(failed.status).toBe(500);
    expect(failed.text).not.toContain(String(name));
    bed.stripe.faults.clear();
    expect(bed.logs.all).toContain('refuse_all');
    for (const canary of canaries) expect(bed.logs.all).not.toContain(canary);
    expect(bed.logs.all).not.toContain('key-of-shop');
  });
});
