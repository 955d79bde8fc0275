import { randomBytes, randomInt } from 'node:crypto';

const ALPHABET = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';

/** `newId('ord')` → `ord_2tUigJ8DgBhbp6w5D`: unique also across restarts, since others keep these ids. */
export function newId(prefix: string): string {
  return `${prefix}_${randomText(ALPHABET, 17)}`;
}

/** The form in which charges, refunds, events, webhooks and their keys are named. */
export function newHexId(): string {
  return randomBytes(12).toString('hex');
}

export function randomDigits(length: number): string {
  return randomText('0123456789', length);
}

function randomText(alphabet: string, length: number): string {
  return Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join('');
}
