import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import {
  CheckoutRoom,
  EmbeddingProvider,
  HTML,
  ID,
  JSON_CALLER,
  OPEN,
  PAID,
  SPANISH,
  UNKNOWN_ID,
} from '../../../test/support/checkout/checkout.room.js';
import type { PaymentPage } from './payment.page.js';

const PAY = `/pay/${ID}`;
const EMBEDDED: PaymentPage = { ...OPEN, ui: 'embedded', embed: { checkoutId: 'checkout-1' } };
const CASH: PaymentPage = {
  ...OPEN,
  status: 'pending',
  expiresAt: new Date('2026-11-25T05:59:00Z'),
  method: {
    type: 'cash',
    reference: '93000012345678',
    barcodeUrl: 'https://codes.pay.example/93000012345678.png',
  },
};
const TRANSFER: PaymentPage = {
  ...OPEN,
  status: 'pending',
  method: { type: 'bank_transfer', clabe: '646180216568377453', bank: 'STP' },
};

const provider = new EmbeddingProvider();
let room: CheckoutRoom;

beforeAll(async () => {
  room = await CheckoutRoom.open(provider);
});
afterAll(() => room.close());
beforeEach(() => {
  Object.assign(provider, new EmbeddingProvider());
  room.payment.found = EMBEDDED;
});

const get = (url: string, headers: Record<string, string> = HTML) => room.get(url, headers);

function scriptsIn(body: string): string[] {
  return [...body.matchAll(/<script>([^]*?)<\/script>/g)].map(([, script = '']) => script);
}

function islandIn(body: string): unknown {
  const island = /<script type="application\/json" id="checkout-config">([^]*?)<\/script>/.exec(body)?.[1];
  return JSON.parse(island ?? '');
}

function hashOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

async function policyOf(url: string): Promise<Record<string, string[]>> {
  const policy = String((await get(url)).headers['content-security-policy']);
  return Object.fromEntries(
    policy.split('; ').map((directive) => {
      const [name = '', ...sources] = directive.split(' ');
      return [name, sources];
    }),
  );
}

