import type { SessionCreateParams } from '../params/session.params.js';
import { refused } from '../stripe.errors.js';
import { newId } from '../stripe.ids.js';
import type { Coupon, LineItem, SessionRecord } from '../stripe.types.js';
import type { StripeWorld } from '../stripe.world.js';

/** The coupon that a session is asked for with, if there is one. Throws Stripe's error for one that does not fit. */
export function chooseCoupon(
  world: StripeWorld,
  { discounts, allow_promotion_codes }: SessionCreateParams,
  currency: string,
): Coupon | null {
  const id = discounts?.[0]?.coupon;
  if (id === undefined) return null;
  if (allow_promotion_codes !== undefined) {
    throw refused('You may only specify one of these parameters: allow_promotion_codes, discounts.', {
      param: 'allow_promotion_codes',
      beforeRunning: true,
    });
  }
  const coupon = world.coupon(id, 'discounts[0][coupon]');
  const late = coupon.redeem_by !== null && world.clock.seconds() > coupon.redeem_by;
  if (!coupon.valid || late) throw unfit(`Coupon ${id} is used up or expired.`);
  if (coupon.currency !== currency) throw unfit(`Coupon ${id} is in ${coupon.currency}, not in ${currency}.`);
  return coupon;
}

/** Takes the coupon off the lines, each its share; what does not divide comes off the last ones. */
export function takeOff(coupon: Coupon, lines: LineItem[]): void {
  const subtotal = lines.reduce((sum, line) => sum + line.amount_subtotal, 0);
  let left = Math.min(coupon.amount_off ?? 0, subtotal);
  let rest = subtotal;
  for (const line of lines) {
    // Past 2^53 on the way to a share, though neither factor is.
    const share = Number((BigInt(left) * BigInt(line.amount_subtotal)) / BigInt(rest || 1));
    line.amount_discount = share;
    line.amount_total = line.amount_subtotal - share;
    left -= share;
    rest -= line.amount_subtotal;
  }
}

/** A promotion code that takes everything off: nothing is left to pay. Throws 400 where the session takes no codes. */
export function takeEverythingOff(record: SessionRecord): void {
  const { session, lines } = record;
  if (session.allow_promotion_codes !== true)
    throw refused('This Checkout Session takes no promotion codes.');
  for (const line of lines) {
    line.amount_discount = line.amount_subtotal;
    line.amount_total = 0;
  }
  session.amount_total = 0;
  session.discounts = [{ coupon: null, promotion_code: newId('promo') }];
  session.payment_status = 'no_payment_required';
  session.total_details = {
    amount_discount: session.amount_subtotal ?? 0,
    amount_shipping: 0,
    amount_tax: 0,
  };
}

/** A session was completed with it. */
export function redeem(coupon: Coupon): void {
  coupon.times_redeemed += 1;
  coupon.valid = coupon.max_redemptions === null || coupon.times_redeemed < coupon.max_redemptions;
}

function unfit(message: string): Error {
  return refused(message, { param: 'discounts[0][coupon]', beforeRunning: true });
}
