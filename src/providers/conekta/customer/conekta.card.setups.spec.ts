import { describe, expect, it } from '@jest/globals';
import { runInNewContext } from 'node:vm';
import { AnswersByPath, callOf, SENT_AT } from '../../../../test/support/conekta/answers.by.path.js';
import { ConektaCardSetups } from './conekta.card.setups.js';

const INPUT = { setupId: 'setup-1', returnUrl: 'https://pay.example/cards/setup-1' };
const EMBED = { checkoutId: 'chk-1', publicKey: 'key_public' };
const STYLE = {
  inputType: 'rounded',
  buttonType: 'sharp',
  borderColors: { invalid: '#ff00e0' },
  button: { text: 'Guardar', textColor: '#ffffff', backgroundColor: '#301007' },
  frame: { textColor: '#65a39b', backgroundColor: '#ffffff' },
} as const;

function house(publicKey: string | undefined = 'key_public') {
  const conekta = new AnswersByPath();
  return { conekta, setups: new ConektaCardSetups(conekta, false, { publicKey }) };
}

interface Card {
  config: object;
  options: object;
  callbacks: Record<string, (argument?: unknown) => void>;
}

/** What a page sees when the driver runs in it. */
function run(loads = true): { given: Card[]; told: unknown[][] } {
  const { driver, config } = house().setups.form(EMBED, 'es', STYLE);
  const given: Card[] = [];
  const told: unknown[][] = [];
  const tell =
    (name: string) =>
    (...details: unknown[]): number =>
      told.push([name, ...details]);
  const checkoutPage = {
    config,
    target: 'card',
    ready: tell('ready'),
    finished: tell('finished'),
    failed: tell('failed'),
  };
  const components = { Card: (card: Card) => given.push(card) };
  runInNewContext(driver, {
    window: { checkoutPage, ...(loads && { ConektaCheckoutComponents: components }) },
  });
  return { given, told };
}

describe('a page on which a card is given to Conekta', () => {
  it('is made with its token, and again when the first answer was lost', async () => {
    const { conekta, setups } = house();
    const made = {
      object: 'token',
      id: 'tok_1',
      livemode: false,
      checkout: { id: 'chk-1', expires_at: SENT_AT },
    };
    conekta.turns = ['lost', made];
    const request = setups.request(INPUT);
    expect((await setups.create(callOf(request))).known).toBe(false);
    expect(await setups.create(callOf(request, new Date()))).toEqual({
      known: true,
      value: {
        providerSetupId: 'chk-1',
        token: 'tok_1',
        embed: EMBED,
        expiresAt: new Date(SENT_AT * 1000),
        livemode: false,
      },
    });
    expect(conekta.writes[0]).toEqual({
      method: 'POST',
      path: '/tokens',
      body: { checkout: { returns_control_on: 'Token' } },
    });
  });

  it('is in doubt without a form, and needs a public key', async () => {
    const { conekta, setups } = house();
    conekta.turns = [{ object: 'token', id: 'tok_1', livemode: false }];
    expect((await setups.create(callOf(setups.request(INPUT)))).known).toBe(false);
    const keyless = new ConektaCardSetups(conekta, false, {});
    expect(() => keyless.request(INPUT)).toThrow('CONEKTA_PUBLIC_KEY');
  });

  it('looks as it was told to, and speaks the language of the page or of the style', () => {
    const [card] = run().given;
    expect(card?.config).toEqual({
      targetIFrame: '#card',
      publicKey: 'key_public',
      locale: 'es',
      checkoutRequestId: 'chk-1',
    });
    expect(card?.options).toEqual({
      styles: {
        inputType: 'rounded',
        buttonType: 'sharp',
        states: { invalid: { borderColor: '#ff00e0' } },
      },
      languaje: 'es',
      language: 'es',
      button: { text: 'Guardar', colorText: '#ffffff', backgroundColor: '#301007' },
      iframe: { colorText: '#65a39b', backgroundColor: '#ffffff' },
    });
    expect(house().setups.form(EMBED, 'es', { language: 'en' }).config).toMatchObject({
      locale: 'en',
      look: '{"styles":{},"languaje":"en","language":"en"}',
    });
  });

  it('tells the token, or why there is none', () => {
    const { given, told } = run();
    given[0]?.callbacks.onGetInfoSuccess?.();
    given[0]?.callbacks.onCreateTokenSucceeded?.({ id: 'tok_1', object: 'token' });
    given[0]?.callbacks.onCreateTokenError?.({
      details: [{ code: 'conekta.errors.processing.expired_card' }],
    });
    expect(told).toEqual([['ready'], ['finished', 'tok_1'], ['failed', 'expired_card']]);
    expect(run(false).told).toEqual([['failed']]);
  });

  it('gives its token to the browser alone', async () => {
    const { setups } = house();
    expect(await setups.tokenOf('chk-1')).toBeUndefined();
    expect(setups.attachesCards).toBe(false);
  });
});
