import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Observable, throwError } from 'rxjs';
import { isDatabaseUnavailable } from '../../database/sql.errors.js';
import { type ErrorBody, type ErrorCode, rpcBodyOf, ServiceError } from '../../kernel/errors.js';
import { scrubText, toLogValue } from '../logging/scrub.js';
import { inRequest, PinoLogger } from '../logging/pino.logger.js';

/** The only filter of the service: whatever is thrown, over HTTP or NATS, gets the same body. */
@Catch()
export class ErrorFilter implements ExceptionFilter {
  constructor(private readonly logger: PinoLogger) {}

  catch(thrown: unknown, host: ArgumentsHost): Observable<never> | undefined {
    if (host.getType() === 'rpc') {
      const error = toServiceError(thrown);
      reportError(error, thrown, this.logger);
      // Nest's transport sends it to the caller as `{err: body}`.
      return throwError(() => rpcBodyOf(bodyOf(error)));
    }
    answerHttpError(thrown, host.switchToHttp().getRequest(), host.switchToHttp().getResponse(), this.logger);
    return undefined;
  }
}

declare module 'fastify' {
  interface FastifyInstance {
    /** The page in place of an error's JSON, status and headers set; undefined where the JSON is right. */
    errorForPeople?: (error: ServiceError, reply: FastifyReply) => string | undefined;
  }
}

export function answerHttpError(
  thrown: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  logger: PinoLogger,
): void {
  const error = toServiceError(thrown);
  // A body that failed to parse is reported outside of the request's own asynchronous context.
  inRequest(request.id, () => reportError(error, thrown, logger));
  sendError(error, request.id, reply);
}

/** Sends the error's body, or its page, with its status and headers, unless an answer has begun already. */
export function sendError(error: ServiceError, requestId: string, reply: FastifyReply): void {
  const wait = retryAfterSeconds(error);
  if (reply.sent || reply.raw.headersSent) return;
  if (wait !== undefined) reply.header('retry-after', String(wait));
  if (error.code === 'unauthorized') reply.header('www-authenticate', 'Bearer');
  const page = reply.server.errorForPeople?.(error, reply);
  if (page !== undefined) return void reply.send(page);
  void reply
    .code(error.status)
    .header('content-type', 'application/json; charset=utf-8')
    .header('cache-control', 'no-store')
    .send(JSON.stringify(bodyOf(error, requestId)));
}

/** Seconds until the same request is worth another try, where the error itself does not say. */
const DEFAULT_RETRY_SECONDS = 5;
const RATE_WINDOW_SECONDS = 60;

/** Scrubbed: messages of providers may quote what they were sent. */
function bodyOf(error: ServiceError, requestId?: string): ErrorBody {
  const body = error.toBody(requestId);
  const { details } = body;
  const scrubbed = Array.isArray(details)
    ? details.map(({ field, rule }) => ({ field: scrubText(field), rule: scrubText(rule) }))
    : Object.fromEntries(Object.entries(details).map(([key, value]) => [key, toLogValue(value)]));
  return { ...body, message: scrubText(body.message), details: scrubbed };
}

/** Value of Retry-After in whole seconds; undefined where a repeat is pointless or its time unknown. */
export function retryAfterSeconds(error: ServiceError): number | undefined {
  if (!error.retryable || error.code === 'internal') return undefined;
  const told = Array.isArray(error.details) ? undefined : error.details.retryAfterMs;
  if (typeof told === 'number' && told > 0) return Math.ceil(told / 1000);
  return error.code === 'rate_limited' ? RATE_WINDOW_SECONDS : DEFAULT_RETRY_SECONDS;
}

/** Logs a bug with its stack, an outage in one line. A refusal shows in the access log. */
export function reportError(error: ServiceError, thrown: unknown, logger: PinoLogger): void {
  if (error.status < 500) return;
  const { cause } = error;
  const reason =
    cause instanceof Error ? { cause: `${cause.name}: ${cause.message.split('\n')[0]}` } : undefined;
  if (error.code === 'internal') logger.error(`unexpected ${typeof thrown} thrown`, thrown, 'ErrorFilter');
  else logger.warn(`${error.code}: ${error.message}`, reason, 'ErrorFilter');
}

/** For the framework's own refusals, whose texts may quote the request. */
const UNREADABLE = { code: 'invalid_request', message: 'the request cannot be read' } as const;
const UNEXPECTED = { code: 'internal', message: 'something went wrong on our side' } as const;
const BY_STATUS: Readonly<Record<number, { code: ErrorCode; message: string }>> = {
  400: UNREADABLE,
  401: { code: 'unauthorized', message: 'an API key is required' },
  403: { code: 'forbidden', message: 'this is not allowed' },
  404: { code: 'not_found', message: 'there is no such route' },
  405: { code: 'not_found', message: 'there is no such route' },
  413: { code: 'payload_too_large', message: 'the body is larger than allowed' },
  415: { code: 'unsupported_media_type', message: 'the body must be application/json in UTF-8' },
  429: { code: 'rate_limited', message: 'too many requests' },
  503: { code: 'overloaded', message: 'the service cannot answer just now' },
};

/** The error that may leave the process; `internal` for what nobody expected. */
export function toServiceError(thrown: unknown): ServiceError {
  if (thrown instanceof ServiceError) return thrown;
  if (hasOwnMapping(thrown)) return thrown.toServiceError();
  if (isDatabaseUnavailable(thrown)) {
    return new ServiceError('database_unavailable', 'the database cannot be reached', [], { cause: thrown });
  }
  const status = statusOf(thrown) ?? 500;
  const { code, message } = BY_STATUS[status] ?? (status < 500 ? UNREADABLE : UNEXPECTED);
  return new ServiceError(code, message, [], { cause: thrown });
}

/** Of Nest's exceptions and Fastify's own errors; no other error is trusted to name one. */
function statusOf(thrown: unknown): number | undefined {
  if (thrown instanceof HttpException) return thrown.getStatus();
  if (!(thrown instanceof Error) || !('code' in thrown) || !('statusCode' in thrown)) return undefined;
  const isFastifys = typeof thrown.code === 'string' && thrown.code.startsWith('FST_ERR_');
  return isFastifys && typeof thrown.statusCode === 'number' ? thrown.statusCode : undefined;
}

/** Errors of the providers' room, which this one does not import. */
function hasOwnMapping(thrown: unknown): thrown is { toServiceError(): ServiceError } {
  return thrown instanceof Error && 'toServiceError' in thrown && typeof thrown.toServiceError === 'function';
}
