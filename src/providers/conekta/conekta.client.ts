import { isJson, type Json, textOf } from '../json.read.js';
import type { CallOutcome, ObserveCall } from '../provider.calls.js';
import type { Outcome } from '../provider.port.js';
import { CONEKTA } from './conekta.account.js';
import { mayHaveActed, toProviderError, unusableAnswer } from './conekta.errors.js';
import {
  CONEKTA_API,
  type ConektaAnswer,
  ConektaHttp,
  type ConektaRequest,
  type NoAnswer,
} from './conekta.http.js';
import { orderPath, wholeOrder } from './payment/conekta.order.read.js';

export interface ConektaClientOptions {
  privateKey: string;
  /** Conekta's keys do not say whether they are live. */
  livemode: boolean;
  /** Another server than Conekta's own, such as a stand-in. */
  apiBase?: string | undefined;
  /** For every call; by default 20 s for writes and 10 s for reads. */
  timeoutMs?: number | undefined;
  /** Told of every call, when it has ended. */
  observe?: ObserveCall | undefined;
}

export interface ConektaWrite {
  method: 'POST' | 'PUT' | 'DELETE';
  path: string;
  body?: Json | undefined;
  /** Of what Conekta has to say to the buyer; Spanish when absent. */
  language?: 'es' | 'en' | undefined;
}

const WRITE_TIMEOUT_MS = 20_000;
const READ_TIMEOUT_MS = 10_000;
const PAGE = 100;
/** What a connection that was kept alive dies of, unnoticed until it is used. */
const BROKEN_CONNECTION = new Set(['ECONNRESET', 'EPIPE']);

/**
 * The only place that speaks to Conekta. Answers are JSON objects: what they hold is read by the noun's own file.
 * Reads throw ProviderError. Nothing that writes is ever sent twice, for Conekta has no idempotency key.
 */
export class ConektaClient implements ConektaReads {
  private readonly http: ConektaHttp;

  constructor(private readonly options: ConektaClientOptions) {
    assertSafeServer(options);
    this.http = new ConektaHttp(options);
  }

  /** @throws ProviderError for a definite refusal, and where nothing can have been sent. */
  async write(write: ConektaWrite): Promise<Outcome<Json>> {
    const ended = this.begin('write');
    const answer = await this.http.exchange(this.timed(write, WRITE_TIMEOUT_MS));
    const value = successOf(answer);
    if (value !== undefined) {
      ended('done');
      return { known: true, value };
    }
    if (mayHaveActed(answer)) {
      ended('unknown');
      return { known: false, error: toProviderError(answer) };
    }
    ended(answer.status === undefined ? 'unavailable' : 'refused');
    throw toProviderError(answer);
  }

  /** @param path with its query @throws ProviderError */
  async read(path: string): Promise<Json> {
    const ended = this.begin('read');
    const answer = await this.readTwice(this.timed({ method: 'GET', path }, READ_TIMEOUT_MS));
    const value = successOf(answer);
    if (value !== undefined) {
      ended('done');
      return value;
    }
    const error = toProviderError(answer);
    ended(error.kind === 'unavailable' ? 'unavailable' : 'refused');
    throw error;
  }

  /** The order with its checkout and all its charges, each with all its refunds. */
  async order(id: string): Promise<Json> {
    return wholeOrder(this, await this.read(orderPath(id)));
  }

  /** One page. @param createdFrom seconds since 1970 @param next cursor of the page before */
  orders(createdFrom: number, next: string | undefined): Promise<Json> {
    return this.read(pageOf('/orders', next, { 'created_at.gte': String(createdFrom) }));
  }

  /** One page of a list. */
  page(path: string, next: string | undefined): Promise<Json> {
    return this.read(pageOf(path, next));
  }

  private async readTwice(request: ConektaRequest): Promise<ConektaAnswer | NoAnswer> {
    const answer = await this.http.exchange(request);
    const broken = answer.status === undefined && BROKEN_CONNECTION.has(answer.code);
    return broken ? this.http.exchange(request) : answer;
  }

  private timed(request: Omit<ConektaRequest, 'timeoutMs'>, usual: number): ConektaRequest {
    return { ...request, timeoutMs: this.options.timeoutMs ?? usual };
  }

  private begin(kind: 'read' | 'write'): (outcome: CallOutcome) => void {
    const started = performance.now();
    return (outcome) =>
      this.options.observe?.({
        provider: CONEKTA,
        kind,
        outcome,
        seconds: (performance.now() - started) / 1000,
      });
  }
}

/** What opening, closing and finding an order need. */
export type ConektaCheckoutCalls = Pick<ConektaClient, 'write' | 'read' | 'order' | 'orders'>;

