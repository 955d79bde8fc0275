import type { Clock } from '../../kernel/clock.js';
import { invalidField, ServiceError } from '../../kernel/errors.js';
import type { Money } from '../../kernel/money.js';

/** The provider's name in routes, rows and events. */
export const CONEKTA = 'conekta';

export interface ConektaAccount {
  livemode: boolean;
  clock: Pick<Clock, 'now'>;
  /** Which installation of ours makes things there; goes into their metadata. */
  installationId?: string | undefined;
}

/** A checkout lives between 5 minutes and 365 days. */
export const LIFETIME = { minimum: 5 * 60, maximum: 365 * 24 * 60 * 60, at: 'Conekta' };

/** Conekta's limits on metadata, less the four keys that are ours. */
export const METADATA = { keys: 96, valueLength: 249, at: 'Conekta' };

/** Of the name of anything, of a person and of an e-mail address. */
export const MAX_NAME = 249;

/** Months of the plans that Mexican banks offer. */
export const INSTALLMENT_MONTHS = new Set([3, 6, 9, 12, 18]);

/** Both have two decimals in ISO 4217, so Conekta's cents are our minor units. */
const CURRENCIES: ReadonlySet<string> = new Set(['MXN', 'USD']);

/** @throws ServiceError currency_not_supported naming `currency`. */
export function assertCurrency(money: Pick<Money, 'currency'>): void {
  if (CURRENCIES.has(money.currency)) return;
  const rule = `${money.currency} is not available at Conekta, which takes MXN and USD`;
  throw new ServiceError('currency_not_supported', rule, [{ field: 'currency', rule }]);
}

/** Undefined for what cannot be counted in cents for certain: no amount rather than a wrong one. */
export function fromConektaAmount(
  amount: number | undefined,
  currency: string | undefined,
): Money | undefined {
  const code = currency?.toUpperCase();
  if (amount === undefined || code === undefined || !CURRENCIES.has(code)) return undefined;
  return { amount: BigInt(amount), currency: code };
}

/** The language in which Conekta speaks to the buyer. @throws ServiceError invalid_request naming `locale`. */
export function conektaLanguage(locale: string): 'es' | 'en' {
  const [language] = locale.toLowerCase().split(/[-_]/);
  if (language === 'es' || language === 'en') return language;
  throw invalidField('locale', 'must be Spanish or English (es, en) at Conekta');
}
