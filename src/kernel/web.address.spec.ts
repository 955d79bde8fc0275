import { describe, expect, it } from '@jest/globals';
import { isURL } from 'class-validator';
import { providerAddress, receiptAddress, webAddress } from './web.address.js';

/** For nobody: neither a page nor a receipt. */
const UNUSABLE = [
  'javascript:alert(1)',
  'JavaScript://pay.stripe.com/%0aalert(1)',
  'data:text/html,hello',
  'file:///etc/passwd',
  'ftp://pay.stripe.com/receipts/1',
  '//pay.stripe.com/receipts/1',
  '/receipts/1',
  'pay.stripe.com/receipts/1',
  'https://',
  'https://pay.stripe.com/receipts/1\r\nSet-Cookie: a=b',
  'https://pay.stripe.com/\treceipts',
  ' https://pay.stripe.com/receipts/1',
  'https://pay.stripe.com/a b',
  'https://pay.stripe.com\\@evil.example/',
  'https://user:password@pay.stripe.com/receipts/1',
  'https://pay.stripe.com@evil.example/',
  'https://pay.stripe.com/\u202ereceipt',
  '',
];

const NO_RECEIPT = [
  'http://pay.stripe.com/receipts/1',
  'https://localhost/receipts/1',
  'https://shop.localhost/receipts/1',
  'https://127.0.0.1/receipts/1',
  'https://2130706433/receipts/1',
  'https://0x7f.1/receipts/1',
  'https://[::1]/receipts/1',
  'https://intranet/receipts/1',
  'https://receipts.internal/1',
];

const RECEIPTS = [
  'https://pay.stripe.com/receipts/payment/CAcaFwoVYWNjdF8xTzJ?s=ap',
  'https://receipts.example.com:8443/r/1#top',
];

describe('an address that a provider gave', () => {
  it.each(UNUSABLE)('T24a is no page, no picture and no receipt: %j', (text) => {
    expect([webAddress(text), providerAddress(text), receiptAddress(text)]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  it.each(NO_RECEIPT)('T24b is no receipt: %j', (text) => {
    expect(receiptAddress(text)).toBeUndefined();
  });

  it('T24d is longer than others take', () => {
    const long = (length: number): string => `https://pay.stripe.com/${'a'.repeat(length)}`;
    expect([receiptAddress(long(2_000)), providerAddress(long(2_000))]).toEqual([undefined, long(2_000)]);
    expect([providerAddress(long(4_096)), webAddress(long(4_096))]).toEqual([undefined, undefined]);
  });

  it.each(RECEIPTS)('T24c is a receipt as it is, which an orders service takes: %j', (text) => {
    expect([receiptAddress(text), providerAddress(text)]).toEqual([text, text]);
    expect(isURL(text)).toBe(true);
  });

  it.each([
    ['https://checkout.stripe.com/c/pay/cs_live_a1#fidkdWxOYHwnPyd1blppbHN', true],
    ['http://checkout.stripe.com/c/pay/cs_live_a1', false],
    ['http://127.0.0.1:4242/checkout/1', true],
    ['http://sandbox:4242/checkout/1', true],
  ])('is a page of its own, over http at a stand-in only: %j', (text, isPage) => {
    expect(providerAddress(text)).toBe(isPage ? text : undefined);
    expect(webAddress(text)).toBe(text);
  });

  it('is none where there is none', () => {
    for (const nothing of [null, undefined]) {
      expect([webAddress(nothing), providerAddress(nothing), receiptAddress(nothing)]).toEqual([
        undefined,
        undefined,
        undefined,
      ]);
    }
  });
});
