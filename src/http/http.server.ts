import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ServiceSettings } from '../config/settings.js';
import { Patience, withPatience } from '../kernel/patience.js';
import { acceptKnownBodies } from './body/body.parsers.js';
import { answerClientError } from './client.errors.js';
import { endConnectionsOnClose } from './closing.connections.js';
import { sendError } from './filters/http.error.answer.js';
import { toServiceError } from './filters/error.mapping.js';
import * as limits from './http.limits.js';
import { logAccess } from './logging/access.log.js';
import { PinoLogger } from './logging/pino.logger.js';
import { inRequest } from './logging/request.context.js';
import { PublicRateLimit } from './access/public.rate-limit.js';
import { requestIdOf } from './request.id.js';
import { addSecurityHeaders } from './security.headers.js';

/** Pass to `NestFactory.create(AppModule, adapter, { bodyParser: false })`, then call {@link configureHttp}. */
export function createFastifyAdapter(settings: ServiceSettings): FastifyAdapter {
  return new FastifyAdapter({
    http: {
      maxHeaderSize: limits.MAX_HEADER_BYTES,
      headersTimeout: limits.HEADERS_TIMEOUT_MS,
      // How often Node looks for slow clients; its own default of 30 s would let them stay too long.
      connectionsCheckingInterval: 1000,
    },
    requestTimeout: limits.REQUEST_TIMEOUT_MS,
    connectionTimeout: limits.CONNECTION_TIMEOUT_MS,
    keepAliveTimeout: limits.KEEP_ALIVE_TIMEOUT_MS,
    bodyLimit: limits.MAX_BODY_BYTES,
    trustProxy: settings.trustedProxies.length > 0 ? [...settings.trustedProxies] : false,
    routerOptions: { maxParamLength: limits.MAX_PARAM_LENGTH },
    genReqId: requestIdOf,
    clientErrorHandler: answerClientError,
    // A URL that cannot be decoded never reaches a hook or a filter.
    frameworkErrors: (error: FastifyError, request: FastifyRequest, reply: FastifyReply) =>
      sendError(toServiceError(error), request.id, reply),
  });
}

/**
 * Hooks, parsers and headers of every request. Call before `app.init()` or `app.listen()`.
 * @param isStopping whether the process was asked to end.
 */
export async function configureHttp(
  app: NestFastifyApplication,
  settings: ServiceSettings,
  isStopping: () => boolean = () => false,
): Promise<void> {
  const fastify: FastifyInstance = app.getHttpAdapter().getInstance();
  fastify.server.maxConnections = limits.MAX_CONNECTIONS;
  endConnectionsOnClose(fastify, isStopping);
  nameRequests(fastify);
  logAccess(fastify, app.get(PinoLogger));
  await addSecurityHeaders(fastify);
  if (settings.corsOrigins.length > 0) allowOrigins(app, settings.corsOrigins);
  acceptKnownBodies(fastify);
  await app.get(PublicRateLimit).attach(fastify);
}

/**
 * Listens, once everything else is up. Not by `app.listen`, which logs a port in use before whoever called it can.
 * @returns the address, such as `http://127.0.0.1:3003`
 * @throws Error that says what to do
 */
export async function listen(
  app: NestFastifyApplication,
  { host, port }: Pick<ServiceSettings, 'host' | 'port'>,
): Promise<string> {
  await app.init();
  const fastify: FastifyInstance = app.getHttpAdapter().getInstance();
  try {
    await fastify.listen({ host, port });
  } catch (error) {
    const isInUse =
      typeof error === 'object' && error !== null && 'code' in error && error.code === 'EADDRINUSE';
    if (!isInUse) throw new Error(`cannot listen on ${host}, port ${port}`, { cause: error });
    throw new Error(`port ${port} of ${host} is in use: end what listens there, or set PORT to another one`);
  }
  const address = fastify.server.address();
  const name = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  const bound = typeof address === 'object' && address !== null ? address.port : port;
  return `http://${name.includes(':') ? `[${name}]` : name}:${bound}`;
}

/** Every answer carries its request's id, and every line logged on the way too. A request has one deadline. */
function nameRequests(fastify: FastifyInstance): void {
  const patience = new WeakMap<FastifyRequest, Patience>();
  const goOn = (request: FastifyRequest, done: () => void): void =>
    inRequest(request.id, () => withPatience(patience.get(request), done));
  fastify.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id);
    patience.set(request, new Patience());
    goOn(request, done);
  });
  // Reading a body may leave the request's asynchronous context.
  fastify.addHook('preValidation', (request, _reply, done) => goOn(request, done));
  fastify.addHook('onResponse', (request, _reply, done) => {
    patience.get(request)?.end();
    done();
  });
}

function allowOrigins(app: NestFastifyApplication, origins: readonly string[]): void {
  app.enableCors({
    origin: [...origins],
    methods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
    allowedHeaders: ['authorization', 'content-type', 'idempotency-key', 'x-request-id'],
    exposedHeaders: ['x-request-id', 'retry-after'],
    maxAge: 600,
  });
}
