import { buildMessage, isEmail, ValidateBy } from 'class-validator';

const MAX_EMAIL = 254;

export interface TextLimits {
  /** Characters that must remain without the spaces around them; 1 by default. */
  min?: number;
  max: number;
}

/**
 * One line of text. Refused: control characters (NUL and line breaks among them), halves of surrogate pairs,
 * which neither Postgres nor a provider takes, and anything but a string.
 */
export function PlainText(limits: TextLimits): PropertyDecorator {
  const { min = 1, max } = limits;
  return ValidateBy({
    name: 'plainText',
    validator: {
      validate: (value: unknown) => isPlainText(value, limits),
      defaultMessage: buildMessage(
        (each) => `${each}$property must be one line of text of ${min} to ${max} characters`,
      ),
    },
  });
}

/** Checked as text first: the address's own check throws for half a surrogate pair. */
export function EmailAddress(): PropertyDecorator {
  return ValidateBy({
    name: 'emailAddress',
    validator: {
      validate: (value: unknown) =>
        typeof value === 'string' && value.length <= MAX_EMAIL && isPlain(value) && isEmail(value),
      defaultMessage: () => '$property must be an e-mail address',
    },
  });
}

export function isPlainText(value: unknown, { min = 1, max }: TextLimits): boolean {
  return typeof value === 'string' && isPlain(value) && fits(value, min, max);
}

/** Line breaks, of whatever system, as spaces. */
export function oneLine(text: string): string {
  return text.replace(/\r\n|[\n\v\f\r\u0085\u2028\u2029]/g, ' ');
}

/** No control characters, line separators or lone surrogates. */
export function isPlain(text: string): boolean {
  return !/[\p{Cc}\p{Zl}\p{Zp}\p{Cs}]/u.test(text);
}

function fits(text: string, min: number, max: number): boolean {
  // A character takes two units at most; counting a megabyte of them would be wasted.
  if (text.length > 2 * max) return false;
  return [...text.trim()].length >= min && [...text].length <= max;
}
