import { describe, expect, it } from '@jest/globals';
import { shopUrl } from './shop.url.js';

const PUBLIC_URL = 'https://shop.example/payments-service';
const OURS = `${PUBLIC_URL}/payments/success?payment=1`;

describe('the address of the shop', () => {
  it.each([
    ['https://shop.example/thanks', 'https://shop.example/thanks'],
    ['https://other.example/payments-service/pay/1', 'https://other.example/payments-service/pay/1'],
    ['https://shop.example/payments/success', 'https://shop.example/payments/success'],
    [OURS, undefined],
    [OURS.replace('shop.example', 'SHOP.example:443'), undefined],
    [`${PUBLIC_URL}/pay/1/return`, undefined],
    ['javascript:alert(1)', undefined],
    ['//shop.example/thanks', undefined],
    ['https://', undefined],
    [null, undefined],
  ])('of %j is %j', (url, expected) => {
    expect(shopUrl(url, PUBLIC_URL)).toBe(expected);
  });
});
