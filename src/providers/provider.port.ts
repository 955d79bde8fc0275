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

/** Absent: the provider lacks it, and `ProviderRegistry.with` refuses by the field that asks. */
export interface OptionalParts {
  customers: CustomersPort;
  plans: PlansPort;
  subscriptions: SubscriptionsPort;
  /** Charges without a checkout page. */
  charges: ChargesPort;
  cardSetups: CardSetupsPort;
  endpoints: EndpointsPort;
  /** How one of our pages shows an embedded session inside itself. */
  embeddedCheckout: (embed: SessionEmbed, language: 'es' | 'en') => EmbeddedCheckout;
  /**
   * Whether an event that names an account is ours, for a provider that may send events of others.
   * @throws ProviderError while nobody can say: the event waits.
   */
  ownsEvent: (event: WebhookEvent) => Promise<boolean>;
  /**
   * Reads the object that an `unread` event names. Its subject is undefined where nothing of ours is left to tell.
   * @throws ProviderError when the provider does not answer: the event waits.
   */
  complete: (event: WebhookEvent) => Promise<WebhookEvent>;
}

export type Part = keyof OptionalParts;

export type With<P extends Part> = PaymentProvider & Pick<OptionalParts, P>;

export function can<P extends Part>(provider: PaymentProvider, part: P): provider is With<P> {
  return provider[part] !== undefined;
}

/**
 * Of each mutating call it gives the request (pure), which the caller records and then has sent. Reads and definite
 * refusals throw ProviderError.
 */
export interface PaymentProvider extends Partial<OptionalParts> {
  readonly name: string;
  readonly livemode: boolean;
  readonly capabilities: ReadonlySet<Capability>;
  /** The environment holds keys for its webhooks; false: only registered endpoints have some. */
  readonly hasWebhookKeys: boolean;

  /**
   * Pure. @throws ServiceError naming the field that this provider cannot do: capability_not_supported,
   * amount_out_of_bounds, currency_not_supported, invalid_request.
   */
  sessionRequest(input: SessionInput): ProviderCall['request'];
  /** Sends a recorded request. Sent again (`sentBefore`), it leaves one session that can be paid. */
  createSession(call: ProviderCall): Promise<Outcome<OpenedSession>>;
  /** Closes a session. `paid: true`: it was paid, or is being paid. */
  expireSession(call: ProviderCall, session: SessionTarget): Promise<Outcome<{ paid: boolean }>>;
  /** What the provider says of a payment now, oldest first. Empty: it knows of no money. */
  retrieve(ref: PaymentRef): Promise<readonly Fact[]>;

  /** Verifies and parses a delivery. @throws ServiceError signature_invalid or invalid_request for any bad input. */
  verify(request: WebhookRequest): WebhookEvent | Promise<WebhookEvent>;
  /** As far as the body tells. Pure. Undefined: it concerns nothing of ours. */
  subjectOf(event: WebhookEvent): WebhookSubject | undefined;
  /** False: nothing has to be asked before the event is applied, and `factsOf` answers at once. Pure. */
  mayNeedRead(event: WebhookEvent): boolean;
  /**
   * What the event of a payment tells: at once where its body and `known` suffice, after a read where they do not.
   * @param known the payment that it is about, where we have it; spares a read.
   * @throws ProviderError when the provider does not answer: the event waits.
   */
  factsOf(event: WebhookEvent, known: KnownPayment | undefined): readonly Fact[] | Promise<readonly Fact[]>;
}
