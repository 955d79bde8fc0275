import type { Basket } from './baskets.js';
import { expectThat } from './demo.failure.js';
import { getJson, postJson } from './web.js';

/** What the demo reads of an order; the example orders service gives more. So it is with everything below. */
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

export interface Payment {
  readonly paymentId: string;
  /** Null: it is no cycle of a subscription. */
  readonly subscriptionId: string | null;
  readonly status: string;
  /** Minor units. */
  readonly amount: number;
  /** Grows with everything that happens to the payment. */
  readonly version: number;
}

export interface Plan {
  readonly planId: string;
  readonly name: string;
  /** Minor units. */
  readonly amount: number;
  readonly currency: string;
  readonly active: boolean;
}

export interface Customer {
  readonly customerId: string;
  readonly paymentSources: readonly {
    readonly brand: string | null;
    readonly last4: string | null;
    readonly default: boolean;
  }[];
}

/** A form on which the customer gives a card to the provider. */
export interface CardForm {
  /** Our page that shows it. */
  readonly url: string;
}

export interface Subscription {
  readonly subscriptionId: string;
  readonly customerId: string;
  readonly status: string;
  readonly currentPeriodEnd: string | null;
  readonly nextAttemptAt: string | null;
  readonly providerIds: { readonly subscription: string | null; readonly customer: string | null };
  /** Newest first; not in every answer. */
  readonly periods?: readonly { readonly paymentId: string; readonly paidAt: string | null }[];
}

export type SubscriptionVerb = 'pause' | 'resume' | 'cancel';

/** This project's service as the shop's backend and an operator see it: over HTTP. */
export class PaymentsClient {
  constructor(readonly url: string) {}

  /** @throws DemoFailure unless the order has exactly one payment */
  async ofOrder(orderId: string): Promise<Payment> {
    const { data } = await getJson<{ data: Payment[] }>(`${this.url}/payments?orderId=${orderId}`);
    const [payment, ...others] = data;
    const isOne = payment !== undefined && others.length === 0;
    expectThat(isOne, `order ${orderId} has ${data.length} payments`);
    return payment;
  }

  /** Newest first. */
  async ofSubscription(subscriptionId: string): Promise<Payment[]> {
    const { data } = await getJson<{ data: Payment[] }>(`${this.url}/payments?provider=conekta&limit=100`);
    return data.filter((payment) => payment.subscriptionId === subscriptionId);
  }

  /** What it has to do without just now. @throws DemoFailure when it cannot be sent work */
  async degraded(): Promise<string[]> {
    const { degraded } = await getJson<{ degraded: { what: string }[] }>(`${this.url}/health/ready`);
    return degraded.map(({ what }) => what);
  }

  createPlan(plan: object): Promise<Plan> {
    return postJson(`${this.url}/plans`, plan);
  }

  createCustomer(person: object): Promise<Customer> {
    return postJson(`${this.url}/customers`, person);
  }

  findCustomer(id: string): Promise<Customer> {
    return getJson(`${this.url}/customers/${id}`);
  }

  openCardForm(customerId: string): Promise<CardForm> {
    return postJson(`${this.url}/tokens`, { customerId });
  }

  subscribe(customerId: string, planId: string): Promise<Subscription> {
    return postJson(`${this.url}/subscriptions`, { customerId, planId });
  }

  findSubscription(id: string): Promise<Subscription> {
    return getJson(`${this.url}/subscriptions/${id}`);
  }

  command(subscriptionId: string, verb: SubscriptionVerb): Promise<Subscription> {
    return postJson(`${this.url}/subscriptions/${subscriptionId}/${verb}`);
  }

  /** Charges the customer's default card. */
  charge(customerId: string, what: object, idempotencyKey: string): Promise<Payment> {
    const body = { source: { default: true }, customerId, ...what };
    return postJson(`${this.url}/payments/charge`, body, { 'idempotency-key': idempotencyKey });
  }
}
