import { isUuid } from '../../kernel/ids.js';

const SHORTEST = 13;
const LONGEST = 19;

/**
 * Whether 13 to 19 neighbouring digits of `text` look like a card number: first digit 2 to 6, right by Luhn.
 * Separators are skipped. Letters mean that the text is an identifier, which is none.
 */
export function hidesCardNumber(text: string): boolean {
  if (/[a-z]/i.test(text) || isUuid(text)) return false;
  const digits = text.replace(/\D/g, '');
  for (let start = 0; start + SHORTEST <= digits.length; start += 1) {
    if (!/[2-6]/.test(digits.charAt(start))) continue;
    for (let length = SHORTEST; length <= LONGEST && start + length <= digits.length; length += 1) {
      if (passesLuhn(digits.slice(start, start + length))) return true;
    }
  }
  return false;
}

/** Whether these digits, and no others, are a card's number: 13 to 19, first digit 2 to 6, right by Luhn. */
export function isCardNumber(digits: string): boolean {
  return digits.length >= SHORTEST && digits.length <= LONGEST && /^[2-6]/.test(digits) && passesLuhn(digits);
}

function passesLuhn(digits: string): boolean {
  let sum = 0;
  for (let index = 0; index < digits.length; index += 1) {
    const digit = Number(digits.charAt(digits.length - 1 - index));
    const weighted = index % 2 === 0 ? digit : digit * 2;
    sum += weighted > 9 ? weighted - 9 : weighted;
  }
  return sum % 10 === 0;
}
