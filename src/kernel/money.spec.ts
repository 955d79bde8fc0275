import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ServiceError } from './errors.js';
import { fromMajorUnits, fromMinorUnits, MAX_AMOUNT, moneyOfDecimal, toMajorText, totalOf } from './money.js';

const EXPONENTS = [
  { currency: 'JPY', decimals: 0 },
  { currency: 'ISK', decimals: 0 },
  { currency: 'USD', decimals: 2 },
  { currency: 'MXN', decimals: 2 },
  { currency: 'KWD', decimals: 3 },
];

/** The fault that a call throws, as its caller reads it. */
function faultOf(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    if (error instanceof ServiceError) return { code: error.code, details: error.details };
    throw error;
  }
  return undefined;
}

const refusal = (rule: string) => ({ code: 'invalid_request', details: [{ field: 'price', rule }] });
const strictly = (price: number, currency: string) => fromMajorUnits(price, currency, 'refuse', 'price');
const rounding = (price: number, currency: string) =>
  fromMajorUnits(price, currency, 'round-half-up', 'price');

describe('a price in major units', () => {
  it.each([
    [19.99, 'USD', 1_999n],
    [0.29, 'USD', 29n],
    [1.1, 'USD', 110n],
    [4.35, 'MXN', 435n],
    [500, 'JPY', 500n],
    [1_500, 'ISK', 1_500n],
    [1.234, 'KWD', 1_234n],
    [0.001, 'KWD', 1n],
  ])('%p %s is %p minor units', (price, currency, amount) => {
    expect(strictly(price, currency)).toBe(amount);
    expect(rounding(price, currency)).toBe(amount);
  });

  it('is exact on its decimal text, whatever the currency and the digits', () => {
    for (const { currency, decimals } of EXPONENTS) {
      fc.assert(
        fc.property(fc.integer({ min: 1, max: 999_999_999_999 }), (minor) => {
          const digits = String(minor).padStart(decimals + 1, '0');
          const at = digits.length - decimals;
          const text = decimals === 0 ? digits : `${digits.slice(0, at)}.${digits.slice(at)}`;
          expect(strictly(Number(text), currency)).toBe(BigInt(minor));
          expect(toMajorText({ amount: BigInt(minor), currency })).toBe(text);
        }),
        { numRuns: 300 },
      );
    }
  });

  it.each([
    [1.005, 'USD', 101n],
    [1.004, 'USD', 100n],
    [1.0049999, 'USD', 100n],
    [8.345, 'USD', 835n],
    [19.5, 'JPY', 20n],
    [0.0005, 'KWD', 1n],
  ])(
    '%p %s is rounded half up to %p, and refused where decimals may not be lost',
    (price, currency, amount) => {
      expect(rounding(price, currency)).toBe(amount);
      expect(faultOf(() => strictly(price, currency))).toMatchObject({
        details: [
          { field: 'price', rule: expect.stringMatching(/^must have at most \d decimals in [A-Z]{3}$/) },
        ],
      });
    },
  );

  it('rounds half up wherever the half is', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 10_000_000 }),
        fc.integer({ min: 0, max: 999 }),
        (cents, rest) => {
          const digits = String(cents).padStart(3, '0');
          const text = `${digits.slice(0, -2)}.${digits.slice(-2)}${String(rest).padStart(3, '0')}`;
          const expected = BigInt(cents) + (rest >= 500 ? 1n : 0n);
          fc.pre(expected > 0n);
          expect(rounding(Number(text), 'USD')).toBe(expected);
        },
      ),
    );
  });

  it.each([Number.NaN, Infinity, -Infinity])('that is %p is refused', (price) => {
    expect(faultOf(() => rounding(price, 'USD'))).toEqual(refusal('must be a finite number'));
  });

  it.each([0, -0, -1, -0.01, 0.001, 1e-7, 5e-324])('of %p USD is refused as no positive amount', (price) => {
    expect(faultOf(() => rounding(price, 'USD'))).toEqual(refusal('must be greater than zero'));
  });

  it.each([1e21, 1e308, 90_071_992_547_409.92])('of %p USD is more than JSON tells exactly', (price) => {
    expect(faultOf(() => rounding(price, 'USD'))).toEqual(
      refusal(`must be at most ${MAX_AMOUNT} minor units`),
    );
  });
});

describe('an amount in minor units', () => {
  it.each([1, 1_999, Number.MAX_SAFE_INTEGER])('of %p is taken as it is', (value) => {
    expect(fromMinorUnits(value, 'price')).toBe(BigInt(value));
  });

  it.each([1.5, Number.NaN, Infinity, 1e21, 2 ** 53, 2 ** 53 + 2])(
    'of %p is no exactly known whole number',
    (value) => {
      expect(faultOf(() => fromMinorUnits(value, 'price'))).toEqual(
        refusal('must be a whole number of minor units'),
      );
    },
  );

  it.each([0, -0, -1])('of %p is refused', (value) => {
    expect(faultOf(() => fromMinorUnits(value, 'price'))).toEqual(refusal('must be greater than zero'));
  });
});

describe('a total', () => {
  it('adds up every line exactly', () => {
    const line = fc.record({
      unitAmount: fc.bigInt({ min: 1n, max: 10_000_000n }),
      quantity: fc.integer({ min: 1, max: 999 }),
    });
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 50 }), (lines) => {
        let expected = 0n;
        for (const { unitAmount, quantity } of lines)
          for (let n = 0; n < quantity; n += 1) expected += unitAmount;
        expect(totalOf(lines, 'items')).toBe(expected);
      }),
      { numRuns: 50 },
    );
  });

  it('may reach what JSON tells exactly, and not one more', () => {
    const almost = { unitAmount: MAX_AMOUNT - 1n, quantity: 1 };
    expect(totalOf([almost, { unitAmount: 1n, quantity: 1 }], 'items')).toBe(MAX_AMOUNT);
    expect(faultOf(() => totalOf([almost, { unitAmount: 1n, quantity: 2 }], 'items'))).toEqual({
      code: 'invalid_request',
      details: [{ field: 'items', rule: `must be at most ${MAX_AMOUNT} minor units` }],
    });
  });
});

describe('money as text', () => {
  it.each([
    [1_999n, 'USD', '19.99'],
    [5n, 'USD', '0.05'],
    [500n, 'JPY', '500'],
    [1n, 'KWD', '0.001'],
    [9_007_199_254_740_991n, 'USD', '90071992547409.91'],
  ])('%p %s is %s', (amount, currency, text) => {
    expect(toMajorText({ amount, currency })).toBe(text);
  });
});

describe('what a provider tells in decimals', () => {
  it('is exact, as text and as a number', () => {
    for (const [told, currency, amount] of [
      ['19.99', 'USD', 1999n],
      [19.99, 'USD', 1999n],
      [1.1, 'USD', 110n],
      ['150', 'MXN', 15_000n],
      ['1.234', 'KWD', 1234n],
      [-5, 'JPY', -5n],
      ['90071992547409.91', 'USD', 9_007_199_254_740_991n],
    ] as const) {
      expect(moneyOfDecimal(told, currency)).toEqual({ amount, currency });
    }
  });

  it('is nothing where it cannot be exact', () => {
    for (const told of [
      '19.999',
      0.001,
      90071992547409.91,
      1e21,
      '1e3',
      '',
      ' 1',
      NaN,
      null,
      undefined,
      {},
      true,
    ]) {
      expect(moneyOfDecimal(told, 'USD')).toBeUndefined();
    }
  });
});
