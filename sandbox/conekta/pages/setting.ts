import type { FastifyRequest } from 'fastify';
import { isWebUrl } from '../../page.html.js';
import type { Language } from '../conekta.errors.js';
import { languageNamed, preferredLanguage } from './language.js';
import { type Look, readLook } from './look.style.js';

/** Where a page is shown, and in which language. */
export interface Setting {
  language: Language;
  /** The page's own path; its forms post to paths below it. */
  path: string;
  /** What every link and form carries along: empty, or `?…`. */
  query: string;
  /** Null: the page has the whole window. */
  frame: Frame | null;
}

export interface Frame {
  /** Who may read what the page tells; `*` where the shop's page has no origin, such as a file. */
  parentOrigin: string;
  look: Look;
  /** The checkout whose token the card form fills; null: a new token. */
  tokenCheckoutId: string | null;
  /** The shop's page has a button of its own, which sends the form off. */
  hidesButton: boolean;
}

export function windowSetting(path: string, { headers }: FastifyRequest): Setting {
  return { language: preferredLanguage(headers['accept-language']), path, query: '', frame: null };
}

/** Everything comes in the address, as the component's script wrote it. */
export function frameSetting(path: string, { url }: FastifyRequest): Setting {
  const query = queryOf(url);
  const parent = query.get('parent') ?? '';
  return {
    language: languageNamed(query.get('locale') ?? undefined),
    path,
    query: `?${query.toString()}`,
    frame: {
      parentOrigin: isWebUrl(parent) ? new URL(parent).origin : '*',
      look: readLook(query.get('look')),
      tokenCheckoutId: query.get('checkout'),
      hidesButton: query.get('submit') === 'external',
    },
  };
}

export function publicKeyOf({ url }: FastifyRequest): string | null {
  return queryOf(url).get('public_key');
}

/** Where a form of the page posts to. */
export function stepPath({ path, query }: Setting, step: string): string {
  return `${path}/${step}${query}`;
}

function queryOf(url: string): URLSearchParams {
  return new URL(url, 'http://sandbox').searchParams;
}
