import type { ErrorBody, ErrorDetails, ServiceError } from '../../kernel/errors.js';
import { toLogValue } from '../logging/log.record.js';
import { scrubText } from '../logging/scrub.js';

/** Seconds until the same request is worth another try, where the error itself does not say. */
const DEFAULT_RETRY_SECONDS = 5;
const RATE_WINDOW_SECONDS = 60;

/**
 * The body that leaves the process. Messages of providers may quote what they were sent, so every text
 * passes the scrubber.
 */
export function bodyOf(error: ServiceError, requestId?: string): ErrorBody {
  const body = error.toBody(requestId);
  return { ...body, message: scrubText(body.message), details: scrubDetails(body.details) };
}

/** Value of Retry-After in whole seconds; undefined where a repeat is pointless or its time unknown. */
export function retryAfterSeconds(error: ServiceError): number | undefined {
  if (!error.retryable || error.code === 'internal') return undefined;
  const told = Array.isArray(error.details) ? undefined : error.details.retryAfterMs;
  if (typeof told === 'number' && told > 0) return Math.ceil(told / 1000);
  return error.code === 'rate_limited' ? RATE_WINDOW_SECONDS : DEFAULT_RETRY_SECONDS;
}

function scrubDetails(details: ErrorDetails): ErrorDetails {
  if (Array.isArray(details)) {
    return details.map(({ field, rule }) => ({ field: scrubText(field), rule: scrubText(rule) }));
  }
  return Object.fromEntries(Object.entries(details).map(([key, value]) => [key, toLogValue(value)]));
}
