import { describe, expect, it } from '@jest/globals';
import { TEXTS } from '../page/reader.js';
import { amountText, amountWithCode, methodText, withoutDirectionControls } from './wording.js';

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

describe('a payment method for people', () => {
  it.each([
    [{ type: 'card', brand: 'visa', last4: '4242' }, 'Visa ending in 4242'],
    [{ type: 'card', last4: '4242' }, 'Card ending in 4242'],
    [{ type: 'card', brand: 'Cartes Bancaires', last4: '1001' }, 'Cartes Bancaires ending in 1001'],
    [
      { type: 'card', brand: 'visa', last4: '4242', installments: 6 },
      'Visa ending in 4242, in 6 monthly payments',
    ],
    [{ type: 'card', brand: 'visa', last4: '4242', installments: 1 }, 'Visa ending in 4242'],
    [{ type: 'cash' }, 'Cash voucher'],
    [{ type: 'sepa_debit' }, 'sepa_debit'],
  ])('%j is %j', (method, expected) => {
    expect(methodText(method, TEXTS.en)).toBe(expected);
  });
});

describe('text of others on a page', () => {
  it('is read in the order in which it is written', () => {
    expect(withoutDirectionControls('Mouse \u202egpj.exe\u202c \u2067x\u2069')).toBe('Mouse gpj.exe x');
  });

  it('keeps letters of every direction, and what joins emoji', () => {
    for (const text of ['مفتاح\u200f 12', 'מקלדת', '\u{1f9d1}\u200d\u{1f4bb}', 'Teclado <b>']) {
      expect(withoutDirectionControls(text)).toBe(text);
    }
  });
});
