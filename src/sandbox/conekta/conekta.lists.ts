import { invalid } from './conekta.errors.js';
import type { List } from './conekta.types.js';

const DEFAULT_LIMIT = 20;
const MAX_LIMIT = 250;

export interface Page {
  limit: number;
  next: string | null;
  previous: string | null;
}

/** A list inside another object. */
export function listOf<T>(data: T[]): List<T> {
  return { object: 'list', has_more: false, total: data.length, data };
}

export function pageIn(query: URLSearchParams): Page {
  const asked = query.get('limit');
  const limit = asked === null ? DEFAULT_LIMIT : Number(asked);
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
): List<T> {
  const page = pageIn(query);
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
