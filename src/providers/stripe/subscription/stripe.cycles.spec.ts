import { describe, expect, it } from '@jest/globals';
import { type Cycles, endOfCycles } from './stripe.cycles.js';

function end(anchor: string, cycles: Partial<Cycles>, from = anchor): string {
  const whole: Cycles = { interval: 'month', frequency: 1, count: 1, ...cycles };
  return endOfCycles(new Date(anchor), new Date(from), whole).toISOString().replace('.000', '');
}

describe('the end of the last cycle', () => {
  it.each<[string, Partial<Cycles>, string]>([
    ['2026-01-31T10:00:05Z', { count: 1 }, '2026-02-28T10:00:05Z'],
    ['2026-01-31T10:00:05Z', { count: 2 }, '2026-03-31T10:00:05Z'],
    ['2026-01-31T10:00:05Z', { count: 3 }, '2026-04-30T10:00:05Z'],
    ['2027-12-31T23:59:59Z', { count: 2 }, '2028-02-29T23:59:59Z'],
    ['2028-02-29T00:00:00Z', { interval: 'year', count: 1 }, '2029-02-28T00:00:00Z'],
    ['2028-02-29T00:00:00Z', { interval: 'year', count: 4 }, '2032-02-29T00:00:00Z'],
    ['2026-11-30T08:00:00Z', { frequency: 3, count: 1 }, '2027-02-28T08:00:00Z'],
    ['2026-11-30T08:00:00Z', { frequency: 3, count: 4 }, '2027-11-30T08:00:00Z'],
    ['2026-12-30T08:00:00Z', { interval: 'week', frequency: 2, count: 3 }, '2027-02-10T08:00:00Z'],
    ['2026-05-15T00:00:00Z', { count: 12 }, '2027-05-15T00:00:00Z'],
  ])("from %s, %j is a day of the anchor's, or the month's last", (anchor, cycles, expected) => {
    expect(end(anchor, cycles)).toBe(expected);
  });

  it('is counted on from a later cycle, and by the day of the anchor still', () => {
    expect(end('2026-01-31T10:00:00Z', { count: 1 }, '2026-02-28T10:00:00Z')).toBe('2026-03-31T10:00:00Z');
    expect(end('2026-01-31T10:00:00Z', { count: 12 }, '2026-04-30T10:00:00Z')).toBe('2027-04-30T10:00:00Z');
  });
});
