import { hidesCardNumber } from './card.number.js';

export const REDACTED = '[redacted]';

/** Longer text is cut: a log line is no place for a body, and every pattern stays cheap. */
const MAX_LENGTH = 8192;
/** Scrubbed beyond the cut, so that a secret lying across it is still seen whole. */
const OVERLAP = 512;

/**
 * Digits with single separators, long enough for a card number. A UUID is matched first and left alone:
 * some are all digits, and a log without ids is of no use.
 */
const UUID_OR_DIGITS = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\d(?:[ .-]?\d){12,}/gi;

/**
 * What must never be written down. Each expression is linear: every repetition is bounded or followed by
 * a character that it cannot take itself.
 */
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

/** A user's name and password in a URL: the slashes and the at sign stay. */
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
