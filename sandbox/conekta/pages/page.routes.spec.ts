import { afterEach, describe, expect, it } from '@jest/globals';
import type { FastifyInstance } from 'fastify';
import { newSandboxServer } from '../../sandbox.server.js';
import type { CheckoutView } from '../checkout.acts.js';
import { checkoutView, FakeActs } from '../../../test/support/sandbox/fake.acts.js';
import { serveCheckoutPages } from './page.routes.js';

const KEY = 'key_public';
const ID = 'a1b2-c3';
const CARD = { number: '4242 4242 4242 4242', name: 'Ana', exp: '12 / 34', cvc: '123' };
const HOSTED = `/checkout/${ID}`;

/** A page's address as the component's script writes it. */
function framed(path: string, changes: Record<string, string> = {}): string {
  const given = { public_key: KEY, locale: 'es', parent: 'https://shop.example', look: '{}', ...changes };
  return `/component/${path}?${new URLSearchParams(given).toString()}`;
}

describe('the pages of the stand-in Conekta', () => {
  let server: FastifyInstance;

  afterEach(() => server.close());

  const serve = (changes: Partial<CheckoutView> = {}) => {
    const acts = new FakeActs(checkoutView(changes));
    server = newSandboxServer();
    serveCheckoutPages(server, { acts, publicKey: KEY, baseUrl: () => 'http://pictures.example' });
    return acts;
  };
  const get = async (url: string, language = 'es') =>
    read(await server.inject({ url, headers: { 'accept-language': language } }));
  const post = async (url: string, form: Record<string, string> = {}, language = 'es') =>
    read(
      await server.inject({
        method: 'POST',
        url,
        headers: { 'accept-language': language, 'content-type': 'application/x-www-form-urlencoded' },
        payload: new URLSearchParams(form).toString(),
      }),
    );

  describe('the scripts', () => {
    it('are given to pages of any origin', async () => {
      serve();
      const component = await get('/v1.0/js/conekta-checkout.min.js');
      expect(component.headers['content-type']).toMatch(/^application\/javascript/);
      expect(component.headers['access-control-allow-origin']).toBe('*');
      expect(component.body).toContain('window.ConektaCheckoutComponents');
      expect((await get('/component/frame.js')).body).toContain('postMessage');
    });
  });

  describe('the hosted page', () => {
    it('shows order, total, months and methods in the language that the browser wants', async () => {
      serve();
      const spanish = await get(HOSTED, 'fr, en;q=0.4, es-AR;q=0.8');
      expect(spanish.status).toBe(200);
      for (const text of [
        'lang="es"',
        'Teclado',
        '$398.00 MXN',
        'Cantidad: 2',
        '3 meses',
        'Efectivo',
        'SPEI',
      ]) {
        expect(spanish.body).toContain(text);
      }
      expect(spanish.body).toContain('No se mueve dinero');
      const english = await get(HOSTED, 'en-US,en;q=0.9');
      for (const text of ['lang="en"', 'Quantity 2', '3 months', 'Card number', 'No money moves']) {
        expect(english.body).toContain(text);
      }
      expect(english.body).toContain('href="https://shop.example/no"');
    });

    it('offers only what the checkout offers', async () => {
      serve({ methods: ['cash'], installments: [] });
      const page = await get(HOSTED);
      expect(page.body).toContain('data-action="choose-cash"');
      expect(page.body).not.toContain('data-action="choose-transfer"');
      expect(page.body).not.toContain('name="number"');
    });

    it('says so when it can play none of the methods', async () => {
      serve({ methods: ['bnpl'] });
      expect((await get(HOSTED, 'en')).body).toContain('cannot take this payment');
    });

    it('escapes what the shop wrote, and runs no script of others', async () => {
      serve({ items: [{ name: '<script>alert("1")</script>', unitPrice: 1, quantity: 1 }] });
      const page = await get(HOSTED);
      expect(page.body).toContain('&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;');
      expect(page.body).not.toContain('<script');
      expect(page.headers['content-security-policy']).toContain("default-src 'none'");
      expect(page.headers['content-security-policy']).toContain("script-src 'self'");
    });

    it('links to no address but those of the web', async () => {
      serve({ failureUrl: 'javascript:alert(1)', successUrl: 'javascript:alert(1)' });
      expect((await get(HOSTED)).body).not.toContain('javascript:');
      expect((await post(`${HOSTED}/card`, CARD)).headers.location).toBe(HOSTED);
    });

    it('sends a customer who paid to the shop, told what was paid', async () => {
      const acts = serve();
      const paid = await post(`${HOSTED}/card`, { ...CARD, installments: '6' });
      expect(paid.status).toBe(303);
      expect(paid.headers.location).toBe(
        `https://shop.example/ok?cart=7&checkout_id=${ID}&order_id=ord_1&payment_status=paid`,
      );
      expect(acts.entries).toMatchObject([{ number: '4242424242424242', name: 'Ana', installments: 6 }]);
      const again = await post(`${HOSTED}/card`, CARD);
      expect(again.body).toContain('Pago recibido');
      expect(acts.entries).toHaveLength(1);
    });

    it('takes no months that the checkout does not offer', async () => {
      const acts = serve();
      await post(`${HOSTED}/card`, { ...CARD, installments: '12' });
      expect(acts.entries[0]?.installments).toBeUndefined();
    });

    it('says why a card was declined, keeps the form, and takes the next card', async () => {
      serve();
      const declined = await post(`${HOSTED}/card`, { ...CARD, number: '4000000000000002' }, 'en');
      expect(declined.status).toBe(402);
      expect(declined.body).toMatch(/role="alert"[^>]*>The bank said no\./);
      expect(declined.body).toContain('value="4000000000000002"');
      expect((await post(`${HOSTED}/card`, CARD)).status).toBe(303);
    });

    it('gives no form after the last attempt that the checkout allows', async () => {
      const acts = serve();
      acts.attemptsLeft = 1;
      const page = await post(`${HOSTED}/card`, { ...CARD, number: '4000000000000002' }, 'en');
      expect(page.body).toContain('This payment failed');
      expect(page.body).not.toContain('name="number"');
    });

    it.each([
      ['number', '4242', 'Escribe los 13 a 19 dígitos'],
      ['name', '', 'Escribe el nombre'],
      ['exp', '13 / 34', 'Escribe un mes y un año'],
      ['exp', '01/20', 'Escribe un mes y un año'],
      ['cvc', '12', 'Escribe los 3 o 4 dígitos'],
    ])('asks for another %s than "%s" before anybody is charged', async (name, value, problem) => {
      const acts = serve();
      const page = await post(`${HOSTED}/card`, { ...CARD, [name]: value });
      expect(page.status).toBe(422);
      expect(page.body).toContain(problem);
      expect(page.body.match(/aria-invalid="true"/g)).toHaveLength(1);
      expect(acts.entries).toEqual([]);
    });

    it('says in the customer’s language what the provider refused', async () => {
      serve();
      const page = await post(`${HOSTED}/card`, { ...CARD, number: '4111 1111 1111 1111' }, 'en');
      expect(page.status).toBe(422);
      expect(page.body).toContain('There is no such number.');
    });

    it('asks for the bank’s confirmation, which may be refused and then given', async () => {
      serve();
      const card = { ...CARD, number: '4000 0025 0000 3155' };
      const asked = await post(`${HOSTED}/card`, card);
      expect(asked.headers.location).toBe(`${HOSTED}/challenge`);
      const question = await get(`${HOSTED}/challenge`);
      expect(question.body).toContain('data-action="approve"');
      expect(question.body).toContain('data-action="refuse"');
      const refused = await post(`${HOSTED}/challenge`, { answer: 'refuse' });
      expect(refused.body).toContain('El banco dijo que no.');
      expect((await post(`${HOSTED}/challenge`, { answer: 'approve' })).body).toContain('Nadie preguntó.');
      await post(`${HOSTED}/card`, card);
      const approved = await post(`${HOSTED}/challenge`, { answer: 'approve' });
      expect(approved.headers.location).toContain('payment_status=paid');
      expect((await get(`${HOSTED}/challenge`)).body).toContain('Pago recibido');
    });

    it('shows a cash voucher that leads on to the shop, unpaid', async () => {
      serve();
      expect((await post(`${HOSTED}/cash`)).headers.location).toBe(HOSTED);
      const voucher = await get(HOSTED);
      for (const text of ['9876 5432 1012 34', 'src="http://pictures.example/', '17 de marzo de 2030']) {
        expect(voucher.body).toContain(text);
      }
      expect(voucher.body).toContain('payment_status=pending_payment');
      expect(voucher.headers['content-security-policy']).toContain('http://pictures.example');
    });

    it('shows the CLABE of a transfer', async () => {
      serve();
      await post(`${HOSTED}/bank_transfer`);
      const page = await get(HOSTED, 'en');
      for (const text of ['646180111812345678', 'STP', 'March 17, 2030']) expect(page.body).toContain(text);
    });

    it.each([
      ['Expired', 'has expired'],
      ['Cancelled', 'was cancelled'],
      ['Failed', 'failed'],
    ] as const)('says of a checkout that is %s that it %s', async (status, text) => {
      const acts = serve({ status });
      expect((await get(HOSTED, 'en')).body).toContain(text);
      expect((await post(`${HOSTED}/cash`, {}, 'en')).body).toContain(text);
      expect(acts.checkout.voucher).toBeNull();
    });

    it('knows no other checkout', async () => {
      serve();
      const page = await get('/checkout/another', 'en');
      expect(page.status).toBe(404);
      expect(page.body).toContain('nothing to pay here');
    });
  });

  describe('the component’s frame', () => {
    const FRAME = framed(`checkouts/${ID}`);
    const step = (name: string) => framed(`checkouts/${ID}/${name}`);

    it('speaks the language of the component, and tells the shop’s page that it is ready', async () => {
      serve();
      const page = await get(FRAME, 'en');
      expect(page.body).toContain('lang="es"');
      expect(page.body).toContain('data-parent="https://shop.example"');
      expect(page.message).toEqual({ kind: 'ready' });
      expect(page.headers).not.toHaveProperty('x-frame-options');
      expect(page.headers['content-security-policy']).not.toContain('frame-ancestors');
      expect((await get(framed(`checkouts/${ID}`, { locale: 'en' }))).body).toContain('lang="en"');
    });

    it('tells the order and its charge once it is paid', async () => {
      serve();
      expect((await post(step('card'), CARD)).message).toMatchObject({
        kind: 'done',
        detail: {
          id: 'ord_1',
          charge: { id: 'charge_1', order_id: 'ord_1', status: 'paid', amount: 39_800 },
        },
      });
      expect((await get(FRAME)).message).toBeUndefined();
    });

    it('tells of a decline, and keeps all that the frame came with for the next attempt', async () => {
      serve();
      const declined = await post(step('card'), { ...CARD, number: '4000000000000002' });
      expect(declined.message).toMatchObject({
        kind: 'failed',
        detail: { type: 'processing_error', details: [{ message: 'El banco dijo que no.' }] },
      });
      expect(declined.body).toContain(`action="${step('card').replaceAll('&', '&amp;')}"`);
    });

    it('asks the bank’s question inside the frame', async () => {
      serve();
      const asked = await post(step('card'), { ...CARD, number: '4000002500003155' });
      expect(asked.headers.location).toBe(step('challenge'));
      expect((await post(step('challenge'), { answer: 'approve' })).message).toMatchObject({ kind: 'done' });
    });

    it('tells of a voucher as of a payment that is pending', async () => {
      serve();
      const issued = await post(step('cash'));
      expect(issued.body).toContain('9876 5432 1012 34');
      expect(issued.message).toMatchObject({
        kind: 'done',
        detail: { charge: { status: 'pending_payment', payment_method: { reference: '98765432101234' } } },
      });
      expect(issued.body).not.toContain('shop.example/ok');
    });

    it('tells of a checkout that is closed or unknown', async () => {
      serve({ status: 'Expired' });
      const type = 'precondition_required_error';
      expect((await get(FRAME)).message).toMatchObject({ kind: 'failed', detail: { type } });
      const unknown = await get(framed('checkouts/another'));
      expect(unknown.message).toMatchObject({ detail: { type: 'resource_not_found_error' } });
    });

    it('shows nothing to a shop with another key, and takes nothing from it', async () => {
      const acts = serve();
      const wrong = framed(`checkouts/${ID}/card`, { public_key: 'key_other' });
      const page = await post(wrong, CARD);
      expect(page.status).toBe(401);
      expect(page.message).toMatchObject({ kind: 'failed', detail: { type: 'authentication_error' } });
      expect(acts.entries).toEqual([]);
    });

    it('looks as the shop wants it, from colours that are colours', async () => {
      serve();
      const look = {
        button: { backgroundColor: '#301007', colorText: '</style>', text: 'Alta' },
        styles: { inputType: 'rounded', states: { empty: { borderColor: '#FFAA00' } } },
        colorPrimary: 'red; } body { display: none',
      };
      const page = await get(framed(`checkouts/${ID}`, { look: JSON.stringify(look) }));
      expect(page.body).toContain('button { background: #301007;');
      expect(page.body).toContain('border-color: #FFAA00');
      expect(page.body).toContain('>Alta</button>');
      expect(page.body).not.toContain('red; }');
      expect(page.body.match(/<\/style>/g)).toHaveLength(1);
      expect((await get(framed(`checkouts/${ID}`, { look: '{' }))).status).toBe(200);
    });
  });

  describe('the card component’s frame', () => {
    it('tells the token of a card', async () => {
      const acts = serve();
      const form = await get(framed('card'));
      expect(form.message).toEqual({ kind: 'ready' });
      const made = await post(framed('card/card'), CARD);
      expect(made.message).toMatchObject({ kind: 'done', detail: { id: 'tok_1', object: 'token' } });
      expect(acts.entries).toMatchObject([
        { number: '4242424242424242', name: 'Ana', expMonth: '12', expYear: '34' },
      ]);
    });

    it('says why a card gets none', async () => {
      serve();
      const page = await post(framed('card/card', { locale: 'en' }), { ...CARD, number: '4000000000000002' });
      expect(page.status).toBe(402);
      expect(page.body).toContain('The bank said no.');
      expect(page.message).toMatchObject({ kind: 'failed' });
      const wrong = await post(framed('card/card', { locale: 'en' }), { ...CARD, cvc: '' });
      expect(wrong.status).toBe(422);
      const message = expect.stringMatching(/security code/);
      expect(wrong.message).toMatchObject({ kind: 'failed', detail: { details: [{ message }] } });
    });

    it('fills the token that the shop has made, unless it has its card already', async () => {
      serve();
      const made = await post(framed('card/card', { checkout: 'waiting' }), CARD);
      expect(made.message).toMatchObject({ kind: 'done', detail: { id: 'waiting' } });
      const used = await get(framed('card', { checkout: 'used', locale: 'en' }));
      const detail = { details: [{ message: 'This form was used.' }] };
      expect(used.message).toMatchObject({ kind: 'failed', detail });
      expect(used.body).not.toContain('<form');
      expect((await post(framed('card/card', { checkout: 'used' }), CARD)).message).toMatchObject({
        kind: 'failed',
      });
    });

    it('leaves its button out where the shop has its own', async () => {
      serve();
      expect((await get(framed('card', { submit: 'external' }))).body).not.toContain('<button');
    });

    it('wants the right key', async () => {
      serve();
      expect((await get(framed('card', { public_key: '' }))).status).toBe(401);
    });
  });
});

/** An answer with the message that its page would send to the shop's page. */
function read(answer: Awaited<ReturnType<FastifyInstance['inject']>>) {
  const { statusCode: status, headers, body } = answer;
  const written = /data-message="([^"]+)"/
    .exec(body)?.[1]
    ?.replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&');
  const message: unknown = written === undefined ? undefined : JSON.parse(written);
  return { status, headers, body, message };
}
