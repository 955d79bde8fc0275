import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ApiKey } from '../../config/settings.js';
import { ServiceError } from '../../kernel/errors.js';
import { sendError } from '../filters/error.filter.js';
import { bodyKindOf } from '../body/body.parsers.js';
import { keyOf } from './access.guard.js';

/** Addresses remembered at a time; the least recently seen is forgotten first. */
const MAX_ADDRESSES = 10_000;

/**
 * `max` requests a minute, per process, for each address that shows no known key, whatever it asks for. Off with 0, and
 * without keys: then every caller is ours.
 */
export async function limitPublicRequests(
  fastify: FastifyInstance,
  max: number,
  apiKeys: readonly ApiKey[],
): Promise<void> {
  if (max === 0 || apiKeys.length === 0) return;
  // One customer has a whole /64 of IPv6, so that is one address.
  await fastify.register(rateLimit, { global: false, cache: MAX_ADDRESSES, ipv6Subnet: 64 });
  const count = fastify.createRateLimit({ timeWindow: 60_000, max });
  // Not a guard, which never sees a path that does not exist, nor `/docs`.
  fastify.addHook('onRequest', async (request, reply) => {
    const isKnown = typeof keyOf(apiKeys, request.headers.authorization) !== 'string';
    if (isKnown || isExempt(request)) return undefined;
    const result = await count(request);
    if (result.isAllowed || !result.isExceeded) return undefined;
    const details = { retryAfterMs: Math.max(result.ttl, 1000) };
    // Not thrown: the routes of `/docs` know no error filter.
    sendError(
      new ServiceError('rate_limited', 'too many requests from this address', details),
      request.id,
      reply,
    );
    return reply;
  });
}

/** Webhooks come in bursts from few addresses and are cheap to refuse; health is asked by machines. */
function isExempt(request: FastifyRequest): boolean {
  return bodyKindOf(request) === 'raw' || (request.routeOptions.url ?? '').startsWith('/health');
}