describe('the page that embeds the checkout', () => {
  it('shows the order, a place for the form, and what the driver needs', async () => {
    const adjustments: PaymentPage['adjustments'] = [
      { kind: 'tax', name: 'IVA', amount: 16000n },
      { kind: 'shipping', name: 'Envío', amount: 9900n },
      { kind: 'discount', name: 'Cupón', amount: 5000n },
    ];
    room.payment.found = { ...EMBEDDED, adjustments };
    const { statusCode, body } = await get(PAY, SPANISH);
    expect(statusCode).toBe(200);
    expect(body).toContain('<html lang="es">');
    for (const text of ['Completa tu pago', '$1,234.50 MXN', 'order-1', 'Teclado'])
      expect(body).toContain(text);
    expect(body).toContain('<dt><bdi>IVA</bdi></dt><dd>$160.00 MXN</dd>');
    expect(body).toContain('<dt><bdi>Cupón</bdi></dt><dd>-$50.00 MXN</dd>');
    expect(body).toContain('<div id="checkout"></div>');
    expect(body).toContain('<script src="https://js.pay.example/v1/component.js"></script>');
    expect(islandIn(body)).toMatchObject({
      config: { checkoutId: 'checkout-1', language: 'es' },
      returnTo: `${ID}/return`,
    });
    expect(body).not.toContain('http-equiv="refresh"');
  });

  it('says what to do without JavaScript, and announces what goes wrong', async () => {
    const { body } = await get(PAY);
    expect(body).toContain('<noscript><p class="problem">The payment form needs JavaScript.');
    expect(body).toMatch(/<div[^>]* role="alert"[^>]*><\/div>/);
    expect(body).toContain(`<a class="button secondary" id="retry" href="${ID}" hidden>Try again</a>`);
  });

  it('runs our script and the driver, by their hashes, and loads from the provider alone', async () => {
    const { body } = await get(PAY);
    const scripts = scriptsIn(body);
    expect(scripts).toHaveLength(2);
    expect(scripts[0]).toContain('window.checkoutPage = {');
    expect(scripts[1]).toBe(provider.driver);
    const style = /<style>([^]*?)<\/style>/.exec(body)?.[1] ?? '';
    expect(await policyOf(PAY)).toEqual({
      'default-src': ["'none'"],
      'base-uri': ["'none'"],
      'form-action': ["'none'"],
      'frame-ancestors': ["'none'"],
      'style-src': [hashOf(style)],
      'script-src': [...scripts.map(hashOf), 'https://js.pay.example', 'https://cdn.pay.example'],
      'frame-src': ['https://frame.pay.example', 'https://*.bank.example'],
      'connect-src': ['https://api.pay.example'],
    });
  });

  it('allows styles in the page only to a provider that writes them', async () => {
    provider.inlineStyle = true;
    const policy = await policyOf(PAY);
    expect(policy['style-src']).toEqual(["'unsafe-inline'"]);
    expect(JSON.stringify(policy['script-src'])).not.toContain('unsafe');
  });

  it('lets frames and scripts of another origin in, and the form learn whose page it is in', async () => {
    const { headers } = await get(PAY);
    expect(headers['cross-origin-embedder-policy']).toBeUndefined();
    // Without this header a frame may be given the permission `payment`, which wallets ask for.
    expect(headers['permissions-policy']).toBeUndefined();
    expect(headers).toMatchObject({
      'referrer-policy': 'strict-origin',
      'cross-origin-opener-policy': 'same-origin-allow-popups',
      'x-frame-options': 'DENY',
      'cache-control': 'no-store',
      'x-robots-tag': 'noindex, nofollow',
    });
  });

  it('keeps what others wrote from becoming script or markup', async () => {
    const evil = '</script><script>alert(1)</script><!--<script>';
    const items = [{ name: evil, unitAmount: 1n, quantity: 1 }];
    room.payment.found = { ...EMBEDDED, orderId: evil, items, embed: { checkoutId: evil } };
    const { body } = await get(PAY);
    expect(body).not.toContain('<script>alert');
    expect(body).not.toContain('<!--');
    expect(scriptsIn(body)).toHaveLength(2);
    expect(islandIn(body)).toMatchObject({ config: { checkoutId: evil } });
  });

  it('folds a long order away', async () => {
    const items = Array.from({ length: 6 }, () => ({ name: 'Teclado', unitAmount: 1n, quantity: 1 }));
    expect((await get(PAY)).body).toContain('<details open>');
    room.payment.found = { ...EMBEDDED, items };
    expect((await get(PAY)).body).toContain('<details>');
  });

  it('leads back to the shop', async () => {
    room.payment.found = { ...EMBEDDED, backUrl: 'https://shop.example/cart' };
    expect((await get(PAY)).body).toContain('href="https://shop.example/cart">Back to the shop</a>');
  });

  it.each([
    ['is not configured any more', { ...EMBEDDED, provider: 'gone' }],
    ['cannot be embedded', EMBEDDED],
  ])('says clearly that the payment cannot be made where the provider %s', async (why, payment) => {
    const capabilities = new Set(why === 'cannot be embedded' ? [] : provider.capabilities);
    Object.assign(provider, { capabilities });
    room.payment.found = { ...payment, backUrl: 'https://shop.example/cart' };
    const { statusCode, body } = await get(PAY, SPANISH);
    expect(statusCode).toBe(503);
    expect(body).toContain('<h1>Este pago no se puede hacer aquí</h1>');
    expect(body).toContain('href="https://shop.example/cart"');
  });

  it('tells a program that nothing is paid yet', async () => {
    expect((await get(PAY, JSON_CALLER)).json()).toEqual({ ok: false, message: expect.any(String) });
  });

  it('of an unknown payment is a 404 page', async () => {
    for (const url of [`/pay/${UNKNOWN_ID}`, `/pay/${UNKNOWN_ID}/return`, '/pay/nonsense']) {
      const { statusCode, body } = await get(url);
      expect(statusCode).toBe(404);
      expect(body).toContain('<h1>Page not found</h1>');
    }
  });
});

