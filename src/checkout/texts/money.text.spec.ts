import { describe, expect, it } from '@jest/globals';
import { amountText, amountWithCode } from './money.text.js';

describe('an amount for people', () => {
  it.each([
    [123450n, 'MXN', 'es-MX', '$1,234.50 MXN'],
    [123450n, 'MXN', 'en-US', '$1,234.50 MXN'],
    [500n, 'JPY', 'en-US', '¥500 JPY'],
    [500n, 'ISK', 'en-US', 'kr\u00a0500 ISK'],
    [1234n, 'UGX', 'en-US', 'UGX\u00a01,234'],
    [1n, 'IQD', 'en-US', 'IQD\u00a00.001'],
  ])('%s minor units of %s in %s are %j', (amount, currency, locale, expected) => {
    expect(amountWithCode({ amount, currency }, locale)).toBe(expected);
  });

  it('is exact beyond what a double can hold with two decimals', () => {
    expect(amountText({ amount: 9_007_199_254_740_993_07n, currency: 'USD' }, 'en-US')).toBe(
      '$9,007,199,254,740,993.07',
    );
  });
});
