import { isUuid } from '../../kernel/ids.js';

const REDACTED = '[redacted]';

/** Longer text is cut: a log line is no place for a body, and every pattern stays cheap. */
const MAX_LENGTH = 8192;
/** Scrubbed beyond the cut, so that a secret lying across it is still seen whole. */
const OVERLAP = 512;

/** Digits with single separators, long enough for a card. UUIDs match first and stay: some are all digits. */
const UUID_OR_DIGITS = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\d(?:[ .-]?\d){12,}/gi;

/** Each expression is linear: every repetition is bounded, or followed by a character that it cannot take itself. */
const SECRETS: readonly RegExp[] = [
  /-----BEGIN [A-Z0-9 ]{1,40}-----[\s\S]*?(?:-----END [A-Z0-9 ]{1,40}-----|$)/g,
  /(?:sk|rk)_(?:org_)?(?:live|test)_[A-Za-z0-9_]+/g,
  /whsec_[A-Za-z0-9+/=_-]+/g,
  // Stripe's client secrets: pi_…_secret_…, cs_…_secret_…
  /_secret_[A-Za-z0-9]+/g,
  // Conekta's keys; long enough not to meet our own word "idempotency_key_required".
  /key_[A-Za-z0-9]{12,}/g,
  /Bearer\s{1,8}[A-Za-z0-9._~+/=-]{8,}/gi,
  /Basic\s{1,8}[A-Za-z0-9+/=]{12,}/gi,
];

const URL_USERINFO = /\/\/[^\s/?#"'<>]{1,256}@/g;

const EMAIL = /[\p{L}\p{N}._%+'-]{1,64}(?:@|%40)[\p{L}\p{N}-]{1,63}(?:\.[\p{L}\p{N}-]{1,63}){1,8}/gu;

/** The text without secrets, e-mail addresses and card numbers, and at most 8 KiB of it. */
export function scrubText(text: string): string {
  let clean = text.length > MAX_LENGTH + OVERLAP ? text.slice(0, MAX_LENGTH + OVERLAP) : text;
  for (const secret of SECRETS) clean = clean.replace(secret, REDACTED);
  clean = clean
    .replace(URL_USERINFO, `//${REDACTED}@`)
    .replace(EMAIL, REDACTED)
    .replace(UUID_OR_DIGITS, (found) => (hidesCardNumber(found) ? REDACTED : found));
  return clean.length > MAX_LENGTH ? `${clean.slice(0, MAX_LENGTH)}…` : clean;
}

const SHORTEST = 13;
const LONGEST = 19;

/** Whether some neighbouring digits, separators skipped, are a card number. Letters make an identifier of the text. */
function hidesCardNumber(text: string): boolean {
  if (/[a-z]/i.test(text) || isUuid(text)) return false;
  const digits = text.replace(/\D/g, '');
  for (let start = 0; start + SHORTEST <= digits.length; start += 1) {
    for (let end = start + SHORTEST; end <= Math.min(start + LONGEST, digits.length); end += 1) {
      if (isCardNumber(digits.slice(start, end))) return true;
    }
  }
  return false;
}

/** Whether these digits are a card's number: 13 to 19, first digit 2 to 6, right by Luhn. */
export function isCardNumber(digits: string): boolean {
  if (digits.length < SHORTEST || digits.length > LONGEST || !/^[2-6]/.test(digits)) return false;
  let sum = 0;
  for (let index = 0; index < digits.length; index += 1) {
    const digit = Number(digits.charAt(digits.length - 1 - index));
    const weighted = index % 2 === 0 ? digit : digit * 2;
    sum += weighted > 9 ? weighted - 9 : weighted;
  }
  return sum % 10 === 0;
}

/** Their values are never logged; compared without case, dashes and underscores. */
const SECRET_KEYS = new Set([
  'authorization',
  'proxyauthorization',
  'cookie',
  'setcookie',
  'stripesignature',
  'digest',
  'xapikey',
  'apikey',
  'password',
  'secret',
  'clientsecret',
  'accesstoken',
]);

const MAX_DEPTH = 6;
const MAX_ENTRIES = 100;

/** A copy of `value` that is safe to log: scrubbed, without secret keys, of bounded depth and size. */
export function toLogValue(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return scrubText(value);
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null) return isPlainScalar(value) ? value : undefined;
  if (depth >= MAX_DEPTH) return '[too deep]';
  if (value instanceof Error) return toLogError(value, depth);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
  // Bytes are bodies or keys; neither belongs into a log.
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return '[bytes]';
  if (Array.isArray(value)) return value.slice(0, MAX_ENTRIES).map((item) => toLogValue(item, depth + 1));
  return toLogObject(value, depth);
}

function toLogObject(value: object, depth: number): Record<string, unknown> {
  const entries = Object.entries(value)
    .slice(0, MAX_ENTRIES)
    .map(([key, item]) => {
      const isSecret = SECRET_KEYS.has(key.toLowerCase().replace(/[-_]/g, ''));
      return [scrubText(key), isSecret ? REDACTED : toLogValue(item, depth + 1)];
    });
  return Object.fromEntries(entries);
}

/** Nothing else that a library hangs on its errors (parameters, requests). */
function toLogError(error: Error, depth: number): Record<string, unknown> {
  // Drizzle writes a failed statement's parameters, a buyer's data, into the message.
  const [message = ''] = error.message.split('\nparams: ', 1);
  const stack = error.stack?.replace(error.message, () => message);
  return {
    type: error.name,
    message: scrubText(message),
    ...('code' in error && isPlainScalar(error.code) ? { code: toLogValue(error.code) } : {}),
    ...(stack === undefined ? {} : { stack: scrubText(stack) }),
    ...('errors' in error && Array.isArray(error.errors)
      ? { errors: toLogValue(error.errors, depth + 1) }
      : {}),
    ...(error.cause === undefined ? {} : { cause: toLogValue(error.cause, depth + 1) }),
  };
}

function isPlainScalar(value: unknown): boolean {
  return value === null || ['string', 'number', 'boolean'].includes(typeof value);
}
