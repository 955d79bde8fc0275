import Stripe from 'stripe';
import { isLiveKey } from '../../config/env.rules.js';
import type { StripeSettings } from '../../config/settings.js';
import {
  idOf,
  isJson,
  type Json,
  jsonOf,
  listOf,
  metadataOf,
  pages,
  rowsOfAll,
  secondsBefore,
  textOf,
} from '../json.read.js';
import { knownOr, type ObserveCall, type Outcome, type ProviderCall, timed } from '../provider.calls.js';
import { STRIPE, type StripeAccount } from './stripe.account.js';
import { isDefiniteRefusal, isNotForThisKey, toProviderError, unusableAnswer } from './stripe.errors.js';
import { mustLookFirst } from './stripe.request.js';

export interface StripeClientOptions extends Partial<Pick<StripeSettings, 'apiBase'>> {
  secretKey: string;
  /** Of every call; default: 20 s for writes and 10 s for reads. */
  timeoutMs?: number | undefined;
  observe?: ObserveCall | undefined;
}

export const SESSIONS_PATH = '/v1/checkout/sessions';

const WRITE_TIMEOUT_MS = 20_000;
const READ_TIMEOUT_MS = 10_000;
/** Idempotency keys make a repeated write safe; more would outlast the caller's patience. */
const NETWORK_RETRIES = 1;
const PAGE = 100;

/** The only place that speaks to Stripe. The noun's own file reads the answers. Reads throw ProviderError. */
export class StripeClient {
  private readonly sdk: Stripe;

  constructor(private readonly options: StripeClientOptions) {
    const { secretKey, apiBase } = options;
    // A live key moves real money.
    if (isLiveKey(secretKey) && !isStripeItself(apiBase)) throw new Error('a live key may go to Stripe only');
    this.sdk = new Stripe(secretKey, {
      telemetry: false,
      maxNetworkRetries: NETWORK_RETRIES,
      timeout: options.timeoutMs ?? READ_TIMEOUT_MS,
      ...(apiBase !== undefined && serverOf(apiBase)),
    });
  }

  /** @throws ProviderError for a definite refusal. */
  post(path: string, params: Json, idempotencyKey: string): Promise<Outcome<unknown>> {
    return this.write('POST', path, params, { idempotencyKey });
  }

  /** As `post`, but a decline that left a payment intent is an answer: the error, with its `payment_intent`. */
  postCharge(path: string, params: Json, idempotencyKey: string): Promise<Outcome<unknown>> {
    return this.write('POST', path, params, { idempotencyKey }, declineOf);
  }

  /** @throws ProviderError for a definite refusal; not_found for what is gone. */
  delete(path: string, query: Query = {}): Promise<Outcome<unknown>> {
    return this.write('DELETE', pathWith(path, query));
  }

  get(path: string, query: Query = {}): Promise<unknown> {
    return this.read(this.sdk.rawRequest('GET', pathWith(path, query)));
  }

  /** Our own account. Undefined where a restricted key, or an organization's, may not ask. */
  account(): Promise<unknown> {
    const answer: Promise<unknown> = this.sdk.rawRequest('GET', '/v1/account');
    return this.read(
      answer.catch((error: unknown) => {
        if (isNotForThisKey(error)) return undefined;
        throw error;
      }),
    );
  }

  /** Every page of a list, newest first. @throws ProviderError also when it could not be read to the end. */
  all(path: string, query: Query = {}): Promise<unknown[]> {
    return rowsOfAll(pagesOf(this, path, query));
  }

  session(id: string): Promise<unknown> {
    return this.read(this.sdk.checkout.sessions.retrieve(id, { expand: ['payment_intent.latest_charge'] }));
  }

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
    const ended = timed({ provider: STRIPE, kind: 'write' }, this.options.observe);
    try {
      const timeout = this.options.timeoutMs ?? WRITE_TIMEOUT_MS;
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
    const ended = timed({ provider: STRIPE, kind: 'read' }, this.options.observe);
    try {
      const value = await answer;
      ended('done');
      return value;
    } catch (error) {
      ended(isDefiniteRefusal(error) ? 'refused' : 'unavailable');
      throw toProviderError(error);
    }
  }
}

