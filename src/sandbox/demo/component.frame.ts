import { DemoFailure, expectThat } from './demo.failure.js';
import { ask } from './http.client.js';
import { attributeOf, dataIn, type Page, textOf } from './page.reader.js';
import { openPage } from './page.visitor.js';

const SCRIPT = 'conekta-checkout';

interface Island {
  readonly config: { readonly checkoutId: string; readonly publicKey: string; readonly locale: string };
}

/** What the component tells the page around it once the customer is through. */
interface Finished {
  readonly payment_status: string;
  readonly charge: { readonly payment_method: { readonly reference?: string } };
}

/** Opens the frame that the component would put into our page: there is no browser here to run its script. */
export async function openFrame(page: Page): Promise<Page> {
  const script = attributeOf(page, 'script', 'src', SCRIPT);
  expectThat(script !== undefined, `${page.url} does not load the component`);
  const { status } = await ask(script);
  expectThat(status === 200, `the component ${script} was answered ${status}`);
  const { checkoutId, publicKey, locale } = dataIn<Island>(page, 'checkout-config').config;
  const address = new URL(`/component/checkouts/${encodeURIComponent(checkoutId)}`, script);
  address.searchParams.set('public_key', publicKey);
  address.searchParams.set('locale', locale);
  address.searchParams.set('parent', new URL(page.url).origin);
  const frame = await openPage(address.href);
  expectThat(frame.status === 200, `the frame was answered ${frame.status}: ${textOf(frame, 'h1')}`);
  return frame;
}

/** @throws DemoFailure when it tells of anything else than an end */
export function saidByFrame(frame: Page): Finished {
  const text = attributeOf(frame, 'body', 'data-message') ?? '{}';
  const message: { kind?: string; detail?: Finished } = JSON.parse(text);
  if (message.kind === 'done' && message.detail !== undefined) return message.detail;
  throw new DemoFailure(`the frame ${frame.url} (${frame.status}) told our page ${text}`);
}
