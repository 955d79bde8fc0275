import type { Cast } from './demo.house.js';
import { expectThat } from './demo.failure.js';
import { ask } from './http.client.js';
import type { Order, OrderItem } from './orders.client.js';
import { openPage, submitForm, textOf, type Page } from './page.visitor.js';
import type { Payment } from './payments.client.js';
import { until } from './until.js';

/** One order and the customer who pays it. Every method does what it says and checks what came of it. */
export class Purchase {
  private constructor(
    private readonly cast: Cast,
    readonly orderId: string,
    readonly payUrl: string,
    private page: Page | undefined,
  ) {}

  /** The shop posts an order; the orders service asks for a session over NATS. */
  static async begin(cast: Cast, items: readonly OrderItem[]): Promise<{ purchase: Purchase; order: Order }> {
    const { order, paymentSession } = await cast.orders.create(items);
    expectThat(order.status === 'PENDING', `the new order is ${order.status}`);
    expectThat(URL.canParse(paymentSession.url), `the session's url is ${paymentSession.url}`);
    return { order, purchase: new Purchase(cast, order.id, paymentSession.url, undefined) };
  }

  /** @returns what the page's button says */
  async openPage(): Promise<string> {
    this.page = await openPage(this.payUrl);
    expectThat(this.page.status === 200, `the payment page was answered ${this.page.status}`);
    return textOf(this.page, 'button') ?? '';
  }

  /** Types a card number, sends the form and follows to where the provider sends the customer. */
  async payWith(number: string): Promise<Page> {
    expectThat(this.page !== undefined, 'no payment page is open');
    this.page = await submitForm(this.page, '/card', { number });
    return this.page;
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
    const isOurs = page.url.startsWith(`${this.cast.payments.url}/payments/success`);
    expectThat(isOurs && page.status === 200, `the customer ended at ${page.url} (${page.status})`);
    return textOf(page, 'h1') ?? '';
  }

  order(): Promise<Order> {
    return this.cast.orders.find(this.orderId);
  }

  payment(): Promise<Payment> {
    return this.cast.payments.ofOrder(this.orderId);
  }

  async succeeded(): Promise<void> {
    await until({
      what: 'the payment to succeed',
      read: () => this.payment(),
      holds: ({ status }) => status === 'succeeded',
    });
  }

  orderBecomes(what: string, holds: (order: Order) => boolean): Promise<Order> {
    return until({ what: `the order ${what}`, read: () => this.order(), holds });
  }

  /** @returns the receipt's URL, which opens */
  async paidWithReceipt(): Promise<string> {
    const order = await this.orderBecomes(
      'to be PAID with its receipts',
      ({ status, receipts }) => status === 'PAID' && receipts.length === 2,
    );
    const [receipt] = order.receipts;
    const same = order.receipts.every(({ receiptUrl }) => receiptUrl === receipt?.receiptUrl);
    expectThat(receipt !== undefined && same, `the receipts differ: ${JSON.stringify(order.receipts)}`);
    const { status } = await ask(receipt.receiptUrl);
    expectThat(status === 200, `the receipt ${receipt.receiptUrl} was answered ${status}`);
    return receipt.receiptUrl;
  }
}
