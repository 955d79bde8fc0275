import type { Money } from '../kernel/money.js';
import type { Fact, PaymentRef } from './facts.js';

export const PAYMENT_METHODS = [
  'card',
  'cash',
  'bank_transfer',
  'bnpl',
  'pay_by_bank',
  'apple',
  'google',
] as const;
export type PaymentMethodName = (typeof PAYMENT_METHODS)[number];

export type Capability =
  'hosted_checkout' | 'embedded_checkout' | 'manual_capture' | 'installments' | `method:${PaymentMethodName}`;

export interface SessionItem {
  name: string;
  /** Minor units of `currency`. */
  unitAmount: bigint;
  quantity: number;
}

/** Everything that a checkout session is made of, validated, in our words. */
export interface SessionInput {
  paymentId: string;
  orderId: string;
  money: Money;
  items: readonly SessionItem[];
  ui: 'hosted' | 'embedded';
  successUrl: string;
  cancelUrl: string;
  customer?:
    { name?: string | undefined; email?: string | undefined; phone?: string | undefined } | undefined;
  /** Undefined: whatever the account offers and the amount allows. */
  paymentMethods?: readonly PaymentMethodName[] | undefined;
  capture: 'automatic' | 'manual';
  /** Months on offer; empty: none. */
  installments: readonly number[];
  metadata: Readonly<Record<string, string>>;
  locale?: string | undefined;
  /** Seconds from `now`; undefined: the provider's default. */
  expiresIn?: number | undefined;
  now: Date;
}

/** A mutating call as it is recorded before it is made, and as it is sent again, byte for byte the same. */
export interface ProviderCall {
  /** Our operation id; the provider keeps it (idempotency key or metadata). */
  operationId: string;
  request: Readonly<Record<string, unknown>>;
}

export interface OpenedSession {
  sessionId: string;
  providerPaymentId?: string | undefined;
  checkoutUrl: string;
  expiresAt: Date;
  livemode: boolean;
}

/** What came of a call: its answer, or that nobody knows. Definite refusals are thrown as ProviderError. */
export type Outcome<T> = { known: true; value: T } | { known: false; error: Error };

/** What a verified webhook is, before anybody looks inside it. */
export interface WebhookEvent {
  provider: string;
  eventId: string;
  type: string;
  livemode: boolean;
  /** Another account than our own sent it (Stripe Connect). */
  foreignAccount?: string | undefined;
  /** The parsed body. */
  payload: unknown;
}

export interface WebhookRequest {
  /** Exactly the bytes that arrived. */
  body: Uint8Array;
  /** Name and value alternating, as they came: duplicates are visible. */
  rawHeaders: readonly string[];
  now: Date;
}

/** What is already known of the payment that an event is about; spares a read. */
export interface KnownPayment {
  paid: boolean;
  /** Ended without money, as far as we know: what an event claims against that is read again. */
  closed: boolean;
  providerPaymentId?: string | undefined;
  chargeId?: string | undefined;
}

/** An event with what `confirmWebhook` read from the provider's API; only the adapter looks inside `evidence`. */
export interface ConfirmedEvent {
  event: WebhookEvent;
  evidence: unknown;
}

/**
 * A payment provider. Every mutating call is planned (pure), recorded by the caller, then executed as recorded.
 * Reads and definite refusals throw ProviderError.
 */
export interface PaymentProvider {
  readonly name: string;
  readonly livemode: boolean;
  readonly capabilities: ReadonlySet<Capability>;

  /**
   * The exact request for a session. Pure.
   * @throws ServiceError naming the field for what this provider cannot do: capability_not_supported,
   * amount_out_of_bounds, currency_not_supported, invalid_request.
   */
  planSession(input: SessionInput): ProviderCall['request'];
  /** Sends a planned request, or sends it again after an unknown outcome: the provider acts once. */
  createSession(call: ProviderCall): Promise<Outcome<OpenedSession>>;
  /** Closes a session that nobody paid. `paid: true` when it turned out to be paid or being paid. */
  expireSession(call: ProviderCall, sessionId: string): Promise<Outcome<{ paid: boolean }>>;
  /** Looks for a session whose creation ended without an answer. Undefined: not there (yet). */
  findSession(paymentId: string, createdAfter: Date): Promise<OpenedSession | undefined>;
  /** What the provider says of a payment now, as facts, oldest first. Empty: it knows of no money. */
  retrieve(ref: PaymentRef): Promise<readonly Fact[]>;

  /** @throws ServiceError signature_invalid or invalid_request; never anything else for bad input. */
  verifyWebhook(request: WebhookRequest): WebhookEvent;
  /** Which payment a verified event is about, as far as its body tells. Pure. */
  refOf(event: WebhookEvent): PaymentRef | undefined;
  /** Reads from the provider what the event only claims or leaves out. */
  confirmWebhook(event: WebhookEvent, known: KnownPayment | undefined): Promise<ConfirmedEvent>;
  /** Pure. Empty for events that concern no payment. */
  translateWebhook(confirmed: ConfirmedEvent): readonly Fact[];
}
