import type { CardSetupsPort, CustomersPort, PlansPort, SubscriptionsPort } from './billing.ports.js';
import type { Fact, PaymentRef, SessionEmbed } from './facts.js';
import type {
  ChargesPort,
  EmbeddedCheckout,
  OpenedSession,
  PaymentMethodName,
  SessionInput,
  SessionTarget,
} from './payment.ports.js';
import type { Outcome, ProviderCall } from './provider.calls.js';
import type {
  EndpointsPort,
  KnownPayment,
  WebhookEvent,
  WebhookRequest,
  WebhookSubject,
} from './webhook.ports.js';

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

/** What not every provider has. Absent: it lacks it, and `ProviderRegistry.with` refuses by the field that asks. */
export interface OptionalParts {
  customers: CustomersPort;
  plans: PlansPort;
  subscriptions: SubscriptionsPort;
  /** Charges without a checkout page. */
  charges: ChargesPort;
  cardSetups: CardSetupsPort;
  /** Its webhook endpoints, where they can be managed through its API. */
  endpoints: EndpointsPort;
  /** How one of our pages shows an embedded session inside itself. */
  embeddedCheckout: (embed: SessionEmbed, language: 'es' | 'en') => EmbeddedCheckout;
  /**
   * Whether an event that names an account is of ours: of a provider that may send events of others.
   * @throws ProviderError while nobody can say: the event waits.
   */
  ownsEvent: (event: WebhookEvent) => Promise<boolean>;
}

export type Part = keyof OptionalParts;

/** A provider that has these parts. */
export type With<P extends Part> = PaymentProvider & Pick<OptionalParts, P>;

export function can<P extends Part>(provider: PaymentProvider, part: P): provider is With<P> {
  return provider[part] !== undefined;
}

/**
 * A payment provider. Of every mutating call it gives the request (pure); the caller records it, then has it sent as recorded.
 * Reads and definite refusals throw ProviderError.
 */
export interface PaymentProvider extends Partial<OptionalParts> {
  readonly name: string;
  /** By its key, by configuration, or as its API said when the adapter was made. */
  readonly livemode: boolean;
  readonly capabilities: ReadonlySet<Capability>;
  /** The environment holds what its webhooks are verified with; false: only the keys of registered endpoints do. */
  readonly hasWebhookKeys: boolean;

  /**
   * The exact request for a session. Pure.
   * @throws ServiceError naming the field for what this provider cannot do: capability_not_supported,
   * amount_out_of_bounds, currency_not_supported, invalid_request.
   */
  sessionRequest(input: SessionInput): ProviderCall['request'];
  /**
   * Sends a recorded request. One that was sent before (`sentBefore`) leaves one session that can be paid:
   * by the provider's idempotency, or by looking for the first one.
   */
  createSession(call: ProviderCall): Promise<Outcome<OpenedSession>>;
  /** Closes a session that nobody paid. `paid: true` when it turned out to be paid or being paid. */
  expireSession(call: ProviderCall, session: SessionTarget): Promise<Outcome<{ paid: boolean }>>;
  /** What the provider says of a payment now, as facts, oldest first. Empty: it knows of no money. */
  retrieve(ref: PaymentRef): Promise<readonly Fact[]>;

  /**
   * Whether a delivery is authentic, and the event that it is. Parses the body, once.
   * @throws ServiceError signature_invalid or invalid_request; never anything else for bad input.
   */
  verify(request: WebhookRequest): WebhookEvent | Promise<WebhookEvent>;
  /** As far as the body tells. Pure. Undefined: it concerns nothing of ours. */
  subjectOf(event: WebhookEvent): WebhookSubject | undefined;
  /**
   * What the event of a payment tells: from its body where that suffices, else after a read. Empty: nothing.
   * @param known the payment that it is about, where we have it; spares a read.
   * @throws ProviderError when the provider has to be asked and does not answer: the event waits.
   */
  factsOf(event: WebhookEvent, known: KnownPayment | undefined): Promise<readonly Fact[]>;
}
