import type { Json } from './json.read.js';

/** Ten thousand of anything, by the hundred. */
const MAX_PAGES = 100;

/** Providers' clocks may be behind ours. */
const CLOCK_SLACK_SECONDS = 600;

/** From when on a list is asked for what was made since then: seconds since 1970. */
export function secondsBefore(since: Date, slack = CLOCK_SLACK_SECONDS): number {
  return Math.floor(since.getTime() / 1000) - slack;
}

/**
 * The rows of a list, page by page.
 * @param read a page; undefined: the first one.
 * @param next what names the page after this one.
 * @param unusable makes the ProviderError that is thrown also when not all could be looked at: that would be no proof
 * that something is not there.
 */
export async function* pages<Cursor>(
  read: (cursor: Cursor | undefined) => Promise<Json>,
  next: (page: Json) => Cursor | undefined,
  unusable: (providerCode: string) => Error,
): AsyncGenerator<readonly unknown[]> {
  let cursor: Cursor | undefined;
  for (let count = 0; count < MAX_PAGES; count += 1) {
    const page = await read(cursor);
    const { data }: { data?: unknown } = page;
    if (!Array.isArray(data)) throw unusable('not_a_list');
    yield data;
    if (page.has_more !== true) return;
    cursor = next(page);
    if (cursor === undefined) throw unusable('no_next_page');
  }
  throw unusable('list_too_long');
}

export async function rowsOfAll(list: AsyncIterable<readonly unknown[]>): Promise<unknown[]> {
  const rows: unknown[] = [];
  for await (const page of list) rows.push(...page);
  return rows;
}
