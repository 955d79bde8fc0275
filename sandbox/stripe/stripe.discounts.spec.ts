import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type Stripe from 'stripe';
import { sdkFor, sessionParams } from '../../test/support/sandbox/stripe.sdk.js';
import { startStripeSandbox, type StripeSandbox } from './stripe.sandbox.js';

describe('discounts and kept cards of the stand-in Stripe', () => {
  let sandbox: StripeSandbox;
  let stripe: Stripe;

  beforeEach(async () => {
    sandbox = await startStripeSandbox();
    stripe = sdkFor(sandbox);
  });

  afterEach(() => sandbox.close());

  const newCoupon = (changes: Stripe.CouponCreateParams = {}) =>
    stripe.coupons.create({
      amount_off: 1000,
      currency: 'usd',
      duration: 'once',
      name: 'Autumn',
      ...changes,
    });
  const lines = [1999, 1, 500].map((unit_amount) => ({
    quantity: 2,
    price_data: { currency: 'usd', unit_amount, product_data: { name: 'Teclado' } },
  }));
  const open = (coupon: string, changes: Stripe.Checkout.SessionCreateParams = {}) =>
    stripe.checkout.sessions.create({
      ...sessionParams(),
      line_items: lines,
      discounts: [{ coupon }],
      ...changes,
    });

  it('a coupon comes off the lines, to the cent, and off what is charged', async () => {
    const session = await open((await newCoupon()).id);
    expect(session).toMatchObject({
      amount_subtotal: 5000,
      amount_total: 4000,
      total_details: { amount_discount: 1000 },
    });
    const { data } = await stripe.checkout.sessions.listLineItems(session.id);
    expect(data.map(({ amount_discount }) => amount_discount)).toEqual([799, 0, 201]);
    expect(data.reduce((sum, line) => sum + line.amount_total, 0)).toBe(4000);
    const page = await (await fetch(session.url ?? '')).text();
    expect(page).toContain('Autumn');
    const { charge } = await sandbox.payWithCard(session.id);
    expect(charge?.amount).toBe(4000);
  });

  it('a coupon that is good once is used up by the payment, not by the session', async () => {
    const { id } = await newCoupon({ max_redemptions: 1 });
    const first = await open(id);
    expect((await stripe.coupons.retrieve(id)).valid).toBe(true);
    await sandbox.payWithCard(first.id);
    expect(await stripe.coupons.retrieve(id)).toMatchObject({ valid: false, times_redeemed: 1 });
    await expect(open(id)).rejects.toMatchObject({ param: 'discounts[0][coupon]' });
  });

  it("a coupon has an amount, a short name and a currency, which is the session's", async () => {
    await expect(stripe.coupons.create({ duration: 'once' })).rejects.toMatchObject({ param: 'amount_off' });
    await expect(newCoupon({ name: 'x'.repeat(41) })).rejects.toMatchObject({ param: 'name' });
    const { id } = await newCoupon({ currency: 'eur' });
    await expect(open(id)).rejects.toMatchObject({ param: 'discounts[0][coupon]' });
    await expect(open('none')).rejects.toMatchObject({ code: 'resource_missing' });
    const { id: large } = await newCoupon({ amount_off: 4990 });
    await expect(open(large)).rejects.toMatchObject({ code: 'amount_too_small' });
  });

  it('a card that is kept belongs to the customer who is made for it', async () => {
    const session = await stripe.checkout.sessions.create({
      ...sessionParams(),
      customer_creation: 'always',
      payment_method_options: { card: { setup_future_usage: 'off_session' } },
    });
    const { paymentIntent } = await sandbox.payWithCard(session.id);
    const customer = sandbox.state().customers[0]?.id;
    expect(customer).toMatch(/^cus_/);
    expect(paymentIntent).toMatchObject({
      customer,
      setup_future_usage: null,
      payment_method_options: { card: { setup_future_usage: 'off_session' } },
    });
    expect(sandbox.events.find(({ type }) => type === 'payment_method.attached')).toMatchObject({
      data: { object: { id: paymentIntent?.payment_method, customer } },
    });
  });

  it('a whole payment that is kept has no method that cannot be', async () => {
    const session = await stripe.checkout.sessions.create({
      ...sessionParams('mxn', 19_900),
      payment_intent_data: { setup_future_usage: 'off_session' },
    });
    expect(session.payment_method_types).toEqual(['card']);
  });
});
