import type { FastifyInstance } from 'fastify';
import type { Metrics } from './metrics.js';

const MILLISECONDS = 1_000;

/** Times every answer of the HTTP server by its route's pattern; unknown paths share one label. */
export function timeRequests(server: FastifyInstance, metrics: Metrics): void {
  server.addHook('onResponse', (request, reply, done) => {
    metrics.httpRequestSeconds.observe(
      {
        route: request.routeOptions.url ?? 'unmatched',
        method: request.method,
        status: String(reply.statusCode),
      },
      reply.elapsedTime / MILLISECONDS,
    );
    done();
  });
}
