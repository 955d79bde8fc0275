import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import {
  CheckoutRoom,
  HTML,
  ID,
  JSON_CALLER,
  OPEN,
  PAID,
  SPANISH,
  UNKNOWN_ID,
} from '../../test/support/checkout/checkout.room.js';

let room: CheckoutRoom;

beforeAll(async () => {
  room = await CheckoutRoom.open();
});
afterAll(() => room.close());
beforeEach(() => {
  room.payment.found = PAID;
});

const get = (url: string, headers: Record<string, string> = HTML) => room.get(url, headers);

describe('the page after paying', () => {
  it('says again how to pay while the money is awaited, and not afterwards', async () => {
    const method = { type: 'bank_transfer', clabe: '646180216568377453', reference: '<b>' };
    room.payment.found = { ...PAID, status: 'pending', method };
    const { body } = await get(`/payments/success?payment=${ID}`, SPANISH);
    expect(body).toContain('<dt>CLABE</dt><dd><bdi>6461 8021 6568 3774 53</bdi></dd>');
    expect(body).toContain('<dt>Referencia</dt><dd><bdi>&lt;b&gt;</bdi></dd>');
    room.payment.found = { ...PAID, method };
    expect((await get(`/payments/success?payment=${ID}`)).body).not.toContain('CLABE');
  });

  it('thanks for a paid payment, links to its receipt, and is final', async () => {
    const { statusCode, body } = await get(`/payments/success?payment=${ID}`);
    expect(statusCode).toBe(200);
    expect(body).toContain('<h1>Payment received</h1>');
    expect(body).toContain(`href="../payments/${ID}/receipt"`);
    expect(body).not.toContain('http-equiv="refresh"');
  });

  it('waits for the confirmation of an open one, and asks again by itself', async () => {
    room.payment.found = OPEN;
    const { body } = await get(`/payments/success?payment=${ID}`, SPANISH);
    expect(body).toContain('<html lang="es">');
    expect(body).toContain('Esperando la confirmación');
    expect(body).toContain('<meta http-equiv="refresh" content="4">');
    expect(body).not.toContain('/receipt"');
  });

  it.each([
    '/payments/success',
    '/payments/success?payment=nonsense',
    `/payments/success?payment=${UNKNOWN_ID}`,
  ])('claims nothing where no payment is known: %s', async (url) => {
    const { statusCode, body } = await get(url);
    expect(statusCode).toBe(200);
    expect(body).toContain('If you have completed your payment');
    expect(body).not.toContain('Payment received');
  });

  it.each([
    '/api/payments/success',
    '/api/payments/cancel',
    '/api/payments/cancelled',
    '/payments/cancelled',
  ])('T18o also opens at %s, with links that lead to this service', async (path) => {
    const { statusCode, body } = await get(`${path}?payment=${ID}`);
    expect(statusCode).toBe(200);
    expect(body).toContain('<h1>Payment received</h1>');
    const [, href = ''] = /href="([^"]*receipt)"/.exec(body) ?? [];
    expect(new URL(href, `https://pay.example${path}`).pathname).toBe(`/payments/${ID}/receipt`);
    expect((await get(path, JSON_CALLER)).json()).toMatchObject({ ok: path.endsWith('success') });
  });

  it('lets somebody who left before paying go back', async () => {
    room.payment.found = OPEN;
    const { body } = await get(`/payments/cancel?payment=${ID}`);
    expect(body).toContain('Payment not completed');
    expect(body).toContain(`href="../pay/${ID}"`);
  });

  it('leads on to a shop that has a page of its own, and back to it', async () => {
    const shop = { continueUrl: 'https://shop.example/thanks', backUrl: 'https://shop.example/cart' };
    room.payment.found = { ...PAID, ...shop };
    const paid = (await get(`/payments/success?payment=${ID}`)).body;
    expect(paid).toContain('class="button primary" href="https://shop.example/thanks"');
    expect(paid).toContain(`class="button secondary" href="../payments/${ID}/receipt"`);
    for (const [url, status] of [
      [`/payments/cancel?payment=${ID}`, 'created'],
      [`/payments/success?payment=${ID}`, 'expired'],
    ] as const) {
      room.payment.found = { ...OPEN, ...shop, status };
      expect((await get(url)).body).toContain('href="https://shop.example/cart">Back to the shop</a>');
    }
  });

  it('shows the way to the voucher, and none to pay where no session is open', async () => {
    room.payment.found = { ...OPEN, status: 'pending', method: { type: 'cash', reference: '1' } };
    const { body } = await get(`/payments/success?payment=${ID}`);
    expect(body).toContain(`href="../pay/${ID}">See how to pay</a>`);
    room.payment.found = { ...OPEN, checkoutUrl: undefined };
    expect((await get(`/payments/success?payment=${ID}`)).body).not.toContain('/pay/');
  });

  it('never links to anything but http(s)', async () => {
    room.payment.found = { ...OPEN, checkoutUrl: 'javascript:alert(1)' };
    expect((await get(`/payments/cancel?payment=${ID}`)).body).not.toContain('javascript:');
  });

  it('tells a program ok and message, and no more', async () => {
    expect((await get('/payments/success', JSON_CALLER)).json()).toEqual({
      ok: true,
      message: expect.any(String),
    });
    expect((await get('/payments/cancel', JSON_CALLER)).json()).toEqual({
      ok: false,
      message: expect.any(String),
    });
    room.payment.found = { ...PAID, status: 'review' };
    expect((await get(`/payments/success?payment=${ID}`, JSON_CALLER)).json()).toMatchObject({ ok: false });
  });
});

