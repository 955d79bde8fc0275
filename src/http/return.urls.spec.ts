import { describe, expect, it } from '@jest/globals';
import { SERVICE } from '../../test/support/domain/domain.bed.js';
import { ReturnUrls } from './return.urls.js';

const SETTINGS = {
  success: { stripe: 'https://stripe-shop.example/paid' },
  cancel: { '*': 'https://other-shop.example:8443/back' },
};
const urls = new ReturnUrls(SETTINGS, { ...SERVICE, redirectOrigins: ['https://shop.example'] });

describe('a return URL of a request', () => {
  it.each([
    'https://shop.example',
    'https://shop.example/ok?order=1#done',
    'https://SHOP.example/ok',
    'https://shop.example:443/ok',
    'https://shop.example/ok?session={CHECKOUT_SESSION_ID}',
    'https://stripe-shop.example/elsewhere',
    'https://other-shop.example:8443/elsewhere',
    'https://pay.example/payments/success',
  ])('at an allowed origin is taken as it is: %s', (url) => {
    expect(urls.check(url, 'successUrl')).toBe(url);
  });

  it('may be absent', () => {
    expect(urls.check(undefined, 'successUrl')).toBeUndefined();
  });

  it.each([
    '//evil.example',
    '/relative',
    '',
    'shop.example',
    'javascript:alert(1)',
    'JaVaScRiPt:alert(1)//https://shop.example',
    'data:text/html,https://shop.example',
    'ftp://shop.example/ok',
    'https:shop.example',
    'https:/shop.example',
    'https:\\\\shop.example',
    'https://shop.example\\@evil.example',
    'https://shop.example\r\nSet-Cookie: a=b',
    'https://shop.example/\tok',
    ' https://shop.example',
    'https://shop.example/ok here',
    'https://',
    'https://[shop.example]',
  ])('that is no plain absolute URL is refused by name: %j', (url) => {
    expect(() => urls.check(url, 'cancelUrl')).toThrow(
      expect.objectContaining({
        code: 'invalid_request',
        details: [{ field: 'cancelUrl', rule: 'must be an absolute http or https URL' }],
      }),
    );
  });

  it.each([
    'https://shop.example@evil.example',
    'https://user:pass@shop.example/',
    'https://shop.example:x@evil.example',
  ])('with a user or password is refused: %s', (url) => {
    expect(() => urls.check(url, 'successUrl')).toThrow('must not carry a user or password');
  });

  it.each([
    'https://evil.example',
    'https://shop.example.evil.example',
    'https://evil-shop.example',
    'https://shop.examp1e',
    'https://ѕhop.example',
    'https://shop.example.',
    'http://shop.example',
    'https://shop.example:444',
    'https://sub.shop.example',
    'https:///evil.example',
    'https://@evil.example',
    'https://evil.example/https://shop.example',
    'https://evil.example?@shop.example',
    'https://evil.example#@shop.example',
    'https://evil.example／shop.example',
    'https://other-shop.example',
  ])('at any other origin is refused, however it looks: %s', (url) => {
    expect(() => urls.check(url, 'successUrl')).toThrow(/must be at an allowed origin|must be an absolute/);
  });
});

describe('the return URL of a payment', () => {
  it('is the one of its provider, else the one for all, else a page of our own', () => {
    expect(urls.successFor('stripe', 'p1')).toBe('https://stripe-shop.example/paid');
    expect(urls.successFor('conekta', 'p1')).toBe('https://pay.example/payments/success?payment=p1');
    expect(urls.cancelFor('stripe', 'p1')).toBe('https://other-shop.example:8443/back');
  });
});
