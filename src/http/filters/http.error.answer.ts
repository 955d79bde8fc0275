import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ServiceError } from '../../kernel/errors.js';
import type { PinoLogger } from '../logging/pino.logger.js';
import { inRequest } from '../logging/request.context.js';
import { bodyOf, retryAfterSeconds } from './error.answer.js';
import { toServiceError } from './error.mapping.js';
import { reportError } from './error.report.js';

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

/** Sends the error's body with its status and headers, unless an answer has begun already. */
export function sendError(error: ServiceError, requestId: string, reply: FastifyReply): void {
  const wait = retryAfterSeconds(error);
  if (wait !== undefined && !reply.sent) reply.header('retry-after', String(wait));
  if (error.code === 'unauthorized' && !reply.sent) reply.header('www-authenticate', 'Bearer');
  sendJson(reply, error.status, bodyOf(error, requestId));
}

function sendJson(reply: FastifyReply, status: number, body: unknown): void {
  if (reply.sent || reply.raw.headersSent) return;
  void reply
    .code(status)
    .header('content-type', 'application/json; charset=utf-8')
    .header('cache-control', 'no-store')
    .send(JSON.stringify(body));
}
