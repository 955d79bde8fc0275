import Stripe from 'stripe';
import { isLiveKey } from '../../config/env.rules.js';
import type { CallOutcome, ObserveCall } from '../provider.calls.js';
import type { Outcome } from '../provider.port.js';
import { isDefiniteRefusal, toProviderError } from './stripe.errors.js';
import { STRIPE } from './stripe.name.js';
import type { Json } from '../json.read.js';

export interface StripeClientOptions {
  secretKey: string;
  /** Another server than Stripe's own, such as a stand-in. */
  apiBase?: string | undefined;
  /** For every call; by default 20 s for writes and 10 s for reads. */
  timeoutMs?: number | undefined;
  /** Told of every call, when it has ended. */
  observe?: ObserveCall | undefined;
}

export const SESSIONS_PATH = '/v1/checkout/sessions';

const WRITE_TIMEOUT_MS = 20_000;
const READ_TIMEOUT_MS = 10_000;
/** The idempotency key makes a repeated write safe; more of them would outlast the caller's patience. */
const NETWORK_RETRIES = 1;
const PAGE = 100;
/** More refunds or disputes than this on one charge, or endpoints of one account, are not looked at. */
const MAX_LISTED = 1_000;

/**
 * The only place that speaks to Stripe. Answers are unknown values: what they hold is read by the noun's own
 * file. Reads throw ProviderError.
 */
export class StripeClient {
  private readonly sdk: Stripe;
  private readonly writeTimeout: number;
  private readonly readTimeout: number;

  constructor(private readonly options: StripeClientOptions) {
    assertSafeServer(options);
    this.writeTimeout = options.timeoutMs ?? WRITE_TIMEOUT_MS;
    this.readTimeout = options.timeoutMs ?? READ_TIMEOUT_MS;
    this.sdk = new Stripe(options.secretKey, {
      telemetry: false,
      maxNetworkRetries: NETWORK_RETRIES,
      timeout: this.readTimeout,
      ...(options.apiBase !== undefined && serverOf(options.apiBase)),
    });
  }

  /**
   * Sends parameters exactly as they are, under our own idempotency key.
   * @throws ProviderError for a definite refusal.
   */
  post(path: string, params: Json, idempotencyKey: string): Promise<Outcome<unknown>> {
    return this.write('POST', path, params, { idempotencyKey });
  }

  /** @throws ProviderError for a definite refusal; not_found for what is gone. */
  delete(path: string): Promise<Outcome<unknown>> {
    return this.write('DELETE', path);
  }

  /** The session with its payment intent and latest charge. */
  session(id: string): Promise<unknown> {
    return this.read(this.sdk.checkout.sessions.retrieve(id, { expand: ['payment_intent.latest_charge'] }));
  }

  /** One page, newest first. */
  sessions(createdFrom: number, startingAfter: string | undefined): Promise<unknown> {
    const after = startingAfter === undefined ? {} : { starting_after: startingAfter };
    return this.read(
      this.sdk.checkout.sessions.list({ created: { gte: createdFrom }, limit: PAGE, ...after }),
    );
  }

  /** The payment intent with its latest charge. */
  paymentIntent(id: string): Promise<unknown> {
    return this.read(this.sdk.paymentIntents.retrieve(id, { expand: ['latest_charge'] }));
  }

  charge(id: string): Promise<unknown> {
    return this.read(this.sdk.charges.retrieve(id));
  }

  refunds(charge: string): Promise<unknown[]> {
    return this.read(this.sdk.refunds.list({ charge, limit: PAGE }).autoPagingToArray({ limit: MAX_LISTED }));
  }

  disputes(charge: string): Promise<unknown[]> {
    return this.read(
      this.sdk.disputes.list({ charge, limit: PAGE }).autoPagingToArray({ limit: MAX_LISTED }),
    );
  }

  endpoints(): Promise<unknown[]> {
    return this.read(
      this.sdk.webhookEndpoints.list({ limit: PAGE }).autoPagingToArray({ limit: MAX_LISTED }),
    );
  }

  private async write(
    method: 'POST' | 'DELETE',
    path: string,
    params: Json = {},
    options: { idempotencyKey?: string } = {},
  ): Promise<Outcome<unknown>> {
    const ended = this.begin('write');
    try {
      const timeout = this.writeTimeout;
      const value: unknown = await this.sdk.rawRequest(method, path, params, { ...options, timeout });
      ended('done');
      return { known: true, value };
    } catch (error) {
      const refused = isDefiniteRefusal(error);
      ended(refused ? 'refused' : 'unknown');
      if (refused) throw toProviderError(error);
      return { known: false, error: toProviderError(error) };
    }
  }

  private async read<T>(answer: Promise<T>): Promise<T> {
    const ended = this.begin('read');
    try {
      const value = await answer;
      ended('done');
      return value;
    } catch (error) {
      ended(isDefiniteRefusal(error) ? 'refused' : 'unavailable');
      throw toProviderError(error);
    }
  }

  private begin(kind: 'read' | 'write'): (outcome: CallOutcome) => void {
    const started = performance.now();
    return (outcome) =>
      this.options.observe?.({
        provider: STRIPE,
        kind,
        outcome,
        seconds: (performance.now() - started) / 1000,
      });
  }
}

/** What opening, closing and finding a session need. */
export type StripeCheckoutCalls = Pick<StripeClient, 'post' | 'session' | 'sessions'>;

/** The reads that confirm an event or tell a payment. */
export type StripeReads = Pick<StripeClient, 'session' | 'paymentIntent' | 'charge' | 'refunds' | 'disputes'>;

/** A live key moves real money: it goes to Stripe alone. */
function assertSafeServer({ secretKey, apiBase }: StripeClientOptions): void {
  if (isLiveKey(secretKey) && !isStripeItself(apiBase)) throw new Error('a live key may go to Stripe only');
}

/** Not a stand-in, nor anybody else. */
export function isStripeItself(apiBase: string | undefined): boolean {
  return apiBase === undefined || new URL(apiBase).origin === 'https://api.stripe.com';
}

function serverOf(apiBase: string): { protocol: 'http' | 'https'; host: string; port: string } {
  const url = new URL(apiBase);
  const protocol = url.protocol === 'http:' ? 'http' : 'https';
  const port = url.port === '' ? { http: '80', https: '443' }[protocol] : url.port;
  return { protocol, host: url.hostname, port };
}
