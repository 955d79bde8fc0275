import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import Negotiator from 'negotiator';
import { TEXTS_EN, type Texts } from '../texts/texts.en.js';
import { TEXTS_ES } from '../texts/texts.es.js';

export type Language = 'en' | 'es';

export const TEXTS: Readonly<Record<Language, Texts>> = { en: TEXTS_EN, es: TEXTS_ES };

/** How numbers and dates are written where the reader names no country. */
const USUAL_LOCALE: Readonly<Record<Language, string>> = { en: 'en-US', es: 'es-MX' };

/** @param locale a BCP 47 tag of that language, for numbers and dates. */
interface Tongue {
  language: Language;
  locale: string;
}

/** The best of our languages by an Accept-Language header; English where it names neither. */
export function tongueOf(tags: readonly string[]): Tongue {
  for (const tag of tags) {
    const [language] = tag.toLowerCase().split('-');
    if (language !== 'en' && language !== 'es') continue;
    // Only language and country are taken: the rest of a tag could ask for other digits or calendars.
    const country = /^[a-z]{2}-([a-z]{2})$/i.exec(tag)?.[1]?.toUpperCase();
    return { language, locale: country === undefined ? USUAL_LOCALE[language] : `${language}-${country}` };
  }
  return { language: 'en', locale: USUAL_LOCALE.en };
}

export interface Reader extends Tongue {
  json: boolean;
}

export function readerOf(request: FastifyRequest): Reader {
  const { accept, 'accept-language': acceptLanguage } = request.headers;
  return { ...tongueOf(languagesOf(acceptLanguage)), json: wantsJson(accept) };
}

export const AnswerFor = createParamDecorator((_data: undefined, context: ExecutionContext): Reader =>
  readerOf(context.switchToHttp().getRequest()),
);

/** A longer header says nothing that a browser or a program would say. */
function negotiatorOf(name: 'accept' | 'accept-language', header: string | undefined): Negotiator {
  return new Negotiator({ headers: { [name]: header !== undefined && header.length > 1_000 ? '' : header } });
}

/** The tags of an Accept-Language header, best first. */
export function languagesOf(header: string | undefined): string[] {
  return negotiatorOf('accept-language', header)
    .languages()
    .map((tag) => tag.toLowerCase());
}

/** Asks for JSON by name, and not for HTML before it. */
export function wantsJson(header: string | undefined): boolean {
  const { json, html } = ranksOf(header);
  return json >= 0 && (html < 0 || json < html);
}

/** Asks for HTML by name, and not for JSON before it. */
export function wantsHtml(header: string | undefined): boolean {
  return ranksOf(header).html >= 0 && !wantsJson(header);
}

function ranksOf(header: string | undefined): { json: number; html: number } {
  const types = negotiatorOf('accept', header).mediaTypes();
  return {
    json: types.findIndex((type) => /^application\/(json|[\w.-]+\+json)$/i.test(type)),
    html: types.findIndex((type) => /^(text\/html|application\/xhtml\+xml)$/i.test(type)),
  };
}