describe('the address to pay at', () => {
  it('leads on to a hosted checkout', async () => {
    room.payment.found = OPEN;
    const { statusCode, headers } = await get(PAY);
    expect(statusCode).toBe(303);
    expect(headers).toMatchObject({
      location: 'https://checkout.example/session',
      'cache-control': 'no-store',
    });
  });

  it.each(['javascript:alert(1)', 'data:text/html,x', '//evil.example', '/pay', 'https://', undefined])(
    'never leads to %j',
    async (checkoutUrl) => {
      room.payment.found = { ...OPEN, checkoutUrl };
      const { statusCode, headers } = await get(PAY);
      expect([statusCode, headers.location]).toEqual([303, `${ID}/return`]);
    },
  );

  it('writes an address that browsers would have to repair as they would', async () => {
    room.payment.found = { ...OPEN, checkoutUrl: 'https://checkout.example/a b\r\nset-cookie: x=1/ñ' };
    const { headers } = await get(PAY);
    expect(headers.location).toBe('https://checkout.example/a%20bset-cookie:%20x=1/%C3%B1');
    expect(headers['set-cookie']).toBeUndefined();
  });

  it.each([
    'unknown',
    'pending',
    'authorized',
    'succeeded',
    'partially_refunded',
    'refunded',
    'failed',
    'expired',
    'canceled',
    'review',
  ] as const)('leads a %s payment to what came of it', async (status) => {
    room.payment.found = { ...EMBEDDED, status };
    const { statusCode, headers } = await get(PAY);
    expect([statusCode, headers.location]).toEqual([303, `${ID}/return`]);
  });

  it('embeds nothing before the session is open', async () => {
    room.payment.found = { ...OPEN, ui: 'embedded' };
    expect((await get(PAY)).headers.location).toBe(`${ID}/return`);
  });
});

