import { invalidField, ServiceError } from '../../kernel/errors.js';
import type { Money } from '../../kernel/money.js';
import { expiryWithin } from '../session.port.js';
import { CONEKTA_CURRENCIES } from './conekta.money.js';

/** A checkout lives between 5 minutes and 365 days. */
const LIFETIME = { minimum: 5 * 60, maximum: 365 * 24 * 60 * 60, at: 'Conekta' };

/** Conekta's limits on metadata, less the four keys that are ours. */
const MAX_METADATA_KEYS = 96;
const MAX_METADATA_VALUE = 249;

/** @throws ServiceError currency_not_supported naming `currency`. */
export function assertCurrency(money: Pick<Money, 'currency'>): void {
  if (CONEKTA_CURRENCIES.has(money.currency)) return;
  const rule = `${money.currency} is not available at Conekta, which takes MXN and USD`;
  throw new ServiceError('currency_not_supported', rule, [{ field: 'currency', rule }]);
}

/** Seconds since 1970. @throws ServiceError invalid_request naming `expiresIn`. */
export function expiresAt(expiresIn: number, now: Date): number {
  return expiryWithin(LIFETIME, expiresIn, now);
}

/** @throws ServiceError invalid_request naming `metadata` or the key at fault. */
export function assertMetadata(metadata: Readonly<Record<string, string>>): void {
  const entries = Object.entries(metadata);
  if (entries.length > MAX_METADATA_KEYS) {
    throw invalidField('metadata', `must have at most ${MAX_METADATA_KEYS} keys at Conekta`);
  }
  const long = entries.find(([, value]) => value.length > MAX_METADATA_VALUE);
  if (long !== undefined) {
    throw invalidField(`metadata.${long[0]}`, `must be at most ${MAX_METADATA_VALUE} characters at Conekta`);
  }
}

/** The language in which Conekta speaks to the buyer. @throws ServiceError invalid_request naming `locale`. */
export function conektaLanguage(locale: string): 'es' | 'en' {
  const [language] = locale.toLowerCase().split(/[-_]/);
  if (language === 'es' || language === 'en') return language;
  throw invalidField('locale', 'must be Spanish or English (es, en) at Conekta');
}
