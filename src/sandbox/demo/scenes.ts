import type { Cast } from './demo.house.js';
import type { OrderItem } from './orders.client.js';
import { Purchase } from './purchase.js';
import type { Terminal, Told } from './terminal.js';
import { tellWebhooks, webhooksTaken } from './webhooks.step.js';

/** What happens in every purchase. Times with a plus count from the click on Pay. */
export class Scenes {
  private clicked = 0;

  constructor(
    readonly cast: Cast,
    readonly terminal: Terminal,
  ) {}

  /** @param asides shown below the first line */
  async order(items: readonly OrderItem[], asides: readonly string[] = []): Promise<Purchase> {
    const { purchase } = await this.terminal.step(
      'the shop posts an order',
      () => Purchase.begin(this.cast, items),
      ({ order }) => ({
        text: `Order ${order.id.slice(0, 8)} over HTTP: ${listed(items)}, ${order.totalAmount.toFixed(2)} USD`,
        details: asides,
      }),
    );
    await this.terminal.step(
      'the customer opens the payment page',
      () => purchase.openPage(),
      (button) => ({ text: `The customer opens that page. Its button says “${button}”` }),
    );
    return purchase;
  }

  async refusal(purchase: Purchase, card: string): Promise<void> {
    await this.terminal.step(
      `the customer types ${card}`,
      () => purchase.beRefusedWith(card),
      (problem) => ({ text: `Types ${card}`, details: [`the page says: “${problem}”`] }),
    );
  }

  async webhooksOfRefusal(): Promise<void> {
    await this.terminal.step('webhooks are under way', () => webhooksTaken(this.cast), tellWebhooks);
  }

  async pay(purchase: Purchase, card: string): Promise<void> {
    this.clicked = performance.now();
    await this.terminal.step(
      `the customer types ${card}`,
      () => purchase.returnAfterPayingWith(card),
      (headline) => ({ text: `Pays with ${card}`, details: [`and returns to our page: “${headline}”`] }),
    );
  }

  async webhooks(): Promise<void> {
    await this.sinceClick('webhooks are under way', () => webhooksTaken(this.cast), tellWebhooks);
  }

  async paymentSucceeded(purchase: Purchase): Promise<void> {
    const text = 'Payment succeeded: its row and its events are one transaction';
    await this.sinceClick(
      'the payment succeeds',
      () => purchase.succeeded(),
      () => ({ text }),
    );
  }

  async eventsArrive(purchase: Purchase): Promise<void> {
    await this.sinceClick(
      'the event arrives through JetStream',
      () => purchase.orderBecomes('to hear of it from JetStream', (order) => order.durableEvents > 0),
      () => ({ text: 'JetStream delivers payments.events.payment.succeeded' }),
    );
    await this.sinceClick(
      'the event arrives on core NATS',
      () => purchase.orderBecomes('to hear of it from core NATS', (order) => order.legacyEvents > 0),
      () => ({ text: 'Core NATS delivers payment.succeeded, for older orders services' }),
    );
  }

  async orderPaid(purchase: Purchase): Promise<void> {
    await this.sinceClick(
      'the order becomes PAID',
      () => purchase.paidWithReceipt(),
      (receipt) => ({
        text: this.terminal.style('bold', 'Order PAID, with its receipt'),
        details: [receipt],
      }),
    );
  }

  private async sinceClick<T>(
    doing: string,
    work: () => Promise<T>,
    tell: (result: T) => Told,
  ): Promise<void> {
    await this.terminal.stepSince(this.clicked, doing, work, tell);
  }
}

function listed(items: readonly OrderItem[]): string {
  return items.map(({ name, quantity }) => `${quantity} × ${name}`).join(', ');
}
