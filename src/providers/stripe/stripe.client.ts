import Stripe from 'stripe';
import type { CallOutcome, ObserveCall } from '../provider.calls.js';
import type { Outcome } from '../provider.port.js';
import { isDefiniteRefusal, isNotForThisKey, toProviderError, unusableAnswer } from './stripe.errors.js';
import { STRIPE } from './stripe.name.js';
import { assertSafeServer, serverOf } from './stripe.server.js';
import { idOf, isJson, type Json, jsonOf } from '../json.read.js';

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
/** Ten thousand refunds or disputes of one charge, cards of one customer, or endpoints. */
const MAX_PAGES = 100;

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

  /**
   * As `post`, for what charges a card: a decline that left a payment intent is an answer, the error's own fields
   * with the intent as `payment_intent`.
   */
  postCharge(path: string, params: Json, idempotencyKey: string): Promise<Outcome<unknown>> {
    return this.write('POST', path, params, { idempotencyKey }, declineOf);
  }

  /**
   * @param query as Stripe writes it; a DELETE has no body.
   * @throws ProviderError for a definite refusal; not_found for what is gone.
   */
  delete(path: string, query: Query = {}): Promise<Outcome<unknown>> {
    return this.write('DELETE', pathWith(path, query));
  }

  /** @param query as Stripe writes it, such as `expand[]`; one value each. */
  get(path: string, query: Query = {}): Promise<unknown> {
    return this.read(this.sdk.rawRequest('GET', pathWith(path, query)));
  }

  /** Our own account. Undefined where the key may not ask for it: a restricted one, or an organization's. */
  account(): Promise<unknown> {
    const answer: Promise<unknown> = this.sdk.rawRequest('GET', '/v1/account');
    return this.read(
      answer.catch((error: unknown) => {
        if (isNotForThisKey(error)) return undefined;
        throw error;
      }),
    );
  }

  /**
   * Every page of a list, in Stripe's order: the newest first.
   * @throws ProviderError also when not all could be looked at: that would be no proof that something is not there.
   */
  async all(path: string, query: Query = {}): Promise<unknown[]> {
    const found: unknown[] = [];
    let after: Query = {};
    for (let pages = 0; pages < MAX_PAGES; pages += 1) {
      const { data, has_more: hasMore } = jsonOf(
        await this.get(path, { ...query, limit: String(PAGE), ...after }),
      );
      if (!Array.isArray(data)) throw unusableAnswer('not_a_list');
      found.push(...data);
      if (hasMore !== true) return found;
      const last = idOf(data.at(-1));
      if (last === undefined) throw unusableAnswer('no_next_page');
      after = { starting_after: last };
    }
    throw unusableAnswer('list_too_long');
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
    return this.all('/v1/refunds', { charge });
  }

  disputes(charge: string): Promise<unknown[]> {
    return this.all('/v1/disputes', { charge });
  }

  endpoints(): Promise<unknown[]> {
    return this.all('/v1/webhook_endpoints');
  }

  private async write(
    method: 'POST' | 'DELETE',
    path: string,
    params: Json = {},
    options: { idempotencyKey?: string } = {},
    answerOf?: (error: unknown) => Json | undefined,
  ): Promise<Outcome<unknown>> {
    const ended = this.begin('write');
    try {
      const timeout = this.writeTimeout;
      const value: unknown = await this.sdk.rawRequest(method, path, params, { ...options, timeout });
      ended('done');
      return { known: true, value };
    } catch (error) {
      const answer = answerOf?.(error);
      const refused = isDefiniteRefusal(error);
      ended(answer !== undefined ? 'done' : refused ? 'refused' : 'unknown');
      if (answer !== undefined) return { known: true, value: answer };
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

/** What customers, plans, subscriptions and card forms need. */
export type StripeBillingCalls = Pick<StripeClient, 'post' | 'delete' | 'get' | 'all'>;

/** What charges without a checkout need. */
export type StripeChargeCalls = Pick<StripeClient, 'post' | 'postCharge' | 'get'>;

type Query = Readonly<Record<string, string>>;

function pathWith(path: string, query: Query): string {
  const text = new URLSearchParams(query).toString();
  return text === '' ? path : `${path}?${text}`;
}

function declineOf(error: unknown): Json | undefined {
  if (!(error instanceof Stripe.errors.StripeCardError) || !isJson(error.raw)) return undefined;
  return isJson(error.raw.payment_intent) ? error.raw : undefined;
}
