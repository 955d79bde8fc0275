import rateLimit, { type CreateRateLimitOptions } from '@fastify/rate-limit';
import { Injectable } from '@nestjs/common';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { AccessSettings, ServiceSettings } from '../../config/settings.js';
import { ServiceError } from '../../kernel/errors.js';
import { bodyKindOf } from '../body/body.kind.js';

const WINDOW: CreateRateLimitOptions = { timeWindow: 60_000 };

/** Addresses remembered at a time; the least recently seen is forgotten first. */
const MAX_ADDRESSES = 10_000;

type Limiter = ReturnType<FastifyInstance['createRateLimit']>;

/** RATE_LIMIT requests a minute for each address that shows no key. Counted per process. */
@Injectable()
export class PublicRateLimit {
  private limiter: Limiter | undefined;

  constructor(
    private readonly service: ServiceSettings,
    private readonly access: AccessSettings,
  ) {}

  /** Off with RATE_LIMIT=0, and while no key is configured: then every caller is known to be ours. */
  async attach(fastify: FastifyInstance): Promise<void> {
    if (this.service.rateLimit === 0 || this.access.apiKeys.length === 0) return;
    // One customer has a whole /64 of IPv6, so that is one address.
    await fastify.register(rateLimit, { global: false, cache: MAX_ADDRESSES, ipv6Subnet: 64 });
    this.limiter = fastify.createRateLimit({ ...WINDOW, max: this.service.rateLimit });
  }

  /** @throws ServiceError rate_limited */
  async check(request: FastifyRequest): Promise<void> {
    if (this.limiter === undefined || isExempt(request)) return;
    const result = await this.limiter(request);
    if (result.isAllowed || !result.isExceeded) return;
    throw new ServiceError('rate_limited', 'too many requests from this address', {
      retryAfterMs: Math.max(result.ttl, 1000),
    });
  }
}

/** Webhooks come in bursts from few addresses and are cheap to refuse; health is asked by machines. */
function isExempt(request: FastifyRequest): boolean {
  return bodyKindOf(request) === 'raw' || (request.routeOptions.url ?? '').startsWith('/health');
}
