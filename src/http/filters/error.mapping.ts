import { HttpException } from '@nestjs/common';
import { isDatabaseUnavailable } from '../../database/sql.errors.js';
import { type ErrorCode, ServiceError } from '../../kernel/errors.js';

/** What this service says for a refusal of the framework's own. Its text may quote the request, so it stays inside. */
const BY_STATUS: Readonly<Record<number, { code: ErrorCode; message: string }>> = {
  400: { code: 'invalid_request', message: 'the request cannot be read' },
  401: { code: 'unauthorized', message: 'an API key is required' },
  403: { code: 'forbidden', message: 'this is not allowed' },
  404: { code: 'not_found', message: 'there is no such route' },
  405: { code: 'not_found', message: 'there is no such route' },
  413: { code: 'payload_too_large', message: 'the body is larger than allowed' },
  415: { code: 'unsupported_media_type', message: 'the body must be application/json in UTF-8' },
  429: { code: 'rate_limited', message: 'too many requests' },
  503: { code: 'overloaded', message: 'the service cannot answer just now' },
};

/** Anything that was thrown, as the error that may leave the process. Unexpected things become `internal`. */
export function toServiceError(thrown: unknown): ServiceError {
  if (thrown instanceof ServiceError) return thrown;
  if (hasOwnMapping(thrown)) return thrown.toServiceError();
  if (isDatabaseUnavailable(thrown)) {
    return new ServiceError('database_unavailable', 'the database cannot be reached', [], { cause: thrown });
  }
  const status = statusOf(thrown);
  if (status !== undefined) return refusalFor(status, thrown);
  return new ServiceError('internal', 'something went wrong on our side', [], { cause: thrown });
}

function refusalFor(status: number, cause: unknown): ServiceError {
  const known = BY_STATUS[status];
  if (known !== undefined) return new ServiceError(known.code, known.message, [], { cause });
  if (status < 500) return new ServiceError('invalid_request', 'the request cannot be read', [], { cause });
  return new ServiceError('internal', 'something went wrong on our side', [], { cause });
}

/** The status that Nest's exceptions and Fastify's own errors carry; no other error is trusted to name one. */
function statusOf(thrown: unknown): number | undefined {
  if (thrown instanceof HttpException) return thrown.getStatus();
  if (!(thrown instanceof Error) || !('code' in thrown) || !('statusCode' in thrown)) return undefined;
  const isFastifys = typeof thrown.code === 'string' && thrown.code.startsWith('FST_ERR_');
  return isFastifys && typeof thrown.statusCode === 'number' ? thrown.statusCode : undefined;
}

/** The errors of the providers' room, which this room does not import: they know their own mapping. */
function hasOwnMapping(thrown: unknown): thrown is { toServiceError(): ServiceError } {
  return thrown instanceof Error && 'toServiceError' in thrown && typeof thrown.toServiceError === 'function';
}
