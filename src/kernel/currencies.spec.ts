import { describe, expect, it } from '@jest/globals';
import currencyCodes from 'currency-codes';
import { ENTERED, exponentOf, parseCurrency, WITHDRAWN } from './money.js';

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

  it('S17a the Caribbean guilder, which came in on 2025-03-31, can be asked for', () => {
    expect(parseCurrency('xcg', 'currency')).toBe('XCG');
    expect(exponentOf('XCG')).toBe(2);
  });

  it.each([
    ['ANG', 'must be XCG: ANG was withdrawn on 2025-03-31'],
    ['bgn', 'must be EUR: BGN was withdrawn on 2026-01-01'],
    ['CUC', 'must be CUP: CUC was withdrawn on 2021-06-30'],
  ])('S17b %s, which went out, is refused with its date and its successor', (text, rule) => {
    expect(() => parseCurrency(text, 'currency')).toThrow(
      expect.objectContaining({ code: 'invalid_request', details: [{ field: 'currency', rule }] }),
    );
  });

  it('S17c what went out is still counted: rows and webhooks of before name it', () => {
    expect(Object.keys(WITHDRAWN).map(exponentOf)).toEqual([2, 2, 2]);
  });

  it('S17d the amendments of ours are what the package lacks: if this fails, it has caught up', () => {
    // Look up which amendments of ISO 4217 it has now, delete from ENTERED what it knows itself, keep WITHDRAWN
    // (whatever it forgets is still to be counted), add what is newer still, and write its date here.
    expect(currencyCodes.publishDate).toBe('2024-06-25');
    expect(Object.keys(ENTERED).filter((code) => currencyCodes.code(code) !== undefined)).toEqual([]);
  });

  it('S17e what replaced a currency can be asked for itself', () => {
    for (const { now } of Object.values(WITHDRAWN)) expect(parseCurrency(now, 'currency')).toBe(now);
  });
});
