import { ValidateBy } from 'class-validator';

/** RFC 3339 with its capital letters. No leap seconds and no 24:00: JavaScript's clock has neither. */
const INSTANT =
  /^(\d{4}-\d{2}-\d{2})T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;
const DATE = /^\d{4}-\d{2}-\d{2}$/;

/** Whether it is a day of the calendar. JavaScript takes February 30th for March 2nd. */
function isDay(text: string): boolean {
  const day = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
}

/** Four digits in UTC, too: what Postgres and the providers read from the text of a Date. */
function isInRange(text: string): boolean {
  const year = new Date(text).getUTCFullYear();
  return year >= 1 && year <= 9_999;
}

function isMoment(value: unknown, datesToo: boolean): boolean {
  if (typeof value !== 'string') return false;
  const day = INSTANT.exec(value)?.[1] ?? (datesToo ? DATE.exec(value)?.[0] : undefined);
  return day !== undefined && isDay(day) && isInRange(value);
}

/** A moment, such as `2026-01-31T18:00:00Z` or `…+01:00`: `new Date()` of it is that moment. */
export function IsInstant(): PropertyDecorator {
  return ValidateBy({
    name: 'instant',
    validator: {
      validate: (value: unknown) => isMoment(value, false),
      defaultMessage: () =>
        '$property must be a moment with its offset, such as 2026-01-31T18:00:00Z (RFC 3339)',
    },
  });
}

/** The same, or a date, which stands for its midnight in UTC. */
export function IsInstantOrDate(): PropertyDecorator {
  return ValidateBy({
    name: 'instant',
    validator: {
      validate: (value: unknown) => isMoment(value, true),
      defaultMessage: () =>
        '$property must be a date such as 2026-01-31, or a moment such as 2026-01-31T18:00:00Z (RFC 3339)',
    },
  });
}
