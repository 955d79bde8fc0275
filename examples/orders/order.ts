/** An order as `findOneOrder` and `GET /orders/:id` give it; the first block is what the course's callers read. */
export interface Order {
  readonly id: string;
  readonly status: 'PENDING' | 'PAID';
  readonly paid: boolean;
  /** ISO 8601. */
  readonly paidAt: string | null;
  /** Major units. */
  readonly totalAmount: number;
  readonly totalItems: number;
  readonly stripeChargeId: string | null;
  readonly OrderItem: readonly OrderItem[];

  readonly currency: string;
  readonly receipts: readonly OrderReceipt[];
  /** What the durable events said last of each payment for this order. */
  readonly payments: readonly OrderPayment[];
  /** What went back to the buyer, as the durable events said. */
  readonly refunds: readonly OrderRefund[];
  /** The durable event that said that the order is paid. */
  readonly paidByEvent: string | null;
  /** How often an event arrived on core NATS. */
  readonly legacyEvents: number;
  /** How often an event was delivered by JetStream. */
  readonly durableEvents: number;
  /** Those of them whose id was already in the inbox. */
  readonly duplicatesIgnored: number;
}

export interface OrderItem {
  readonly productId: string;
  readonly name: string;
  /** Major units. */
  readonly price: number;
  readonly quantity: number;
}

export interface OrderReceipt {
  /** Which listener wrote it. */
  readonly kind: 'legacy' | 'durable';
  readonly receiptUrl: string;
}

export interface OrderPayment {
  readonly paymentId: string;
  readonly status: string;
  readonly version: number;
}

export interface OrderRefund {
  readonly refundId: string;
  /** Minor units. */
  readonly amount: number;
}
