import { describe, expect, it } from '@jest/globals';
import { runInNewContext } from 'node:vm';
import { embeddedCheckout } from './stripe.embedded.js';

const EMBED = { clientSecret: 'cs_test_1_secret_2', publicKey: 'pk_test_1' };

interface Shown {
  key?: string;
  locale?: string;
  secret?: string;
  where?: unknown;
  said: string[];
}

/** What Stripe.js puts into a page. */
const FRAME = { contentWindow: 'the frame' };

/** Runs the driver in a page whose Stripe.js has the given method, and whose frame speaks as soon as it is heard. */
async function show(
  method: string,
  build: (shown: Shown) => unknown,
  more: Readonly<Record<string, string>> = {},
): Promise<Shown> {
  const shown: Shown = { said: [] };
  const { config: plain, driver } = embeddedCheckout(EMBED, 'es', {});
  const config = { ...plain, ...more };
  const done = new Promise<void>((resolve) => {
    const say = (word: string) => (message?: string) => {
      shown.said.push(message === undefined ? word : `${word}: ${message}`);
      resolve();
    };
    const checkoutPage = {
      config,
      target: 'checkout',
      ready: say('ready'),
      finished: say('finished'),
      failed: say('failed'),
    };
    const Stripe = (key: string, options: { locale: string }) => {
      Object.assign(shown, { key, locale: options.locale });
      return { [method]: build(shown) };
    };
    const host = { querySelectorAll: () => [FRAME] };
    const listens = (_type: string, hear: (event: object) => void) =>
      setImmediate(() => {
        hear({ source: 'another window' });
        hear({ source: FRAME.contentWindow });
      });
    runInNewContext(driver, {
      window: { checkoutPage, Stripe, addEventListener: listens, removeEventListener: () => undefined },
      document: { getElementById: (id: string) => (id === 'checkout' ? host : null) },
      Error,
    });
  });
  await done;
  return shown;
}

const mounting =
  (shown: Shown) =>
  async ({ fetchClientSecret }: { fetchClientSecret: () => Promise<string> }) => {
    shown.secret = await fetchClientSecret();
    return { mount: (where: object) => (shown.where = Object.keys(where)) };
  };

describe('what shows a session inside a page', () => {
  it.each(['createEmbeddedCheckoutPage', 'initEmbeddedCheckout'])('is mounted by %s', async (method) => {
    expect(await show(method, mounting)).toEqual({
      key: 'pk_test_1',
      locale: 'es',
      secret: 'cs_test_1_secret_2',
      where: ['querySelectorAll'],
      said: ['ready'],
    });
  });

  it('says when it is done, where the page is to be left only if it must be', async () => {
    const completing = (tellsTheEnd: boolean) => (shown: Shown) => (options: { onComplete?: () => void }) => {
      shown.said.push(options.onComplete === undefined ? 'leaves' : 'stays');
      expect(options.onComplete !== undefined).toBe(tellsTheEnd);
      options.onComplete?.();
      return { mount: () => undefined };
    };
    expect((await show('createEmbeddedCheckoutPage', completing(false))).said).toEqual(['leaves', 'ready']);
    const staying = await show('createEmbeddedCheckoutPage', completing(true), { tellsTheEnd: 'yes' });
    expect(staying.said.slice(0, 2)).toEqual(['stays', 'finished']);
  });

  it('says that it is not there, in no words of its own', async () => {
    const refusing = () => async () => {
      throw new Error('the session has expired');
    };
    const shown = await show('createEmbeddedCheckoutPage', refusing);
    expect(shown.said).toEqual(['failed']);
  });

  it("is Stripe's own script of the API's release, with what Stripe says that it needs", () => {
    const { scriptUrl, sources } = embeddedCheckout(EMBED, 'en', {});
    expect(scriptUrl).toMatch(/^https:\/\/js\.stripe\.com\/[a-z]+\/stripe\.js$/);
    for (const origins of [sources.script, sources.frame]) {
      expect(origins).toEqual(
        expect.arrayContaining([
          'https://js.stripe.com',
          'https://*.js.stripe.com',
          'https://checkout.stripe.com',
        ]),
      );
    }
    const all = [sources.script, sources.frame, sources.connect, sources.image].flat();
    expect(all.filter((origin) => !/^https:\/\/[a-z.*]+\.stripe\.com$/.test(origin))).toEqual([]);
  });

  it("is a stand-in's script and nothing else, where one is set", () => {
    const { scriptUrl, sources } = embeddedCheckout(EMBED, 'en', {
      scriptUrl: 'http://127.0.0.1:4010/js/stripe.js',
    });
    expect(scriptUrl).toBe('http://127.0.0.1:4010/js/stripe.js');
    expect(sources).toEqual({
      script: ['http://127.0.0.1:4010'],
      frame: ['http://127.0.0.1:4010'],
      connect: [],
      image: [],
      inlineStyle: false,
    });
    const other = embeddedCheckout(EMBED, 'en', { scriptUrl: 'https://js.stripe.com/v3/' });
    expect(other.sources.connect).toContain('https://api.stripe.com');
  });

  it('needs a session that was embedded', () => {
    expect(() => embeddedCheckout({ publicKey: 'pk_test_1' }, 'en', {})).toThrow('not embedded');
    expect(() => embeddedCheckout({ clientSecret: 'cs_1' }, 'en', {})).toThrow('not embedded');
    const { config } = embeddedCheckout({ clientSecret: 'cs_1' }, 'en', { publishableKey: 'pk_test_2' });
    expect(config).toEqual({ clientSecret: 'cs_1', publishableKey: 'pk_test_2', locale: 'en' });
  });
});
