import { applyDecorators } from '@nestjs/common';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { isEmail, IsString, Matches, MaxLength, ValidateBy, type ValidationArguments } from 'class-validator';
import { isOrderNumber, ORDER_ID_TYPE } from '../../kernel/order.id.js';
import { isCardNumber } from '../logging/scrub.js';

/** @param rule after the field's name, such as `must be an e-mail address`. */
function ruleOf(
  name: string,
  validate: (value: unknown) => boolean,
  rule: string | ((value: unknown) => string),
): PropertyDecorator {
  const told = typeof rule === 'string' ? () => `$property ${rule}` : rule;
  return ValidateBy({
    name,
    validator: { validate, defaultMessage: (args?: ValidationArguments) => told(args?.value) },
  });
}

const MAX_EMAIL = 254;

interface TextLimits {
  /** Characters that must remain without the spaces around them; 1 by default. */
  min?: number;
  max: number;
}

/** One line, without control characters and halves of surrogate pairs, which neither Postgres nor a provider takes. */
export function PlainText(limits: TextLimits): PropertyDecorator {
  const { min = 1, max } = limits;
  const rule = `must be one line of text of ${min} to ${max} characters`;
  return ruleOf('plainText', (value) => isPlainText(value, limits), rule);
}

/** Checked as text first: the address's own check throws for half a surrogate pair. */
export function EmailAddress(): PropertyDecorator {
  const isAddress = (value: unknown): boolean =>
    typeof value === 'string' && value.length <= MAX_EMAIL && isPlain(value) && isEmail(value);
  return ruleOf('emailAddress', isAddress, 'must be an e-mail address');
}

function isPlainText(value: unknown, { min = 1, max }: TextLimits): boolean {
  return typeof value === 'string' && isPlain(value) && fits(value, min, max);
}

const PROVIDER_NAME = /^[a-z]{1,32}$/;

/** The name of a provider, whether or not there is one. */
export function ProviderName(): PropertyDecorator {
  return applyDecorators(
    Matches(PROVIDER_NAME, { message: '$property must be the name of a provider' }),
    ApiPropertyOptional({ pattern: PROVIDER_NAME.source }),
  );
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

const MAX_ORDER_ID = 200;

/** An order as its owner names it: one line of text, or a whole number from 0 that JSON readers do not round. */
export function OrderId(): PropertyDecorator {
  const rule = `must be one line of text of 1 to ${MAX_ORDER_ID} characters, or a whole number`;
  const isOrderId = (value: unknown): boolean =>
    isOrderNumber(value) || isPlainText(value, { max: MAX_ORDER_ID });
  const text = { type: 'string', maxLength: MAX_ORDER_ID };
  return applyDecorators(
    ruleOf('orderId', isOrderId, rule),
    ApiProperty({ oneOf: [text, { type: 'integer', minimum: 0 }] }),
  );
}

/** Such as `es` or `es-MX`. */
export function LanguageTag(): PropertyDecorator {
  const pattern = /^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})?$/;
  return applyDecorators(
    Matches(pattern, { message: '$property must be a language tag such as es or es-MX' }),
    ApiProperty({ pattern: pattern.source }),
  );
}

/** Three letters; whether there is such a currency is for parseCurrency to say. */
export function CurrencyCode(): PropertyDecorator {
  const message = '$property must be an ISO 4217 currency code';
  return applyDecorators(MaxLength(3, { message }), IsString({ message }), ApiProperty({ maxLength: 3 }));
}

/** Groups of digits with at most a few separators between them, and no letter that makes an identifier of them. */
const DIGITS = /(?<![\p{L}\p{N}_])\d+(?:[\s.\p{Pd}]{1,3}\d+)*(?![\p{L}\p{N}_])/gu;
const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi;

/** In one piece or in groups, whatever digits stand beside it: texts go into every event. */
function holdsCardNumber(text: string): boolean {
  const runs = text.normalize('NFKC').replace(UUID, ' / ').match(DIGITS) ?? [];
  return runs.some((run) => {
    // Neighbouring groups make one number together.
    const groups = run.split(/\D+/);
    return groups.some((_first, from) =>
      groups.some((_last, to) => isCardNumber(groups.slice(from, to + 1).join(''))),
    );
  });
}

