import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { runInNewContext } from 'node:vm';
import {
  CheckoutRoom,
  EmbeddingProvider,
  HTML,
  ID,
  JSON_CALLER,
  OPEN,
  PAID,
  SHOP,
  SPANISH,
  UNKNOWN_ID,
} from '../../../test/support/checkout/checkout.room.js';
import { embeddedCheckout as conektaCheckout } from '../../providers/conekta/session/conekta.embedded.js';
import { embeddedCheckout as stripeCheckout } from '../../providers/stripe/session/stripe.embedded.js';
import { hasVoucher, type PaymentPage } from './payment.page.js';

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
    expect(body).not.toContain('<script>alert');
    expect(body.match(/<script/g)).toHaveLength(1);
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
  it("S19g tells times in its reader's own zone and names it; without a script they say UTC", async () => {
    const { body } = await get(`/payments/${ID}/receipt`, SPANISH);
    const [, datetime = '', text = ''] = /<time datetime="(.*?)">(.*?)<\/time>/.exec(body) ?? [];
    expect(text).toMatch(/^22 de noviembre de 2026.* UTC$/);
    const time = { dateTime: datetime, textContent: text };
    class DateTimeFormat extends Intl.DateTimeFormat {
      constructor(locale: string, options: Intl.DateTimeFormatOptions) {
        super(locale, { ...options, timeZone: 'America/Tijuana' });
      }
    }
    runInNewContext(/<script>([^]*?)<\/script>/.exec(body)?.[1] ?? '', {
      document: { documentElement: { lang: 'es' }, querySelectorAll: () => [time] },
      navigator: { languages: ['en-US', 'es-MX', 'es'] },
      Intl: { DateTimeFormat },
    });
    expect(time.textContent).toMatch(/^22 de noviembre de 2026.* 2:03\sa\.m\. (GMT-8|PST)$/);
  });

  it('may load and send nothing: its own style sheet and its own script, by their hashes, are all', async () => {
    for (const [url, scripts] of [
      [`/payments/${ID}/receipt`, 1],
      ['/payments/success', 0],
      [`/payments/${UNKNOWN_ID}/receipt`, 0],
      ['/nowhere', 0],
    ] as const) {
      const { headers, body } = await get(url);
      const hashes = (element: string): string[] =>
        [...body.matchAll(new RegExp(`<${element}>([^]*?)</${element}>`, 'g'))].map(
          ([, text = '']) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`,
        );
      const policy = String(headers['content-security-policy']);
      expect(policy.split('; ').sort()).toEqual([
        "base-uri 'none'",
        "default-src 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        ...hashes('script').map((hash) => `script-src ${hash}`),
        `style-src ${hashes('style').join(' ')}`,
      ]);
      expect(policy).not.toContain('unsafe');
      expect(body.match(/<script/g) ?? []).toHaveLength(scripts);
      expect(body).not.toMatch(/<script |<img|<link|\sstyle=|\son\w+=/i);
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

const SHOP_PAGES = { continueUrl: 'https://shop.example/thanks', backUrl: 'https://shop.example/cart' };
const VOUCHERS: PaymentPage['method'][] = [
  { type: 'cash', reference: '93000012345678' },
  { type: 'bank_transfer', clabe: '646180216568377453', bank: 'STP' },
];
const TAKEN = { amountCaptured: PAID.amount, paidAt: PAID.paidAt, method: PAID.method };
const CARD = PAID.method;

/** Every state that a payment can be in for somebody who looks at it. */
const STATES: Readonly<Record<string, Partial<PaymentPage>>> = {
  created: {},
  'created, not open yet': { checkoutUrl: undefined, embed: undefined },
  'attempt failed': { failure: 'card_declined' },
  'attempt failed, for no reason given': { failure: 'declined' },
  'pending voucher': { status: 'pending', method: VOUCHERS[0] },
  'pending transfer': { status: 'pending', method: VOUCHERS[1] },
  'pending at the bank': { status: 'pending', method: CARD },
  'pending at the bank, declined': { status: 'pending', method: CARD, failure: 'insufficient_funds' },
  authorized: { status: 'authorized', method: CARD },
  succeeded: { ...TAKEN, status: 'succeeded' },
  'succeeded in part': { ...TAKEN, status: 'succeeded', amountCaptured: 100000n },
  disputed: { ...TAKEN, status: 'succeeded', disputed: true },
  partially_refunded: { ...TAKEN, status: 'partially_refunded', amountRefunded: 5n },
  refunded: { ...TAKEN, status: 'refunded', amountRefunded: PAID.amount },
  'failed, declined': { status: 'failed', method: CARD, failure: 'card_declined' },
  'failed, never sent': { status: 'failed', failure: 'never_charged' },
  expired: { status: 'expired', failure: 'card_declined' },
  canceled: { status: 'canceled' },
  unknown: { status: 'unknown' },
  'review of another amount': {
    ...TAKEN,
    status: 'review',
    amountCaptured: 99900n,
    received: { amount: 99900n, currency: 'MXN' },
  },
  'review of another currency': {
    ...TAKEN,
    status: 'review',
    amountCaptured: 0n,
    received: { amount: 777n, currency: 'USD' },
  },
  'review, late': { ...TAKEN, status: 'review', received: { amount: 123450n, currency: 'MXN' } },
  'review of nobody knows how much': { ...TAKEN, status: 'review', amountCaptured: 0n },
};
const PAGES = [
  `/pay/${ID}`,
  `/pay/${ID}/return`,
  `/payments/success?payment=${ID}`,
  `/payments/cancel?payment=${ID}`,
  `/payments/${ID}/receipt`,
];
const WORDS = {
  en: {
    lang: HTML,
    forbidden: /do not pay again/i,
    waiting: 'Waiting for the confirmation',
    declined: /declined/i,
    close: 'You can close this page and go back to the shop.',
  },
  es: {
    lang: SPANISH,
    forbidden: /no pagues otra vez/i,
    waiting: 'Esperando la confirmación',
    declined: /rechazado/i,
    close: 'Puedes cerrar esta página y volver a la tienda.',
  },
} as const;

const STRIPE = Object.assign(new EmbeddingProvider(), {
  name: 'stripe',
  embeddedCheckout: (_embed: object, language: 'es' | 'en') =>
    stripeCheckout({ clientSecret: 'cs_1_secret_2', publicKey: 'pk_test_1' }, language, {}),
});
const CONEKTA = Object.assign(new EmbeddingProvider(), {
  name: 'conekta',
  embeddedCheckout: (_embed: object, language: 'es' | 'en') =>
    conektaCheckout({ checkoutId: 'chk-1', publicKey: 'key_1' }, language, {}),
});

describe.each([
  ['stripe', STRIPE],
  ['conekta', CONEKTA],
])('no page contradicts itself, at %s', (name, provider) => {
  let pages: CheckoutRoom;

  beforeAll(async () => {
    pages = await CheckoutRoom.open(provider);
  });
  afterAll(() => pages.close());

  const walk = Object.keys(STATES).flatMap((state) =>
    (['hosted', 'embedded'] as const).flatMap((ui) =>
      (['en', 'es'] as const).map((language) => ({ state, ui, language })),
    ),
  );

  function paymentOf(state: string, ui: PaymentPage['ui'], shop: Partial<PaymentPage>): PaymentPage {
    const { checkoutUrl, ...session } = OPEN;
    const way = ui === 'embedded' ? { embed: {}, ui } : { checkoutUrl, ui };
    return { ...session, ...way, ...STATES[state], ...shop, provider: name };
  }

  /** The page that a browser ends at, or undefined where it is sent on to the provider. */
  async function read(url: string, language: 'en' | 'es') {
    let at = new URL(url, 'https://pay.example');
    for (let hops = 0; hops < 3; hops += 1) {
      const { statusCode, headers, body } = await pages.get(at.pathname + at.search, WORDS[language].lang);
      if (statusCode !== 303) return { statusCode, body, text: textOf(body), links: linksIn(body, at) };
      at = new URL(String(headers.location), at);
      if (at.origin !== 'https://pay.example') return undefined;
    }
    throw new Error(`${url} leads in circles`);
  }

  it.each(walk)('S19a $state, $ui, in $language', async ({ state, ui, language }) => {
    const words = WORDS[language];
    for (const [shop, back] of waysBack(language)) {
      const payment = paymentOf(state, ui, shop);
      pages.payment.found = payment;
      for (const url of PAGES) {
        const page = await read(url, language);
        if (page === undefined) {
          expect([payment.status, url]).toEqual(['created', `/pay/${ID}`]);
          continue;
        }
        const { text, links, body } = page;
        const where = `${state} ${url} ${text}`;
        const offers =
          links.some(
            (href) => href.startsWith(`https://pay.example/pay/${ID}`) && !href.endsWith('/return'),
          ) || body.includes('id="checkout"');
        // Once it is said that nobody must pay again, nothing on the page leads to paying.
        expect([where, words.forbidden.test(text) && offers]).toEqual([where, false]);
        const isPayable = payment.status === 'created' || hasVoucher(payment);
        expect([where, offers && !isPayable]).toEqual([where, false]);
        // There is a way on, or the page says how it goes on.
        expect([where, links.some((href) => href.startsWith(back)) || text.includes(back)]).toEqual([
          where,
          true,
        ]);
        // A document for everybody.
        expect(body).toContain(`<html lang="${language}">`);
        expect([where, body.match(/<h1/g)?.length]).toEqual([where, 1]);
        expect([where, text.includes('undefined'), text.includes('NaN')]).toEqual([where, false, false]);
        if (body.includes('http-equiv="refresh"')) expect([where, isFinal(payment)]).toEqual([where, false]);
        // Times say their zone, whoever reads them.
        for (const [, time] of body.matchAll(/<time[^>]*>(.*?)<\/time>/g)) expect(time).toMatch(/UTC$/);
      }
    }
  });

  it.each(['en', 'es'] as const)(
    'S19b a declined card is what its customer reads, on every page (%s)',
    async (language) => {
      for (const state of Object.keys(STATES).filter((one) => /attempt failed|, declined/.test(one))) {
        pages.payment.found = paymentOf(state, 'hosted', SHOP_PAGES);
        for (const url of PAGES) {
          const page = await read(url, language);
          if (page === undefined) continue;
          expect([state, url, WORDS[language].declined.test(page.text)]).toEqual([state, url, true]);
          expect(page.text).not.toContain(WORDS[language].waiting);
          // Who comes from paying may have paid since: the success page does not call the payment declined.
          const isOver = state.startsWith('failed') || !url.startsWith('/payments/success');
          const [, headline = ''] = /<h1[^>]*>(.*?)<\/h1>/.exec(page.body) ?? [];
          if (!isOver) expect(headline).toBe(language === 'en' ? 'Not confirmed yet' : 'Aún sin confirmar');
        }
      }
    },
  );

  it.each([
    ['review of another amount', '$999.00 MXN'],
    ['review of another currency', '$7.77 USD'],
    ['review, late', '$1,234.50 MXN'],
  ])('S19c %s shows what came in', async (state, received) => {
    pages.payment.found = paymentOf(state, 'hosted', {});
    for (const url of [`/payments/success?payment=${ID}`, `/payments/cancel?payment=${ID}`, `/pay/${ID}`]) {
      const { body } = (await read(url, 'en')) ?? { body: '' };
      expect(body).toContain(`<dt>Received</dt><dd><bdi>${received}</bdi></dd>`);
      if (received !== '$1,234.50 MXN') expect(body).not.toContain('$1,234.50');
    }
    const { body } = (await read(`/payments/${ID}/receipt`, 'en')) ?? { body: '' };
    expect(body).toContain(`<p class="amount">${received}</p>`);
    expect(body).toContain(`<dt><bdi>Received</bdi></dt><dd>${received}</dd>`);
    expect(body).toContain('Received on');
  });

  it('S19d review of money that nobody could count claims no amount', async () => {
    pages.payment.found = paymentOf('review of nobody knows how much', 'hosted', {});
    expect((await read(`/payments/success?payment=${ID}`, 'en'))?.text).not.toContain('$');
    expect((await read(`/payments/${ID}/receipt`, 'en'))?.body).not.toContain('<p class="amount">');
  });
});

