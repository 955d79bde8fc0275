import type { CardForm } from './clients.js';
import { DemoFailure, expectThat } from './demo.failure.js';
import type { Purchase } from './purchase.js';
import {
  ask,
  attributeOf,
  dataIn,
  lettersOf,
  openPage,
  type Page,
  postJson,
  submitForm,
  textOf,
} from './web.js';

/** Somebody who pays on the provider's own page. */
export class HostedCustomer {
  private constructor(
    private readonly purchase: Purchase,
    private page: Page,
  ) {}

  static async open(purchase: Purchase): Promise<HostedCustomer> {
    const page = await openPage(purchase.session.url);
    expectThat(page.status === 200, `the payment page was answered ${page.status}`);
    return new HostedCustomer(purchase, page);
  }

  /** What the page's button says. */
  get button(): string {
    return textOf(this.page, 'button') ?? '';
  }

  /** The card is refused, and the page says so. @returns what it says */
  async beRefusedWith(number: string): Promise<string> {
    const page = await this.payWith(number);
    const problem = textOf(page, 'alert');
    expectThat(page.status === 402 && problem !== undefined, `${page.url} answered ${page.status}`);
    return problem;
  }

  /** The provider takes the card and sends the customer to our page. @returns the page's headline */
  async returnAfterPayingWith(number: string): Promise<string> {
    const page = await this.payWith(number);
    const isOurs = page.url.startsWith(`${this.purchase.cast.payments.url}/payments/success`);
    expectThat(isOurs, `the customer ended at ${page.url} (${page.status})`);
    return this.purchase.resultOn(page);
  }

  /** Types a card number, sends the form and follows to where the provider sends the customer. */
  private async payWith(number: string): Promise<Page> {
    this.page = await submitForm(this.page, '/card', { number });
    return this.page;
  }
}

interface ComponentConfig {
  readonly checkoutId: string;
  readonly publicKey: string;
  readonly locale: string;
  /** Of the form for a card: JSON. */
  readonly look?: string;
}

/** Where the component's frame is, below its script, and what it is given. */
type FramePlace = (config: ComponentConfig) => { path: string; more?: Record<string, string> };

/** Somebody before the provider's component on our page, who does what its scripts would: there is no browser here. */
abstract class ComponentVisitor {
  protected constructor(
    protected readonly page: Page,
    protected frame: Page,
  ) {}

  get headline(): string {
    return textOf(this.page, 'h1') ?? '';
  }

  /** What the button in the frame says. */
  get button(): string {
    return textOf(this.frame, 'button') ?? '';
  }

  /** Opens our page, and the frame that the component would put into it. */
  protected static async openBoth(url: string, beginning: string, place: FramePlace): Promise<[Page, Page]> {
    expectThat(url.startsWith(beginning), `the page is not ours: ${url}`);
    const page = await openPage(url);
    expectThat(page.status === 200, `our page was answered ${page.status}`);
    const script = attributeOf(page, 'script', 'src', 'conekta-checkout');
    expectThat(script !== undefined, `${page.url} does not load the component`);
    const { status } = await ask(script);
    expectThat(status === 200, `the component ${script} was answered ${status}`);
    const { config } = dataIn<{ config: ComponentConfig }>(page, 'checkout-config');
    const { publicKey: public_key, locale } = config;
    const { path, more } = place(config);
    const address = new URL(path, script);
    const given = { public_key, locale, parent: new URL(page.url).origin, ...more };
    for (const [name, value] of Object.entries(given)) address.searchParams.set(name, value);
    const frame = await openPage(address.href);
    expectThat(frame.status === 200, `the frame was answered ${frame.status}: ${textOf(frame, 'h1')}`);
    return [page, frame];
  }

  /**
   * Sends a form in the frame. The shape is the caller's claim.
   * @returns what the component tells our page once the customer is through
   * @throws DemoFailure when it tells of anything else than an end
   */
  protected async submit<T>(pathEnd: string, typed: Record<string, string> = {}): Promise<T> {
    this.frame = await submitForm(this.frame, pathEnd, typed);
    const text = attributeOf(this.frame, 'body', 'data-message') ?? '{}';
    const message: { kind?: string; detail?: T } = JSON.parse(text);
    if (message.kind === 'done' && message.detail !== undefined) return message.detail;
    throw new DemoFailure(`the frame ${this.frame.url} (${this.frame.status}) told our page ${text}`);
  }
}

