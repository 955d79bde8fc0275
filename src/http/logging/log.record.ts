import { REDACTED, scrubText } from './scrub.js';

/** Keys whose value is never written down, whatever it is; compared without case, dashes and underscores. */
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
    .map(([key, item]) => [scrubText(key), isSecretKey(key) ? REDACTED : toLogValue(item, depth + 1)]);
  return Object.fromEntries(entries);
}

/** Type, message, stack, code, causes and, of an AggregateError, its errors; nothing else that a library hangs on its errors (parameters, requests). */
function toLogError(error: Error, depth: number): Record<string, unknown> {
  const message = withoutParameters(error.message);
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

/** Drizzle writes a failed statement's parameters, which are a buyer's data, into the message. */
function withoutParameters(message: string): string {
  const start = message.indexOf('\nparams: ');
  return start === -1 ? message : message.slice(0, start);
}

function isSecretKey(key: string): boolean {
  return SECRET_KEYS.has(key.toLowerCase().replace(/[-_]/g, ''));
}

function isPlainScalar(value: unknown): boolean {
  return value === null || ['string', 'number', 'boolean'].includes(typeof value);
}
