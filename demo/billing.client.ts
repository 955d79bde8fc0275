import { getJson, postJson } from './http.client.js';
import type { Payment } from './payments.client.js';

/** What the demo reads of a plan; the service gives more. */
export interface Plan {
  readonly planId: string;
  readonly name: string;
  /** Minor units. */
  readonly amount: number;
  readonly currency: string;
  readonly active: boolean;
}

/** Likewise of a customer. */
export interface Customer {
  readonly customerId: string;
  readonly paymentSources: readonly Card[];
  readonly providerIds: { readonly conekta?: string };
}

export interface Card {
  readonly brand: string | null;
  readonly last4: string | null;
  readonly default: boolean;
}

/** A form on which the customer gives a card to the provider. */
export interface CardForm {
  readonly setupId: string;
  /** Our page that shows it. */
  readonly url: string;
}

export interface Subscription {
  readonly subscriptionId: string;
  readonly customerId: string;
  readonly status: string;
  readonly currentPeriodEnd: string | null;
  /** Of the cycle that is being collected. */
  readonly failedAttempts: number;
  readonly nextAttemptAt: string | null;
  readonly providerIds: { readonly subscription: string | null; readonly customer: string | null };
  /** Newest first; not in every answer. */
  readonly periods?: readonly Period[];
}

interface Period {
  readonly amount: number;
  readonly paymentId: string;
  readonly paidAt: string | null;
}

/** This project's service as the shop's backend sees it: over HTTP. */
export class BillingClient {
  constructor(private readonly url: string) {}

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

  command(id: string, verb: 'pause' | 'resume' | 'cancel'): Promise<Subscription> {
    return postJson(`${this.url}/subscriptions/${id}/${verb}`);
  }

  /** Charges the customer's default card. */
  charge(customerId: string, what: object, idempotencyKey: string): Promise<Payment> {
    const body = { source: { default: true }, customerId, ...what };
    return postJson(`${this.url}/payments/charge`, body, { 'idempotency-key': idempotencyKey });
  }
}
