import { bodyText } from '../../request.body.js';
import type { CardEntry } from '../checkout.acts.js';

const LONGEST = 100;
const FIELDS = ['number', 'name', 'exp', 'cvc'] as const;

export type CardField = (typeof FIELDS)[number];

/** The card form as it was posted. */
export type TypedCard = Record<CardField, string> & { installments: string };

/** What stands in an untouched form: the card that pays, so that a look around takes one click. */
export function sampleCard(name: string): TypedCard {
  return { number: '4242 4242 4242 4242', name, exp: '12 / 34', cvc: '123', installments: '' };
}

/** One field of a posted form, cut to a length that no page needs more than. */
export function field(body: unknown, name: string): string {
  return (new URLSearchParams(bodyText(body)).get(name) ?? '').trim().slice(0, LONGEST);
}

export function typedCard(body: unknown): TypedCard {
  return {
    number: field(body, 'number'),
    name: field(body, 'name'),
    exp: field(body, 'exp'),
    cvc: field(body, 'cvc'),
    installments: field(body, 'installments'),
  };
}

/** The fields that cannot be right, whatever the bank would say. */
export function wrongFields(typed: TypedCard, today: Date): CardField[] {
  const right: Record<CardField, boolean> = {
    number: /^\d{13,19}$/.test(digits(typed.number)),
    name: typed.name !== '',
    exp: isAhead(typed.exp, today),
    cvc: /^\d{3,4}$/.test(typed.cvc),
  };
  return FIELDS.filter((name) => !right[name]);
}

/** @param offered the months that the checkout offers; another number is as if none were chosen */
export function cardEntry(typed: TypedCard, offered: readonly number[]): CardEntry {
  const months = Number(typed.installments);
  const installments = offered.includes(months) ? months : undefined;
  const [month, year] = expiryIn(typed.exp);
  return {
    number: digits(typed.number),
    name: typed.name,
    expMonth: month.padStart(2, '0'),
    expYear: year.slice(-2),
    installments,
  };
}

function digits(number: string): string {
  return number.replaceAll(/[\s-]/g, '');
}

function isAhead(expiry: string, today: Date): boolean {
  const [month, year] = expiryIn(expiry);
  if (Number(month) < 1 || Number(month) > 12) return false;
  // A card is good until the last day of its month.
  return new Date(2000 + (Number(year) % 100), Number(month)) > today;
}

/** The digits of the month and of the year; both empty where there are none. */
function expiryIn(expiry: string): [month: string, year: string] {
  const [, month = '', year = ''] = /^(\d{1,2})\s*[/-]?\s*((?:20)?\d{2})$/.exec(expiry) ?? [];
  return [month, year];
}
