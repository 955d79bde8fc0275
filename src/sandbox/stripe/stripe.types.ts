import type Stripe from 'stripe';

/** An object of the API with the named references as ids, the form in which it is kept. */
type Referring<T, K extends keyof T> = Omit<T, K> & { [P in K]: string | null };

export type Session = Referring<Stripe.Checkout.Session, 'customer' | 'payment_intent'> & {
  metadata: Record<string, string>;
};
export type Intent = Referring<Stripe.PaymentIntent, 'customer' | 'latest_charge' | 'payment_method'>;
export type Charge = Referring<Stripe.Charge, 'balance_transaction' | 'customer' | 'payment_intent'>;
export type Refund = Referring<
  Stripe.Refund,
  'balance_transaction' | 'charge' | 'customer' | 'payment_intent' | 'payment_method'
> & { metadata: Record<string, string> };
export type Customer = Stripe.Customer;
export type Dispute = Omit<Stripe.Dispute, 'charge' | 'payment_intent'> & {
  charge: string;
  payment_intent: string | null;
};
export type PaymentMethod = Omit<Stripe.PaymentMethod, 'customer'> & { customer: string | null };
export type BalanceTransaction = Stripe.BalanceTransaction;
export type Coupon = Stripe.Coupon;
export type WebhookEndpoint = Stripe.WebhookEndpoint;

/** The SDK's types hold decimals as objects; on the wire they are text. */
export type Price = Omit<Stripe.Price, 'unit_amount_decimal' | 'product'> & {
  unit_amount_decimal: string | null;
  product: string;
};
export type LineItem = Omit<Stripe.LineItem, 'price'> & { price: Price };

export type ApiObject =
  Session | Intent | Charge | Refund | Customer | Dispute | PaymentMethod | BalanceTransaction | Coupon;

/** The payment methods that the hosted page can play. */
export const PLAYED_METHODS = ['card', 'oxxo', 'customer_balance', 'us_bank_account'] as const;
export type PlayedMethod = (typeof PLAYED_METHODS)[number];

/** A session with what its object does not show. */
export interface SessionRecord {
  session: Session;
  lines: LineItem[];
  /** Handed on to the payment intent when the customer first tries to pay. */
  intentMetadata: Record<string, string>;
  intentDescription: string | null;
  receiptEmail: string | null;
  captureMethod: 'automatic' | 'automatic_async' | 'manual';
  installments: boolean;
  /** What the method, or a card alone, may be used for later, once the customer agrees by paying. */
  futureUsage: { payment: FutureUsage | null; card: FutureUsage | null };
  coupon: Coupon | null;
  /** Of an embedded session: the origin of the page that shows it. */
  shownAt: string | null;
}

export type FutureUsage = 'off_session' | 'on_session';

export interface IntentRecord {
  intent: Intent;
  sessionId: string | null;
}

/** An event as Stripe lists and sends it. */
export interface StripeEvent {
  id: string;
  object: 'event';
  api_version: string;
  created: number;
  data: { object: object; previous_attributes?: Record<string, unknown> };
  livemode: false;
  pending_webhooks: number;
  request: { id: string | null; idempotency_key: string | null };
  type: string;
}
