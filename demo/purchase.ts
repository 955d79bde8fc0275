import type { Basket } from './baskets.js';
import type { Order, Payment, PaymentSession } from './clients.js';
import { expectThat, until } from './demo.failure.js';
import type { Cast } from './demo.house.js';
import type { ProviderClient } from './provider.client.js';
import { ask, type Page, textOf } from './web.js';

/** The second one after a declined attempt. */
const WAITING = ['Waiting for the confirmation', 'Not confirmed yet'];
const RECEIVED = 'Payment received';

/** One order and its payment. Every method does what it says and checks what came of it. */
export class Purchase {
  private constructor(
    readonly cast: Cast,
    readonly orderId: string,
    readonly session: PaymentSession,
    readonly provider: ProviderClient,
  ) {}

  /** The shop posts an order; the orders service asks for a session over NATS. */
  static async begin(cast: Cast, basket: Basket): Promise<{ purchase: Purchase; order: Order }> {
    const { order, paymentSession: session } = await cast.orders.create(basket);
    expectThat(order.status === 'PENDING', `the new order is ${order.status}`);
    expectThat(URL.canParse(session.url), `the session's url is ${session.url}`);
    const wanted = basket.checkout?.provider ?? 'stripe';
    expectThat(session.provider === wanted, `the session is at ${session.provider}, not at ${wanted}`);
    const provider = wanted === 'conekta' ? cast.conekta : cast.stripe;
    return { order, purchase: new Purchase(cast, order.id, session, provider) };
  }

  order(): Promise<Order> {
    return this.cast.orders.find(this.orderId);
  }

  payment(): Promise<Payment> {
    return this.cast.payments.ofOrder(this.orderId);
  }

  async becomes(wanted: string): Promise<void> {
    await until({
      what: `the payment to be ${wanted}`,
      read: () => this.payment(),
      holds: ({ status }) => status === wanted,
    });
  }

  orderBecomes(what: string, holds: (order: Order) => boolean): Promise<Order> {
    return until({ what: `the order ${what}`, read: () => this.order(), holds });
  }

  async staysPending(): Promise<void> {
    const { status } = await this.order();
    expectThat(status === 'PENDING', `order ${this.orderId} is ${status}`);
  }

  /** Our page must not say of a payment what is not so. @returns what it says to a customer who has paid */
  async resultOn(page: Page): Promise<string> {
    const headline = textOf(page, 'h1') ?? '';
    expectThat(page.status === 200, `${page.url} answered ${page.status}: ${headline}`);
    const { status } = await this.payment();
    const isSo = headline === RECEIVED ? status === 'succeeded' : WAITING.includes(headline);
    expectThat(isSo, `${page.url} says “${headline}” while the payment is ${status}`);
    return headline;
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
