import { DemoFailure, expectThat } from './demo.failure.js';
import { ask } from './http.client.js';
import { attributeOf, dataIn, type Page, textOf } from './page.reader.js';
import { openPage } from './page.visitor.js';

const SCRIPT = 'conekta-checkout';

interface Config {
  readonly checkoutId: string;
  readonly publicKey: string;
  readonly locale: string;
  /** Of the form for a card: JSON. */
  readonly look?: string;
}

/** The form that pays. */
export function openPaymentFrame(page: Page): Promise<Page> {
  return openFrame(page, ({ checkoutId }) => ({
    path: `/component/checkouts/${encodeURIComponent(checkoutId)}`,
  }));
}

/** The form that makes a token of a card. */
export function openCardFrame(page: Page): Promise<Page> {
  return openFrame(page, ({ checkoutId, look = '{}' }) => ({
    path: '/component/card',
    more: { look, checkout: checkoutId },
  }));
}

/**
 * What the component tells the page around it once the customer is through. The shape is the caller's claim.
 * @throws DemoFailure when it tells of anything else than an end
 */
export function saidByFrame<T>(frame: Page): T {
  const text = attributeOf(frame, 'body', 'data-message') ?? '{}';
  const message: { kind?: string; detail?: T } = JSON.parse(text);
  if (message.kind === 'done' && message.detail !== undefined) return message.detail;
  throw new DemoFailure(`the frame ${frame.url} (${frame.status}) told our page ${text}`);
}

/** Opens the frame that the component would put into our page: there is no browser here to run its script. */
async function openFrame(
  page: Page,
  placeOf: (config: Config) => { path: string; more?: Record<string, string> },
): Promise<Page> {
  const script = attributeOf(page, 'script', 'src', SCRIPT);
  expectThat(script !== undefined, `${page.url} does not load the component`);
  const { status } = await ask(script);
  expectThat(status === 200, `the component ${script} was answered ${status}`);
  const { config } = dataIn<{ config: Config }>(page, 'checkout-config');
  const { publicKey: public_key, locale } = config;
  const { path, more } = placeOf(config);
  const address = new URL(path, script);
  const given = { public_key, locale, parent: new URL(page.url).origin, ...more };
  for (const [name, value] of Object.entries(given)) address.searchParams.set(name, value);
  const frame = await openPage(address.href);
  expectThat(frame.status === 200, `the frame was answered ${frame.status}: ${textOf(frame, 'h1')}`);
  return frame;
}
