import type { Money } from '../kernel/money.js';
import type { Fact, PaymentRef, SessionEmbed } from './facts.js';

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
  | 'hosted_checkout'
  /** The provider itself writes the session's id into return URLs, in place of `{CHECKOUT_SESSION_ID}`. */
  | 'session_id_in_urls'
  | 'embedded_checkout'
  | 'manual_capture'
  | 'installments'
  | 'taxes'
  | 'shipping'
  | 'discounts'
  /** A customer that the provider keeps already. */
  | 'existing_customer'
  /** The card is kept for later charges that its holder agrees to. */
  | 'on_demand'
  | 'three_ds_mode'
  /** Webhook endpoints are made, listed, rotated and deleted through the API. */
  | 'webhook_endpoints'
  | 'card_setups'
  | 'customers'
  | 'direct_charges'
  | 'plans'
  | 'subscriptions'
  | 'subscription_proration'
  | 'cancel_at_period_end'
  /** What a subscription still owes can be closed. */
  | 'void_invoices'
  | `method:${PaymentMethodName}`;

/**
 * When the bank is asked to identify the card's holder: where the provider sees a risk, always, or only
 * where the bank insists.
 */
export const THREE_DS_MODES = ['smart', 'strict', 'not_strict'] as const;
export type ThreeDsMode = (typeof THREE_DS_MODES)[number];

export interface SessionItem {
  name: string;
  /** Minor units of `currency`. */
  unitAmount: bigint;
  quantity: number;
}

/** Whom physical goods go to, and where. */
export interface ShippingContact {
  receiver: string;
  phone: string;
  address: {
    street1: string;
    street2?: string | undefined;
    postalCode: string;
    city?: string | undefined;
    state?: string | undefined;
    /** ISO 3166-1 alpha-2, upper case. */
    country: string;
  };
}

/** What is added to the lines of a purchase, or taken off. */
export interface SessionAdjustment {
  name: string;
  /** Minor units; 0 for what is free. */
  amount: bigint;
}

/** Everything that a checkout session is made of, validated, in our words. */
export interface SessionInput {
  paymentId: string;
  orderId: string;
  /** Lines, taxes and shipping, less discounts. */
  money: Money;
  items: readonly SessionItem[];
  taxes: readonly SessionAdjustment[];
  shipping: readonly SessionAdjustment[];
  discounts: readonly SessionAdjustment[];
  ui: SessionUi;
  successUrl: string;
  cancelUrl: string;
  /** Our own page that shows an embedded checkout. */
  payUrl: string;
  customer?:
    { name?: string | undefined; email?: string | undefined; phone?: string | undefined } | undefined;
  /** The provider's own id of a customer; in place of `customer`. */
  customerId?: string | undefined;
  /** Of physical goods. */
  shippingContact?: ShippingContact | undefined;
  /** Undefined: whatever the account offers and the amount allows. */
  paymentMethods?: readonly PaymentMethodName[] | undefined;
  capture: 'automatic' | 'manual';
  /** Months on offer; empty: none. */
  installments: readonly number[];
  onDemand: boolean;
  threeDs?: ThreeDsMode | undefined;
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
  /** When it was first sent, if it was: it may have been acted upon, and must not be acted upon twice. */
  sentBefore?: Date | undefined;
  /** The provider's ids of what other calls have made, for a provider that keeps no mark of the call: not by this one. */
  madeByOthers?: readonly string[] | undefined;
}

export type SessionUi = 'hosted' | 'embedded';

/** A session as a later call names it. */
export interface SessionTarget {
  sessionId: string;
  providerPaymentId?: string | undefined;
}

export interface OpenedSession {
  sessionId: string;
  providerPaymentId?: string | undefined;
  /** The provider's page; of an embedded session our own, as it was planned. */
  checkoutUrl: string;
  embed?: SessionEmbed | undefined;
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
  /** The account that it names, where it names one: ours or another, which `ownsEvent` says. */
  account?: string | undefined;
  /**
   * Equal for two deliveries that say the same, where the provider's deliveries of one event differ in their bytes.
   * Undefined: the bytes are the same each time.
   */
  fingerprint?: string | undefined;
  /** The parsed body. */
  payload: unknown;
}

export interface WebhookRequest {
  /** Exactly the bytes that arrived. */
  body: Uint8Array;
  /** Name and value alternating, as they came: duplicates are visible. */
  rawHeaders: readonly string[];
  now: Date;
  /** Keys of endpoints that we registered, beside those of the environment. */
  registeredKeys: readonly string[];
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
  /** The environment holds what its webhooks are verified with; false: only the keys of registered endpoints do. */
  readonly hasWebhookKeys: boolean;

  /**
   * The exact request for a session. Pure.
   * @throws ServiceError naming the field for what this provider cannot do: capability_not_supported,
   * amount_out_of_bounds, currency_not_supported, invalid_request.
   */
  planSession(input: SessionInput): ProviderCall['request'];
  /**
   * Sends a planned request. One that was sent before (`sentBefore`) leaves one session that can be paid:
   * by the provider's idempotency, or by looking for the first one.
   */
  createSession(call: ProviderCall): Promise<Outcome<OpenedSession>>;
  /** Closes a session that nobody paid. `paid: true` when it turned out to be paid or being paid. */
  expireSession(call: ProviderCall, session: SessionTarget): Promise<Outcome<{ paid: boolean }>>;
  /** What the provider says of a payment now, as facts, oldest first. Empty: it knows of no money. */
  retrieve(ref: PaymentRef): Promise<readonly Fact[]>;

  /** @throws ServiceError signature_invalid or invalid_request; never anything else for bad input. */
  verifyWebhook(request: WebhookRequest): WebhookEvent;
  /** The fingerprint of the body of an event that was verified before; a provider without fingerprints has none. */
  fingerprintOf?(payload: unknown): string;
  /** Which payment a verified event is about, as far as its body tells. Pure. */
  refOf(event: WebhookEvent): PaymentRef | undefined;
  /** Reads from the provider what the event only claims or leaves out. */
  confirmWebhook(event: WebhookEvent, known: KnownPayment | undefined): Promise<ConfirmedEvent>;
  /** Pure. Empty for events that concern no payment. */
  translateWebhook(confirmed: ConfirmedEvent): readonly Fact[];
}

/** A provider that may send us events of other accounts than our own. */
export interface TellsOwners {
  /**
   * Whether an event that names an account is of ours.
   * @throws ProviderError while nobody can say: the event waits.
   */
  ownsEvent(event: WebhookEvent): Promise<boolean>;
}

export function tellsOwners(provider: PaymentProvider): provider is PaymentProvider & TellsOwners {
  return 'ownsEvent' in provider;
}
