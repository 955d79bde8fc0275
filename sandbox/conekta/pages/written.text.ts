import type { Language } from '../conekta.errors.js';

const LOCALES: Record<Language, string> = { es: 'es-MX', en: 'en-US' };

/** `amountText(39_800, 'MXN', 'es')` → `$398.00 MXN`: "$" alone is the sign of two currencies here. */
export function amountText(cents: number, currency: string, language: Language): string {
  const format = new Intl.NumberFormat(LOCALES[language], {
    style: 'currency',
    currency,
    currencyDisplay: 'narrowSymbol',
  });
  return `${format.format(cents / 100)} ${currency.toUpperCase()}`;
}

/** @param seconds since the epoch; written as the clocks in Mexico City show it */
export function momentText(seconds: number, language: Language): string {
  const format = new Intl.DateTimeFormat(LOCALES[language], {
    dateStyle: 'long',
    timeStyle: 'short',
    timeZone: 'America/Mexico_City',
  });
  return format.format(seconds * 1000);
}
