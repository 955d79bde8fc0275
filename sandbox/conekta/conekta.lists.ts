import { invalid } from './conekta.errors.js';
import type { List } from './conekta.types.js';

const MAX_LIMIT = 250;

/** How this Conekta pages, of which its document says the default only. */
export interface Pages {
  /** Rows of a page where the caller asks for no number, and of every list that another object shows. */
  rows: number;
  /** In which order an order shows its charges. */
  oldestFirst: boolean;
}

export const DEFAULT_PAGES: Pages = { rows: 20, oldestFirst: false };

/** Lists that objects show, by the address below which the whole list is. */
const SHOWN_LISTS: Readonly<Record<string, { collection: string; names: readonly string[] }>> = {
  order: {
    collection: 'orders',
    names: ['charges', 'line_items', 'tax_lines', 'shipping_lines', 'discount_lines'],
  },
  charge: { collection: 'charges', names: ['refunds'] },
  customer: { collection: 'customers', names: ['payment_sources'] },
};

export interface Page {
  limit: number;
  next: string | null;
  previous: string | null;
}

/** A list inside another object. */
export function listOf<T>(data: T[]): List<T> {
  return { object: 'list', has_more: false, total: data.length, data };
}

/** As the API shows an object: of each list inside it the first page, and where the next one is. */
export function shown(one: object, pages: Pages, baseUrl: string): object {
  const inside = (value: unknown): unknown => (isRecord(value) ? shown(value, pages, baseUrl) : value);
  if (Array.isArray(one)) return one.map(inside);
  const value: Record<string, unknown> = { ...one };
  const entries = Object.entries(value).map(([name, held]): [string, unknown] => {
    const items = listIn(value, name, pages);
    if (items === undefined) return [name, inside(held)];
    const address = `${baseUrl}/${SHOWN_LISTS[String(value['object'])]?.collection}/${String(value['id'])}/${name}`;
    const page = pageOf(items, new URLSearchParams(), address, pages);
    return [name, { ...page, total: items.length, data: inside(page.data) }];
  });
  return Object.fromEntries(entries);
}

/** A list that an object shows, in its order. Undefined for an object that shows none by that name. */
export function listIn(value: object, name: string, pages: Pages): { id: string }[] | undefined {
  const held = isRecord(value) ? value[name] : undefined;
  return namesIn(value).includes(name) && isList(held) ? inOrder(held.data, name, pages) : undefined;
}

function namesIn(value: object): readonly string[] {
  return 'object' in value ? (SHOWN_LISTS[String(value.object)]?.names ?? []) : [];
}

function inOrder<T>(items: T[], name: string, { oldestFirst }: Pages): T[] {
  return oldestFirst && name === 'charges' ? items.toReversed() : items;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function isList(value: unknown): value is List<{ id: string }> {
  return isRecord(value) && value['object'] === 'list' && Array.isArray(value['data']);
}

export function pageIn(query: URLSearchParams, { rows }: Pages): Page {
  const asked = query.get('limit');
  const limit = asked === null ? rows : Number(asked);
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT) {
    throw invalid('limit', 'out_of_range', {
      es: `Debe ser un entero de 1 a ${MAX_LIMIT}.`,
      en: `It must be an integer from 1 to ${MAX_LIMIT}.`,
    });
  }
  return { limit, next: query.get('next'), previous: query.get('previous') };
}

/**
 * One page of a collection, newest first: `next` gives what comes after that id, `previous` what
 * comes before it. Throws 422 when the id names nothing.
 *
 * @param address the collection's own URL, from which the neighbours' are made
 */
export function pageOf<T extends { id: string }>(
  items: T[],
  query: URLSearchParams,
  address: string,
  pages: Pages,
): List<T> {
  const page = pageIn(query, pages);
  const [start, end] = bounds(items, page);
  const data = items.slice(start, end);
  const link = (name: string, id: string | undefined): string => {
    const kept = new URLSearchParams(query);
    kept.delete('next');
    kept.delete('previous');
    kept.set('limit', String(page.limit));
    kept.set(name, id ?? '');
    return `${address}?${kept.toString()}`;
  };
  return {
    object: 'list',
    has_more: end < items.length,
    next_page_url: end < items.length ? link('next', data.at(-1)?.id) : null,
    previous_page_url: start > 0 ? link('previous', data[0]?.id) : null,
    data,
  };
}

function bounds(items: { id: string }[], { limit, next, previous }: Page): [number, number] {
  if (previous !== null) {
    const end = indexOf(items, previous, 'previous');
    return [Math.max(0, end - limit), end];
  }
  const start = next === null ? 0 : indexOf(items, next, 'next') + 1;
  return [start, Math.min(items.length, start + limit)];
}

function indexOf(items: { id: string }[], id: string, param: string): number {
  const index = items.findIndex((item) => item.id === id);
  if (index < 0) throw invalid(param, 'unknown', { es: 'No existe.', en: 'It does not exist.' });
  return index;
}

/** `name=…`, `name.gte=…`, `name.lte=…`, all in seconds since the epoch. Throws 422 for what is no number. */
export function isWithin(seconds: number, query: URLSearchParams, name: string): boolean {
  const exact = secondsIn(query, name);
  const from = secondsIn(query, `${name}.gte`);
  const to = secondsIn(query, `${name}.lte`);
  return (
    (exact === null || seconds === exact) &&
    (from === null || seconds >= from) &&
    (to === null || seconds <= to)
  );
}

function secondsIn(query: URLSearchParams, name: string): number | null {
  const value = query.get(name);
  if (value === null) return null;
  if (/^\d{1,12}$/.test(value)) return Number(value);
  throw invalid(name, 'not_integer', { es: 'Debe ser un entero.', en: 'It must be an integer.' });
}
