import type { Outcome } from '../../../src/providers/provider.calls.js';
import { ProviderError, type ProviderErrorKind } from '../../../src/providers/provider.errors.js';
import type {
  EndpointsPort,
  RegisteredEndpoint,
  RemoteEndpoint,
  WebhookEvent,
  WebhookRequest,
} from '../../../src/providers/webhook.ports.js';
import { createHmac, randomUUID } from 'node:crypto';
import { ServiceError } from '../../../src/kernel/errors.js';
import type { Delivery } from '../../../src/webhooks/endpoint/webhook.keys.js';
import { FAKE, FakeProvider } from './fake.provider.js';

/** How the next call that changes an endpoint goes: `lost` acts without an answer, `vanished` never arrives. */
type EndpointAnswer = 'ok' | 'lost' | 'vanished' | ProviderErrorKind;

export interface FakeEndpointOptions {
  /**
   * `endpoint`: each endpoint has a secret of its own, and a new key is a new endpoint. `account`: public keys apart
   * from the endpoints, any of which may sign.
   */
  keysOf?: 'endpoint' | 'account';
  environmentKeys?: readonly string[];
  /** Endpoints that it takes. */
  limit?: number;
}

class FakeEndpoints implements EndpointsPort {
  readonly events = ['payment.paid', 'payment.failed'];
  readonly keysAreSecret: boolean;
  present: RemoteEndpoint[] = [];
  /** Keys that it signs with: by the endpoint's id, or by an id of their own. */
  readonly signingKeys = new Map<string, string>();
  /** For the next calls that change something, then `ok`. */
  answers: EndpointAnswer[] = [];
  /** Every call about endpoints, in order. */
  readonly calls: string[] = [];
  /** Runs while a call that changes something is on its way. */
  meanwhile: () => Promise<void> = () => Promise.resolve();
  private readonly keysOf: 'endpoint' | 'account';

  constructor(private readonly options: FakeEndpointOptions) {
    this.keysOf = options.keysOf ?? 'endpoint';
    this.keysAreSecret = this.keysOf === 'endpoint';
  }

  check(_url: string, events: readonly string[], existing: readonly RemoteEndpoint[]): void {
    if (!events.every((event) => this.events.includes(event))) {
      throw new ServiceError('invalid_request', 'events must be known', [
        { field: 'events', rule: 'must be known' },
      ]);
    }
    if (existing.length >= (this.options.limit ?? 10)) {
      throw new ServiceError('endpoint_limit_reached', 'no more endpoints');
    }
  }

  async list(): Promise<readonly RemoteEndpoint[]> {
    this.calls.push('list');
    return this.present.map((endpoint) => ({ ...endpoint }));
  }

  create(url: string, events: readonly string[]): Promise<Outcome<RegisteredEndpoint>> {
    return this.changing(`create ${url}`, () => this.newEndpoint(url, events));
  }

  rotateKey(endpoint: RemoteEndpoint): Promise<Outcome<RegisteredEndpoint>> {
    return this.changing(`rotate ${endpoint.remoteId}`, () => {
      if (this.keysOf === 'endpoint') return this.newEndpoint(endpoint.url, endpoint.events);
      return { endpoint, key: this.newKey() };
    });
  }

  retireKey({ endpoint, key }: RegisteredEndpoint): Promise<Outcome<void>> {
    const id = key.remoteId ?? endpoint.remoteId;
    return this.changing(`retire ${id}`, () => {
      if (!this.signingKeys.delete(id)) throw notFound();
      if (this.keysOf === 'endpoint') this.present = this.present.filter((one) => one.remoteId !== id);
    });
  }

  delete(remoteId: string): Promise<Outcome<void>> {
    return this.changing(`delete ${remoteId}`, () => {
      if (!this.present.some((one) => one.remoteId === remoteId)) throw notFound();
      this.present = this.present.filter((one) => one.remoteId !== remoteId);
      if (this.keysOf === 'endpoint') this.signingKeys.delete(remoteId);
    });
  }

  ping(remoteId: string): Promise<Outcome<void>> {
    return this.changing(`ping ${remoteId}`, () => undefined);
  }

  /** Makes an endpoint as somebody would in the provider's own panel. */
  newEndpoint(url: string, events: readonly string[] = this.events): RegisteredEndpoint {
    const remoteId = `we_${randomUUID().slice(0, 8)}`;
    const endpoint = { remoteId, url, events, active: true, livemode: false };
    this.present.push(endpoint);
    return { endpoint, key: this.newKey(remoteId) };
  }

  private newKey(endpointId = ''): RegisteredEndpoint['key'] {
    const value = `whsec_${randomUUID()}`;
    if (this.keysOf === 'endpoint') {
      this.signingKeys.set(endpointId, value);
      return { value, secret: true };
    }
    const remoteId = `wk_${randomUUID().slice(0, 8)}`;
    this.signingKeys.set(remoteId, value);
    return { remoteId, value, secret: false };
  }

  private async changing<T>(what: string, act: () => T): Promise<Outcome<T>> {
    this.calls.push(what);
    await this.meanwhile();
    const answer = this.answers.shift() ?? 'ok';
    if (answer === 'vanished') return { known: false, error: new Error('no answer') };
    if (answer !== 'ok' && answer !== 'lost') throw refusal(answer);
    const value = act();
    return answer === 'ok' ? { known: true, value } : { known: false, error: new Error('no answer') };
  }
}

/** A provider in memory that keeps webhook endpoints and signs what it sends to them. */
export class FakeEndpointProvider extends FakeProvider {
  readonly endpoints: FakeEndpoints;
  override readonly hasWebhookKeys: boolean;
  private readonly environmentKeys: readonly string[];

  constructor(options: FakeEndpointOptions = {}) {
    super();
    this.environmentKeys = options.environmentKeys ?? [];
    this.hasWebhookKeys = this.environmentKeys.length > 0;
    this.endpoints = new FakeEndpoints(options);
  }

  override verify({ body, rawHeaders, registeredKeys }: WebhookRequest): WebhookEvent {
    const signature = rawHeaders[rawHeaders.indexOf('fake-signature') + 1];
    const keys = [...this.environmentKeys, ...registeredKeys];
    if (!keys.some((key) => signatureOf(body, key) === signature)) {
      throw new ServiceError('signature_invalid', 'The signature does not match');
    }
    return { provider: FAKE, eventId: randomUUID(), type: 'payment.paid', livemode: false, payload: {} };
  }
}

/** A delivery as a provider signs it with that key. */
export function fakeDelivery(key: string, text = '{}'): Delivery {
  const body = Buffer.from(text);
  return { body, rawHeaders: ['fake-signature', signatureOf(body, key)], query: '' };
}

function signatureOf(body: Uint8Array, key: string): string {
  return createHmac('sha256', key).update(body).digest('hex');
}

function notFound(): ProviderError {
  return refusal('not_found');
}

function refusal(kind: ProviderErrorKind): ProviderError {
  return new ProviderError(kind, `refused: ${kind}`, { provider: FAKE });
}
