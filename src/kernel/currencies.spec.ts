import { describe, expect, it } from '@jest/globals';
import { exponentOf, parseCurrency } from './currencies.js';

describe('a currency', () => {
  it.each([
    ['usd', 'USD'],
    ['Mxn', 'MXN'],
    ['JPY', 'JPY'],
    ['xof', 'XOF'],
  ])('written %s is %s', (text, code) => {
    expect(parseCurrency(text, 'currency')).toBe(code);
  });

  it.each([
    'XXX',
    'XTS',
    'XAU',
    'XDR',
    'CLF',
    'COU',
    'UYI',
    'ABC',
    'US',
    'USDD',
    '',
    'U$D',
    ' USD',
    'ＵＳＤ',
    'usd\n',
  ])('written %j is none that a customer can pay with', (text) => {
    expect(() => parseCurrency(text, 'money.currency')).toThrow(
      expect.objectContaining({
        code: 'invalid_request',
        details: [{ field: 'money.currency', rule: 'must be an ISO 4217 currency code' }],
      }),
    );
  });

  it.each([
    ['JPY', 0],
    ['KRW', 0],
    ['CLP', 0],
    ['ISK', 0],
    ['UGX', 0],
    ['USD', 2],
    ['MXN', 2],
    ['EUR', 2],
    ['KWD', 3],
    ['BHD', 3],
    ['TND', 3],
  ])('%s has %d decimals by ISO 4217', (code, decimals) => {
    expect(exponentOf(code)).toBe(decimals);
  });

  it('without a record is a bug, not a request to refuse', () => {
    expect(() => exponentOf('ABC')).toThrow('unknown currency ABC');
  });
});
