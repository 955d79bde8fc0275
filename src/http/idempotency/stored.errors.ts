import { ERROR_CODES, type ErrorCode } from '../../kernel/error.codes.js';
import { type ErrorDetails, ServiceError } from '../../kernel/errors.js';
import type { StoredAnswer } from './idempotency.store.js';

/** A refusal that a repeat would meet again; outages and doubts pass, so they are not kept. */
export function isLasting(error: ServiceError): boolean {
  return error.status < 500 && !error.retryable;
}

export function toStoredError(error: ServiceError): StoredAnswer {
  return { status: error.status, body: error.toBody() };
}

/** The error that a stored answer stands for; undefined when it is a success. */
export function fromStoredError({ status, body }: StoredAnswer): ServiceError | undefined {
  if (status < 400 || !isErrorBody(body)) return undefined;
  return new ServiceError(body.code, body.message, body.details);
}

function isErrorBody(body: unknown): body is { code: ErrorCode; message: string; details: ErrorDetails } {
  if (typeof body !== 'object' || body === null) return false;
  if (!('code' in body) || !('message' in body) || !('details' in body)) return false;
  const known = typeof body.code === 'string' && Object.hasOwn(ERROR_CODES, body.code);
  return (
    known && typeof body.message === 'string' && typeof body.details === 'object' && body.details !== null
  );
}
