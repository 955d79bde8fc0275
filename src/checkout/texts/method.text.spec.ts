import { describe, expect, it } from '@jest/globals';
import { TEXTS } from '../reader/language.js';
import { methodText } from './method.text.js';

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