interface Finished {
  readonly payment_status: string;
  readonly charge: { readonly payment_method: { readonly reference?: string } };
}

/** Somebody who pays in the component. */
export class ComponentCustomer extends ComponentVisitor {
  private constructor(
    readonly purchase: Purchase,
    page: Page,
    frame: Page,
  ) {
    super(page, frame);
  }

  static async open(purchase: Purchase): Promise<ComponentCustomer> {
    const ours = `${purchase.cast.payments.url}/pay/`;
    const place: FramePlace = ({ checkoutId }) => ({
      path: `/component/checkouts/${encodeURIComponent(checkoutId)}`,
    });
    return new ComponentCustomer(purchase, ...(await this.openBoth(purchase.session.url, ours, place)));
  }

  /** @returns what the frame says, and our page that the customer comes to */
  async payWith(number: string): Promise<{ frame: string; result: string }> {
    const { payment_status: told } = await this.submit<Finished>('/card', { number });
    expectThat(told === 'paid', `the component told our page ${told}`);
    const result = await this.purchase.resultOn(await this.finish());
    return { frame: textOf(this.frame, 'h1') ?? '', result };
  }

  /** @returns the reference to pay with at a shop */
  async chooseCash(): Promise<string> {
    const { payment_status: told, charge } = await this.submit<Finished>('/cash');
    expectThat(told === 'pending_payment', `the component told our page ${told}`);
    const reference = charge.payment_method.reference ?? '';
    const isShown = /^\d{10,}$/.test(reference) && lettersOf(this.frame).includes(reference);
    expectThat(isShown, `the frame does not show the reference ${reference}`);
    await this.finish();
    return reference;
  }

  /** The page that the customer was sent to leads to the voucher. @returns its headline */
  async seeVoucher(reference: string): Promise<string> {
    const voucher = await this.finish();
    expectThat(voucher.url === this.page.url, `the customer ended at ${voucher.url} (${voucher.status})`);
    const isShown = lettersOf(voucher).includes(reference);
    expectThat(isShown, `${voucher.url} does not show the reference ${reference}`);
    return textOf(voucher, 'h1') ?? '';
  }

  /** @returns what the page that the customer paid on says now */
  async lookAgain(): Promise<string> {
    return this.purchase.resultOn(await openPage(this.page.url));
  }

  /** What our page does once the component says that the customer is through. */
  private finish(): Promise<Page> {
    const { returnTo } = dataIn<{ returnTo: string }>(this.page, 'checkout-config');
    return openPage(new URL(returnTo, this.page.url).href);
  }
}

/** Somebody who saves a card in the component. */
export class CardCustomer extends ComponentVisitor {
  /** @param origin of this project's service */
  static async open({ url }: CardForm, origin: string): Promise<CardCustomer> {
    const place: FramePlace = ({ checkoutId, look = '{}' }) => ({
      path: '/component/card',
      more: { look, checkout: checkoutId },
    });
    return new CardCustomer(...(await this.openBoth(url, `${origin}/cards/new`, place)));
  }

  /** @returns what the frame says, and our page that the customer sees then */
  async save(number: string, name: string): Promise<{ frame: string; result: string }> {
    const { id: token } = await this.submit<{ id: string }>('/card', { number, name });
    // What our page does with the token.
    const { saveAt } = dataIn<{ saveAt: string }>(this.page, 'checkout-config');
    const { saved } = await postJson<{ saved: boolean }>(new URL(saveAt, this.page.url).href, { token });
    expectThat(saved, 'our page was told that the card is not saved');
    const after = await openPage(this.page.url);
    const result = textOf(after, 'h1') ?? '';
    expectThat(result === 'Card saved', `our page says “${result}” (${after.status})`);
    return { frame: textOf(this.frame, 'h1') ?? '', result };
  }
}