describe('the voucher', () => {
  it('of a cash payment has the reference with its barcode, the amount, the date and the way to pay', async () => {
    room.payment.found = CASH;
    const { statusCode, body } = await get(PAY, SPANISH);
    expect(statusCode).toBe(200);
    for (const text of [
      '<h1>Paga en efectivo</h1>',
      '$1,234.50 MXN',
      '<time datetime="2026-11-25T05:59:00.000Z">25 de noviembre de 2026',
      '<img src="https://codes.pay.example/93000012345678.png" alt="Código de barras de la referencia">',
      '<span>9300</span><span>0012</span><span>3456</span><span>78</span>',
      'order-1',
      'Paga el importe exacto en efectivo.',
      'puedes cerrar esta página',
    ]) {
      expect(body).toContain(text);
    }
  });

  it('of a transfer has the CLABE in its groups, and the bank', async () => {
    room.payment.found = TRANSFER;
    const { body } = await get(PAY);
    expect(body).toContain(
      '<span>6461</span><span>8021</span><span>6568</span><span>3774</span><span>53</span>',
    );
    expect(body).toContain('<dt>Bank</dt><dd><bdi>STP</bdi></dd>');
    expect(body).not.toContain('Write the reference');
    room.payment.found = {
      ...TRANSFER,
      method: { type: 'bank_transfer', clabe: '646180', reference: 'ABC' },
    };
    expect((await get(PAY)).body).toContain('<li>Write the reference on the transfer.</li>');
  });

  it('runs one script, asks nobody but us, and loads one picture', async () => {
    room.payment.found = CASH;
    const { body, headers } = await get(PAY);
    expect(await policyOf(PAY)).toMatchObject({
      'default-src': ["'none'"],
      'script-src': scriptsIn(body).map(hashOf),
      'connect-src': ["'self'"],
      'img-src': ['https://codes.pay.example'],
    });
    expect(scriptsIn(body)).toHaveLength(1);
    expect(String(headers['content-security-policy'])).not.toContain('unsafe');
    expect(headers['referrer-policy']).toBe('no-referrer');
    expect(body).not.toContain('http-equiv="refresh"');
  });

  it.each(['http://codes.pay.example/1.png', 'javascript:alert(1)', 'data:image/png,x', 'nonsense'])(
    'shows no picture from %s',
    async (barcodeUrl) => {
      room.payment.found = { ...CASH, method: { type: 'cash', reference: '1', barcodeUrl } };
      expect((await get(PAY)).body).not.toContain('<img');
      expect(await policyOf(PAY)).not.toHaveProperty('img-src');
    },
  );

  it('shows the picture of a stand-in on this machine', async () => {
    const barcodeUrl = 'http://127.0.0.1:9999/1.png';
    room.payment.found = { ...CASH, method: { type: 'cash', reference: '1', barcodeUrl } };
    expect((await get(PAY)).body).toContain(`<img src="${barcodeUrl}"`);
    expect(await policyOf(PAY)).toMatchObject({ 'img-src': ['http://127.0.0.1:9999'] });
  });

  it('encodes what others wrote', async () => {
    const evil = '"><script>alert(1)</script>';
    const method = {
      type: 'cash',
      reference: evil,
      bank: evil,
      barcodeUrl: `https://codes.pay.example/${evil}`,
    };
    room.payment.found = { ...CASH, orderId: evil, method };
    const { body } = await get(PAY);
    expect(scriptsIn(body)).toHaveLength(1);
    expect(body).not.toContain('alert(1)</script>');
  });
});

describe('the page after the embedded form', () => {
  const RETURN = `${PAY}/return`;

  it('waits for our own records, whatever the browser says, and offers the way back', async () => {
    const { statusCode, body } = await get(`${RETURN}?status=paid`);
    expect(statusCode).toBe(200);
    expect(body).toContain('Waiting for the confirmation');
    expect(body).toContain('<meta http-equiv="refresh" content="4">');
    expect(body).toContain('Was your payment declined, or did you not finish it?');
    expect(body).toContain(`href="../../pay/${ID}">Continue to payment</a>`);
    expect(body).toContain('href="return">Check again</a>');
    expect((await get(RETURN, JSON_CALLER)).json()).toMatchObject({ ok: false });
  });

  it('leads to the voucher as long as there is one to pay', async () => {
    room.payment.found = CASH;
    const { statusCode, headers } = await get(RETURN);
    expect([statusCode, headers.location]).toEqual([303, `../${ID}`]);
  });

  it('thanks when it is paid, and leads on to the shop with the receipt beside', async () => {
    room.payment.found = { ...PAID, ui: 'embedded', continueUrl: 'https://shop.example/thanks' };
    const { body } = await get(RETURN);
    expect(body).toContain('<h1>Payment received</h1>');
    expect(body).toContain(
      '<a class="button primary" href="https://shop.example/thanks">Continue to the shop</a>',
    );
    expect(body).toContain(
      `<a class="button secondary" href="../../payments/${ID}/receipt">View receipt</a>`,
    );
    expect((await get(RETURN, JSON_CALLER)).json()).toMatchObject({ ok: true });
  });

  it.each(['failed', 'expired', 'canceled'] as const)(
    'of a %s payment leads back to the shop',
    async (status) => {
      room.payment.found = { ...EMBEDDED, status, backUrl: 'https://shop.example/cart' };
      const { body } = await get(RETURN);
      expect(body).toContain('href="https://shop.example/cart">Back to the shop</a>');
      expect(body).not.toContain('Continue to payment');
      expect(body).not.toContain('http-equiv="refresh"');
    },
  );
});
