import type { TimeRange } from './params/shared.params.js';
import { missing } from './stripe.errors.js';

export interface Page {
  limit?: number;
  starting_after?: string;
  ending_before?: string;
}

export interface List<T> {
  object: 'list';
  data: T[];
  has_more: boolean;
  url: string;
}

/**
 * One page of a list. `items` come in the order of the list: newest first, but line items as given.
 * Throws 400 when the cursor names nothing.
 */
export function pageOf<T extends { id: string; object: string }>(
  items: T[],
  page: Page,
  url: string,
): List<T> {
  const limit = page.limit ?? 10;
  if (page.ending_before !== undefined) {
    const end = indexOf(items, page.ending_before, 'ending_before');
    const start = Math.max(0, end - limit);
    return { object: 'list', data: items.slice(start, end), has_more: start > 0, url };
  }
  const after = page.starting_after;
  const start = after === undefined ? 0 : indexOf(items, after, 'starting_after') + 1;
  return {
    object: 'list',
    data: items.slice(start, start + limit),
    has_more: items.length > start + limit,
    url,
  };
}

export function newestFirst<T>(items: Iterable<T>): T[] {
  return [...items].reverse();
}

export function isWithin(created: number, range: TimeRange | undefined): boolean {
  if (range === undefined) return true;
  if (range.gt !== undefined && created <= range.gt) return false;
  if (range.gte !== undefined && created < range.gte) return false;
  if (range.lt !== undefined && created >= range.lt) return false;
  return range.lte === undefined || created <= range.lte;
}

function indexOf(items: { id: string; object: string }[], id: string, param: string): number {
  const index = items.findIndex((item) => item.id === id);
  if (index < 0) throw missing(items[0]?.object ?? 'object', id, param);
  return index;
}

/** The one with this id. Throws Stripe's `resource_missing`: 404, or 400 where a parameter named it. */
export function found<T>(map: ReadonlyMap<string, T>, kind: string, id: string, param: string): T {
  const one = map.get(id);
  if (one === undefined) throw missing(kind, id, param);
  return one;
}
