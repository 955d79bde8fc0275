import { describe, expect, it } from '@jest/globals';
import { shopAddress, stateOf } from './card.page.js';

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

  it('S12f returns with the id of its form where the shop’s address has a place for one', () => {
    const successUrl = 'https://shop.example/cards?setup={CHECKOUT_SESSION_ID}';
    const setup = { id: 'ours', providerSetupId: 'cs_1', successUrl };
    expect(shopAddress(setup)).toBe('https://shop.example/cards?setup=cs_1');
    expect(shopAddress({ ...setup, providerSetupId: null })).toBe('https://shop.example/cards?setup=ours');
    expect(shopAddress({ ...setup, successUrl: null })).toBeNull();
  });
});
