import { invalidField } from '../../../kernel/errors.js';

/** The languages of Stripe's hosted page. */
const LOCALES = (
  'auto bg cs da de el en en-GB es es-419 et fi fil fr fr-CA hi-IN hr hu id it ja ko lt lv ms mt nb nl pl pt ' +
  'pt-BR ro ru sk sl sv th tr vi zh zh-HK zh-TW'
).split(' ');

const BY_LOWER_CASE = new Map(LOCALES.map((locale) => [locale.toLowerCase(), locale]));

/** Languages that Stripe knows under another name or only with a region. */
const ALIASES = new Map([
  ['no', 'nb'],
  ['nn', 'nb'],
  ['hi', 'hi-IN'],
  ['tl', 'fil'],
]);

/**
 * Stripe's locale for a BCP 47 tag such as `es-MX` or `pt_BR`: the same region where Stripe has it, Latin
 * American Spanish for Spanish outside Spain, otherwise the language.
 * @throws ServiceError invalid_request naming `locale` for a language that Stripe does not speak.
 */
export function stripeLocale(tag: string): string {
  const wanted = tag.replaceAll('_', '-').toLowerCase();
  const [language = '', ...rest] = wanted.split('-');
  if (language === 'es' && rest.length > 0 && rest[0] !== 'es') return 'es-419';
  const found = BY_LOWER_CASE.get(wanted) ?? BY_LOWER_CASE.get(language) ?? ALIASES.get(language);
  if (found === undefined) throw invalidField('locale', 'must be a language that Stripe speaks');
  return found;
}
