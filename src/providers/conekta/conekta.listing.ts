import type { Json } from '../json.read.js';
import type { ConektaClient } from './conekta.client.js';
import { unusableAnswer } from './conekta.errors.js';
import { nextOf } from './session/conekta.finding.js';

type Pages = Pick<ConektaClient, 'page'>;

/** Ten thousand of anything. */
const MAX_PAGES = 100;

/** @throws ProviderError also when not all could be looked at: that would be no proof that something is not there. */
export async function* pagesOf(client: Pages, path: string): AsyncGenerator<Json> {
  let next: string | undefined;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const answer = await client.page(path, next);
    yield answer;
    if (answer.has_more !== true) return;
    next = nextOf(answer.next_page_url);
    if (next === undefined) throw unusableAnswer('no_next_page');
  }
  throw unusableAnswer('too_many_pages');
}

export async function listAll(client: Pages, path: string): Promise<unknown[]> {
  const all: unknown[] = [];
  for await (const answer of pagesOf(client, path)) all.push(...rowsOf(answer));
  return all;
}

/** @throws ProviderError for what is no page of a list. */
export function rowsOf({ data }: Json): readonly unknown[] {
  if (!Array.isArray(data)) throw unusableAnswer('not_a_list');
  return data;
}
