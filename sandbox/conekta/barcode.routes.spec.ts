import { describe, expect, it } from '@jest/globals';
import { barcodeSvg } from './barcode.routes.js';

/** Interleaved 2 of 5 by its definition: the weights of a digit's wide elements are 1, 2, 4, 7 and parity. */
const WEIGHTS = [1, 2, 4, 7, 0];

describe('a barcode', () => {
  it.each(['12345678901234', '00000000000000', '98765432109876'])(
    'of %s is read by its bars',
    (reference) => {
      expect(readBars(barcodeSvg(reference))).toBe(reference);
    },
  );
});

function readBars(svg: string): string {
  const bars = [...svg.matchAll(/M(\d+) 0h(\d+)v/g)].map(([, x, width]) => ({
    x: Number(x),
    width: Number(width),
  }));
  const isWide = (width: number): boolean => width > 3;
  const elements = bars.flatMap(({ x, width }, index) => {
    const next = bars[index + 1];
    return next ? [isWide(width), isWide(next.x - x - width)] : [isWide(width)];
  });
  const data = elements.slice(4, -3);
  let digits = '';
  for (let start = 0; start < data.length; start += 10) {
    const pair = data.slice(start, start + 10);
    digits += digitOf(pair.filter((_wide, index) => index % 2 === 0));
    digits += digitOf(pair.filter((_wide, index) => index % 2 === 1));
  }
  return digits;
}

function digitOf(wide: boolean[]): string {
  const sum = wide.reduce((total, one, index) => total + (one ? (WEIGHTS[index] ?? 0) : 0), 0);
  // 4 + 7 stands for nothing.
  return String(sum === 11 ? 0 : sum);
}
