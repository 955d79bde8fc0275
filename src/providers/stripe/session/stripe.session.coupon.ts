import type Stripe from 'stripe';
import { invalidField } from '../../../kernel/errors.js';
import type { SessionInput } from '../../provider.port.js';
import { toStripeAmount } from '../stripe.money.js';
import { shorten } from '../stripe.text.js';

const MAX_NAME = 40;

/**
 * A session takes one coupon, so all discounts become one, good for this session alone.
 * @returns undefined where nothing is taken off.
 * @throws ServiceError invalid_request naming `discounts` for a sum that Stripe cannot express.
 */
export function couponParams(
  { discounts, money: { currency } }: SessionInput,
  metadata: Record<string, string>,
): Stripe.CouponCreateParams | undefined {
  const sum = discounts.reduce((total, { amount }) => total + amount, 0n);
  if (sum === 0n) return undefined;
  const amountOff = toStripeAmount({ amount: sum, currency });
  if (amountOff === undefined) {
    throw invalidField('discounts', `add up to more decimals than Stripe takes in ${currency}`);
  }
  return {
    amount_off: Number(amountOff),
    currency: currency.toLowerCase(),
    duration: 'once',
    max_redemptions: 1,
    name: shorten(discounts.map(({ name }) => name).join(', '), MAX_NAME),
    metadata,
  };
}
