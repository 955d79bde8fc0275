import { invalidField, ServiceError } from '../kernel/errors.js';
import type { BillingSubject } from './billing.facts.js';
import type { PaymentRef } from './facts.js';
import type { Outcome } from './provider.calls.js';

/** What a verified webhook is, before anybody looks inside it. */
export interface WebhookEvent {
  provider: string;
  eventId: string;
  type: string;
  /** Undefined: `PaymentProvider.livemode` counts. */
  livemode: boolean | undefined;
  /** The account that it names; `ownsEvent` says whether it is ours. */
  account?: string | undefined;
  /** Names at the top of the body in which two deliveries of one event may differ. */
  ofTheDelivery?: ReadonlySet<string> | undefined;
  /** The parsed body. */
  payload: unknown;
  /** Where the body only names its object: what `complete` has read, in the adapter's own form. */
  data?: unknown;
}

export interface WebhookRequest {
  /** Exactly the bytes that arrived. */
  body: Uint8Array;
  /** Name and value alternating; duplicates are visible. */
  rawHeaders: readonly string[];
  /** What follows the URL's question mark, or empty. Some providers sign it. */
  query: string;
  now: Date;
  /** Keys of endpoints that we registered, beside those of the environment. */
  registeredKeys: readonly string[];
}

export interface KnownPayment {
  paid: boolean;
  /** Ended without money: what an event claims against that is read again. */
  closed: boolean;
  providerPaymentId?: string | undefined;
  chargeId?: string | undefined;
}

/** What of ours an event is about. All but payments are re-fetched. */
export type WebhookSubject =
  | { kind: 'payment'; ref: PaymentRef }
  | BillingSubject
  /** The body only names an object, which tells more: ask again with the event that `complete` gives. */
  | { kind: 'unread' };

/** A webhook endpoint as the provider keeps it. */
export interface RemoteEndpoint {
  /** The provider's id. */
  remoteId: string;
  url: string;
  /** Empty: every event. */
  events: readonly string[];
  active: boolean;
  livemode: boolean;
}

/** What deliveries are verified with. */
export interface VerificationKey {
  /** The provider's id of the key, where it has one. */
  remoteId?: string | undefined;
  value: string;
  /** False for a public key. */
  secret: boolean;
}

export interface RegisteredEndpoint {
  endpoint: RemoteEndpoint;
  key: VerificationKey;
}

/** Webhook endpoints through the provider's API. Reads and definite refusals throw ProviderError. */
export interface EndpointsPort {
  /** What is subscribed to without a wish: every event that this service understands. */
  readonly events: readonly string[];
  /** True: without ENCRYPTION_KEY none can be made. */
  readonly keysAreSecret: boolean;
  /**
   * Refuses what the provider would refuse. Pure.
   * @param existing what `list` told just now.
   * @throws ServiceError invalid_request naming the URL or the event; endpoint_limit_reached.
   */
  check(url: string, events: readonly string[], existing: readonly RemoteEndpoint[]): void;
  list(): Promise<readonly RemoteEndpoint[]>;
  create(url: string, events: readonly string[]): Promise<Outcome<RegisteredEndpoint>>;
  /** The old key stays good until `retireKey`. It may make another endpoint. */
  rotateKey(endpoint: RemoteEndpoint): Promise<Outcome<RegisteredEndpoint>>;
  /** Ends the key used before a rotation, with its endpoint if that is another one. */
  retireKey(before: RegisteredEndpoint): Promise<Outcome<void>>;
  delete(remoteId: string): Promise<Outcome<void>>;
  /** Has the provider send a test event. @throws ServiceError capability_not_supported where it has none. */
  ping(remoteId: string): Promise<Outcome<void>>;
}

export interface EndpointRules {
  livemode: boolean;
  /** The provider delivers from outside; a stand-in reaches this machine too. */
  publicOnly: boolean;
}

export interface EndpointLimit {
  provider: string;
  /** The provider's name as a person writes it. */
  title: string;
  /** In each mode. */
  most: number;
}

/** @throws ServiceError endpoint_limit_reached when one more does not fit: a key sees its own mode only. */
export function assertRoom(
  existing: readonly RemoteEndpoint[],
  { livemode }: EndpointRules,
  { provider, title, most }: EndpointLimit,
): void {
  if (existing.filter((endpoint) => endpoint.livemode === livemode).length < most) return;
  throw new ServiceError(
    'endpoint_limit_reached',
    `${title} takes at most ${most} webhook endpoints in ${livemode ? 'live' : 'test'} mode`,
    { provider, limit: most },
  );
}

/** @throws ServiceError invalid_request naming `url`, for what is no web address. */
export function webAddressOf(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'https:' || url?.protocol === 'http:') return url;
  throw invalidField('url', 'must be a web address');
}

/** Undefined when the header is missing, or there twice: which one would count? */
export function onlyHeader({ rawHeaders }: WebhookRequest, name: string): string | undefined {
  const values = rawHeaders.filter((_, at) => at % 2 === 1 && rawHeaders[at - 1]?.toLowerCase() === name);
  return values.length === 1 ? values[0] : undefined;
}

/** Always the same message; the reason is in the details. */
export function notAuthentic(reason: string): ServiceError {
  return new ServiceError('signature_invalid', 'The signature does not match', { reason });
}
