import { isJson, type Json, jsonOf, listOf, pages, rowsOfAll, textOf } from '../json.read.js';
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
    const ended = timed({ provider: CONEKTA, kind: 'write' }, this.options.observe);
    const answer = await this.http.exchange(this.within(write, WRITE_TIMEOUT_MS));
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
    const ended = timed({ provider: CONEKTA, kind: 'read' }, this.options.observe);
    const answer = await this.readTwice(this.within({ method: 'GET', path }, READ_TIMEOUT_MS));
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
    return this.read(pathOfPage('/orders', next, { 'created_at.gte': String(createdFrom) }));
  }

  /** One page of a list. */
  page(path: string, next: string | undefined): Promise<Json> {
    return this.read(pathOfPage(path, next));
  }

  private async readTwice(request: ConektaRequest): Promise<ConektaAnswer | NoAnswer> {
    const answer = await this.http.exchange(request);
    const broken = answer.status === undefined && BROKEN_CONNECTION.has(answer.code);
    return broken ? this.http.exchange(request) : answer;
  }

  private within(request: Omit<ConektaRequest, 'timeoutMs'>, usual: number): ConektaRequest {
    return { ...request, timeoutMs: this.options.timeoutMs ?? usual };
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

function pathOfPage(
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

type Read = Pick<ConektaClient, 'read'>;

/** The rows of a list. @param page reads the page at a cursor; undefined: the first. @throws ProviderError */
export function pagesFrom(
  page: (next: string | undefined) => Promise<Json>,
): AsyncGenerator<readonly unknown[]> {
  // The address of the next page is not followed: the key goes to one host.
  const cursorOf = (last: Json): string | undefined =>
    textOf(urlOf(last.next_page_url)?.searchParams.get('next'));
  return pages(page, cursorOf, unusableAnswer);
}

export function pagesOf(
  client: Pick<ConektaClient, 'page'>,
  path: string,
): AsyncGenerator<readonly unknown[]> {
  return pagesFrom((next) => client.page(path, next));
}

export function listAll(client: Pick<ConektaClient, 'page'>, path: string): Promise<unknown[]> {
  return rowsOfAll(pagesOf(client, path));
}

/** The elements of a list object; older API versions have bare arrays. */
export function pageOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? listOf(value) : listOf(jsonOf(value).data);
}

export function orderPath(id: string): string {
  return `/orders/${encodeURIComponent(id)}`;
}

/** Whether the answer itself shows every charge and every refund. */
export function isWhole({ charges }: Json): boolean {
  return !hasMore(charges) && !pageOf(charges).some((charge) => hasMore(jsonOf(charge).refunds));
}

/**
 * The order with every charge and every refund: Conekta pages the lists inside an order as any other, and the charge
 * that pays may be on any page. The address of the further pages comes from outside: what is there counts only for the
 * order that it names.
 * @throws ProviderError when not all could be read.
 */
export async function wholeOrder(client: Read, order: Json): Promise<Json> {
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

/** All rows of a list inside an object. Such a list has an address of its own, which only its next page tells. */
async function wholeList(client: Read, list: unknown): Promise<readonly unknown[]> {
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

/** Whether an object shows the first page only of a list inside it. */
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
