import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { AccessSettings } from '../../config/settings.js';
import { ServiceError } from '../../kernel/errors.js';
import { ACCESS_RULE, type AccessRule, CLOSED } from './access.rule.js';
import { keyOf, refuseKeyInUrl } from './api-key.check.js';
import { type Caller, OPEN_CALLER, PUBLIC_CALLER, rememberCaller } from './caller.js';

/** Lets a request through to its handler, and remembers who asks. NATS callers are trusted. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly access: AccessSettings,
  ) {}

  canActivate(context: ExecutionContext): boolean {
    if (context.getType() !== 'http') return true;
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    refuseKeyInUrl(request.query);
    const caller = this.identify(request);
    const places = [context.getHandler(), context.getClass()];
    const rule = this.reflector.getAllAndOverride<AccessRule | undefined>(ACCESS_RULE, places) ?? CLOSED;
    admit(caller, rule, request.method);
    rememberCaller(request, caller);
    return true;
  }

  private identify(request: FastifyRequest): Caller {
    if (this.access.apiKeys.length === 0) return OPEN_CALLER;
    const key = keyOf(this.access.apiKeys, request.headers.authorization);
    if (key === 'none') return PUBLIC_CALLER;
    if (key === 'unknown') throw new ServiceError('unauthorized', 'the API key is not known');
    return { name: key.name, group: key.group, roles: [key.role], public: false };
  }
}

/** @throws ServiceError unauthorized without a key, forbidden with one of another role. */
function admit(caller: Caller, rule: AccessRule, method: string): void {
  if (rule.public) return refuseViewersWork(caller, method);
  if (caller.public) throw new ServiceError('unauthorized', 'an API key is required');
  if (!rule.roles.some((role) => caller.roles.includes(role))) {
    throw new ServiceError('forbidden', `this needs a key with the role ${rule.roles.join(' or ')}`);
  }
}

/** A viewer's key reads: where anybody may act, it is still no key to act with. @throws ServiceError forbidden */
function refuseViewersWork({ roles }: Caller, method: string): void {
  const onlyReads = roles.length === 1 && roles[0] === 'viewer';
  if (onlyReads && method !== 'GET' && method !== 'HEAD')
    throw new ServiceError('forbidden', 'a key with the role viewer only reads');
}
