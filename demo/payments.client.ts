import { getJson } from './http.client.js';
import { expectThat } from './demo.failure.js';

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

/** This project's service, read as an operator would. */
export class PaymentsClient {
  constructor(readonly url: string) {}

  /** @throws DemoFailure unless the order has exactly one payment */
  async ofOrder(orderId: string): Promise<Payment> {
    const list = await getJson<{ data: Payment[] }>(`${this.url}/payments?orderId=${orderId}`);
    const [payment, ...others] = list.data;
    expectThat(
      payment !== undefined && others.length === 0,
      `order ${orderId} has ${list.data.length} payments`,
    );
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
}
