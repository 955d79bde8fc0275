import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { setTimeout as sleep } from 'node:timers/promises';
import { hangUp, resetConnection, sendHalf, sendProxyPage } from '../fault.effects.js';
import type { FaultRule, Faults } from '../faults.js';
import { jsonObject } from '../request.body.js';
import { bareError, ConektaError, invalid, notFound, wrongKey, type Language } from './conekta.errors.js';
import { shown } from './conekta.lists.js';
import type { ConektaWorld } from './conekta.world.js';
import { playDue } from './moves/due.moves.js';
import type { ApiRoute } from './routes/api.route.js';
import { checkoutRoutes } from './routes/checkout.routes.js';
import { customerRoutes, tokenRoutes } from './routes/customer.routes.js';
import { chargeRoutes, orderRoutes } from './routes/order.routes.js';
import { planRoutes } from './routes/plan.routes.js';
import { oldSubscriptionRoutes, subscriptionRoutes } from './routes/subscription.routes.js';
import { companyRoutes, eventRoutes, webhookKeyRoutes, webhookRoutes } from './routes/webhook.routes.js';

export const API_MEDIA_TYPE = 'application/vnd.conekta-v2.3.0+json';

export interface ConektaApiParts {
  world: ConektaWorld;
  faults: Faults;
  privateKey: string;
}

const ROUTES: ApiRoute[] = [
  ...orderRoutes,
  ...chargeRoutes,
  ...checkoutRoutes,
  ...customerRoutes,
  ...tokenRoutes,
  ...planRoutes,
  ...subscriptionRoutes,
  ...oldSubscriptionRoutes,
  ...webhookRoutes,
  ...webhookKeyRoutes,
  ...eventRoutes,
  ...companyRoutes,
];

interface Ids {
  id?: string;
  inner?: string;
}

interface Answer {
  status: number;
  body: object;
}

/** Serves the API as api.conekta.io does, faults included. Nothing is idempotent: every POST acts anew. */
export function serveApi(server: FastifyInstance, parts: ConektaApiParts): void {
  for (const route of ROUTES) {
    server.route<{ Params: Ids }>({
      method: route.method,
      url: route.path,
      handler: (request, reply) => serve(parts, route, request, reply),
    });
  }
  server.setNotFoundHandler(async (request, reply) => {
    const error = notFound('address', `${request.method} ${request.url.split('?')[0]}`);
    return send(request, reply, { status: error.status, body: error.body(languageOf(request)) });
  });
}

async function serve(
  parts: ConektaApiParts,
  route: ApiRoute,
  request: FastifyRequest<{ Params: Ids }>,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const [path = ''] = request.url.split('?');
  const fault = parts.faults.take(request.method, path);
  if (fault?.kind === 'reset_before') return resetConnection(request, reply);
  if (fault?.kind === 'html_200') return sendProxyPage(reply);
  if (fault?.kind === 'delay') await sleep(fault.delayMs ?? 1000);
  const answer = answerOf(parts, route, request, fault);
  if (fault?.kind === 'reset_after_acting') return resetConnection(request, reply);
  if (fault?.kind === 'hang_after_acting') return hangUp(parts.faults, request, reply);
  if (fault?.kind === 'truncated_json') return sendHalf(reply, answer.body);
  if (fault?.kind === 'status' && fault.retryAfterSeconds !== undefined) {
    reply.header('retry-after', String(fault.retryAfterSeconds));
  }
  return send(request, reply, answer);
}

/** Acts without waiting, so that the answer is what the act left behind. */
function answerOf(
  { world, privateKey }: ConektaApiParts,
  route: ApiRoute,
  request: FastifyRequest<{ Params: Ids }>,
  fault: FaultRule | undefined,
): Answer {
  const language = languageOf(request);
  try {
    if (fault?.kind === 'status') throw bareError(fault.status ?? 500);
    authenticate(request, privateKey);
    const { id = '', inner = '' } = request.params;
    const query = new URLSearchParams(request.url.split('?')[1]);
    const body = bodyOf(request);
    playDue(world);
    const answer = route.act(world, { id, inner, body, query, language });
    return { status: 200, body: shown(answer, world.pages, world.baseUrl) };
  } catch (cause) {
    const error = asConektaError(cause);
    return { status: error.status, body: error.body(language) };
  }
}

/** In the media type of the API where the caller asks for it. */
function send(request: FastifyRequest, reply: FastifyReply, { status, body }: Answer): FastifyReply {
  const asked = headerOf(request, 'accept').includes('application/vnd.conekta');
  const type = asked ? API_MEDIA_TYPE : 'application/json; charset=utf-8';
  return reply.code(status).type(type).send(JSON.stringify(body));
}

function authenticate(request: FastifyRequest, privateKey: string): void {
  const given = /^Bearer (.+)$/i.exec(headerOf(request, 'authorization'))?.[1];
  if (given === privateKey) return;
  if (given === undefined) {
    throw wrongKey('missing_key', { es: 'Falta tu llave privada.', en: 'Your private key is missing.' });
  }
  throw wrongKey('invalid_key', { es: 'La llave no es válida.', en: 'The key is not a valid one.' });
}

function bodyOf(request: FastifyRequest): Record<string, unknown> {
  try {
    return jsonObject(request.body);
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw invalid('', 'not_json', { es: 'El cuerpo no es JSON.', en: 'The body is not JSON.' });
  }
}

function languageOf(request: FastifyRequest): Language {
  return /^en\b/i.test(headerOf(request, 'accept-language')) ? 'en' : 'es';
}

function headerOf(request: FastifyRequest, name: string): string {
  const value = request.headers[name];
  return typeof value === 'string' ? value : '';
}

function asConektaError(cause: unknown): ConektaError {
  if (cause instanceof ConektaError) return cause;
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new ConektaError(500, 'api_error', [
    {
      code: 'api.system.general_failure',
      message: { es: 'El sandbox falló.', en: 'The sandbox failed.' },
      debug: `The sandbox itself failed: ${reason}`,
    },
  ]);
}
