import { beforeEach, describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { runInNewContext } from 'node:vm';

const SCRIPT = readFileSync(new URL('./stripe.browser.js', import.meta.url), 'utf8');
const ORIGIN = 'http://127.0.0.1:4010';
const SECRET = 'cs_test_1_secret_2';

interface Message {
  origin: string;
  source: unknown;
  data: unknown;
}

/** As much of a browser's page as the script touches. */
class FakePage {
  readonly frame = { src: '', title: '', style: {}, contentWindow: {}, remove: () => this.mounted.pop() };
  readonly mounted: unknown[] = [];
  readonly visited: string[] = [];
  listeners: ((message: Message) => void)[] = [];
  readonly window = {
    Stripe: (_key: string): StripeJs => {
      throw new Error('the script has not run');
    },
    location: { origin: 'https://shop.example', assign: (url: string) => this.visited.push(url) },
    addEventListener: (_: string, listener: (message: Message) => void) => this.listeners.push(listener),
    removeEventListener: (_: string, listener: unknown) => {
      this.listeners = this.listeners.filter((one) => one !== listener);
    },
  };

  constructor() {
    const element = { replaceChildren: (child: unknown) => this.mounted.push(child) };
    const document = {
      currentScript: { src: `${ORIGIN}/js/stripe.js` },
      createElement: () => this.frame,
      querySelector: (selector: string) => (selector === '#checkout' ? element : null),
    };
    runInNewContext(SCRIPT, { window: this.window, document, URL });
  }

  tell(data: object, { origin = ORIGIN, source = this.frame.contentWindow as unknown } = {}): void {
    for (const listener of this.listeners) {
      listener({ origin, source, data: { sender: 'stripe-stand-in', ...data } });
    }
  }
}

interface StripeJs {
  createEmbeddedCheckoutPage(options: object): Promise<{ mount(where: unknown): void; destroy(): void }>;
}

describe('the stand-in Stripe.js', () => {
  let page: FakePage;

  beforeEach(() => {
    page = new FakePage();
  });

  const create = (options: object = {}) =>
    page.window
      .Stripe('pk_test_sandbox')
      .createEmbeddedCheckoutPage({ fetchClientSecret: async () => SECRET, ...options });
  const complete = { kind: 'complete', returnUrl: 'https://shop.example/done' };

  it('mounts a frame of its own server, opened by key and secret', async () => {
    (await create()).mount('#checkout');
    expect(page.mounted).toEqual([page.frame]);
    const { origin, pathname, searchParams } = new URL(page.frame.src);
    expect([origin, pathname]).toEqual([ORIGIN, '/c/embed/cs_test_1']);
    expect(Object.fromEntries(searchParams)).toEqual({
      secret: SECRET,
      key: 'pk_test_sandbox',
      parent: 'https://shop.example',
    });
  });

  it('takes the whole window to where the payment ends', async () => {
    (await create()).mount('#checkout');
    page.tell({ kind: 'height', height: 512 });
    expect(page.frame.style).toMatchObject({ height: '512px' });
    expect(page.visited).toEqual([]);
    page.tell(complete);
    expect(page.visited).toEqual(['https://shop.example/done']);
  });

  it('believes its own frame only', async () => {
    (await create()).mount('#checkout');
    page.tell(complete, { origin: 'https://evil.example' });
    page.tell(complete, { source: {} });
    page.tell({ ...complete, sender: 'somebody' });
    expect(page.visited).toEqual([]);
  });

  it('calls the page where nobody is to be sent away', async () => {
    let calls = 0;
    const checkout = await create({ onComplete: () => (calls += 1) });
    checkout.mount('#checkout');
    page.tell({ kind: 'complete', returnUrl: '' });
    expect([calls, page.visited]).toEqual([1, []]);
    checkout.destroy();
    page.tell({ kind: 'complete', returnUrl: '' });
    expect([calls, page.mounted]).toEqual([1, []]);
  });

  it('refuses keys that are not for tests, a secret that is none, and a place that is not there', async () => {
    expect(() => page.window.Stripe('sk_test_sandbox')).toThrow('pk_test_');
    await expect(create({ fetchClientSecret: async () => undefined })).rejects.toThrow('client secret');
    expect(() => page.window.Stripe('pk_live_1')).toThrow('pk_test_');
    const checkout = await create();
    expect(() => checkout.mount('#elsewhere')).toThrow('#elsewhere');
  });
});
