import { getJson, postJson } from './http.client.js';

/** What the demo reads of an order; the example orders service gives more. */
export interface Order {
  readonly id: string;
  readonly status: 'PENDING' | 'PAID';
  /** Major units. */
  readonly totalAmount: number;
  readonly currency: string;
  readonly receipts: readonly { readonly kind: 'legacy' | 'durable'; readonly receiptUrl: string }[];
  readonly payments: readonly { readonly paymentId: string; readonly status: string }[];
  readonly legacyEvents: number;
  readonly durableEvents: number;
  readonly duplicatesIgnored: number;
}

export interface OrderItem {
  readonly name: string;
  /** Major units. */
  readonly price: number;
  readonly quantity: number;
}

/** The orders service as the shop's frontend sees it: over HTTP. */
export class OrdersClient {
  constructor(readonly url: string) {}

  create(items: readonly OrderItem[]): Promise<{ order: Order; paymentSession: { url: string } }> {
    return postJson(`${this.url}/orders`, { currency: 'usd', items });
  }

  find(id: string): Promise<Order> {
    return getJson(`${this.url}/orders/${id}`);
  }

  list(): Promise<Order[]> {
    return getJson(`${this.url}/orders`);
  }
}