export type StripeCheckoutCalls = Pick<StripeClient, 'post' | 'session' | 'get'>;

/** The reads that confirm an event or describe a payment. */
export type StripeReads = Pick<StripeClient, 'session' | 'paymentIntent' | 'charge' | 'refunds' | 'disputes'>;

/** Customers, plans, subscriptions, card forms, and charges without a checkout. */
export type StripeBillingCalls = Pick<
  StripeClient,
  'post' | 'postCharge' | 'delete' | 'get' | 'all' | 'refunds' | 'disputes'
>;

/** As Stripe writes it, such as `expand[]`; one value each. */
type Query = Readonly<Record<string, string>>;

type Getter = Pick<StripeClient, 'get'>;

function pagesOf(client: Getter, path: string, query: Query): AsyncGenerator<readonly unknown[]> {
  const page = async (after: string | undefined): Promise<Json> => {
    const next: Query = after === undefined ? {} : { starting_after: after };
    return jsonOf(await client.get(path, { ...query, limit: String(PAGE), ...next }));
  };
  return pages(page, ({ data }) => idOf(listOf(data).at(-1)), unusableAnswer);
}

/**
 * The newest of a list, made since then, that `read` takes: Stripe filters lists by little more than time.
 * @throws ProviderError also when the list could not be read to the end.
 */
export async function findListed<T>(
  client: Getter,
  path: string,
  query: Query,
  since: Date,
  read: (one: unknown) => T | undefined,
): Promise<T | undefined> {
  const lately = { ...query, 'created[gte]': String(secondsBefore(since)) };
  for await (const page of pagesOf(client, path, lately)) {
    const found = page.map(read).find((one) => one !== undefined);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** What the call has made, where Stripe may have forgotten its key. @throws ProviderError as findListed. */
export async function madeBefore(
  client: Getter,
  path: string,
  query: Query,
  call: ProviderCall,
  { clock }: Pick<StripeAccount, 'clock'>,
): Promise<Json | undefined> {
  return mustLookFirst(call, clock.now()) ? findMade(client, path, query, call) : undefined;
}

/** What the operation has made, by its mark. @throws ProviderError as findListed. */
export function findMade(
  client: Getter,
  path: string,
  query: Query,
  { operationId, sentBefore }: ProviderCall & { sentBefore: Date },
): Promise<Json | undefined> {
  return findListed(client, path, query, sentBefore, (one) =>
    isJson(one) && metadataOf(one.metadata).operationId === operationId ? one : undefined,
  );
}

/** The object that an answer holds, and its id; any other kind leaves the call in doubt. */
export function madeIn(answer: unknown, kind: string): Outcome<Json & { id: string }> {
  const value = jsonOf(answer);
  const id = value.object === kind ? textOf(value.id) : undefined;
  return knownOr(id === undefined ? undefined : { ...value, id }, unusableAnswer(`not_a_${kind}`));
}

/** An embedded list holds its first page only. @param path of the whole list. */
export async function wholeList(
  client: Pick<StripeClient, 'all'>,
  list: unknown,
  path: string,
  query: Query,
): Promise<Json> {
  return jsonOf(list).has_more === true ? { data: await client.all(path, query) } : jsonOf(list);
}

function pathWith(path: string, query: Query): string {
  const text = new URLSearchParams(query).toString();
  return text === '' ? path : `${path}?${text}`;
}

function declineOf(error: unknown): Json | undefined {
  if (!(error instanceof Stripe.errors.StripeCardError) || !isJson(error.raw)) return undefined;
  return isJson(error.raw.payment_intent) ? error.raw : undefined;
}

export function isStripeItself(apiBase: string | undefined): boolean {
  return apiBase === undefined || new URL(apiBase).origin === 'https://api.stripe.com';
}

function serverOf(apiBase: string): { protocol: 'http' | 'https'; host: string; port: string } {
  const url = new URL(apiBase);
  const protocol = url.protocol === 'http:' ? 'http' : 'https';
  const port = url.port === '' ? { http: '80', https: '443' }[protocol] : url.port;
  return { protocol, host: url.hostname, port };
}
