import type { Outcome, PaymentProvider } from './provider.port.js';

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
  /** The provider's id of the key, where it has one of its own. */
  remoteId?: string | undefined;
  value: string;
  /** True for what has to be kept from everybody; false for a public key. */
  secret: boolean;
}

export interface RegisteredEndpoint {
  endpoint: RemoteEndpoint;
  key: VerificationKey;
}

/** A provider with the capability `webhook_endpoints`. Reads and definite refusals throw ProviderError. */
export interface ManagesEndpoints {
  /** Every event of this provider that this service understands: what is subscribed to without a wish. */
  readonly endpointEvents: readonly string[];
  /** Its keys have to be kept from everybody, so that without ENCRYPTION_KEY none can be made. */
  readonly endpointKeysAreSecret: boolean;
  /**
   * Says what the provider would refuse. Pure.
   * @param existing what `listEndpoints` told just now.
   * @throws ServiceError: invalid_request naming the field, for a URL or an event; endpoint_limit_reached for one
   * endpoint too many.
   */
  checkEndpoint(url: string, events: readonly string[], existing: readonly RemoteEndpoint[]): void;
  listEndpoints(): Promise<readonly RemoteEndpoint[]>;
  createEndpoint(url: string, events: readonly string[]): Promise<Outcome<RegisteredEndpoint>>;
  /** A new key; the old one stays good at the provider until `retireKey`. It may make another endpoint. */
  rotateKey(endpoint: RemoteEndpoint): Promise<Outcome<RegisteredEndpoint>>;
  /** Ends the key that was used before a rotation, with the endpoint that it belonged to, if that is another one. */
  retireKey(before: RegisteredEndpoint): Promise<Outcome<void>>;
  deleteEndpoint(remoteId: string): Promise<Outcome<void>>;
  /** Has the provider send a test event. @throws ServiceError capability_not_supported where it has none. */
  pingEndpoint(remoteId: string): Promise<Outcome<void>>;
}

export function managesEndpoints(provider: PaymentProvider): provider is PaymentProvider & ManagesEndpoints {
  return 'createEndpoint' in provider;
}
