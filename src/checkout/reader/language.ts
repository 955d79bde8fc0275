import { TEXTS_EN } from '../texts/texts.en.js';
import { TEXTS_ES } from '../texts/texts.es.js';
import type { Texts } from '../texts/texts.js';

export type Language = 'en' | 'es';

export const TEXTS: Readonly<Record<Language, Texts>> = { en: TEXTS_EN, es: TEXTS_ES };

/** How numbers and dates are written where the reader names no country. */
const USUAL_LOCALE: Readonly<Record<Language, string>> = { en: 'en-US', es: 'es-MX' };

/** @param locale a BCP 47 tag of that language, for numbers and dates. */
export interface Tongue {
  language: Language;
  locale: string;
}

/** The best of our languages by an Accept-Language header; English where it names neither. */
export function tongueOf(tags: readonly string[]): Tongue {
  for (const tag of tags) {
    const language = languageOf(tag);
    if (language !== undefined) return { language, locale: localeOf(tag, language) };
  }
  return { language: 'en', locale: USUAL_LOCALE.en };
}

function languageOf(tag: string): Language | undefined {
  const primary = tag.toLowerCase().split('-')[0];
  return primary === 'en' || primary === 'es' ? primary : undefined;
}

// Only language and country are taken: the rest of a tag could ask for other digits or calendars.
function localeOf(tag: string, language: Language): string {
  const country = /^[a-z]{2}-([a-z]{2})$/i.exec(tag)?.[1];
  return country === undefined ? USUAL_LOCALE[language] : `${language}-${country.toUpperCase()}`;
}
