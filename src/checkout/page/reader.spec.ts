import { describe, expect, it } from '@jest/globals';
import { languagesOf, tongueOf, wantsJson } from './reader.js';

const CHROME = 'text/html,application/xhtml+xml,application/xml;q=0.9,image/webp,*/*;q=0.8';

describe('what a caller accepts', () => {
  it.each([
    [undefined, false],
    ['', false],
    ['*/*', false],
    [CHROME, false],
    ['application/json', true],
    ['Application/JSON; charset=utf-8', true],
    ['application/json, text/plain, */*', true],
    ['application/problem+json', true],
    ['text/html, application/json;q=0.9', false],
    ['text/html;q=0.5, application/json', true],
    ['application/json;q=0, */*', false],
    ['application/json;q=nonsense', false],
    [`application/json,${'a/b,'.repeat(400)}`, false],
  ])('is JSON for %j: %j', (header, expected) => {
    expect(wantsJson(header)).toBe(expected);
  });

  it('comes best first, in the order written where the weights are equal', () => {
    expect(languagesOf('de;q=0.2, ES-mx, en;q=0.8, fr;q=0, es')).toEqual(['es-mx', 'es', 'en', 'de']);
  });
});

describe('the language of a page', () => {
  it.each([
    [undefined, 'en', 'en-US'],
    ['de-DE,fr;q=0.9', 'en', 'en-US'],
    ['es', 'es', 'es-MX'],
    ['es-ES,es;q=0.9,en;q=0.8', 'es', 'es-ES'],
    ['en;q=0.3,es-AR;q=0.7', 'es', 'es-AR'],
    ['de,en-GB;q=0.5', 'en', 'en-GB'],
    ['es-419', 'es', 'es-MX'],
    ['es-u-nu-thai', 'es', 'es-MX'],
    ['espanol', 'en', 'en-US'],
  ])('for %j is %s, written as in %s', (header, language, locale) => {
    expect(tongueOf(languagesOf(header))).toEqual({ language, locale });
  });
});
