import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Module } from '@nestjs/common';
import { APP_FILTER, APP_PIPE } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { createHash } from 'node:crypto';
import { ErrorFilter } from '../http/filters/error.filter.js';
import { PinoLogger } from '../http/logging/pino.logger.js';
import { addSecurityHeaders } from '../http/security.headers.js';
import { RequestPipe } from '../http/validation.pipe.js';
import { CheckoutService } from './checkout.service.js';
import { PageErrorFilter } from './page.error.filter.js';
import { PageRenderer } from './page.renderer.js';
import { type PaymentPage, PaymentPageSource } from './payment.page.js';
import { ReceiptHttpController } from './receipt.http.controller.js';
import { ReturnHttpController } from './return.http.controller.js';
import { RootHttpController } from './root.http.controller.js';

const ID = '01936f2e-7b1a-7c3d-8e4f-0123456789ab';
const UNKNOWN_ID = '01936f2e-7b1a-7c3d-8e4f-ffffffffffff';
const PAID: PaymentPage = {
  paymentId: ID,
  orderId: 'order-1',
  status: 'succeeded',
  livemode: true,
  amount: 123450n,
  amountCaptured: 123450n,
  amountRefunded: 0n,
  currency: 'MXN',
  items: [{ name: 'Teclado', unitAmount: 61725n, quantity: 2 }],
  method: { type: 'card', brand: 'visa', last4: '4242' },
  createdAt: new Date('2026-11-22T10:00:00Z'),
  paidAt: new Date('2026-11-22T10:03:00Z'),
  checkoutUrl: 'https://checkout.example/session',
};
const HTML = { accept: 'text/html,*/*;q=0.8' };
const SPANISH = { ...HTML, 'accept-language': 'es-MX,es;q=0.9' };
const JSON_CALLER = { accept: 'application/json' };

let found: PaymentPage | Error = PAID;
let app: NestFastifyApplication;

@Module({
  controllers: [ReturnHttpController, ReceiptHttpController, RootHttpController],
  providers: [
    CheckoutService,
    PageErrorFilter,
    PageRenderer,
    { provide: PinoLogger, useValue: new PinoLogger({ logLevel: 'silent' }) },
    { provide: APP_FILTER, useClass: ErrorFilter },
    { provide: APP_PIPE, useClass: RequestPipe },
    {
      provide: PaymentPageSource,
      useValue: {
        find: (id: string) =>
          found instanceof Error ? Promise.reject(found) : Promise.resolve(id === ID ? found : undefined),
      },
    },
  ],
})
class CheckoutRoom {}

beforeAll(async () => {
  const module = await Test.createTestingModule({ imports: [CheckoutRoom] }).compile();
  app = module.createNestApplication<NestFastifyApplication>(new FastifyAdapter());
  await addSecurityHeaders(app.getHttpAdapter().getInstance());
  await app.init();
  await app.getHttpAdapter().getInstance().ready();
});
afterAll(() => app.close());
beforeEach(() => {
  found = PAID;
});

const get = (url: string, headers: Record<string, string> = HTML) =>
  app.inject({ method: 'GET', url, headers });

describe('the page after paying', () => {
  it('says again how to pay while the money is awaited, and not afterwards', async () => {
    const method = { type: 'bank_transfer', clabe: '646180216568377453', reference: '<b>' };
    found = { ...PAID, status: 'pending', method };
    const { body } = await get(`/payments/success?payment=${ID}`, SPANISH);
    expect(body).toContain('<dt>CLABE</dt><dd><bdi>6461 8021 6568 3774 53</bdi></dd>');
    expect(body).toContain('<dt>Referencia</dt><dd><bdi>&lt;b&gt;</bdi></dd>');
    found = { ...PAID, method };
    expect((await get(`/payments/success?payment=${ID}`)).body).not.toContain('CLABE');
  });

  it('thanks for a paid payment, links to its receipt, and is final', async () => {
    const { statusCode, body } = await get(`/payments/success?payment=${ID}`);
    expect(statusCode).toBe(200);
    expect(body).toContain('<h1>Payment received</h1>');
    expect(body).toContain(`href="${ID}/receipt"`);
    expect(body).not.toContain('http-equiv="refresh"');
  });

  it('waits for the confirmation of an open one, and asks again by itself', async () => {
    found = { ...PAID, status: 'created' };
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

  it('lets somebody who left before paying go back', async () => {
    found = { ...PAID, status: 'created' };
    const { body } = await get(`/payments/cancel?payment=${ID}`);
    expect(body).toContain('Payment not completed');
    expect(body).toContain('href="https://checkout.example/session"');
  });

  it('never links to anything but http(s)', async () => {
    found = { ...PAID, status: 'created', checkoutUrl: 'javascript:alert(1)' };
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
    found = { ...PAID, status: 'review' };
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
    found = { ...PAID, status: 'partially_refunded', amountCaptured: 100000n, amountRefunded: 5n };
    const { body } = await get(`/payments/${ID}/receipt`);
    expect(body).toContain('<p class="amount">$1,000.00 MXN</p>');
    expect(body).toContain('<dt>Refunded</dt><dd>$0.05 MXN</dd>');
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
    found = { ...PAID, status, amountCaptured: 0n, paidAt: undefined };
    const { statusCode, body } = await get(`/payments/${ID}/receipt`);
    expect(statusCode).toBe(200);
    expect(body).toContain('This is not a receipt: the payment is not confirmed.');
    expect(body).not.toContain('<h1>Receipt</h1>');
  });

  it('encodes what others wrote, and leaves out what turns the direction of reading', async () => {
    const evil = '<script>alert("1")</script>\u202Egnp.exe';
    found = { ...PAID, orderId: evil, items: [{ name: evil, unitAmount: 1n, quantity: 1 }] };
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

  it.each([UNKNOWN_ID, 'nonsense', '%00', "1'or'1'='1"])('of an id like %s is a 404 page', async (id) => {
    const page = await get(`/payments/${id}/receipt`, SPANISH);
    expect(page.statusCode).toBe(404);
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(page.body).toContain('<h1>Página no encontrada</h1>');
    const error = await get(`/payments/${id}/receipt`, JSON_CALLER);
    expect(error.statusCode).toBe(404);
    expect(error.json()).toMatchObject({ code: 'not_found', message: 'there is no such payment' });
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
    found = { ...PAID, livemode: false };
    expect((await get(`/payments/${ID}/receipt`)).body).toContain('Test payment: no real money moves.');
  });

  it('says that the payment cannot be shown while the database is away, and asks again', async () => {
    found = Object.assign(new Error('connect ECONNREFUSED 10.0.0.5:5432'), { code: 'ECONNREFUSED' });
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
