import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { setTimeout as sleep } from 'node:timers/promises';
import { hangUp, resetConnection, sendHalf, sendProxyPage } from '../fault.effects.js';
import type { FaultRule, Faults } from '../faults.js';
import { bodyText } from '../request.body.js';
import { API_VERSION } from './event.log.js';
import type { IdempotencyStore, StoredAnswer } from './idempotency.store.js';
import { playDue } from './moves/billing.due.js';
import type { ApiRoute } from './routes/api.route.js';
import { API_ROUTES } from './routes/api.table.js';
import { canonicalForm, decodeForm } from './stripe.form.js';
import { StripeError } from './stripe.errors.js';
import { newId } from './stripe.ids.js';
import type { StripeWorld } from './stripe.world.js';

export interface StripeApiParts {
  world: StripeWorld;
  faults: Faults;
  keys: IdempotencyStore;
  secretKey: string;
}

/** Serves `/v1/…` as api.stripe.com does, faults included. */
export function serveApi(server: FastifyInstance, parts: StripeApiParts): void {
  for (const route of API_ROUTES) {
    server.route<{ Params: { id?: string } }>({
      method: route.method,
      url: route.path,
      handler: (request, reply) => serve(parts, route, request.params.id ?? '', request, reply),
    });
  }
  server.setNotFoundHandler(async (request, reply) => {
    const path = request.url.split('?')[0];
    const message = `Unrecognized request URL (${request.method}: ${path}).`;
    return reply.code(404).header('request-id', newId('req', 14)).send(new StripeError(404, message).body());
  });
}

async function serve(
  parts: StripeApiParts,
  route: ApiRoute,
  id: string,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const [path = '', query = ''] = request.url.split('?');
  const fault = parts.faults.take(request.method, path);
  if (fault?.kind === 'reset_before') return resetConnection(request, reply);
  if (fault?.kind === 'html_200') return sendProxyPage(reply);
  const requestId = newId('req', 14);
  const key = headerOf(request, 'idempotency-key');
  reply.header('request-id', requestId);
  reply.header('stripe-version', headerOf(request, 'stripe-version') ?? API_VERSION);
  if (key !== null) reply.header('idempotency-key', key);
  const form = request.method === 'POST' ? bodyText(request.body) : query;
  const job: Job = { parts, route, id, form, requestId, key: request.method === 'GET' ? null : key, fault };
  const answer = await answerOf(job, request, path);
  for (const [name, value] of Object.entries(answer.headers)) reply.header(name, value);
  if (fault?.kind === 'reset_after_acting') return resetConnection(request, reply);
  if (fault?.kind === 'hang_after_acting') return hangUp(parts.faults, request, reply);
  if (fault?.kind === 'truncated_json') return sendHalf(reply, answer.body);
  return reply
    .code(answer.status)
    .type('application/json')
    .send(JSON.stringify(answer.body, null, 2));
}

interface Job {
  parts: StripeApiParts;
  route: ApiRoute;
  id: string;
  form: string;
  requestId: string;
  key: string | null;
  fault: FaultRule | undefined;
}

async function answerOf(job: Job, request: FastifyRequest, path: string): Promise<StoredAnswer> {
  const { parts, route, fault, key } = job;
  let begun = false;
  try {
    if (fault?.kind === 'status' && !fault.stored) throw faultError(fault);
    authenticate(request, parts.secretKey);
    const act = route.prepare(parts.world, job.id, decodeForm(job.form));
    if (key !== null) {
      const stored = parts.keys.begin(key, `${request.method} ${path}\n${canonicalForm(job.form)}`);
      if (stored) return { ...stored, headers: { ...stored.headers, 'idempotent-replayed': 'true' } };
      begun = true;
    }
    if (fault?.kind === 'delay') await sleep(fault.delayMs ?? 1000);
    if (fault?.kind === 'status') throw faultError(fault);
    const answer = { status: 200, headers: {}, body: run(job, act) };
    if (begun && key !== null) parts.keys.finish(key, answer);
    return answer;
  } catch (cause) {
    const error = asStripeError(cause);
    const retryAfter = fault?.retryAfterSeconds;
    const headers: Record<string, string> =
      fault?.kind === 'status' && retryAfter !== undefined ? { 'retry-after': String(retryAfter) } : {};
    const answer = { status: error.status, headers, body: error.body() };
    if (begun && key !== null) {
      if (error.details.beforeRunning) parts.keys.forget(key);
      else parts.keys.finish(key, answer);
    }
    return answer;
  }
}

/** Runs without waiting, so that its events name this request and no other. The answer is a copy. */
function run({ parts, requestId, key }: Job, act: () => object): object {
  playDue(parts.world);
  return parts.world.log.causedBy({ id: requestId, idempotency_key: key }, act);
}

function authenticate(request: FastifyRequest, secretKey: string): void {
  const header = headerOf(request, 'authorization') ?? '';
  const [scheme = '', value = ''] = header.split(' ');
  const basic = Buffer.from(value, 'base64').toString('utf8').split(':')[0];
  const given = scheme.toLowerCase() === 'basic' ? basic : value;
  if (given === secretKey) return;
  const message = given
    ? `Invalid API Key provided: ${given.slice(0, 7)}****`
    : 'You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth.';
  throw new StripeError(401, message, { beforeRunning: true });
}

function headerOf(request: FastifyRequest, name: string): string | null {
  const value = request.headers[name];
  return typeof value === 'string' ? value : null;
}

function asStripeError(cause: unknown): StripeError {
  if (cause instanceof StripeError) return cause;
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new StripeError(500, `The sandbox itself failed: ${reason}`, { type: 'api_error' });
}

function faultError(fault: FaultRule): StripeError {
  const status = fault.status ?? 500;
  if (status === 429) {
    return new StripeError(429, 'Too many requests hit the API too quickly.', { code: 'rate_limit' });
  }
  const type = status >= 500 ? 'api_error' : 'invalid_request_error';
  return new StripeError(status, 'An unknown error occurred', { type });
}
