import type { Language } from '../conekta.errors.js';
import { TEXTS_EN } from './texts.en.js';
import { TEXTS_ES } from './texts.es.js';
import type { Texts } from './texts.js';

const TEXTS: Record<Language, Texts> = { es: TEXTS_ES, en: TEXTS_EN };

export function textsIn(language: Language): Texts {
  return TEXTS[language];
}

/** By the component's `locale`; Spanish where it names neither of the two. */
export function languageNamed(locale: string | undefined): Language {
  return known(locale ?? '') ?? 'es';
}

/** The one that the browser's Accept-Language wants most; Spanish where it wants neither. */
export function preferredLanguage(header: string | undefined): Language {
  const wanted = (header ?? '').split(',').map((range) => {
    const [tag = '', ...parameters] = range.trim().split(';');
    const quality = parameters.map((one) => /^\s*q=([\d.]+)\s*$/.exec(one)?.[1]).find(Boolean);
    return { language: known(tag), weight: Number(quality ?? 1) };
  });
  const best = wanted
    .filter(({ language, weight }) => language !== undefined && weight > 0)
    .sort((one, other) => other.weight - one.weight)[0];
  return best?.language ?? 'es';
}

function known(tag: string): Language | undefined {
  const primary = tag.trim().toLowerCase().split(/[-_]/)[0];
  return primary === 'es' || primary === 'en' ? primary : undefined;
}
