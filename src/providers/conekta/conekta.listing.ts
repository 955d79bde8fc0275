import { isJson, type Json, textOf } from '../json.read.js';
import { unusableAnswer } from './conekta.errors.js';

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
