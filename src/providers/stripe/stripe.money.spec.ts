import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { STRIPE_CURRENCIES } from './stripe.limits.js';
import { fromStripeAmount, toStripeAmount } from './stripe.money.js';

describe('amounts at Stripe', () => {
  it.each([
    ['USD', 1999n, 1999n],
    ['JPY', 500n, 500n],
    ['HUF', 17550n, 17550n],
    ['KWD', 1990n, 1990n],
    // No decimals in ISO 4217, two at Stripe.
    ['ISK', 500n, 50000n],
    ['UGX', 3700n, 370000n],
    // Two decimals in ISO 4217, none at Stripe.
    ['MGA', 500000n, 5000n],
  ])('%s %d minor units are %d there, and back', (currency, amount, expected) => {
    expect(toStripeAmount({ amount, currency })).toBe(expected);
    expect(fromStripeAmount(Number(expected), currency.toLowerCase())).toEqual({ amount, currency });
  });

  it.each([
    ['MGA', 150n],
    ['KWD', 1991n],
    ['TND', 5n],
  ])('%s %d cannot be expressed', (currency, amount) => {
    expect(toStripeAmount({ amount, currency })).toBeUndefined();
  });

  it('never rounds: a fraction that Stripe should not tell is an error', () => {
    expect(() => fromStripeAmount(50050, 'isk')).toThrow('fraction');
  });

  it('every amount that can be sent comes back the same, in every currency', () => {
    const currency = fc.constantFrom(...STRIPE_CURRENCIES);
    fc.assert(
      fc.property(fc.bigInt(1n, 999_999_999_999n), currency, (amount, code) => {
        const sent = toStripeAmount({ amount, currency: code });
        if (sent === undefined) return;
        expect(fromStripeAmount(Number(sent), code)).toEqual({ amount, currency: code });
      }),
    );
  });
});
