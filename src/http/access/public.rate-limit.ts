import rateLimit, { type CreateRateLimitOptions } from '@fastify/rate-limit';
import { Injectable } from '@nestjs/common';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { AccessSettings, ServiceSettings } from '../../config/settings.js';
import { ServiceError } from '../../kernel/errors.js';
import { sendError } from '../filters/error.filter.js';
import { bodyKindOf } from '../body/body.parsers.js';
import { keyOf } from './access.guard.js';

const WINDOW: CreateRateLimitOptions = { timeWindow: 60_000 };

/** Addresses remembered at a time; the least recently seen is forgotten first. */
const MAX_ADDRESSES = 10_000;

/**
 * RATE_LIMIT requests a minute for each address, of those that show no known key: whatever they ask for, paths that do
 * not exist and `/docs` too. Counted per process.
 */
@Injectable()
export class PublicRateLimit {
  constructor(
    private readonly service: ServiceSettings,
    private readonly access: AccessSettings,
  ) {}

  /** Off with RATE_LIMIT=0, and while no key is configured: then every caller is known to be ours. */
  async attach(fastify: FastifyInstance): Promise<void> {
    if (this.service.rateLimit === 0 || this.access.apiKeys.length === 0) return;
    // One customer has a whole /64 of IPv6, so that is one address.
    await fastify.register(rateLimit, { global: false, cache: MAX_ADDRESSES, ipv6Subnet: 64 });
    const count = fastify.createRateLimit({ ...WINDOW, max: this.service.rateLimit });
    // A guard would not do: it never sees a path that does not exist, nor `/docs`.
    fastify.addHook('onRequest', async (request, reply) => {
      if (isExempt(request) || this.showsKnownKey(request)) return undefined;
      const result = await count(request);
      if (result.isAllowed || !result.isExceeded) return undefined;
      const retryAfterMs = Math.max(result.ttl, 1000);
      const refusal = new ServiceError('rate_limited', 'too many requests from this address', {
        retryAfterMs,
      });
      // Not thrown: the routes of `/docs` know no error filter.
      sendError(refusal, request.id, reply);
      return reply;
    });
  }

  private showsKnownKey(request: FastifyRequest): boolean {
    return typeof keyOf(this.access.apiKeys, request.headers.authorization) !== 'string';
  }
}

/** Webhooks come in bursts from few addresses and are cheap to refuse; health is asked by machines. */
function isExempt(request: FastifyRequest): boolean {
  return bodyKindOf(request) === 'raw' || (request.routeOptions.url ?? '').startsWith('/health');
}
