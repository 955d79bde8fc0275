import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Observable, throwError } from 'rxjs';
import { type ErrorBody, rpcBodyOf, type ServiceError } from '../../kernel/errors.js';
import { scrubText, toLogValue } from '../logging/scrub.js';
import { inRequest, PinoLogger } from '../logging/pino.logger.js';
import { toServiceError } from './error.mapping.js';

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
    /**
     * Where pages are served: the one that a person gets in place of an error's JSON, its status and headers set;
     * undefined for an error, or a reader, that gets the JSON.
     */
    errorForPeople?: (error: ServiceError, reply: FastifyReply) => string | undefined;
  }
}

/** Answers a failed request, once, with the uniform body. */
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

/**
 * The body that leaves the process. Messages of providers may quote what they were sent, so every text
 * passes the scrubber.
 */
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

/**
 * Writes down what the operator has to know: a bug with its stack, an outage in one line. A refusal is the
 * caller's affair and shows in the access log.
 */
export function reportError(error: ServiceError, thrown: unknown, logger: PinoLogger): void {
  if (error.status < 500) return;
  const { cause } = error;
  const reason =
    cause instanceof Error ? { cause: `${cause.name}: ${cause.message.split('\n')[0]}` } : undefined;
  if (error.code === 'internal') logger.error(`unexpected ${typeof thrown} thrown`, thrown, 'ErrorFilter');
  else logger.warn(`${error.code}: ${error.message}`, reason, 'ErrorFilter');
}
