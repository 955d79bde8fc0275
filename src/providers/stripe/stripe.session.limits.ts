import { invalidField, ServiceError } from '../../kernel/errors.js';
import { toMajorText } from '../../kernel/money.js';
import type { SessionInput } from '../provider.port.js';
import { expiryWithin } from '../session.expiry.js';
import { MAXIMUM_STRIPE_AMOUNT, MINIMUM_AMOUNTS, STRIPE_CURRENCIES } from './stripe.currencies.js';
import { toStripeAmount } from './stripe.money.js';

/** Sessions live between 30 minutes and 24 hours. */
const LIFETIME = { minimum: 30 * 60, maximum: 24 * 60 * 60, at: 'Stripe' };

/** Stripe's limits on metadata, less the two keys that are ours. */
const MAX_METADATA_KEYS = 48;
const MAX_METADATA_KEY = 40;
const MAX_METADATA_VALUE = 500;

/** @throws ServiceError currency_not_supported or amount_out_of_bounds naming the field. */
export function assertAmount({ money }: SessionInput): void {
  if (!STRIPE_CURRENCIES.has(money.currency)) {
    const rule = `${money.currency} is not available at Stripe`;
    throw new ServiceError('currency_not_supported', rule, [{ field: 'currency', rule }]);
  }
  const minimum = MINIMUM_AMOUNTS[money.currency] ?? 0n;
  if (money.amount < minimum) {
    throw outOfBounds(
      `at least ${toMajorText({ amount: minimum, currency: money.currency })} ${money.currency}`,
    );
  }
  const atStripe = toStripeAmount(money);
  if (atStripe !== undefined && atStripe > MAXIMUM_STRIPE_AMOUNT) throw outOfBounds('at most 12 digits');
}

/** Seconds since 1970. @throws ServiceError invalid_request naming `expiresIn`. */
export function expiresAt(expiresIn: number, now: Date): number {
  return expiryWithin(LIFETIME, expiresIn, now);
}

/** @throws ServiceError invalid_request naming `metadata` or the key at fault. */
export function assertMetadata(metadata: Readonly<Record<string, string>>): void {
  const entries = Object.entries(metadata);
  if (entries.length > MAX_METADATA_KEYS) {
    throw invalidField('metadata', `must have at most ${MAX_METADATA_KEYS} keys at Stripe`);
  }
  for (const [key, value] of entries) {
    if (key.length > MAX_METADATA_KEY || /[[\]]/.test(key)) {
      throw invalidField(
        'metadata',
        `must have keys of at most ${MAX_METADATA_KEY} characters without brackets at Stripe`,
      );
    }
    if (value.length > MAX_METADATA_VALUE) {
      throw invalidField(`metadata.${key}`, `must be at most ${MAX_METADATA_VALUE} characters at Stripe`);
    }
  }
}

function outOfBounds(limit: string): ServiceError {
  const rule = `must add up to ${limit} at Stripe`;
  return new ServiceError('amount_out_of_bounds', `items ${rule}`, [{ field: 'items', rule }]);
}