describe('the receipt', () => {
  it('shows what was paid, for what, how and when', async () => {
    const { body } = await get(`/payments/${ID}/receipt`, SPANISH);
    for (const text of [
      'Recibo',
      '$1,234.50 MXN',
      'Teclado',
      '$617.25',
      'Visa terminación 4242',
      'order-1',
      ID,
    ]) {
      expect(body).toContain(text);
    }
    expect(body).toContain('<time datetime="2026-11-22T10:03:00.000Z">22 de noviembre de 2026');
  });

  it('shows what was taken, where it is less than the order, and what was given back', async () => {
    room.payment.found = {
      ...PAID,
      status: 'partially_refunded',
      amountCaptured: 100000n,
      amountRefunded: 5n,
    };
    const { body } = await get(`/payments/${ID}/receipt`);
    expect(body).toContain('<p class="amount">$1,000.00 MXN</p>');
    expect(body).toContain('<dt><bdi>Refunded</bdi></dt><dd>$0.05 MXN</dd>');
  });

  it('shows how the total came about, and in how many months it is paid', async () => {
    room.payment.found = {
      ...PAID,
      amount: 144350n,
      adjustments: [
        { kind: 'tax', name: 'IVA', amount: 16000n },
        { kind: 'shipping', name: 'Envío', amount: 9900n },
        { kind: 'discount', name: 'Cupón', amount: 5000n },
      ],
      method: { type: 'card', brand: 'visa', last4: '4242', installments: 6 },
    };
    const { body } = await get(`/payments/${ID}/receipt`, SPANISH);
    const sums = [...body.matchAll(/<dt><bdi>(.*?)<\/bdi><\/dt><dd>(.*?)<\/dd>/g)].map(([, ...sum]) => sum);
    expect(sums).toEqual([
      ['Subtotal', '$1,234.50 MXN'],
      ['IVA', '$160.00 MXN'],
      ['Envío', '$99.00 MXN'],
      ['Cupón', '-$50.00 MXN'],
      ['Total', '$1,443.50 MXN'],
      ['Pagado', '$1,234.50 MXN'],
    ]);
    expect(body).toContain('Visa terminación 4242, a 6 meses');
    expect((await get(`/payments/${ID}/receipt`, JSON_CALLER)).json()).toMatchObject({
      adjustments: [
        { kind: 'tax', name: 'IVA', amount: 16000 },
        { kind: 'shipping', name: 'Envío', amount: 9900 },
        { kind: 'discount', name: 'Cupón', amount: 5000 },
      ],
      paymentMethod: { installments: 6 },
    });
  });

  it.each([
    'created',
    'pending',
    'authorized',
    'unknown',
    'failed',
    'expired',
    'canceled',
    'review',
  ] as const)('of a %s payment says that it is none', async (status) => {
    room.payment.found = { ...PAID, status, amountCaptured: 0n, paidAt: undefined };
    const { statusCode, body } = await get(`/payments/${ID}/receipt`);
    expect(statusCode).toBe(200);
    expect(body).toContain('This is not a receipt: the payment is not confirmed.');
    expect(body).not.toContain('<h1>Receipt</h1>');
  });

  it('encodes what others wrote, and leaves out what turns the direction of reading', async () => {
    const evil = '<script>alert("1")</script>\u202Egnp.exe';
    room.payment.found = { ...PAID, orderId: evil, items: [{ name: evil, unitAmount: 1n, quantity: 1 }] };
    const { body } = await get(`/payments/${ID}/receipt`);
    expect(body).not.toContain('<script');
    const encoded = '&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;gnp.exe';
    expect(body.split(`<bdi>${encoded}</bdi>`)).toHaveLength(3);
  });

  it('is JSON for a program, with amounts in minor units', async () => {
    expect((await get(`/payments/${ID}/receipt`, JSON_CALLER)).json()).toMatchObject({
      paymentId: ID,
      paid: true,
      status: 'succeeded',
      amountCaptured: 123450,
      items: [{ name: 'Teclado', unitAmount: 61725, quantity: 2 }],
      paymentMethod: { type: 'card', brand: 'visa', last4: '4242' },
    });
  });

  it.each([
    [UNKNOWN_ID, 'there is no such payment'],
    ['nonsense', 'there is no such payment'],
    ['%00', 'nothing has this id'],
    ["1'or'1'='1", 'there is no such payment'],
  ])('of an id like %s is a 404 page', async (id, message) => {
    const page = await get(`/payments/${id}/receipt`, SPANISH);
    expect(page.statusCode).toBe(404);
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(page.body).toContain('<h1>Página no encontrada</h1>');
    const error = await get(`/payments/${id}/receipt`, JSON_CALLER);
    expect(error.statusCode).toBe(404);
    expect(error.json()).toMatchObject({ code: 'not_found', message });
  });
});

