import { describe, expect, it } from '@jest/globals';
import { runInNewContext } from 'node:vm';
import { embeddedCheckout } from './conekta.embedded.js';

const EMBED = { checkoutId: 'chk-1', publicKey: 'key_public' };

interface Integration {
  config: Record<string, unknown>;
  callbacks: Record<string, (argument?: unknown) => void>;
}

/** What a page sees when the driver runs in it: what it gave to the component, and what it told the page. */
function run(driver: string, loads = true): { given: Integration[]; told: unknown[][] } {
  const given: Integration[] = [];
  const told: unknown[][] = [];
  const tell =
    (name: string) =>
    (...details: unknown[]): number =>
      told.push([name, ...details]);
  const { config } = embeddedCheckout(EMBED, 'en', {});
  const checkoutPage = {
    config,
    target: 'checkout',
    ready: tell('ready'),
    finished: tell('finished'),
    failed: tell('failed'),
  };
  const component = { Integration: (one: Integration) => given.push(one) };
  runInNewContext(driver, {
    window: { checkoutPage, ...(loads && { ConektaCheckoutComponents: component }) },
  });
  return { given, told };
}

describe('an embedded checkout', () => {
  it("loads Conekta's script, and allows its frames and the bank's", () => {
    expect(embeddedCheckout(EMBED, 'es', {})).toMatchObject({
      scriptUrl: 'https://pay.conekta.com/v1.0/js/conekta-checkout.min.js',
      config: { checkoutId: 'chk-1', publicKey: 'key_public', locale: 'es' },
      sources: {
        script: ['https://pay.conekta.com'],
        frame: ['https://pay.conekta.com', 'https://*.conekta.com'],
        connect: ['https://pay.conekta.com', 'https://*.conekta.com'],
        inlineStyle: true,
      },
    });
  });

  it('allows one origin alone where another server has the script', () => {
    const componentUrl = 'http://127.0.0.1:4010/v1.0/js/conekta-checkout.min.js';
    const { scriptUrl, sources } = embeddedCheckout(EMBED, 'es', { componentUrl });
    const only = ['http://127.0.0.1:4010'];
    expect(scriptUrl).toBe(componentUrl);
    expect(sources).toEqual({ script: only, frame: only, connect: only, image: only, inlineStyle: false });
  });

  it('allows all of Conekta for another release of its script', () => {
    const componentUrl = 'https://pay.conekta.com/v2.0/js/conekta-checkout.min.js';
    expect(embeddedCheckout(EMBED, 'es', { componentUrl }).sources.frame).toContain('https://*.conekta.com');
  });

  it('uses the public key of now where the session has none, and needs a checkout', () => {
    const { config } = embeddedCheckout({ checkoutId: 'chk-1' }, 'es', { publicKey: 'key_now' });
    expect(config.publicKey).toBe('key_now');
    expect(() => embeddedCheckout({ publicKey: 'key_now' }, 'es', {})).toThrow('not embedded');
    expect(() => embeddedCheckout({ checkoutId: 'chk-1' }, 'es', {})).toThrow('not embedded');
  });

  describe('has a driver that', () => {
    const { driver } = embeddedCheckout(EMBED, 'en', {});

    it('fills the element that the page names', () => {
      expect(run(driver).given[0]?.config).toEqual({
        targetIFrame: '#checkout',
        publicKey: 'key_public',
        locale: 'en',
        checkoutRequestId: 'chk-1',
      });
    });

    it('tells the page what the component tells, and no more', () => {
      const { given, told } = run(driver);
      const { callbacks } = given[0] ?? { callbacks: {} };
      callbacks.onGetInfoSuccess?.({ initLoadTime: 7 });
      callbacks.onErrorPayment?.({ details: [{ code: 'conekta.errors.processing.bank.declined' }] });
      callbacks.onErrorPayment?.({ code: 'conekta.errors.processing.insufficient_funds', message: 'No.' });
      callbacks.onErrorPayment?.('The card was declined.');
      callbacks.onErrorPayment?.({ code: 7 });
      callbacks.onFinalizePayment?.({ id: 'ord_1', customer_info: { email: 'ada@example.com' } });
      expect(told).toEqual([
        ['ready'],
        ['failed', 'card_declined'],
        ['failed', 'insufficient_funds'],
        ['failed', undefined],
        ['failed', undefined],
        ['finished'],
      ]);
    });

    it("says that it failed where Conekta's script did not load", () => {
      expect(run(driver, false).told).toEqual([['failed']]);
    });
  });
});
