import type { Basket } from './baskets.js';
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

/** Likewise of what the payments service answered. */
export interface PaymentSession {
  readonly url: string;
  readonly provider: string;
  /** Of an embedded session. */
  readonly checkoutId?: string;
}

/** The orders service as the shop's frontend sees it: over HTTP. */
export class OrdersClient {
  constructor(readonly url: string) {}

  create(basket: Basket): Promise<{ order: Order; paymentSession: PaymentSession }> {
    return postJson(`${this.url}/orders`, basket);
  }

  find(id: string): Promise<Order> {
    return getJson(`${this.url}/orders/${id}`);
  }

  list(): Promise<Order[]> {
    return getJson(`${this.url}/orders`);
  }
}
