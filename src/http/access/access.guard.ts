import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { AccessSettings } from '../../config/settings.js';
import { ServiceError } from '../../kernel/errors.js';
import { ACCESS_RULE, type AccessRule, CLOSED } from './access.rule.js';
import { bearerOf, findKey, refuseKeyInUrl } from './api-key.check.js';
import { type Caller, OPEN_CALLER, PUBLIC_CALLER, rememberCaller } from './caller.js';
import { PublicRateLimit } from './public.rate-limit.js';

/** Lets a request through to its handler, and remembers who asks. NATS callers are trusted. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly access: AccessSettings,
    private readonly rateLimit: PublicRateLimit,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (context.getType() !== 'http') return true;
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    refuseKeyInUrl(request.query);
    const caller = this.identify(request);
    const places = [context.getHandler(), context.getClass()];
    admit(caller, this.reflector.getAllAndOverride<AccessRule | undefined>(ACCESS_RULE, places) ?? CLOSED);
    if (caller.public) await this.rateLimit.check(request);
    rememberCaller(request, caller);
    return true;
  }

  private identify(request: FastifyRequest): Caller {
    if (this.access.apiKeys.length === 0) return OPEN_CALLER;
    const presented = bearerOf(request.headers.authorization);
    if (presented === undefined) return PUBLIC_CALLER;
    const key = findKey(this.access.apiKeys, presented);
    if (key === undefined) throw new ServiceError('unauthorized', 'the API key is not known');
    return { name: key.name, roles: [key.role], public: false };
  }
}

/** @throws ServiceError unauthorized without a key, forbidden with one of another role. */
function admit(caller: Caller, rule: AccessRule): void {
  if (rule.public) return;
  if (caller.public) throw new ServiceError('unauthorized', 'an API key is required');
  if (!rule.roles.some((role) => caller.roles.includes(role))) {
    throw new ServiceError('forbidden', `this needs a key with the role ${rule.roles.join(' or ')}`);
  }
}
