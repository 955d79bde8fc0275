import { invalidField, ServiceError } from '../../kernel/errors.js';
import type { Money } from '../../kernel/money.js';
import { CONEKTA_CURRENCIES } from './conekta.money.js';

/** A checkout lives between 5 minutes and 365 days. */
export const LIFETIME = { minimum: 5 * 60, maximum: 365 * 24 * 60 * 60, at: 'Conekta' };

/** Conekta's limits on metadata, less the four keys that are ours. */
export const METADATA = { keys: 96, valueLength: 249, at: 'Conekta' };

/** Of the name of anything, of a person and of an e-mail address. */
export const MAX_NAME = 249;

/** Months of the plans that Mexican banks offer. */
export const INSTALLMENT_MONTHS = new Set([3, 6, 9, 12, 18]);

/** @throws ServiceError currency_not_supported naming `currency`. */
export function assertCurrency(money: Pick<Money, 'currency'>): void {
  if (CONEKTA_CURRENCIES.has(money.currency)) return;
  const rule = `${money.currency} is not available at Conekta, which takes MXN and USD`;
  throw new ServiceError('currency_not_supported', rule, [{ field: 'currency', rule }]);
}

/** The language in which Conekta speaks to the buyer. @throws ServiceError invalid_request naming `locale`. */
export function conektaLanguage(locale: string): 'es' | 'en' {
  const [language] = locale.toLowerCase().split(/[-_]/);
  if (language === 'es' || language === 'en') return language;
  throw invalidField('locale', 'must be Spanish or English (es, en) at Conekta');
}
