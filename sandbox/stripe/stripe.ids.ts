import { randomInt } from 'node:crypto';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** `newId('ch')` → `ch_3…`: unique also across restarts, since others keep these ids. */
export function newId(prefix: string, length = 24): string {
  return `${prefix}_${randomText(ALPHABET, length)}`;
}

export function randomDigits(length: number): string {
  return randomText('0123456789', length);
}

function randomText(alphabet: string, length: number): string {
  return Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join('');
}