/** What customers, plans and subscriptions need. */
export type ConektaBillingCalls = Pick<ConektaClient, 'write' | 'read' | 'page' | 'order'>;

/** What webhook endpoints and their keys need. */
export type ConektaEndpointCalls = Pick<ConektaClient, 'write' | 'page'>;

function successOf(answer: ConektaAnswer | NoAnswer): Json | undefined {
  if (answer.status === undefined || answer.status < 200 || answer.status > 299) return undefined;
  return answer.body?.object === 'error' ? undefined : answer.body;
}

function pageOf(
  path: string,
  next: string | undefined,
  query: Readonly<Record<string, string>> = {},
): string {
  const parameters = { ...query, limit: String(PAGE), ...(next !== undefined && { next }) };
  return `${path}?${new URLSearchParams(parameters).toString()}`;
}

export function isConektaItself(apiBase: string | undefined): boolean {
  if (apiBase === undefined) return true;
  const { origin, username, password } = new URL(apiBase);
  return origin === CONEKTA_API && `${username}${password}` === '';
}

/** A live key moves real money: it goes to Conekta alone. */
function assertSafeServer({ livemode, apiBase }: ConektaClientOptions): void {
  if (livemode && !isConektaItself(apiBase)) throw new Error('a live key may go to Conekta only');
}

/**
 * The reads that confirm an event or tell a payment. Answers are unknown values: what they hold is read by the
 * noun's own file.
 */
export interface ConektaReads {
  /**
   * GET /orders/{id}: the order with all its charges, their refunds and chargebacks, and its checkout.
   * @throws ProviderError, `not_found` for an order that Conekta does not know.
   */
  order(id: string): Promise<unknown>;
}

/** What reads lists: one page by its cursor, or by its whole path. */
export interface ConektaLists {
  read(path: string): Promise<Json>;
  page(path: string, next: string | undefined): Promise<Json>;
}

/** Ten thousand of anything. */
const MAX_PAGES = 100;

/** @throws ProviderError also when not all could be looked at: that would be no proof that something is not there. */
export async function* pagesOf(client: Pick<ConektaLists, 'page'>, path: string): AsyncGenerator<Json> {
  yield* pagesFrom((next) => client.page(path, next));
}

/** @param page reads the page at a cursor; undefined: the first. @throws ProviderError as pagesOf. */
export async function* pagesFrom(page: (next: string | undefined) => Promise<Json>): AsyncGenerator<Json> {
  let next: string | undefined;
  for (let read = 0; read < MAX_PAGES; read += 1) {
    const answer = await page(next);
    yield answer;
    if (answer.has_more !== true) return;
    next = cursorOf(answer.next_page_url);
    if (next === undefined) throw unusableAnswer('no_next_page');
  }
  throw unusableAnswer('too_many_pages');
}

export async function listAll(client: Pick<ConektaLists, 'page'>, path: string): Promise<unknown[]> {
  const all: unknown[] = [];
  for await (const answer of pagesOf(client, path)) all.push(...rowsOf(answer));
  return all;
}

/** Whether an object shows the first page only of a list inside it. */
export function hasMore(list: unknown): boolean {
  return isJson(list) && list.has_more === true;
}

/**
 * All rows of a list inside an object. Such a list has an address of its own, which only its next page tells.
 * @throws ProviderError as pagesOf.
 */
export async function restOfList(client: Pick<ConektaLists, 'read'>, list: Json): Promise<unknown[]> {
  const all = [...rowsOf(list)];
  let page = list;
  for (let read = 0; hasMore(page); read += 1) {
    if (read === MAX_PAGES) throw unusableAnswer('too_many_pages');
    const path = pathOf(page.next_page_url);
    if (path === undefined) throw unusableAnswer('no_next_page');
    page = await client.read(path);
    all.push(...rowsOf(page));
  }
  return all;
}

/** @throws ProviderError for what is no page of a list. */
export function rowsOf({ data }: Json): readonly unknown[] {
  if (!Array.isArray(data)) throw unusableAnswer('not_a_list');
  return data;
}

/** The cursor in the address of the next page. The address itself is not followed: the key goes to one host. */
function cursorOf(address: unknown): string | undefined {
  return textOf(urlOf(address)?.searchParams.get('next'));
}

/** Path and query of the next page, for our own host. A path that begins with two slashes would name another host. */
function pathOf(address: unknown): string | undefined {
  const url = urlOf(address);
  return url === undefined || url.pathname.startsWith('//') ? undefined : `${url.pathname}${url.search}`;
}

function urlOf(address: unknown): URL | undefined {
  const text = textOf(address);
  return text !== undefined && URL.canParse(text) ? new URL(text) : undefined;
}
