import { invalidField, ServiceError } from '../../../kernel/errors.js';
import { type Money, toMajorText } from '../../../kernel/money.js';
import { expiryWithin } from '../../session.port.js';
import { MAXIMUM_STRIPE_AMOUNT, MINIMUM_AMOUNTS, STRIPE_CURRENCIES } from '../stripe.currencies.js';
import { toStripeAmount } from '../stripe.money.js';

/** Sessions live between 30 minutes and 24 hours. */
const LIFETIME = { minimum: 30 * 60, maximum: 24 * 60 * 60, at: 'Stripe' };

/** What Stripe keeps of a telephone number. */
const MAX_PHONE = 20;

/** Stripe's limits on metadata. */
const MAX_METADATA_KEYS = 50;
const MAX_METADATA_KEY = 40;
const MAX_METADATA_VALUE = 500;

/**
 * @param field that the amount came from; `items`, where it is a sum.
 * @throws ServiceError currency_not_supported or amount_out_of_bounds naming the field.
 */
export function assertAmount({ money }: { money: Money }, field = 'items'): void {
  if (!STRIPE_CURRENCIES.has(money.currency)) {
    const rule = `${money.currency} is not available at Stripe`;
    throw new ServiceError('currency_not_supported', rule, [{ field: 'currency', rule }]);
  }
  const minimum = MINIMUM_AMOUNTS[money.currency] ?? 0n;
  if (money.amount < minimum) {
    throw outOfBounds(
      field,
      `at least ${toMajorText({ amount: minimum, currency: money.currency })} ${money.currency}`,
    );
  }
  const atStripe = toStripeAmount(money);
  if (atStripe !== undefined && atStripe > MAXIMUM_STRIPE_AMOUNT)
    throw outOfBounds(field, 'at most 12 digits');
}

/** Seconds since 1970. @throws ServiceError invalid_request naming `expiresIn`. */
export function expiresAt(expiresIn: number, now: Date): number {
  return expiryWithin(LIFETIME, expiresIn, now);
}

/**
 * @param ours how many keys are left for what we add ourselves.
 * @throws ServiceError invalid_request naming `metadata` or the key at fault.
 */
export function assertMetadata(metadata: Readonly<Record<string, string>>, ours = 3): void {
  const entries = Object.entries(metadata);
  if (entries.length > MAX_METADATA_KEYS - ours) {
    throw invalidField('metadata', `must have at most ${MAX_METADATA_KEYS - ours} keys at Stripe`);
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

/** @throws ServiceError invalid_request naming the field. */
export function assertPhone(phone: string | undefined, field: string): void {
  if (phone === undefined || phone.length <= MAX_PHONE) return;
  throw invalidField(field, `must be at most ${MAX_PHONE} characters at Stripe`);
}

function outOfBounds(field: string, limit: string): ServiceError {
  const rule = `must ${field === 'items' ? 'add up to' : 'be'} ${limit} at Stripe`;
  return new ServiceError('amount_out_of_bounds', `${field} ${rule}`, [{ field, rule }]);
}
