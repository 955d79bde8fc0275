import { describe, expect, it } from '@jest/globals';
import { stateOf } from './card.page.source.js';

const NOW = new Date('2026-11-22T10:00:00Z');
const EARLIER = new Date('2026-11-22T09:59:59Z');
const LATER = new Date('2026-11-22T10:00:01Z');

describe('a setup on its page', () => {
  it.each([
    ['open', LATER, 'open'],
    ['open', null, 'open'],
    ['open', EARLIER, 'over'],
    ['open', NOW, 'over'],
    ['opening', null, 'opening'],
    ['failed', null, 'over'],
    ['saved', EARLIER, 'saved'],
  ] as const)('that is %s until %j is %s', (state, expiresAt, expected) => {
    expect(stateOf({ state, expiresAt }, NOW)).toBe(expected);
  });
});
