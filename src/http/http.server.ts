import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { randomUUID } from 'node:crypto';
import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { AccessSettings, type ServiceSettings } from '../config/settings.js';
import { ServiceError } from '../kernel/errors.js';
import { Patience, withPatience } from '../kernel/patience.js';
import { limitPublicRequests } from './access/public.rate-limit.js';
import { acceptKnownBodies, MAX_BODY_BYTES } from './body/body.parsers.js';
import { sendError, toServiceError } from './filters/error.filter.js';
import { inRequest, PinoLogger } from './logging/pino.logger.js';
import { addSecurityHeaders } from './security.headers.js';

/** Longer than the usual proxies (60 s) keep theirs, so that it is never us who close a connection in use. */
export const KEEP_ALIVE_TIMEOUT_MS = 72_000;
/** For a silent connection: above the slowest answer (a provider's call), and above the keep-alive time. */
export const CONNECTION_TIMEOUT_MS = 75_000;
/** Beyond it new sockets are closed at once. */
export const MAX_CONNECTIONS = 10_000;

/** Pass to `NestFactory.create(AppModule, adapter, { bodyParser: false })`, then call {@link configureHttp}. */
export function createFastifyAdapter(settings: ServiceSettings): FastifyAdapter {
  return new FastifyAdapter({
    http: {
      maxHeaderSize: 16_384,
      // A client that sends its headers (10 s) or its body (15 s) too slowly is cut off.
      headersTimeout: 10_000,
      // How often Node looks for slow clients; its default is 30 s.
      connectionsCheckingInterval: 1000,
    },
    requestTimeout: 15_000,
    connectionTimeout: CONNECTION_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
    bodyLimit: MAX_BODY_BYTES,
    trustProxy: settings.trustedProxies.length > 0 ? [...settings.trustedProxies] : false,
    // 250 characters, each of them escaped.
    routerOptions: { maxParamLength: 3_000 },
    genReqId: requestIdOf,
    clientErrorHandler: answerClientError,
    // A URL that cannot be decoded never reaches a hook or a filter.
    frameworkErrors: (error: FastifyError, request: FastifyRequest, reply: FastifyReply) =>
      sendError(toServiceError(error), request.id, reply),
  });
}

/** Hooks, parsers and headers of every request. Call before `app.init()`. */
export async function configureHttp(
  app: NestFastifyApplication,
  settings: ServiceSettings,
  isStopping: () => boolean = () => false,
): Promise<void> {
  const fastify: FastifyInstance = app.getHttpAdapter().getInstance();
  fastify.server.maxConnections = MAX_CONNECTIONS;
  endConnectionsOnClose(fastify, isStopping);
  nameRequests(fastify);
  logAccess(fastify, app.get(PinoLogger));
  await addSecurityHeaders(fastify);
  if (settings.corsOrigins.length > 0) {
    app.enableCors({
      origin: [...settings.corsOrigins],
      methods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
      allowedHeaders: ['authorization', 'content-type', 'idempotency-key', 'x-request-id'],
      exposedHeaders: ['x-request-id', 'retry-after'],
      maxAge: 600,
    });
  }
  acceptKnownBodies(fastify);
  await limitPublicRequests(fastify, settings.rateLimit, app.get(AccessSettings).apiKeys);
}

/**
 * Not by `app.listen`, which logs a port in use before its caller can.
 * @returns the address, such as `http://127.0.0.1:3003`. @throws Error that says what to do
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

/** The request's id on its answer and on every line logged meanwhile, and one deadline for the database. */
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

const SILENT = ['/health', '/metrics'];

/** One line for each answer. The route's pattern is written, never the URL: a query may hold personal data. */
function logAccess(fastify: FastifyInstance, logger: PinoLogger): void {
  fastify.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'no route';
    const bytes = Number(reply.getHeader('content-length') ?? 0);
    const fields = {
      requestId: request.id,
      method: request.method,
      route,
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime * 10) / 10,
      bytes: Number.isSafeInteger(bytes) ? bytes : 0,
    };
    if (!SILENT.some((prefix) => route.startsWith(prefix))) logger.info(fields, 'request answered');
    done();
  });
}

const WELL_FORMED = /^[A-Za-z0-9._-]{1,128}$/;

/** The caller's `x-request-id` where it is harmless to log and to answer, otherwise a new one. */
function requestIdOf(request: Pick<IncomingMessage, 'headers'>): string {
  const given = request.headers['x-request-id'];
  return typeof given === 'string' && WELL_FORMED.test(given) ? given : randomUUID();
}

/** While the server closes, or will soon, every answer ends its connection: kept alive, it would keep the process. */
function endConnectionsOnClose(fastify: FastifyInstance, isStopping: () => boolean): void {
  let closing = false;
  fastify.addHook('preClose', (done) => {
    closing = true;
    done();
  });
  fastify.addHook('onSend', (_request, reply, _payload, done) => {
    if (closing || isStopping()) reply.header('connection', 'close');
    done();
  });
}

/** By Node's code for what ends a connection before a request exists; 400 otherwise. */
const STATUS_BY_CODE: Readonly<Record<string, number>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 408,
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
};

/** Answers what Node's parser refused with the uniform body, and hangs up. */
function answerClientError(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  if (!socket.writable) {
    socket.destroy(error);
    return;
  }
  const status = STATUS_BY_CODE[error.code ?? ''] ?? 400;
  const requestId = randomUUID();
  const reason = new ServiceError('invalid_request', 'the request is not valid HTTP or came too slowly');
  const body = JSON.stringify(reason.toBody(requestId));
  socket.write(
    [
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
      'content-type: application/json; charset=utf-8',
      `content-length: ${Buffer.byteLength(body)}`,
      `x-request-id: ${requestId}`,
      'connection: close',
      '',
      body,
    ].join('\r\n'),
  );
  socket.destroySoon();
}
