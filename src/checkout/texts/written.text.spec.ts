import { describe, expect, it } from '@jest/globals';
import { withoutDirectionControls } from './written.text.js';

describe('text of others on a page', () => {
  it('is read in the order in which it is written', () => {
    expect(withoutDirectionControls('Mouse \u202egpj.exe\u202c \u2067x\u2069')).toBe('Mouse gpj.exe x');
  });

  it('keeps letters of every direction, and what joins emoji', () => {
    for (const text of ['مفتاح\u200f 12', 'מקלדת', '\u{1f9d1}\u200d\u{1f4bb}', 'Teclado <b>']) {
      expect(withoutDirectionControls(text)).toBe(text);
    }
  });
});