describe('every page', () => {
  it('may load and send nothing: its own style sheet, by its hash, is all', async () => {
    for (const url of [`/payments/${ID}/receipt`, '/payments/success', `/payments/${UNKNOWN_ID}/receipt`]) {
      const { headers, body } = await get(url);
      const style = /<style>([^]*?)<\/style>/.exec(body)?.[1] ?? '';
      const hash = createHash('sha256').update(style).digest('base64');
      const policy = String(headers['content-security-policy']);
      expect(policy.split('; ').sort()).toEqual(
        ["base-uri 'none'", "default-src 'none'", "form-action 'none'", "frame-ancestors 'none'"].concat(
          `style-src 'sha256-${hash}'`,
        ),
      );
      expect(policy).not.toContain('unsafe');
      expect(body).not.toMatch(/<script|<img|<link|\sstyle=|\son\w+=/i);
    }
  });

  it('is kept by no cache and listed by no search engine', async () => {
    for (const url of [`/payments/${ID}/receipt`, `/payments/success?payment=${ID}`]) {
      expect((await get(url)).headers).toMatchObject({
        'cache-control': 'no-store',
        'x-robots-tag': 'noindex, nofollow',
      });
      expect((await get(url, JSON_CALLER)).headers).toMatchObject({ 'cache-control': 'no-store' });
    }
  });

  it('says so when the payment was only a test', async () => {
    room.payment.found = { ...PAID, livemode: false };
    expect((await get(`/payments/${ID}/receipt`)).body).toContain('Test payment: no real money moves.');
  });

  it('says that the payment cannot be shown while the database is away, and asks again', async () => {
    room.payment.found = Object.assign(new Error('connect ECONNREFUSED 10.0.0.5:5432'), {
      code: 'ECONNREFUSED',
    });
    const { statusCode, headers, body } = await get(`/payments/success?payment=${ID}`);
    expect(statusCode).toBe(503);
    expect(headers['retry-after']).toBe('5');
    expect(body).toContain('<meta http-equiv="refresh" content="5">');
    expect(body).toContain('please do not pay again');
    expect(body).not.toContain('10.0.0.5');
    const error = await get(`/payments/success?payment=${ID}`, JSON_CALLER);
    expect(error.json()).toMatchObject({ code: 'database_unavailable' });
  });
});

describe('the address of the service', () => {
  it('answers a short text', async () => {
    const { statusCode, headers, body } = await get('/');
    expect([statusCode, headers['content-type'], body]).toEqual([
      200,
      'text/plain; charset=utf-8',
      'payments service: running\n',
    ]);
  });
});
