import { openPaymentFrame, saidByFrame } from './component.frame.js';
import { expectThat } from './demo.failure.js';
import { dataIn, lettersOf, type Page, textOf } from './page.reader.js';
import { openPage, submitForm } from './page.visitor.js';
import type { Purchase } from './purchase.js';

interface Finished {
  readonly payment_status: string;
  readonly charge: { readonly payment_method: { readonly reference?: string } };
}

/** Somebody who pays in the provider's component on our page, which does what its scripts would. */
export class ComponentCustomer {
  private constructor(
    readonly purchase: Purchase,
    private readonly page: Page,
    private frame: Page,
  ) {}

  static async open(purchase: Purchase): Promise<ComponentCustomer> {
    const { url } = purchase.session;
    const isOurs = url.startsWith(`${purchase.cast.payments.url}/pay/`);
    expectThat(isOurs, `the session's page is not ours: ${url}`);
    const page = await openPage(url);
    expectThat(page.status === 200, `our payment page was answered ${page.status}`);
    return new ComponentCustomer(purchase, page, await openPaymentFrame(page));
  }

  get headline(): string {
    return textOf(this.page, 'h1') ?? '';
  }

  /** What the button in the frame says. */
  get button(): string {
    return textOf(this.frame, 'button') ?? '';
  }

  /** @returns what the frame says, and our page that the customer comes to */
  async payWith(number: string): Promise<{ frame: string; result: string }> {
    this.frame = await submitForm(this.frame, '/card', { number });
    const { payment_status: told } = saidByFrame<Finished>(this.frame);
    expectThat(told === 'paid', `the component told our page ${told}`);
    const result = await this.purchase.resultOn(await this.finish());
    return { frame: textOf(this.frame, 'h1') ?? '', result };
  }

  /** @returns the reference to pay with at a shop */
  async chooseCash(): Promise<string> {
    this.frame = await submitForm(this.frame, '/cash');
    const { payment_status: told, charge } = saidByFrame<Finished>(this.frame);
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
