import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { CARD, CardRoom, CardSavingProvider, SETUP } from '../../../test/support/checkout/card.room.js';
import { HTML, ID, JSON_CALLER, SPANISH, UNKNOWN_ID } from '../../../test/support/checkout/checkout.room.js';
import { ServiceError } from '../../kernel/errors.js';

const PAGE = `/cards/new?setup=${ID}`;
const FINISH = `/cards/new/${ID}`;
const SHOP = { shopUrl: 'https://shop.example/cards?from=us' };

let room: CardRoom;

beforeAll(async () => {
  room = await CardRoom.open();
});
afterAll(() => room.close());
beforeEach(() => {
  room.found = SETUP;
  room.finished = { ...SETUP, state: 'saved', card: CARD };
  room.tokens.length = 0;
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

describe('the page that saves a card', () => {
  it("has the provider's form, what it needs, and the word that no number comes to us", async () => {
    const { statusCode, body } = await get(PAGE, SPANISH);
    expect(statusCode).toBe(200);
    for (const text of [
      '<html lang="es">',
      '<h1 id="title">Guarda tu tarjeta</h1>',
      'Ahora no se cobra nada.',
      'Ni esta página ni la tienda llegan a verlo.',
      '<div id="checkout"></div>',
      '<script src="https://js.pay.example/v1/component.js"></script>',
    ])
      expect(body).toContain(text);
    expect(islandIn(body)).toMatchObject({
      config: { checkoutId: 'form-1', language: 'es' },
      setupId: ID,
      saveAt: `new/${ID}`,
      texts: { saving: 'Guardando tu tarjeta…', card_declined: expect.stringMatching(/^El banco rechazó/) },
    });
  });

  it('says what to do without JavaScript, and announces what goes wrong', async () => {
    const { body } = await get(PAGE);
    expect(body).toContain('<noscript><p class="problem">The card form needs JavaScript.');
    expect(body).toMatch(/<div[^>]* role="alert"[^>]*><\/div>/);
    expect(body).toContain(`<a class="button secondary" id="retry" href="?setup=${ID}" hidden>Try again</a>`);
  });

  it('runs our scripts and the driver, by their hashes, and talks to us and the provider alone', async () => {
    const { body, headers } = await get(PAGE);
    const scripts = scriptsIn(body);
    expect(scripts).toHaveLength(3);
    const style = /<style>([^]*?)<\/style>/.exec(body)?.[1] ?? '';
    expect(String(headers['content-security-policy']).split('; ').sort()).toEqual([
      "base-uri 'none'",
      "connect-src 'self' https://api.pay.example",
      "default-src 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
      'frame-src https://frame.pay.example',
      `script-src ${scripts.map(hashOf).join(' ')} https://js.pay.example`,
      `style-src ${hashOf(style)}`,
    ]);
    expect(headers).toMatchObject({
      'referrer-policy': 'strict-origin',
      'cross-origin-opener-policy': 'same-origin-allow-popups',
      'x-frame-options': 'DENY',
      'cache-control': 'no-store',
      'x-robots-tag': 'noindex, nofollow',
    });
  });

  it('may be opened and framed by the shop that is told by it, and by nobody else', async () => {
    room.found = { ...SETUP, ...SHOP };
    const { body, headers } = await get(PAGE);
    expect(islandIn(body)).toMatchObject({ shop: 'https://shop.example' });
    expect(headers['content-security-policy']).toContain('frame-ancestors https://shop.example;');
    expect(headers['cross-origin-opener-policy']).toBe('unsafe-none');
    expect(headers['x-frame-options']).toBeUndefined();
    room.found = { ...SETUP, shopUrl: 'https://shop.example;sandbox/' };
    expect((await get(PAGE)).headers['content-security-policy']).toContain("frame-ancestors 'none'");
  });

  it("speaks the shop's language rather than the browser's", async () => {
    room.found = { ...SETUP, locale: 'es-419' };
    expect((await get(PAGE)).body).toContain('<h1 id="title">Guarda tu tarjeta</h1>');
    room.found = { ...SETUP, locale: 'fr' };
    expect((await get(PAGE, SPANISH)).body).toContain('<h1 id="title">Guarda tu tarjeta</h1>');
  });

  it("gives the form the operator's look, takes the frame's colours, and speaks the operator's language", async () => {
    const style = { language: 'es', frame: { textColor: '#65a39b', backgroundColor: '#fffdf8' } } as const;
    const styled = await CardRoom.open(style);
    styled.found = { ...SETUP, locale: 'en-US' };
    const { body, headers } = await styled.get(PAGE);
    await styled.close();
    expect(islandIn(body)).toMatchObject({ config: { language: 'es', look: JSON.stringify(style) } });
    const rules = /<style>([^]*?)<\/style>/.exec(body)?.[1] ?? '';
    expect(rules).toContain('#checkout:not(:empty) { color: #65a39b; background: #fffdf8; }');
    expect(headers['content-security-policy']).toContain(hashOf(rules));
  });

  it('says so when no real card is saved', async () => {
    room.found = { ...SETUP, livemode: false };
    expect((await get(PAGE)).body).toContain('Test: no real card is saved.');
  });
});

describe('in place of the form', () => {
  it('a saved card is shown, with the way back to the shop', async () => {
    room.found = { ...SETUP, ...SHOP, state: 'saved', card: CARD };
    const { statusCode, body } = await get(PAGE, SPANISH);
    expect(statusCode).toBe(200);
    expect(body).toContain('<h1>Tarjeta guardada</h1>');
    expect(body).toContain('<bdi>Visa terminación 4242</bdi>');
    expect(body).toContain(`href="${SHOP.shopUrl}" target="_top">Continuar a la tienda</a>`);
    expect(body).not.toContain('<script');
    expect(body).not.toContain('Puedes cerrar esta página.');
    room.found = { ...room.found, shopUrl: undefined };
    expect((await get(PAGE, SPANISH)).body).toContain('Puedes cerrar esta página.');
  });

  it('a card of no customer goes back to the shop as a token', async () => {
    room.found = { ...SETUP, ...SHOP, state: 'saved', token: 'tok_1' };
    expect((await get(PAGE)).body).toContain('href="https://shop.example/cards?from=us&amp;token=tok_1"');
  });

  it.each([
    ['over', 410, 'This link has expired'],
    ['opening', 503, 'No card can be saved here'],
  ] as const)('of one that is %s it answers %i: %s', async (state, status, title) => {
    room.found = { ...SETUP, state };
    const { statusCode, body } = await get(PAGE);
    expect(statusCode).toBe(status);
    expect(body).toContain(`<h1>${title}</h1>`);
  });

  it.each([
    ['is not configured any more', new Set(['card_setups'] as const), 'gone'],
    ['shows no such forms', new Set([]), 'fake'],
  ])('it says that no card can be saved where the provider %s', async (_why, capabilities, name) => {
    const provider = Object.assign(new CardSavingProvider(), { capabilities });
    const other = await CardRoom.open({}, provider);
    other.found = { ...SETUP, provider: name };
    const { statusCode, body } = await other.get(PAGE);
    await other.close();
    expect(statusCode).toBe(503);
    expect(body).toContain('<h1>No card can be saved here</h1>');
  });

  it.each([
    ['/cards/new', 400, 'Este enlace está incompleto', 'invalid_request'],
    ['/cards/new?setup=', 400, 'Este enlace está incompleto', 'invalid_request'],
    [`/cards/new?setup=${UNKNOWN_ID}`, 404, 'No encontramos esta página', 'not_found'],
    ['/cards/new?setup=nonsense', 404, 'No encontramos esta página', 'not_found'],
  ])('%s is a page with %i, and the usual error for a program', async (url, status, title, code) => {
    const page = await get(url, SPANISH);
    expect(page.statusCode).toBe(status);
    expect(page.body).toContain(`<h1>${title}</h1>`);
    const error = await get(url, JSON_CALLER);
    expect([error.statusCode, error.json()]).toEqual([status, expect.objectContaining({ code })]);
  });

  it('it says that the form cannot be shown while the database is away, and asks again', async () => {
    room.found = Object.assign(new Error('connect ECONNREFUSED 10.0.0.5:5432'), { code: 'ECONNREFUSED' });
    const { statusCode, body } = await get(PAGE);
    expect(statusCode).toBe(503);
    expect(body).toContain('We cannot show the card form right now.');
    expect(body).toContain('<meta http-equiv="refresh" content="5">');
  });

  it.each([
    ['open', false],
    ['saved', true],
    ['over', false],
  ] as const)('a program is told of one that is %s: %s', async (state, ok) => {
    room.found = { ...SETUP, state };
    expect((await get(PAGE, JSON_CALLER)).json()).toEqual({ ok, message: expect.any(String) });
  });
});

describe('what the form made', () => {
  it('is saved for the customer, whose card is told by brand and last digits', async () => {
    room.finished = { ...SETUP, ...SHOP, state: 'saved', card: CARD };
    const answer = await room.post(FINISH, { token: 'tok_1' });
    expect([answer.statusCode, answer.json()]).toEqual([
      200,
      { saved: true, card: CARD, token: null, continueTo: SHOP.shopUrl },
    ]);
    expect(room.tokens).toEqual(['tok_1']);
  });

  it('is asked of the provider where the browser has no token', async () => {
    expect((await room.post(FINISH, {})).statusCode).toBe(200);
    expect(room.tokens).toEqual([undefined]);
  });

  it('is handed on to the shop where there is no customer', async () => {
    room.finished = { ...SETUP, ...SHOP, state: 'saved', token: 'tok_1' };
    expect((await room.post(FINISH, { token: 'tok_1' })).json()).toEqual({
      saved: true,
      card: null,
      token: 'tok_1',
      continueTo: 'https://shop.example/cards?from=us&token=tok_1',
    });
  });

  it('may be refused, in the way of every route', async () => {
    room.finished = new ServiceError('card_unusable', 'the token was used already');
    const { statusCode, json } = await room.post(FINISH, { token: 'tok_1' });
    expect([statusCode, json()]).toEqual([422, expect.objectContaining({ code: 'card_unusable' })]);
  });

  it.each([{ token: '4242424242424242' }, { token: 'tok 1' }, { token: 1 }, { number: '4242' }])(
    'is no token, and is not taken: %j',
    async (body) => {
      expect((await room.post(FINISH, body)).json()).toMatchObject({ code: 'invalid_request' });
      expect(room.tokens).toEqual([]);
    },
  );

  it('of an unknown setup is refused', async () => {
    const { statusCode } = await room.post(`/cards/new/${UNKNOWN_ID}`, { token: 'tok_1' });
    expect([statusCode, room.tokens]).toEqual([404, []]);
  });
});
