import { idOf, isJson, type Json, jsonOf, metadataOf } from '../json.read.js';
import type { ProviderCall } from '../provider.port.js';
import type { StripeBillingCalls } from './stripe.client.js';
import { unusableAnswer } from './stripe.errors.js';

/** Stripe's clock may be behind ours. */
const CLOCK_SLACK_SECONDS = 600;
/** Ten thousand objects. */
const MAX_PAGES = 100;
const PAGE = '100';

/** One page of a list, newest first: of objects made since, seconds, and after the one with the id. */
type Page = (createdFrom: number, startingAfter: string | undefined) => Promise<unknown>;

/**
 * Lists can be filtered by little more than time: each object is looked at.
 * @param read what is looked for, if the object is it.
 * @throws ProviderError when Stripe does not answer, and when not all objects could be looked at.
 */
export async function findListed<T>(
  page: Page,
  read: (one: unknown) => T | undefined,
  createdAfter: Date,
): Promise<T | undefined> {
  const createdFrom = Math.floor(createdAfter.getTime() / 1000) - CLOCK_SLACK_SECONDS;
  let startingAfter: string | undefined;
  for (let pages = 0; pages < MAX_PAGES; pages += 1) {
    const { data, has_more: hasMore } = jsonOf(await page(createdFrom, startingAfter));
    if (!Array.isArray(data)) throw unusableAnswer('not_a_list');
    const found = data.map(read).find((one) => one !== undefined);
    if (found !== undefined) return found;
    if (hasMore !== true) return undefined;
    startingAfter = idOf(data.at(-1));
    if (startingAfter === undefined) throw unusableAnswer('no_next_page');
  }
  // Not having looked everywhere is no proof that it is not there.
  throw unusableAnswer('list_too_long');
}

/** What the operation has made, by its mark in metadata. @throws ProviderError as findListed. */
export function findMade(
  client: Pick<StripeBillingCalls, 'get'>,
  path: string,
  query: Readonly<Record<string, string>>,
  { operationId, sentBefore }: ProviderCall & { sentBefore: Date },
): Promise<Json | undefined> {
  const page: Page = (createdFrom, startingAfter) =>
    client.get(path, {
      ...query,
      'created[gte]': String(createdFrom),
      limit: PAGE,
      ...(startingAfter !== undefined && { starting_after: startingAfter }),
    });
  const isIt = (one: unknown): Json | undefined =>
    isJson(one) && metadataOf(one.metadata).operationId === operationId ? one : undefined;
  return findListed(page, isIt, sentBefore);
}
