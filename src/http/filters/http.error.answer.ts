import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ServiceError } from '../../kernel/errors.js';
import type { PinoLogger } from '../logging/pino.logger.js';
import { inRequest } from '../logging/request.context.js';
import { bodyOf, retryAfterSeconds } from './error.answer.js';
import { toServiceError } from './error.mapping.js';
import { reportError } from './error.report.js';

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
  if (page !== undefined) void reply.send(page);
  else sendJson(reply, error.status, bodyOf(error, requestId));
}

function sendJson(reply: FastifyReply, status: number, body: unknown): void {
  void reply
    .code(status)
    .header('content-type', 'application/json; charset=utf-8')
    .header('cache-control', 'no-store')
    .send(JSON.stringify(body));
}
