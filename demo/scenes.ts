import type { Basket } from './baskets.js';
import type { Cast } from './demo.house.js';
import { type ProviderClient, tellWebhooks } from './provider.client.js';
import { Purchase } from './purchase.js';
import type { Terminal, Told } from './terminal.js';

/** What happens in every purchase. Times with a plus count from when the customer pays. */
export class Scenes {
  private paidAt = 0;

  constructor(
    readonly cast: Cast,
    readonly terminal: Terminal,
  ) {}

  /** @param asides shown below the first line */
  async order(basket: Basket, asides: readonly string[] = []): Promise<Purchase> {
    const { purchase } = await this.terminal.step(
      'the shop posts an order',
      () => Purchase.begin(this.cast, basket),
      ({ order }) => ({
        text: `Order ${order.id.slice(0, 8)} over HTTP: ${listed(basket)}, ${priceOf(order)}`,
        details: asides,
      }),
    );
    return purchase;
  }

  /** Our page, with the provider's component in it. */
  openOurPage<Visitor extends { headline: string; button: string }>(
    open: () => Promise<Visitor>,
    provider: ProviderClient,
  ): Promise<Visitor> {
    return this.terminal.step('the customer opens our page', open, ({ headline, button }) => ({
      text: `The customer opens our page: “${headline}”`,
      details: [`the form in it is ${provider.name}'s, in a frame: “${button}”`],
    }));
  }

  /** The step in which the customer pays. */
  async pay<T>(doing: string, work: () => Promise<T>, tell: (result: T) => Told): Promise<T> {
    this.paidAt = performance.now();
    return this.terminal.step(doing, work, tell);
  }

  /** Of what was not a payment: a refusal, a voucher. */
  async webhooksMeanwhile({ provider }: Purchase): Promise<void> {
    await this.terminal.step('webhooks are under way', () => provider.webhooksTaken(), tellWebhooks);
  }

  async webhooks({ provider }: Purchase): Promise<void> {
    await this.sincePaid('webhooks are under way', () => provider.webhooksTaken(), tellWebhooks);
  }

  async paymentSucceeded(purchase: Purchase): Promise<void> {
    const text = 'Payment succeeded: its row and its events are one transaction';
    await this.sincePaid(
      'the payment succeeds',
      () => purchase.becomes('succeeded'),
      () => ({ text }),
    );
  }

  async eventsArrive(purchase: Purchase): Promise<void> {
    await this.sincePaid(
      'the event arrives through JetStream',
      () => purchase.orderBecomes('to hear of it from JetStream', (order) => order.durableEvents > 0),
      () => ({ text: 'JetStream delivers payments.events.payment.succeeded' }),
    );
    await this.sincePaid(
      'the event arrives on core NATS',
      () => purchase.orderBecomes('to hear of it from core NATS', (order) => order.legacyEvents > 0),
      () => ({ text: 'Core NATS delivers payment.succeeded, for older orders services' }),
    );
  }

  async orderPaid(purchase: Purchase): Promise<void> {
    await this.sincePaid(
      'the order becomes PAID',
      () => purchase.paidWithReceipt(),
      (receipt) => ({
        text: this.terminal.style('bold', 'Order PAID, with its receipt'),
        details: [receipt],
      }),
    );
  }

  private async sincePaid<T>(
    doing: string,
    work: () => Promise<T>,
    tell: (result: T) => Told,
  ): Promise<void> {
    await this.terminal.stepSince(this.paidAt, doing, work, tell);
  }
}

/** `79.97 USD` */
export function priceOf({ totalAmount, currency }: { totalAmount: number; currency: string }): string {
  return `${totalAmount.toFixed(2)} ${currency.toUpperCase()}`;
}

/** `299.00` of minor units. */
export function inMajor(amount: number): string {
  return (amount / 100).toFixed(2);
}

function listed({ items }: Basket): string {
  return items.map(({ name, quantity }) => `${quantity} × ${name}`).join(', ');
}
