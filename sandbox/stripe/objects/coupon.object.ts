import type { CouponParams } from '../params/coupon.params.js';
import { badParameter } from '../stripe.errors.js';
import { newId } from '../stripe.ids.js';
import { readCurrency } from '../stripe.money.js';
import type { Coupon } from '../stripe.types.js';
import type { StripeWorld } from '../stripe.world.js';

export function newCoupon(world: StripeWorld, params: CouponParams): Coupon {
  if (params.amount_off === undefined && params.percent_off === undefined) {
    throw badParameter(
      'You must pass either `percent_off` or `amount_off`.',
      'amount_off',
      'parameter_missing',
    );
  }
  if (params.amount_off !== undefined && params.currency === undefined) {
    throw badParameter('You must pass `currency` with `amount_off`.', 'currency', 'parameter_missing');
  }
  return {
    id: params.id ?? newId('cpn', 8).slice(4),
    object: 'coupon',
    amount_off: params.amount_off ?? null,
    created: world.clock.seconds(),
    currency: params.currency === undefined ? null : readCurrency(params.currency, 'currency'),
    duration: params.duration ?? 'once',
    duration_in_months: params.duration_in_months ?? null,
    livemode: false,
    max_redemptions: params.max_redemptions ?? null,
    metadata: params.metadata ?? {},
    name: params.name ?? null,
    percent_off: params.percent_off ?? null,
    redeem_by: params.redeem_by ?? null,
    times_redeemed: 0,
    valid: true,
  };
}
