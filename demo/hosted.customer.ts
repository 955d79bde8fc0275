import { expectThat } from './demo.failure.js';
import { type Page, textOf } from './page.reader.js';
import { openPage, submitForm } from './page.visitor.js';
import type { Purchase } from './purchase.js';

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
