import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { PinoLogger } from './pino.logger.js';

/** Asked every few seconds by machines; their answers are in the metrics. */
const SILENT = ['/health', '/metrics'];

/** One line for each answer. The route's pattern is written, never the URL: a query may hold personal data. */
export function logAccess(fastify: FastifyInstance, logger: PinoLogger): void {
  fastify.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'no route';
    if (!SILENT.some((prefix) => route.startsWith(prefix))) {
      logger.info(accessFields(request, reply, route), 'request answered');
    }
    done();
  });
}

function accessFields(request: FastifyRequest, reply: FastifyReply, route: string): Record<string, unknown> {
  const bytes = Number(reply.getHeader('content-length') ?? 0);
  return {
    requestId: request.id,
    method: request.method,
    route,
    status: reply.statusCode,
    ms: Math.round(reply.elapsedTime * 10) / 10,
    bytes: Number.isSafeInteger(bytes) ? bytes : 0,
  };
}