/** A text in which no card's number stands. Beside a rule that says what text it is. */
export function NoCardNumber(): PropertyDecorator {
  const holdsNone = (value: unknown): boolean => typeof value !== 'string' || !holdsCardNumber(value);
  return ruleOf('noCardNumber', holdsNone, 'must not hold a card number');
}

const MAX_KEYS = 20;
const KEY = /^[A-Za-z0-9_.-]{1,40}$/;
const MAX_VALUE_LENGTH = 249;

/** Ours: at the provider they say what of ours an object belongs to. */
export const RESERVED_METADATA: ReadonlySet<string> = new Set([
  'orderId',
  ORDER_ID_TYPE,
  'paymentId',
  'operationId',
  'customerId',
  'subscriptionId',
  'setupId',
  'installationId',
]);

/** The caller's own notes on a payment, as the smaller of the providers takes them. */
export function IsMetadata(): PropertyDecorator {
  const isFine = (value: unknown): boolean => metadataFault(value) === undefined;
  return ruleOf('metadata', isFine, (value) => metadataFault(value) ?? 'is not valid');
}

function metadataFault(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return 'must be an object of texts';
  const entries = Object.entries(value);
  if (entries.length > MAX_KEYS) return `must have at most ${MAX_KEYS} keys`;
  if (entries.some(([key]) => !KEY.test(key))) {
    return 'must have keys of 1 to 40 letters, digits, dots, dashes or underscores';
  }
  if (entries.some(([key]) => RESERVED_METADATA.has(key))) {
    return `must not hold ${[...RESERVED_METADATA].join(', ')}`;
  }
  const isValue = (text: unknown): boolean =>
    typeof text === 'string' && text.length <= MAX_VALUE_LENGTH && isPlain(text);
  if (!entries.every(([, text]) => isValue(text))) {
    return `must hold only texts of at most ${MAX_VALUE_LENGTH} characters in one line`;
  }
  const [carded] = entries.find(([key, text]) => holdsCardNumber(key) || holdsCardNumber(text)) ?? [];
  if (carded === undefined) return undefined;
  return `must not hold a card number: ${holdsCardNumber(carded) ? 'a key is one' : `${carded} does`}`;
}

/** RFC 3339 with its capital letters. No leap seconds and no 24:00: JavaScript's clock has neither. */
const INSTANT =
  /^(\d{4}-\d{2}-\d{2})T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;
const DATE = /^\d{4}-\d{2}-\d{2}$/;

function isMoment(value: unknown, datesToo: boolean): boolean {
  if (typeof value !== 'string') return false;
  const day = INSTANT.exec(value)?.[1] ?? (datesToo ? DATE.exec(value)?.[0] : undefined);
  if (day === undefined) return false;
  // A day of the calendar: JavaScript takes February 30th for March 2nd.
  const date = new Date(`${day}T00:00:00Z`);
  const isDay = !Number.isNaN(date.getTime()) && date.toISOString().startsWith(day);
  // Four digits in UTC, too: what Postgres and the providers read from the text of a Date.
  const year = new Date(value).getUTCFullYear();
  return isDay && year >= 1 && year <= 9_999;
}

/** A moment, such as `2026-01-31T18:00:00Z` or `…+01:00`: `new Date()` of it is that moment. */
export function IsInstant(): PropertyDecorator {
  const rule = 'must be a moment with its offset, such as 2026-01-31T18:00:00Z (RFC 3339)';
  return ruleOf('instant', (value) => isMoment(value, false), rule);
}

/** The same, or a date, which stands for its midnight in UTC. */
export function IsInstantOrDate(): PropertyDecorator {
  const rule = 'must be a date such as 2026-01-31, or a moment such as 2026-01-31T18:00:00Z (RFC 3339)';
  return ruleOf('instant', (value) => isMoment(value, true), rule);
}