/** Not each in each language: it is the same code. */
function waysBack(language: 'en' | 'es'): [shop: Partial<PaymentPage>, back: string][] {
  if (language === 'es') return [[SHOP_PAGES, 'https://shop.example/']];
  return [
    [{ continueUrl: SHOP_PAGES.continueUrl }, 'https://shop.example/'],
    [{}, WORDS.en.close],
  ];
}

function isFinal({ status }: PaymentPage): boolean {
  return !['created', 'pending', 'authorized', 'unknown'].includes(status);
}

function textOf(body: string): string {
  return body
    .replaceAll(/<(script|style|noscript)[^]*?<\/\1>/g, '')
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/\s+/g, ' ');
}

function linksIn(body: string, at: URL): string[] {
  return [...body.matchAll(/<a [^>]*href="([^"]*)"/g)].map(([, href = '']) => new URL(href, at).href);
}

describe('an address where nothing is', () => {
  afterEach(() => {
    SHOP.url = undefined;
  });

  it.each([
    ['GET', '/nowhere'],
    ['GET', '/pay'],
    ['GET', '/payments/success/more'],
    ['POST', `/pay/${ID}`],
    ['DELETE', '/payments/success'],
  ] as const)('S19e is a page for a person, and JSON for a program: %s %s', async (method, url) => {
    const page = await room.app.inject({ method, url, headers: SPANISH });
    expect(page.statusCode).toBe(404);
    expect(page.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'x-robots-tag': 'noindex, nofollow',
    });
    expect(page.body).toContain('<h1>Página no encontrada</h1>');
    expect(page.body).toContain('Puedes cerrar esta página y volver a la tienda.');
    for (const headers of [JSON_CALLER, { accept: '*/*' }, {}]) {
      const answer = await room.app.inject({ method, url, headers });
      expect(answer.statusCode).toBe(404);
      expect(answer.json()).toMatchObject({ code: 'not_found', message: 'there is no such route' });
    }
  });

  it('S19f leads to the shop that the environment names', async () => {
    SHOP.url = 'https://shop.example/';
    for (const url of ['/nowhere', `/pay/${UNKNOWN_ID}`, '/payments/success', '/payments/cancel']) {
      const { body } = await get(url);
      expect([url, body.includes('href="https://shop.example/">Back to the shop</a>')]).toEqual([url, true]);
    }
  });
});
