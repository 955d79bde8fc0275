import type Stripe from 'stripe';
import type { CardFailure } from './card.failures.js';
import type { TestCard } from './card.numbers.js';
import type { ShippingParams } from './params/shared.params.js';
import type { List } from './stripe.lists.js';

/** An object of the API with the named references as ids, the form in which it is kept. */
type Referring<T, K extends keyof T> = Omit<T, K> & { [P in K]: string | null };

export type Session = Referring<Stripe.Checkout.Session, 'customer' | 'payment_intent' | 'setup_intent'> & {
  metadata: Record<string, string>;
};
export type Intent = Referring<Stripe.PaymentIntent, 'customer' | 'latest_charge' | 'payment_method'>;
export type SetupIntent = Referring<Stripe.SetupIntent, 'customer' | 'payment_method'> & {
  metadata: Record<string, string>;
};
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

export type LineItem = Omit<Stripe.LineItem, 'price'> & { price: Price };

/** Objects of Billing as they are kept: references are ids, decimals are text as on the wire. */
export type Price = Omit<Stripe.Price, 'unit_amount_decimal' | 'product'> & {
  unit_amount_decimal: string | null;
  product: string;
};
export type Product = Omit<Stripe.Product, 'default_price'> & { default_price: string | null };

export type Plan = Omit<Stripe.Plan, 'amount_decimal' | 'product'> & {
  amount_decimal: string | null;
  product: string;
};

export type SubscriptionItem = Omit<Stripe.SubscriptionItem, 'plan' | 'price' | 'quantity'> & {
  plan: Plan;
  price: Price;
  quantity: number;
};

export type Subscription = Omit<
  Stripe.Subscription,
  'customer' | 'default_payment_method' | 'items' | 'latest_invoice'
> & {
  customer: string;
  default_payment_method: string | null;
  items: List<SubscriptionItem>;
  latest_invoice: string | null;
};

type Pricing = Omit<Stripe.InvoiceLineItem.Pricing, 'unit_amount_decimal'> & {
  unit_amount_decimal: string | null;
};
export type InvoiceLine = Omit<
  Stripe.InvoiceLineItem,
  'pricing' | 'quantity_decimal' | 'subscription' | 'invoice'
> & {
  invoice: string | null;
  pricing: Pricing | null;
  quantity_decimal: string | null;
  subscription: string;
};

export type Invoice = Omit<Stripe.Invoice, 'customer' | 'default_payment_method' | 'lines'> & {
  customer: string;
  default_payment_method: string | null;
  lines: List<InvoiceLine>;
};
export type InvoicePayment = Omit<Stripe.InvoicePayment, 'invoice' | 'payment'> & {
  invoice: string;
  payment: { type: string; payment_intent?: string; payment_record?: string };
};
/** The one that Stripe makes with the invoice. */
export type DefaultInvoicePayment = InvoicePayment & {
  payment: { type: 'payment_intent'; payment_intent: string };
};

export type ApiObject =
  | Session
  | Intent
  | SetupIntent
  | Charge
  | Refund
  | Customer
  | Dispute
  | PaymentMethod
  | BalanceTransaction
  | Coupon
  | Product
  | Price
  | Subscription
  | Invoice
  | InvoicePayment;

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
  intentShipping: ShippingParams | undefined;
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
  invoiceId: string | null;
}

export interface SetupRecord {
  intent: SetupIntent;
  sessionId: string | null;
}

/** What a card that is a payment method plays. */
export interface CardRecord {
  card: TestCard;
  /** How it is declined from now on, whatever card it is; null when it is as it was. */
  forced: CardFailure | null;
  /** Used without being attached, or detached: it may not be used or attached again. */
  isSpent: boolean;
  /** The bank agreed to charges without its customer. */
  isSetUp: boolean;
}

/** An event as Stripe lists and sends it. */
export interface StripeEvent {
  id: string;
  object: 'event';
  account?: string;
  context?: string;
  api_version: string;
  created: number;
  data: { object: object; previous_attributes?: Record<string, unknown> };
  livemode: false;
  pending_webhooks: number;
  request: { id: string | null; idempotency_key: string | null };
  type: string;
}
