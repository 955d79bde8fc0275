import { isJson, type Json, jsonOf, listOf, pages, rowsOfAll, secondsBefore, textOf } from '../json.read.js';
import { type ObserveCall, type Outcome, timed } from '../provider.calls.js';
import { CONEKTA } from './conekta.account.js';
import { mayHaveActed, toProviderError, unusableAnswer } from './conekta.errors.js';
import {
  CONEKTA_API,
  type ConektaAnswer,
  ConektaHttp,
  type ConektaRequest,
  type NoAnswer,
} from './conekta.http.js';

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

export type ConektaWrite = Omit<ConektaRequest, 'method' | 'timeoutMs'> & {
  method: Exclude<ConektaRequest['method'], 'GET'>;
};

const WRITE_TIMEOUT_MS = 20_000;
const READ_TIMEOUT_MS = 10_000;
const PAGE = 100;
/** How a kept-alive connection dies, unnoticed until it is used. */
const BROKEN_CONNECTION = new Set(['ECONNRESET', 'EPIPE']);

/**
 * The only place that speaks to Conekta. Answers are JSON objects, which the noun's own file reads. Reads throw
 * ProviderError. No write is ever sent twice: Conekta has no idempotency key.
 */
export class ConektaClient {
  private readonly http: ConektaHttp;

  constructor(private readonly options: ConektaClientOptions) {
    // A live key moves real money.
    if (options.livemode && !isConektaItself(options.apiBase))
      throw new Error('a live key may go to Conekta only');
    this.http = new ConektaHttp(options);
  }

  /** @throws ProviderError for a definite refusal, and where nothing can have been sent. */
  async write(write: ConektaWrite): Promise<Outcome<Json>> {
    const { timeoutMs = WRITE_TIMEOUT_MS, observe } = this.options;
    const ended = timed({ provider: CONEKTA, kind: 'write' }, observe);
    const answer = await this.http.exchange({ ...write, timeoutMs });
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
    const { timeoutMs = READ_TIMEOUT_MS, observe } = this.options;
    const ended = timed({ provider: CONEKTA, kind: 'read' }, observe);
    const request = { method: 'GET', path, timeoutMs } as const;
    let answer = await this.http.exchange(request);
    if (answer.status === undefined && BROKEN_CONNECTION.has(answer.code))
      answer = await this.http.exchange(request);
    const value = successOf(answer);
    if (value !== undefined) {
      ended('done');
      return value;
    }
    const error = toProviderError(answer);
    ended(error.kind === 'unavailable' ? 'unavailable' : 'refused');
    throw error;
  }

  /**
   * The order with its checkout and all its charges, each with all its refunds and its chargeback.
   * @throws ProviderError, `not_found` for an order that Conekta does not know.
   */
  async order(id: string): Promise<Json> {
    return wholeOrder(this, await this.read(orderPath(id)));
  }

  /** One page. @param createdFrom seconds since 1970 @param next cursor of the page before */
  orders(createdFrom: number, next: string | undefined): Promise<Json> {
    return this.page('/orders', next, { 'created_at.gte': String(createdFrom) });
  }

  /** One page of a list. */
  page(path: string, next: string | undefined, query: Readonly<Record<string, string>> = {}): Promise<Json> {
    const parameters = { ...query, limit: String(PAGE), ...(next !== undefined && { next }) };
    return this.read(`${path}?${new URLSearchParams(parameters).toString()}`);
  }
}

/** What opening, closing and finding an order need. */
export type ConektaCheckoutCalls = Pick<ConektaClient, 'write' | 'read' | 'order' | 'orders'>;

/** What customers, plans and subscriptions need. */
export type ConektaBillingCalls = Pick<ConektaClient, 'write' | 'read' | 'page' | 'order'>;

/** What webhook endpoints and their keys need. */
export type ConektaEndpointCalls = Pick<ConektaClient, 'write' | 'page'>;

/** The read that confirms an event or tells a payment. */
export interface ConektaReads {
  order(id: string): Promise<unknown>;
}

function successOf(answer: ConektaAnswer | NoAnswer): Json | undefined {
  if (answer.status === undefined || answer.status < 200 || answer.status > 299) return undefined;
  return answer.body?.object === 'error' ? undefined : answer.body;
}

export function isConektaItself(apiBase: string | undefined): boolean {
  if (apiBase === undefined) return true;
  const { origin, username, password } = new URL(apiBase);
  return origin === CONEKTA_API && `${username}${password}` === '';
}

/** The rows of a list. @param page reads the page at a cursor; undefined: the first. @throws ProviderError */
export function pagesFrom(
  page: (next: string | undefined) => Promise<Json>,
): AsyncGenerator<readonly unknown[]> {
  // The address of the next page is not followed: the key goes to one host.
  const cursorOf = (last: Json): string | undefined =>
    textOf(urlOf(last.next_page_url)?.searchParams.get('next'));
  return pages(page, cursorOf, unusableAnswer);
}

function pagesOf(client: Pick<ConektaClient, 'page'>, path: string): AsyncGenerator<readonly unknown[]> {
  return pagesFrom((next) => client.page(path, next));
}

/** Every row of a list that `read` understands. */
export async function listAll<T>(
  client: Pick<ConektaClient, 'page'>,
  path: string,
  read: (row: unknown) => T | undefined,
): Promise<T[]> {
  return (await rowsOfAll(pagesOf(client, path))).flatMap((row) => read(row) ?? []);
}

/** Rows of a list that is told newest first. A page that ends before `since` is the last, unless it runs the other way. */
export async function* rowsSince<T extends { createdAt: Date }>(
  client: Pick<ConektaClient, 'page'>,
  path: string,
  read: (row: unknown) => T | undefined,
  since: Date,
): AsyncGenerator<T> {
  const from = secondsBefore(since) * 1000;
  for await (const page of pagesOf(client, path)) {
    const rows = page.flatMap((row) => read(row) ?? []);
    yield* rows;
    const [newest, oldest] = [rows.at(0), rows.at(-1)];
    if (newest === undefined || oldest === undefined) continue;
    if (oldest.createdAt.getTime() < from && newest.createdAt >= oldest.createdAt) return;
  }
}

/** The elements of a list object; older API versions have bare arrays. */
export function pageOf(value: unknown): readonly unknown[] {
  return listOf(Array.isArray(value) ? value : jsonOf(value).data);
}

export function orderPath(id: string): string {
  return `/orders/${encodeURIComponent(id)}`;
}

/** Whether the answer itself shows every charge and every refund. */
export function isWhole({ charges }: Json): boolean {
  return !hasMore(charges) && !pageOf(charges).some((charge) => hasMore(jsonOf(charge).refunds));
}

/**
 * The order with every charge and every refund: Conekta pages the lists inside an order too, and any page may hold the
 * charge that pays. The pages' addresses come from outside, so each charge must name this order.
 * @throws ProviderError when not all could be read.
 */
export async function wholeOrder(client: Pick<ConektaClient, 'read'>, order: Json): Promise<Json> {
  if (isWhole(order)) return order;
  const charges = await wholeList(client, order.charges);
  const isForeign = (charge: unknown): boolean => (jsonOf(charge).order_id ?? order.id) !== order.id;
  if (hasMore(order.charges) && charges.some(isForeign)) throw unusableAnswer('not_the_charges_of_the_order');
  const data: Json[] = [];
  for (const charge of charges.map(jsonOf)) {
    const { refunds } = charge;
    data.push(
      hasMore(refunds) ? { ...charge, refunds: listObject(await wholeList(client, refunds)) } : charge,
    );
  }
  return { ...order, charges: listObject(data) };
}

/** All rows of a list inside an object. Only its next page tells its address. */
async function wholeList(client: Pick<ConektaClient, 'read'>, list: unknown): Promise<readonly unknown[]> {
  if (!isJson(list) || !hasMore(list)) return pageOf(list);
  const page = async (path: string | undefined): Promise<Json> =>
    path === undefined ? list : client.read(path);
  // Path and query, for our own host: a path that begins with two slashes would name another one.
  const pathOf = ({ next_page_url: address }: Json): string | undefined => {
    const url = urlOf(address);
    return url === undefined || url.pathname.startsWith('//') ? undefined : `${url.pathname}${url.search}`;
  };
  return rowsOfAll(pages(page, pathOf, unusableAnswer));
}

/** Whether a list inside an object shows its first page only. */
function hasMore(list: unknown): boolean {
  return isJson(list) && list.has_more === true;
}

function listObject(data: readonly unknown[]): Json {
  return { object: 'list', has_more: false, data };
}

function urlOf(address: unknown): URL | undefined {
  const text = textOf(address);
  return text !== undefined && URL.canParse(text) ? new URL(text) : undefined;
}
